"""A limit in time for a call that may never return, such as one that waits for a disk of another machine."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

__all__ = ["within"]

Result = TypeVar("Result")


def within(seconds: float, call: Callable[[], Result]) -> Result:
    """The result of a call, or its error.

    The call runs in a thread that does not keep the process alive: one that never returns is left behind.

    :raises TimeoutError: where it has not ended after so many seconds.
    """
    results: list[Result] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            results.append(call())
        except BaseException as error:  # it is raised again where it was asked for
            errors.append(error)

    thread = threading.Thread(target=run, name="tfc-limited-call", daemon=True)
    thread.start()
    thread.join(seconds)
    if errors:
        raise errors[0]
    if not results:
        raise TimeoutError(f"A call took more than {seconds:g} seconds.")
    return results[0]
