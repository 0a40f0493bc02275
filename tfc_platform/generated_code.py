"""Source that packages write while they are imported, compiled once and kept, as Python keeps the compiled form of files.

Belongs here: where such source is compiled, and the file that keeps it. Does not belong: what is imported when.

A data class, a named tuple, a type written as text or a serialiser is source that is compiled each time that its module is
imported: some thousands of times before a night has begun, for a twentieth of its processor time. What is kept is found by
the source itself, so that it is never stale; where nothing is kept, it is compiled as ever.
"""

from __future__ import annotations

import collections
import dataclasses
import marshal
import sys
import typing
from collections.abc import Callable, Mapping
from hashlib import blake2b
from importlib.util import MAGIC_NUMBER
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

from tfc_platform.atomic_io import write_bytes

__all__ = ["KEPT", "compile_once_in", "keep", "use_kept"]

# Beside the bytecode of this package: as trusted as that, and written by who may write that. Read by this Python alone.
KEPT = Path(__file__).with_name("__pycache__") / f"generated.{sys.implementation.cache_tag}-{sys.flags.optimize}.bin"

_PLACE = "<string>"  # where compiled code says that it is from, if it is from no file


class _Compiled:
    """The compiled forms that are known, and those of them that this process asked for."""

    def __init__(self) -> None:
        self.known: dict[bytes, CodeType] = {}
        self.asked: dict[bytes, CodeType] = {}

    def get(self, source: str, mode: str) -> CodeType:
        name = blake2b(source.encode(), digest_size=16, key=mode.encode()).digest()
        if name not in self.asked:
            self.asked[name] = self.known.get(name) or compile(source, _PLACE, mode, dont_inherit=True)
        return self.asked[name]


_compiled = _Compiled()


def _exec(source: Any, names: dict[str, Any], into: Mapping[str, Any] | None = None, /) -> None:
    exec(_compiled.get(source, "exec") if isinstance(source, str) else source, names, into)  # noqa: S102


def _eval(source: Any, names: dict[str, Any], into: Mapping[str, Any] | None = None, /) -> Any:
    return eval(_compiled.get(source, "eval") if isinstance(source, str) else source, names, into)  # noqa: S307


def _compile(source: Any, place: str, mode: str, *others: Any, **named: Any) -> CodeType:
    if isinstance(source, str) and place == _PLACE and not others and not named:
        return _compiled.get(source, mode)
    code: CodeType = compile(source, place, mode, *others, **named)
    return code


_OURS: Mapping[str, Callable[..., Any]] = {"compile": _compile, "eval": _eval, "exec": _exec}


def compile_once_in(module: ModuleType, *builtins: str) -> None:
    """Let a module that compiles what it writes do so through here: these of its builtins are ours."""
    vars(module).update({name: _OURS[name] for name in builtins})


def use_kept() -> None:
    """Let data classes, named tuples and types of this process take their compiled forms from what is kept."""
    try:
        content = KEPT.read_bytes()
        if content.startswith(MAGIC_NUMBER):
            _compiled.known = marshal.loads(content[len(MAGIC_NUMBER) :])  # noqa: S302  # made by `keep`, see KEPT
    except (OSError, EOFError, ValueError, TypeError):
        pass  # nothing is kept, or what is kept is no use: it is compiled as ever
    compile_once_in(dataclasses, "exec")
    compile_once_in(collections, "eval")
    compile_once_in(typing, "compile")


def keep() -> None:
    """Keep what this process has asked for, in the place of what was kept."""
    write_bytes(KEPT, MAGIC_NUMBER + marshal.dumps(_compiled.asked))
