"""The command `tfc`: thin commands over the rooms, for people and, with --json, for programs.

`main` is the way in, `output` how things are said, and each further module a group of commands.
"""

from __future__ import annotations

__all__ = ["main"]


def main() -> None:
    """Run a command. Imports make most of a short command's time, and collecting garbage a fifth of theirs: so not meanwhile."""
    import gc

    gc.disable()
    try:
        from tfc_platform.cli.app import run
    finally:
        gc.freeze()
        gc.enable()
        gc.set_threshold(50_000, 20, 50)
    run()
