"""What takes long to compile of files, kept beside the compiled modules and taken from there the next time.

It lies in Python's own `__pycache__`, is written under the same conditions as a `.pyc` and trusted for the same reason:
whoever can change it can change the code. A file of somebody else, or that others may write, is not read all the same.
Its name has the digest of all that it was made from, the code included, so it is never out of date.
"""

from __future__ import annotations

import contextlib
import copyreg
import hashlib
import io
import os
import pickle
import stat
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields, is_dataclass
from importlib.util import cache_from_source
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, TypeVar

_SUM_BYTES: Final = hashlib.sha256().digest_size
#: Not to be written by anybody but the owner.
_OTHERS: Final = stat.S_IWGRP | stat.S_IWOTH
_Made = TypeVar("_Made")


def digest_of(files: Iterable[Path]) -> str:
    """A digest of this Python, and of the names and contents of files.

    Raises: OSError.
    """
    total = hashlib.sha256(sys.version.encode())
    for path in files:
        content = path.read_bytes()
        total.update(f"\0{path}\0{len(content)}\0".encode("utf-8", "surrogateescape") + content)
    return total.hexdigest()


def code_of(*modules: str) -> list[Path]:
    """The code of the packages that these files are modules of (a module's `__file__`)."""
    return [path for module in modules for path in sorted(Path(module).parent.glob("*.py"))]


def kept(name: str, digest: str, make: Callable[[], _Made]) -> _Made:
    """What `make` gives for this digest, made now or kept from an earlier run.

    Raises: what `make` raises.
    """
    file = Path(cache_from_source(__file__)).with_name(f"{name}.{digest[:32]}.kept")
    found = _read(file)
    if found is not None:
        made: _Made = pickle.loads(found)  # noqa: S301 - see above: it is as good as a module's compiled code
        return made
    made = make()
    if not sys.dont_write_bytecode:
        with contextlib.suppress(OSError):  # an installation that is read-only compiles each time
            _write(file, _pickled(made))
    return made


def _read(file: Path) -> bytes | None:
    """The content of a file that is ours and whole."""
    try:
        with file.open("rb") as stream:
            state = os.fstat(stream.fileno())
            if state.st_mode & _OTHERS or state.st_uid not in (0, os.geteuid()):
                return None
            total, content = stream.read(_SUM_BYTES), stream.read()
    except OSError:
        return None
    return content if hashlib.sha256(content).digest() == total else None


def _write(file: Path, content: bytes) -> None:
    """Put a file in place whole, and take away those of the same name that are out of date.

    Raises: OSError.
    """
    file.parent.mkdir(exist_ok=True)
    fresh = file.with_suffix(f".{os.getpid()}")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644), "wb") as stream:
        stream.write(hashlib.sha256(content).digest() + content)
    fresh.replace(file)
    for other in file.parent.glob(f"{file.name.partition('.')[0]}.*.kept"):
        if other != file:
            other.unlink(missing_ok=True)


def _read_only(content: dict[Any, Any]) -> Mapping[Any, Any]:
    return MappingProxyType(content)


class _Pickler(pickle.Pickler):
    """Knows the read-only mappings too, which pickle refuses."""

    def reducer_override(self, made: Any) -> Any:
        """Make frozen values anew from their members: their own way of being unpickled takes three times as long."""
        kind = type(made)
        if not is_dataclass(kind) or not hasattr(kind, "__setstate__"):
            return NotImplemented
        members = fields(kind)
        if not all(one.init for one in members):
            return NotImplemented
        return kind, tuple(getattr(made, one.name) for one in members)

    dispatch_table = MappingProxyType(
        copyreg.dispatch_table | {MappingProxyType: lambda proxy: (_read_only, (dict(proxy),))}
    )


def _pickled(made: Any) -> bytes:
    stream = io.BytesIO()
    _Pickler(stream, pickle.HIGHEST_PROTOCOL).dump(made)
    return stream.getvalue()
