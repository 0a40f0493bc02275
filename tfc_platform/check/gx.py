"""Great Expectations, imported once, late and without what nobody here uses.

Belongs here: the import, and where frames are put for judging. Does not belong: any rule or result.

The import is the dearest second of the night: half of it is a chart library and parts of scipy that no expectation of
ours touches. They are put off until somebody touches them (`importlib.util.LazyLoader`), and the collector rests
meanwhile: the import makes a million objects that all stay. A third of the rest are the data sources of Spark, one class
for each of its file formats and clouds. Ours are frames: Spark's have empty classes in their place.
"""

from __future__ import annotations

import gc
import importlib
import logging
import os
import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import LazyLoader
from types import ModuleType
from typing import Any

__all__ = ["LEFT_OUT", "PUT_OFF", "collector_at_rest", "frame_definition", "great_expectations", "quiet"]

PUT_OFF = ("altair", "scipy.linalg", "scipy.optimize", "scipy.spatial", "scipy.stats")
LEFT_OUT = "great_expectations.datasource.fluent.spark_"  # how the names of Spark's modules begin
_LOGGERS = ("great_expectations", "great_expectations.validator", "great_expectations.expectations")


class _EmptyClasses(Loader):
    """A module in which every name that is asked for is a class without anything."""

    def exec_module(self, module: ModuleType) -> None:
        vars(module)["__getattr__"] = _empty_class


def _empty_class(name: str) -> type:
    if name.startswith("__"):
        raise AttributeError(name)
    return type(name, (), {})


class _PuttingOff(MetaPathFinder):
    """Finds the modules of `PUT_OFF` as the others do, and lets them load on first use; those of `LEFT_OUT` are empty."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname.startswith(LEFT_OUT):
            return ModuleSpec(fullname, _EmptyClasses())
        if fullname not in PUT_OFF:
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
def collector_at_rest() -> Iterator[None]:
    """No garbage collection within; afterwards as it was."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@contextmanager
def quiet() -> Iterator[None]:
    """Great Expectations says nothing within: its log lines and warnings may quote cells."""
    loggers = [logging.getLogger(name) for name in _LOGGERS]
    before = [(logger, logger.disabled, logger.propagate, logger.level) for logger in loggers]
    for logger in loggers:
        logger.propagate = False
        logger.setLevel(logging.CRITICAL + 1)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for logger, disabled, propagate, level in before:
            logger.disabled, logger.propagate = disabled, propagate
            logger.setLevel(level)


def great_expectations() -> Any:
    """The module `great_expectations`, with analytics off."""
    if "great_expectations" not in sys.modules:
        os.environ["GX_ANALYTICS_ENABLED"] = "false"  # read once, on import
        finder = _PuttingOff()
        sys.meta_path.insert(0, finder)
        try:
            with collector_at_rest(), quiet():
                importlib.import_module("great_expectations")
        finally:
            sys.meta_path.remove(finder)
    return sys.modules["great_expectations"]


def frame_definition() -> Any:
    """The batch definition that takes a whole frame, in a context that keeps nothing on disk and draws no progress bar.

    One serves all frames of a run: the context writes itself out anew for each one that is added to it.
    """
    with quiet():
        context = great_expectations().get_context(mode="ephemeral")
        context.variables.progress_bars = {"globally": False}
        asset = context.data_sources.add_pandas("warehouse").add_dataframe_asset("rows")
        return asset.add_batch_definition_whole_dataframe("all")
