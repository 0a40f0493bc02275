"""What is left of an error that nobody expected: its class and its line."""

from __future__ import annotations

import traceback
from collections.abc import Iterator

import dagster as dg
import pytest

from tfc_platform.check.evidence import read_evidence
from tfc_platform.orchestration.error_redaction import redact_errors
from tfc_platform.settings import ConfigurationError

CELL = "Mrs Example, 07700 900000"


@redact_errors
def asset(error: Exception) -> int:
    try:
        raise LookupError(CELL)
    except LookupError:
        raise error from None


@redact_errors
def events(error: Exception) -> Iterator[int]:
    yield 1
    try:
        raise LookupError(CELL)
    except LookupError as cause:
        raise error from cause


@pytest.mark.parametrize("error", [ValueError(CELL), KeyError(CELL), OSError(5, CELL, CELL)])
@pytest.mark.parametrize("body", [asset, lambda error: list(events(error))], ids=["value", "events"])
def test_no_word_of_an_unexpected_error_is_left(body: object, error: Exception) -> None:
    with pytest.raises(dg.Failure) as caught:
        body(error)  # type: ignore[operator]
    told = "".join(traceback.format_exception(caught.value))
    assert "Mrs Example" not in told
    assert "07700" not in told
    assert type(error).__name__ in str(caught.value.description)
    assert caught.value.__suppress_context__
    assert caught.value.allow_retries == isinstance(error, OSError)


def test_the_lines_of_the_platforms_own_code_are_named() -> None:
    def place(module: str) -> str:
        return rf"tfc_platform/{module}\.py, line \d+"

    @redact_errors
    def body() -> None:
        read_evidence(3)  # type: ignore[arg-type]

    with pytest.raises(dg.Failure, match=rf"at {place('parquet')}, from {place('check/evidence')}\."):
        body()


def test_our_own_message_is_kept() -> None:
    error = dg.Failure("the gate is closed")
    with pytest.raises(dg.Failure) as caught:
        asset(error)
    assert caught.value is error


def test_a_wrong_setting_fails_once_with_its_sentence() -> None:
    with pytest.raises(dg.Failure) as caught:
        asset(ConfigurationError("TFC_LANDING is wrong"))
    assert caught.value.description == "TFC_LANDING is wrong"
    assert not caught.value.allow_retries
    assert caught.value.__suppress_context__


def test_what_a_body_gives_goes_through() -> None:
    @redact_errors
    def body(first: int, second: int = 2) -> Iterator[int]:
        yield from (first, second)

    assert list(body(1)) == [1, 2]
