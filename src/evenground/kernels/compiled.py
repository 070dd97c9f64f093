"""Compilation, with machine code kept on disk between processes.

Numba's own cache stands beside the code, does not see that a called function
has changed, and stops a run when a file is cut short. Here each compiled loop
is one file, in a private folder whose name holds the sources of all loops, the
versions and the processor. A file says all this and which loop it is of, under
its checksum: one that was cut short, changed, or put under the name of another
is thrown away and that loop compiled again.
"""

import hashlib
import logging
import os
import pickle
import platform
import stat
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

import llvmlite
import numba
import numpy as np
from numba import njit
from numba.core.caching import FunctionCache
from numba.core.compiler import CompileResult
from numba.core.serialize import dumps

logger = logging.getLogger(__name__)
Function = TypeVar("Function", bound=Callable[..., object])

FOLDER = "EVENGROUND_CACHE_DIR"
"""Environment variable with the folder of caches; empty to keep nothing."""
SWITCHES = ("OPT", "BOUNDSCHECK", "DEBUGINFO_DEFAULT", "LOOP_VECTORIZE", "SLP_VECTORIZE")
"""Settings of Numba that change the code it makes."""


IS_PLAIN = bool(vars(numba.config)["DISABLE_JIT"])  # known to Numba only once it has started
"""Whether loops run as plain Python: many short processes do so sooner than they compile."""


def compiled(
    plain: Callable[..., None] | None = None, **flags: object
) -> Callable[[Function], Function]:
    """Return a decorator that compiles a loop for numbers, by Numba's flags, and keeps it.

    Parameters
    ----------
    plain
        What to use instead where nothing is compiled, if the loop would take long.
    """

    def decorate(function: Function) -> Function:
        if IS_PLAIN and plain is not None:
            return plain  # type: ignore[return-value] # of the same parameters
        compile_: Any = njit
        loop: Any = compile_(error_model="numpy", nogil=True, **flags)(function)
        if hasattr(loop, "_cache"):  # not where compilation is switched off
            # Numba has no public way to hand it a cache; one that it does not ask does no harm.
            loop._cache = _Shelf(function)  # noqa: SLF001
        return loop  # type: ignore[no-any-return] # numba is untyped

    return decorate


def cache_folder() -> Path | None:
    """Return the folder of this version of the loops on this processor; none to keep nothing."""
    named = os.environ.get(FOLDER)
    if named == "":
        return None
    home = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")  # noqa: PTH111 - no home is no fault
    return (Path(named) if named else Path(home) / "evenground") / f"kernels-{MAKE}"


def _make() -> str:
    """Return what compiled code depends on, as a short code."""
    whole = hashlib.sha256()
    for source in sorted(Path(__file__).parent.glob("*.py")):
        whole.update(source.read_bytes())
    versions = (numba.__version__, llvmlite.__version__, np.__version__, sys.version)
    named = tuple(os.environ.get(f"NUMBA_CPU_{part}") for part in ("NAME", "FEATURES"))
    switches = tuple(getattr(numba.config, name) for name in SWITCHES)
    whole.update(repr((versions, platform.machine(), named, switches, _processor())).encode())
    return whole.hexdigest()[:16]


def _processor() -> tuple[str, str]:
    """Return the name and the abilities of the processor."""
    binding = llvmlite.binding
    return binding.get_host_cpu_name(), binding.get_host_cpu_features().flatten()


MAKE = _make()
"""What compiled code depends on; of the sources as they are when they are imported."""


