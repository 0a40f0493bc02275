"""Other packages, imported without those of their modules that nobody here touches.

Belongs here: how a module is put off, left out or taken for not installed while another is imported. Does not belong: which
modules: who imports a package says that (`build.dbt_import`, `check.gx`, `orchestrate.dbt_later`, `orchestrate.event_log`).

A package imports all that it has, and a night of some thousands of rows is mostly importing (docs/decisions/0009).
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import LazyLoader
from types import ModuleType
from typing import Any

__all__ = ["lean_import"]


class _Empty(Loader):
    """A module in which every class that is asked for is one without anything, and every function finds nothing."""

    def exec_module(self, module: ModuleType) -> None:
        vars(module)["__getattr__"] = _empty


def _empty(name: str) -> Any:
    if name.startswith("__"):
        raise AttributeError(name)
    return type(name, (), {}) if name.lstrip("_")[:1].isupper() else _nothing


def _nothing(*arguments: Any, **named: Any) -> dict[str, Any]:
    return {}


class _OnUse(Loader):
    """A module in which every name is a stand-in, which imports the module itself when it is called or asked for something."""

    def __init__(self, finder: _Finder) -> None:
        self.finder = finder

    def exec_module(self, module: ModuleType) -> None:
        vars(module)["__getattr__"] = partial(_stand_in, self, module.__name__)

    def used(self, name: str) -> ModuleType:
        """The module itself; what stands for it and for those beside it is gone from now on."""
        self.finder.forget([prefix for prefix in self.finder.on_use if _is_of(name, (prefix,))])
        return import_module(name)


class _StandIn:
    def __init__(self, loader: _OnUse, module: str, name: str) -> None:
        self._loader, self._module, self._name = loader, module, name

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        return getattr(self._loader.used(self._module), self._name)(*arguments, **named)

    def __getattr__(self, name: str) -> Any:
        return getattr(getattr(self._loader.used(self._module), self._name), name)


def _stand_in(loader: _OnUse, module: str, name: str) -> _StandIn:
    if name.startswith("__"):
        raise AttributeError(name)
    return _StandIn(loader, module, name)


class _Finder(MetaPathFinder):
    """Finds what is put off as the others do, and lets it load on first use; what is left out is empty."""

    def __init__(self, put_off: Collection[str], left_out: Callable[[str], bool], on_use: Collection[str]) -> None:
        self.put_off, self.left_out, self.on_use = put_off, left_out, list(on_use)

    def forget(self, names: Collection[str]) -> None:
        """Let modules that wait for their use, by these names, be found as they are from now on."""
        self.on_use = [prefix for prefix in self.on_use if prefix not in names]
        for name, module in list(sys.modules.items()):
            if _is_of(name, names) and isinstance(getattr(module, "__loader__", None), _OnUse):
                del sys.modules[name]

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if self.left_out(fullname):
            return ModuleSpec(fullname, _Empty(), is_package=True)
        if _is_of(fullname, self.on_use):
            return ModuleSpec(fullname, _OnUse(self), is_package=True)
        if fullname not in self.put_off:
            return None
        for finder in sys.meta_path:
            if finder is self or not hasattr(finder, "find_spec"):
                continue
            spec = finder.find_spec(fullname, path, target)
            if spec is not None:
                if isinstance(spec.loader, Loader) and hasattr(spec.loader, "exec_module"):
                    spec.loader = LazyLoader(spec.loader)
                return spec
        return None


@contextmanager
def lean_import(
    *,
    put_off: Collection[str] = (),
    left_out: Callable[[str], bool] = lambda _: False,
    on_use: Collection[str] = (),
    missing: Collection[str] = (),
) -> Iterator[None]:
    """What is imported within does without these modules.

    :param put_off: they load when somebody first touches them.
    :param left_out: whether a module is empty: for those of which classes are named and never used.
    :param on_use: they, and what is below them, are imported when a function or class of theirs is used: for those of which
        these are named, and neither inherited from nor asked for by their type.
    :param missing: they cannot be imported within, as where they are not installed; afterwards they are what they were. The
        same holds for other threads: none of them may import such a module meanwhile.
    """
    modules: dict[str, ModuleType | None] = sys.modules  # type: ignore[assignment]  # None: not to be imported
    before = {name: modules[name] for name in modules if _is_of(name, missing)}
    modules |= dict.fromkeys({*missing, *before})
    finder = _Finder(put_off, left_out, on_use)
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
        # What has been imported keeps its stand-ins; whoever imports these modules from now on gets them as they are.
        finder.forget(on_use)
        for name in missing:
            del modules[name]
        modules |= before


def _is_of(module: str, names: Collection[str]) -> bool:
    """Whether a module is one of the names, or below one."""
    return any(f"{module}.".startswith(f"{name}.") for name in names)
