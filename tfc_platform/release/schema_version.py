"""The version of the schema of the release and of the research database, with what each version changed."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

from pydantic import Field, RootModel, model_validator

from tfc_platform.strict_yaml import EXPECTATIONS, StrictModel, read_model

__all__ = ["SchemaChange", "load_schema_changes", "schema_version"]


class SchemaChange(StrictModel):
    """A version, `major.minor`, and sentences for readers."""

    version: str = Field(pattern=r"^[1-9]\d*\.(0|[1-9]\d*)$")
    changes: tuple[str, ...] = Field(min_length=1)

    @property
    def numbers(self) -> tuple[int, int]:
        """The version as two numbers."""
        major, minor = self.version.split(".")
        return int(major), int(minor)

    @property
    def breaks_readers(self) -> bool:
        """Whether programs that read the version before must change."""
        major, minor = self.numbers
        return minor == 0 and major > 1


class _SchemaChanges(RootModel[tuple[SchemaChange, ...]]):
    @model_validator(mode="after")
    def _one_after_the_other(self) -> _SchemaChanges:
        if not self.root or self.root[-1].numbers != (1, 0):
            raise ValueError("the last version of the list is 1.0")
        for later, earlier in pairwise(self.root):
            major, minor = earlier.numbers
            if later.numbers not in ((major, minor + 1), (major + 1, 0)):
                raise ValueError(f"{later.version} does not follow {earlier.version}")
        return self


def load_schema_changes(path: Path = EXPECTATIONS / "schema_register.yaml") -> tuple[SchemaChange, ...]:
    """Every version, the latest first.

    :raises ConfigurationError: naming the file and the key that is wrong.
    """
    return read_model(path, _SchemaChanges).root


def schema_version() -> str:
    """The version that files are written by."""
    return load_schema_changes()[0].version