class _Store:
    """The folder of all loops; warns once, whatever happens to it."""

    def __init__(self) -> None:
        self._folder: Path | None = None
        self._is_known = self._has_warned = False

    @property
    def folder(self) -> Path | None:
        """The folder, made if need be; none where nothing can be kept."""
        if not self._is_known:
            self._is_known = True
            self._folder = cache_folder()
            try:
                if self._folder is not None:
                    self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                    self._check_owner(self._folder)
                    tempfile.TemporaryFile(dir=self._folder).close()
            except OSError as error:
                self.warn("Compiled loops cannot be kept in %s (%s): every run compiles.", error)
                self._folder = None
        return self._folder

    def read(self, name: str) -> bytes | None:
        """Return what was kept under a name, if it is whole and of that name and make."""
        if self.folder is None:
            return None
        try:
            content = (self.folder / name).read_bytes()
        except FileNotFoundError:
            return None
        check, told = content[:32], content[32:]
        if hashlib.sha256(told).digest() != check:
            msg = f"{name} is not what was written"
            raise ValueError(msg)
        label = _label(name)
        if not told.startswith(label):
            msg = f"{name} holds something else"
            raise ValueError(msg)
        return told[len(label) :]

    def write(self, name: str, payload: bytes) -> None:
        """Keep something under a name: whole, or not at all."""
        if self.folder is None:
            return
        handle, part = tempfile.mkstemp(dir=self.folder, prefix="part-")
        with os.fdopen(handle, "wb") as file:
            told = _label(name) + payload
            file.write(hashlib.sha256(told).digest() + told)
        Path(part).replace(self.folder / name)

    def throw_away(self, name: str, error: Exception) -> None:
        """Remove a file that could not be read."""
        self.warn("Compiled loops in %s cannot be read (%s): they are compiled again.", error)
        if self.folder is not None:
            with suppress(OSError):  # it is written over all the same
                (self.folder / name).unlink()

    def warn(self, message: str, error: Exception) -> None:
        """Say once what is wrong."""
        if not self._has_warned:
            logger.warning(message, self._folder, error)
        self._has_warned = True

    @staticmethod
    def _check_owner(folder: Path) -> None:
        """Raise if others may write here: code is run from it."""
        found = folder.stat()
        is_ours = not hasattr(os, "getuid") or found.st_uid == os.getuid()
        if not is_ours or found.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
            msg = "others may write in it"
            raise PermissionError(msg)


def _label(name: str) -> bytes:
    """Return how a file begins: with its make, and the loop and types that name it."""
    return f"{MAKE}/{name}\n".encode()


STORE = _Store()


class _Shelf(FunctionCache):
    """Numba's face of the store, for one loop."""

    def __init__(self, function: Callable[..., object]) -> None:
        # Numba's own start looks for a folder of its own and fails where there is none.
        self._py_func = function
        self._name = f"{function.__module__}.{function.__qualname__}"

    @property
    def cache_path(self) -> str | None:
        """The folder, as text."""
        return None if STORE.folder is None else str(STORE.folder)

    def load_overload(self, sig: object, target_context: Any) -> Any:  # noqa: ANN401 - numba's face
        """Return the compiled loop for some types, or None to have it compiled."""
        target_context.refresh()
        name = self._file(sig)
        try:
            payload = STORE.read(name)
            if payload is None:
                return None
            rebuild: Any = CompileResult._rebuild  # noqa: SLF001 - as numba's own cache
            content = pickle.loads(payload)  # noqa: S301 - own folder, checksum met
            return rebuild(target_context, *content)
        except Exception as error:  # noqa: BLE001 - whatever is wrong with it, it can be made anew
            STORE.throw_away(name, error)
            return None

    def save_overload(self, sig: object, data: Any) -> None:  # noqa: ANN401 - numba's face
        """Keep a compiled loop."""
        if data.library.has_dynamic_globals or any(not part.can_cache for part in data.lifted):
            return
        try:
            pack: Any = dumps
            payload: bytes = pack(data._reduce())  # noqa: SLF001 - as numba's own cache
            with suppress(FileNotFoundError):  # another process has thrown the folder away
                STORE.write(self._file(sig), payload)
        except OSError as error:
            STORE.warn("Compiled loops cannot be kept in %s (%s): every run compiles.", error)

    def flush(self) -> None:
        """Forget nothing: what is kept is thrown away file by file."""

    def _file(self, sig: object) -> str:
        """Return the name of the file for some types."""
        return f"{self._name}-{hashlib.sha256(repr(sig).encode()).hexdigest()[:16]}"
