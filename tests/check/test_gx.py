"""Great Expectations as it is used here: it sends no analytics, keeps no file, and its log quotes no cell."""

from __future__ import annotations

import logging
import subprocess
import sys
import warnings
from pathlib import Path

from tfc_platform.check.gx import quiet

ROOT = Path(__file__).resolve().parents[2]


def test_judging_a_frame_sends_no_analytics_keeps_no_file_and_prints_nothing(tmp_path):
    code = """
import socket
def no_network(*arguments): raise AssertionError("it asked for the network")
socket.getaddrinfo = socket.create_connection = no_network
import pandas as pd
from tfc_platform.check.gx import frame_definition, great_expectations, quiet
gx = great_expectations()
with quiet():
    batch = frame_definition().get_batch(batch_parameters={"dataframe": pd.DataFrame({"hours": [1, 25]})})
    rule = gx.expectations.ExpectColumnValuesToBeBetween(column="hours", max_value=24)
    assert not batch.validate(rule).success
import os
assert os.environ["GX_ANALYTICS_ENABLED"] == "false"
"""
    done = subprocess.run(
        [sys.executable, "-W", "error::UserWarning", "-c", code],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT), "HOME": str(tmp_path), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert (done.stdout, done.stderr) == ("", "")
    assert list(tmp_path.iterdir()) == []


def test_its_log_and_warnings_are_off_within_and_as_before_afterwards(caplog):
    logger = logging.getLogger("great_expectations.validator.anything")
    with caplog.at_level(logging.DEBUG), warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        with quiet():
            logger.error("a cell")
            warnings.warn("a cell", stacklevel=1)
        logger.error("no cell")
    assert caplog.messages == ["no cell"]
    assert warned == []
