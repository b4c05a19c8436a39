"""A hint to the processor: this element of an array is needed soon.

Kernels that jump about in arrays larger than the cache wait for memory most of the
time. Asking for many elements before the first of them is used lets the waits overlap.
A hint never changes a result.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from llvmlite import ir
from numba import types
from numba.extending import intrinsic


def _prefetch(typing_context: Any, array: Any, index: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        array_type, index_type = signature.args
        data = context.make_array(array_type)(context, builder, arguments[0]).data
        place = context.cast(builder, arguments[1], index_type, types.intp)
        byte_pointer = ir.IntType(8).as_pointer()
        number = ir.IntType(32)
        hint_type = ir.FunctionType(ir.VoidType(), [byte_pointer, number, number, number])
        hint = builder.module.declare_intrinsic("llvm.prefetch", [byte_pointer], hint_type)
        read, keep, data_cache = (ir.Constant(number, value) for value in (0, 3, 1))
        address = builder.bitcast(builder.gep(data, [place]), byte_pointer)
        builder.call(hint, [address, read, keep, data_cache])
        return context.get_dummy_value()

    return types.void(array, index), generate


#: `prefetch(array, index)`, in kernels only: bring `array[index]` towards the cache.
prefetch = cast(Callable[[Any, Any], None], intrinsic(_prefetch))
