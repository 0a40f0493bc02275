"""Great Expectations, imported once, late and without what nobody here uses.

Belongs here: the import, and where frames are put for judging. Does not belong: any rule or result.

The import is the dearest second of the night: half of it is a chart library and parts of scipy that no expectation of
ours touches. They are put off until somebody touches them, and the collector rests meanwhile: the import makes a
million objects that all stay. Half of the rest are data sources, one class for each database, file format and cloud,
and expectations that no suite of ours may name. Ours are frames, and the expectations of `suites.EXPECTATIONS`: the
others have empty classes in their place.
"""

from __future__ import annotations

import gc
import importlib
import logging
import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tfc_platform.check.suites import EXPECTATIONS
from tfc_platform.lean_import import lean_import

__all__ = [
    "LEFT_OUT",
    "PUT_OFF",
    "collector_at_rest",
    "configured_once",
    "frame_definition",
    "great_expectations",
    "is_left_out",
    "quiet",
]

PUT_OFF = ("altair", "scipy.linalg", "scipy.optimize", "scipy.spatial", "scipy.stats")
_SOURCES, _EXPECTATIONS = "great_expectations.datasource.fluent.", "great_expectations.expectations.core."
# How the names of these modules begin: every data source but that of frames.
LEFT_OUT = (
    *(
        _SOURCES + name
        for name in (
            *("alloy_", "aurora_", "bigquery_", "citus_", "databricks_", "fabric", "neon_", "postgres_", "redshift_"),
            *("snowflake_", "spark_", "sql_server_", "sqlite_", "pandas_azure_", "pandas_dbfs_", "pandas_filesystem_"),
            *("pandas_google_", "pandas_s3_", "pandas_file_path_", "data_asset.path.", "sql_datasource"),
            # Makes a class of settings for each reader of pandas, from its signature.
            "dynamic_pandas",
        )
    ),
    # Asked for by a batch that is to be measured without an expectation; those that expectations take are elsewhere.
    "great_expectations.metrics",
)
# It goes without it where there is none, and frames have no use for it; Dagster has.
MISSING = ("sqlalchemy",)
_LOGGERS = ("great_expectations", "great_expectations.validator", "great_expectations.expectations")


def is_left_out(module: str) -> bool:
    """Whether a module of Great Expectations has nothing that a suite of ours can reach."""
    if module.startswith(_EXPECTATIONS):
        return module.removeprefix(_EXPECTATIONS).startswith("expect_") and not module.endswith(tuple(EXPECTATIONS))
    return module.startswith(LEFT_OUT)


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
        without = lean_import(put_off=PUT_OFF, left_out=is_left_out, missing=MISSING)
        with without, collector_at_rest(), quiet():
            importlib.import_module("great_expectations")
    return sys.modules["great_expectations"]


@contextmanager
def configured_once() -> Iterator[None]:
    """Within, an expectation writes out its configuration once and not a hundred times: nobody changes one meanwhile.

    Half of what a validation of small frames costs is the writing out, for each argument that a metric asks for.
    """
    kind = great_expectations().expectations.Expectation
    written_out = kind.configuration
    kept: dict[int, tuple[Any, Any]] = {}  # the expectation is kept too: its number is its own only while it lives

    def configuration(expectation: Any) -> Any:
        if id(expectation) not in kept:
            kept[id(expectation)] = expectation, written_out.fget(expectation)
        return kept[id(expectation)][1]

    kind.configuration = property(configuration)
    try:
        yield
    finally:
        kind.configuration = written_out


def frame_definition() -> Any:
    """The batch definition that takes a whole frame, in a context that keeps nothing on disk and draws no progress bar.

    One serves all frames of a run: the context writes itself out anew for each one that is added to it.
    """
    with quiet():
        context = great_expectations().get_context(mode="ephemeral")
        context.variables.progress_bars = {"globally": False}
        asset = context.data_sources.add_pandas("warehouse").add_dataframe_asset("rows")
        return asset.add_batch_definition_whole_dataframe("all")
