"""Columns of text out of a DuckDB query, by the Arrow C stream interface, without pyarrow.

DuckDB hands out query results as streams of Arrow arrays, which for text are a buffer
of UTF-8 and 32-bit offsets: what a TextColumn is made of. Going through Python strings
instead takes ten times as long.

Source: the Arrow C data and C stream interfaces,
https://arrow.apache.org/docs/format/CStreamInterface.html
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from guanxi.graph.arrays import TextColumn


class StreamError(Exception):
    """What DuckDB says where a query breaks off."""


class _Array(ctypes.Structure):
    pass


class _Stream(ctypes.Structure):
    pass


_ARRAY = ctypes.POINTER(_Array)
_STREAM = ctypes.POINTER(_Stream)

_Array._fields_ = [
    ("length", ctypes.c_int64),
    ("null_count", ctypes.c_int64),
    ("offset", ctypes.c_int64),
    ("n_buffers", ctypes.c_int64),
    ("n_children", ctypes.c_int64),
    ("buffers", ctypes.POINTER(ctypes.c_void_p)),
    ("children", ctypes.POINTER(_ARRAY)),
    ("dictionary", ctypes.c_void_p),
    ("release", ctypes.CFUNCTYPE(None, _ARRAY)),
    ("private_data", ctypes.c_void_p),
]
_Stream._fields_ = [
    ("get_schema", ctypes.CFUNCTYPE(ctypes.c_int, _STREAM, ctypes.c_void_p)),
    ("get_next", ctypes.CFUNCTYPE(ctypes.c_int, _STREAM, _ARRAY)),
    ("get_last_error", ctypes.CFUNCTYPE(ctypes.c_char_p, _STREAM)),
    ("release", ctypes.CFUNCTYPE(None, _STREAM)),
    ("private_data", ctypes.c_void_p),
]

_get_pointer = ctypes.pythonapi.PyCapsule_GetPointer
_get_pointer.restype = ctypes.c_void_p
_get_pointer.argtypes = [ctypes.py_object, ctypes.c_char_p]


def text_batches(relation: Any) -> Iterator[list[TextColumn]]:
    """The rows of `relation` in its order, some 100,000 at a time: a list of its columns.

    Every column must be VARCHAR and without nulls. The arrays are copies. StreamError
    with DuckDB's message where the query breaks off.
    """
    capsule = relation.__arrow_c_stream__()  # owns the stream, and releases it
    stream = _Stream.from_address(_get_pointer(capsule, b"arrow_array_stream"))
    while True:
        with _next(stream) as array:
            if not array.release:
                break
            columns = [_text(array.children[i].contents) for i in range(array.n_children)]
        yield columns
    del capsule


@contextmanager
def _next(stream: Any) -> Iterator[Any]:
    """The next array of the stream, released at the end; one without `release` is the end."""
    array = _Array()
    if stream.get_next(ctypes.byref(stream), ctypes.byref(array)) != 0:
        message = stream.get_last_error(ctypes.byref(stream)) or b"unknown error"
        raise StreamError(message.decode(errors="replace"))
    try:
        yield array
    finally:
        if array.release:
            array.release(ctypes.byref(array))


def _text(array: Any) -> TextColumn:
    count = array.length
    if count == 0:
        return TextColumn.from_strings([])
    first = array.buffers[1] + array.offset * ctypes.sizeof(ctypes.c_int32)
    kind = ctypes.c_int32 * (count + 1)
    bounds = np.frombuffer(kind.from_address(first), dtype=np.int32).astype(np.int64)
    start, end = int(bounds[0]), int(bounds[-1])
    data = np.empty(end - start, dtype=np.uint8)
    if end > start:
        ctypes.memmove(data.ctypes.data, array.buffers[2] + start, end - start)
    bounds -= start
    return TextColumn(data, bounds[:-1].copy(), bounds[1:].copy())
