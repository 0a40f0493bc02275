"""The command `tfc`. `main` is the entry point, `output` prints, and each further module is a group of commands."""

from __future__ import annotations

__all__ = ["main"]


def main() -> None:
    """Run a command of the command line."""
    from tfc_platform.cli.app import run

    run()
