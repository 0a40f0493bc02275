"""What a release as a whole is: title, publisher, licence, as data in `expectations/release_register.yaml`."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from tfc_platform.strict_yaml import EXPECTATIONS, StrictModel, read_model

__all__ = ["Contributor", "Licence", "Named", "ReleaseDescription", "Titled", "load_description"]


class Named(StrictModel):
    """Who publishes."""

    name: str = Field(min_length=1)


class Titled(StrictModel):
    """A thing with a title."""

    title: str = Field(min_length=1)


class Contributor(Titled):
    """Who took part, and in which role."""

    role: str


class Licence(Titled):
    """`name` of the Open Definition's list; `path` where its text can be read."""

    name: str = Field(pattern=r"^[A-Za-z0-9._-]+$")
    path: str | None = None


class ReleaseDescription(StrictModel):
    """A release as its files describe it."""

    title: str
    description: str
    language: str
    keywords: tuple[str, ...]
    publisher: Named
    contributors: tuple[Contributor, ...]
    licence: Licence
    sources: tuple[Titled, ...]


def load_description(path: Path = EXPECTATIONS / "release_register.yaml") -> ReleaseDescription:
    """:raises ConfigurationError: naming the file and the key that is wrong."""
    return read_model(path, ReleaseDescription)
