"""The one error of this room: bytes that cannot be redacted. Apart, so that a format's module need not import the others."""

from __future__ import annotations

__all__ = ["CannotRedact"]


class CannotRedact(Exception):  # noqa: N818 (named as what is to be said of the file)
    """Rows of a file cannot be emptied without touching others. The message names no cell."""
