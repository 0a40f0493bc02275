"""What the platform is told from outside, and where it keeps things.

Belongs here: every setting's name, default and check, and the places below TFC_HOME. Does not belong: what a site
sends (contracts) or a threshold (policies in `expectations/`), which are data that people review.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from dotenv import dotenv_values

__all__ = ["LONDON", "PROJECT", "ConfigurationError", "Places", "Settings"]

LONDON = ZoneInfo("Europe/London")
PROJECT = Path(__file__).resolve().parent.parent
TARGETS = ("duckdb", "spark")


class ConfigurationError(Exception):
    """A setting, contract or policy is wrong: the message names it. The commands end with exit code 2."""


@dataclass(frozen=True)
class Places:
    """The folders of TFC_HOME. Those that hold rows of people are made with mode 0700."""

    home: Path

    @property
    def vault(self) -> Path:
        return self.home / "vault"

    @property
    def lake(self) -> Path:
        return self.home / "lake"

    @property
    def text(self) -> Path:
        return self.home / "text"

    @property
    def keys(self) -> Path:
        return self.home / "keys"

    @property
    def warehouse(self) -> Path:
        return self.home / "warehouse"

    @property
    def warehouse_file(self) -> Path:
        return self.warehouse / "tfc.duckdb"

    @property
    def evidence(self) -> Path:
        return self.home / "evidence"

    @property
    def research(self) -> Path:
        return self.home / "research"

    @property
    def sites(self) -> Path:
        return self.home / "sites"

    @property
    def releases(self) -> Path:
        return self.home / "releases"

    @property
    def dagster(self) -> Path:
        return self.home / "dagster"

    @property
    def restricted(self) -> tuple[Path, ...]:
        return (
            self.vault,
            self.lake,
            self.text,
            self.keys,
            self.warehouse,
            self.evidence,
            self.research,
            self.sites,
            self.dagster,
        )

    def make(self) -> None:
        """Make every place that is missing; `releases/` alone is open to others."""
        self.home.mkdir(parents=True, exist_ok=True)
        for place in self.restricted:
            place.mkdir(mode=0o700, exist_ok=True)
        self.releases.mkdir(exist_ok=True)


@dataclass(frozen=True)
class Settings:
    """The settings of one night. `as_of` is the date that the night works for."""

    landing: str
    home: Path
    contracts: tuple[Path, ...]
    target: str
    as_of: date
    pseudonym_key: str | None

    @property
    def places(self) -> Places:
        return Places(self.home)

    @classmethod
    def load(cls, env: Mapping[str, str] | None = None, dotenv: Path | None = None) -> Settings:
        """Read the environment, and `.env` below it.

        :raises ConfigurationError: naming the setting whose value cannot be used.
        """
        file = dotenv if dotenv is not None else Path.cwd() / ".env"
        values = {key: value for key, value in dotenv_values(file).items() if value} if file.is_file() else {}
        values.update({key: value for key, value in (os.environ if env is None else env).items() if value})
        target = values.get("TFC_TARGET", "duckdb")
        if target not in TARGETS:
            raise ConfigurationError(f"TFC_TARGET is {target!r}: it must be one of {', '.join(TARGETS)}.")
        as_of = values.get("TFC_AS_OF")
        try:
            day = date.fromisoformat(as_of) if as_of else datetime.now(LONDON).date()
        except ValueError:
            raise ConfigurationError(f"TFC_AS_OF is {as_of!r}: write a date as 2026-05-01.") from None
        folders = tuple(Path(part).expanduser() for part in values.get("TFC_CONTRACTS", "").split(os.pathsep) if part)
        for folder in folders:
            if not folder.is_dir():
                raise ConfigurationError(f"TFC_CONTRACTS names {str(folder)!r}, which is not a folder.")
        return cls(
            landing=values.get("TFC_LANDING", "./landing"),
            home=Path(values.get("TFC_HOME", "./var")).expanduser().absolute(),
            contracts=folders,
            target=target,
            as_of=day,
            pseudonym_key=values.get("TFC_PSEUDONYM_KEY"),
        )
