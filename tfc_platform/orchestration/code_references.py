"""Where the work of an asset is done, as Dagster's code references: its page in the UI links to the file and line."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import dagster as dg

__all__ = ["code_references"]


def code_references(work: Callable[..., Any] | Path) -> dict[str, dg.CodeReferencesMetadataValue]:
    """The metadata of an asset whose work is done by a function, or written in a file such as a model's SQL."""
    if isinstance(work, Path):
        file, line, label = work, 1, work.name
    else:
        file, line = Path(inspect.getfile(work)), inspect.getsourcelines(work)[1]
        label = f"{file.name}: {work.__name__}"
    with warnings.catch_warnings():
        # Dagster marks these classes as beta, with a warning an asset. Its version is held below the next minor one.
        warnings.simplefilter("ignore", dg.BetaWarning)
        reference = dg.LocalFileCodeReference(file_path=str(file), line_number=line, label=label)
        return {"dagster/code_references": dg.CodeReferencesMetadataValue(code_references=[reference])}
