"""The import of Great Expectations: once, late, quiet, and without what is put off."""

from __future__ import annotations

import gc
import logging
import subprocess
import sys
from pathlib import Path

from tfc_platform.check.gx import (
    PUT_OFF,
    collector_at_rest,
    configured_once,
    frame_definition,
    great_expectations,
    quiet,
)

ROOT = Path(__file__).resolve().parents[2]


def test_it_is_one_module_and_the_finder_is_gone():
    assert great_expectations() is great_expectations() is sys.modules["great_expectations"]
    assert not [finder for finder in sys.meta_path if type(finder).__module__ == "tfc_platform.check.gx"]
    assert gc.isenabled()


def test_the_dear_parts_are_put_off_and_work_when_touched():
    code = f"""
import gc, os, sys
from importlib.util import _LazyModule
from tfc_platform.check.gx import great_expectations
great_expectations()
assert os.environ["GX_ANALYTICS_ENABLED"] == "false"
assert gc.isenabled()
loaded = [name for name in {PUT_OFF!r} if type(sys.modules.get(name, _LazyModule(name))) is not _LazyModule]
assert loaded == [], loaded
assert "altair.vegalite" not in sys.modules
import scipy.stats
assert round(scipy.stats.norm.cdf(1.959963984540054), 6) == 0.975
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert (done.stdout, done.stderr) == ("", "")


def test_what_no_suite_can_reach_is_left_out_and_every_expectation_of_ours_is_there():
    code = """
import sys
from tfc_platform.check.gx import great_expectations, is_left_out
from tfc_platform.check.suites import EXPECTATIONS
great_expectations()
from great_expectations.expectations.registry import get_expectation_impl
assert all(get_expectation_impl(name).__module__.endswith(name) for name in EXPECTATIONS)
left_out = [name for name in sys.modules if is_left_out(name)]
assert len(left_out) > 40, left_out
assert all(getattr(sys.modules[name], "__file__", None) is None for name in left_out)
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_collector_is_left_as_it_was():
    gc.disable()
    try:
        with collector_at_rest():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()
    with collector_at_rest():
        assert not gc.isenabled()
    assert gc.isenabled()


def test_its_log_is_silent_within_and_as_before_afterwards(caplog):
    logger = logging.getLogger("great_expectations.validator.anything")
    with caplog.at_level(logging.DEBUG):
        with quiet():
            logger.error("a cell")
        logger.error("no cell")
    assert caplog.messages == ["no cell"]


def test_written_out_once_an_expectation_judges_as_before_and_is_then_left_as_it_was():
    import pandas as pd

    suite = great_expectations().ExpectationSuite(
        name="suite",
        expectations=[
            {
                "type": "expect_column_values_to_be_between",
                "kwargs": {"column": "hours", "min_value": 0, "max_value": 24},
            },
            {"type": "expect_column_values_to_not_be_null", "kwargs": {"column": "hours", "mostly": 0.5}},
            {"type": "expect_compound_columns_to_be_unique", "kwargs": {"column_list": ["hours", "month"]}},
        ],
    )
    frame = pd.DataFrame({"hours": [1.0, 2.0, 25.0, None], "month": [1, 1, 2, 3]})
    kind = great_expectations().expectations.Expectation
    before = kind.configuration

    def judged() -> list[tuple[object, ...]]:
        batch = frame_definition().get_batch(batch_parameters={"dataframe": frame})
        results = batch.validate(suite, result_format="BOOLEAN_ONLY").results
        return [(item.success, item.expectation_config.type, item.expectation_config.kwargs) for item in results]

    with quiet():
        plain = judged()
        with configured_once():
            once = judged()
    assert [row[:2] for row in once] == [row[:2] for row in plain]
    assert [row[0] for row in once] == [False, True, True]
    assert kind.configuration is before
    for (_, _, one), (_, _, other) in zip(once, plain, strict=True):
        assert {k: v for k, v in one.items() if k != "batch_id"} == {k: v for k, v in other.items() if k != "batch_id"}
