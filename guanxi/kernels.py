"""How kernels are compiled: once, into a cache that can be written to.

Every kernel is decorated with :func:`kernel` and nothing else. Kernels release
the GIL, are single-threaded and take a range of blocks; `guanxi.parallel` runs
them on threads. (numba's own `parallel=True` is not used: its default threading
layer is not safe when two threads of a server enter it at once.)

Importing this module imports numba. Commands that need no kernel must not.
"""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
from numba.core import event
from numba.core.runtime.nrt import rtsys

F = TypeVar("F", bound=Callable[..., Any])

_PACKAGE = Path(__file__).parent


def _fingerprint() -> str:
    """Names the cache: numba notices a changed file, but not a changed callee in another file.

    So kernels call only functions of their own file or of `guanxi/shared/`, and a
    change there starts a new cache.
    """
    digest = hashlib.blake2b(digest_size=8)
    for path in [Path(__file__), *sorted((_PACKAGE / "shared").glob("*.py"))]:
        digest.update(path.read_bytes())
    python = f"py{sys.version_info[0]}.{sys.version_info[1]}"
    return f"numba{numba.__version__}-{python}-{digest.hexdigest()}"


def cache_folder() -> Path:
    """Folder of the compiled kernels: in `GUANXI_CACHE`, the user's cache, or a temporary one."""
    home = os.environ.get("GUANXI_CACHE") or os.environ.get("XDG_CACHE_HOME")
    candidates = [Path(home)] if home else []
    with suppress(RuntimeError):  # no home folder at all
        candidates.append(Path.home() / ".cache")
    uid = os.getuid() if hasattr(os, "getuid") else 0
    candidates.append(Path(tempfile.gettempdir()) / f"guanxi-{uid}")
    name = f"kernels-{_fingerprint()}"
    for base in candidates:
        folder = base / "guanxi" / name
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError:
            continue
        if os.access(folder, os.W_OK):
            return folder
    return Path(tempfile.mkdtemp(prefix="guanxi-kernels-"))


_FOLDER = cache_folder()


@contextmanager
def _our_cache() -> Iterator[None]:
    """Point numba's cache at our folder while one function is set up, and only then."""
    config: Any = numba.config
    before = config.CACHE_DIR
    config.CACHE_DIR = str(_FOLDER)
    try:
        yield
    finally:
        config.CACHE_DIR = before


#: What `_load` needs of numba's cache, which is no promise of numba: without it, numba's own way.
_INNER = ("load_overload", "_load_overload", "_guard_against_spurious_io_errors")


def _load(cache: Any, signature: Any, target: Any) -> Any:
    """The compiled kernel for a signature from `cache`; None where numba has to compile it.

    Takes the place of numba's own `load_overload`, which imports numba's versions of all NumPy
    functions first, and SciPy where that is installed: most of the time until the first kernel of
    a short command runs. A kernel from the cache is complete; it calls nothing but numba's runtime.
    """
    rtsys.initialize(target)
    with cache._guard_against_spurious_io_errors():
        return cache._load_overload(signature, target)


def kernel(function: F) -> F:
    """Compile `function` on its first call, without the GIL, cached on disk."""
    with _our_cache():
        dispatcher: Any = numba.njit(nogil=True, error_model="numpy")(function)
        dispatcher.enable_caching()
    cache = dispatcher._cache
    if all(hasattr(cache, name) for name in _INNER):
        cache.load_overload = partial(_load, cache)
    return cast(F, dispatcher)


def inline(function: F) -> F:
    """Compile a small helper that kernels call; LLVM always inlines it into them."""
    options: dict[str, Any] = {"error_model": "numpy", "forceinline": True}
    with _our_cache():
        return cast(F, numba.njit(nogil=True, cache=True, **options)(function))


class _CompileListener(event.Listener):
    """Says that kernels are being compiled, and measures for how long."""

    def __init__(self) -> None:
        self.tell: Callable[[str], None] | None = None
        self._lock = threading.Lock()
        self._running = 0
        self._started = 0.0
        self._seconds = 0.0

    def on_start(self, event: Any) -> None:
        """A compilation begins, perhaps within or beside another one."""
        with self._lock:
            self._running += 1
            if self._running == 1:
                self._started = time.perf_counter()
            tell, self.tell = self.tell, None
        if tell is not None:
            tell("Compiling the kernels for this machine; this happens once.")

    def on_end(self, event: Any) -> None:
        """A compilation ends."""
        with self._lock:
            self._running -= 1
            if self._running == 0:
                self._seconds += time.perf_counter() - self._started

    def seconds(self) -> float:
        """Seconds in which at least one compilation was under way."""
        with self._lock:
            running = time.perf_counter() - self._started if self._running else 0.0
            return self._seconds + running


_compilations = _CompileListener()
_register: Any = event.register
_register("numba:compile", _compilations)


def tell_when_compiling(notify: Callable[[str], None]) -> None:
    """Call `notify` with one sentence when the first kernel has to be compiled."""
    _compilations.tell = notify


def compile_seconds() -> float:
    """Seconds of wall time that this process has spent compiling kernels so far."""
    return _compilations.seconds()
