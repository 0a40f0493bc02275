"""Releases without their pages and their workbook, which take most of the time of a small release.

Both are made of the tables and the manifest alone. For tests that read tables, and of which none looks at a page.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

from tfc_platform.pages import write_pages
from tfc_platform.release import publish

__all__ = ["tables_only"]

LEFT_OUT = b"Left out in this test."


def _no_pages(folder: Path, *_: Any) -> None:
    (folder / "index.html").write_bytes(LEFT_OUT)


def _no_workbook(_tables: Any, _cover: Any, _day: Any, path: Path) -> None:
    path.write_bytes(LEFT_OUT)


@contextmanager
def tables_only() -> Iterator[None]:
    """While it lasts, a release has a short file in place of its pages, and one in place of its workbook."""
    with (
        mock.patch.object(write_pages, "write_pages", _no_pages),
        mock.patch.object(publish, "write_workbook", _no_workbook),
    ):
        yield
