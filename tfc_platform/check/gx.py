"""Great Expectations, imported when something is to be judged: the import takes seconds, and most commands need none.

Its log lines and warnings may quote cells, so they are off while it runs.
"""

from __future__ import annotations

import logging
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

__all__ = ["frame_definition", "great_expectations", "quiet"]


@contextmanager
def quiet() -> Iterator[None]:
    """Switch off the log and the warnings of Great Expectations within; afterwards they are as before."""
    logger = logging.getLogger("great_expectations")
    before = logger.level, logger.propagate
    logger.setLevel(logging.CRITICAL + 1)
    logger.propagate = False  # some of its loggers set a level of their own
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(before[0])
        logger.propagate = before[1]


def great_expectations() -> Any:
    """The package, imported with its analytics off."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"  # read when it is imported
    import great_expectations as gx

    return gx


@cache
def frame_definition() -> Any:
    """The batch definition that takes a whole data frame, in a context that keeps no file and draws no progress bar."""
    with quiet():
        context = great_expectations().get_context(mode="ephemeral")
        context.variables.progress_bars = {"globally": False}
        asset = context.data_sources.add_pandas("warehouse").add_dataframe_asset("rows")
        return asset.add_batch_definition_whole_dataframe("all")
