"""Every setting with its default and check, and the folders below TFC_HOME."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from dotenv import dotenv_values

__all__ = [
    "LONDON",
    "MOST_FILE_BYTES",
    "MOST_READ_SECONDS",
    "PROJECT",
    "REFUSALS",
    "ConfigurationError",
    "Places",
    "Settings",
    "read_number",
]

LONDON = ZoneInfo("Europe/London")
PROJECT = Path(__file__).resolve().parent.parent
TARGETS = ("duckdb", "spark")
SHORTEST_KEY = 16  # characters
REST_SECONDS = 1.0
MOST_FILE_BYTES = 500 * 2**20  # of one file in the landing zone
MOST_READ_SECONDS = 300.0  # for one look, or one file
MOST_REST_SECONDS = 30
REFUSALS = frozenset(
    {"earlier_date", "new_key"}
)  # what a night refuses until TFC_ALLOW, or a switch of the command, names it


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
    def gazetteer(self) -> Path:
        return self.home / "gazetteer"

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
    def snapshots(self) -> Path:
        return self.home / "snapshots"

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
    def reports(self) -> Path:
        """Drafts of annual reports; made by the command that writes one, for everyone who may read a release."""
        return self.home / "reports"

    @property
    def erasures(self) -> Path:
        return self.home / "erasures"

    @property
    def mappings(self) -> Path:
        return self.home / "mappings"

    @property
    def acceptances(self) -> Path:
        """What people accepted of held returns: `accepted.jsonl`."""
        return self.home / "acceptances"

    @property
    def dagster(self) -> Path:
        return self.home / "dagster"

    @property
    def restricted(self) -> tuple[Path, ...]:
        return (
            self.vault,
            self.lake,
            self.text,
            self.gazetteer,
            self.keys,
            self.warehouse,
            self.evidence,
            self.snapshots,
            self.research,
            self.sites,
            self.erasures,
            self.mappings,
            self.acceptances,
            self.dagster,
        )

    def make(self) -> None:
        """Make every place that is missing; `releases/` alone is open to others.

        :raises ConfigurationError: naming TFC_HOME where that cannot be done.
        """
        try:
            self.home.mkdir(parents=True, exist_ok=True)
            for place in self.restricted:
                place.mkdir(mode=0o700, exist_ok=True)
            if not self.releases.is_dir():
                self.releases.mkdir()
                self.releases.chmod(0o755)  # whatever the umask: releases are for others to read
        except OSError as error:
            raise ConfigurationError(
                f"TFC_HOME is {str(self.home)!r}: no folder can be made there ({error.strerror or 'unknown reason'})."
            ) from None


@dataclass(frozen=True)
class Settings:
    """The settings of one night. `as_of` is the date that the night works for."""

    landing: str
    home: Path
    contracts: tuple[Path, ...]
    target: str
    as_of: date
    pseudonym_key: str | None = field(repr=False)  # a secret: no traceback or log may show it
    rest_seconds: float = 0.0  # between two looks at files that have just changed; 0: none is waited for
    most_file_bytes: int = MOST_FILE_BYTES  # a larger file in the landing zone is refused unread
    read_seconds: float = MOST_READ_SECONDS  # the limit for one look at a folder, and for one file
    allowed: frozenset[str] = frozenset()  # refusals that a person has lifted: see REFUSALS

    @property
    def places(self) -> Places:
        return Places(self.home)

    def as_env(self) -> dict[str, str]:
        """The same settings as variables of the environment, for Dagster's runs and the processes that they start."""
        values = {
            "TFC_LANDING": self.landing,
            "TFC_HOME": str(self.home),
            "TFC_CONTRACTS": os.pathsep.join(map(str, self.contracts)),
            "TFC_TARGET": self.target,
            "TFC_AS_OF": self.as_of.isoformat(),
            "TFC_PSEUDONYM_KEY": self.pseudonym_key or "",
            "TFC_REST_SECONDS": f"{self.rest_seconds:g}",
            "TFC_MOST_FILE_MB": f"{self.most_file_bytes / 2**20:g}",
            "TFC_READ_SECONDS": f"{self.read_seconds:g}",
            "TFC_ALLOW": ",".join(sorted(self.allowed)),
        }
        return {name: value for name, value in values.items() if value}

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
        folders = tuple(Path(part).expanduser() for part in values.get("TFC_CONTRACTS", "").split(os.pathsep) if part)
        for folder in folders:
            if not folder.is_dir():
                raise ConfigurationError(f"TFC_CONTRACTS names {str(folder)!r}, which is not a folder.")
        key = values.get("TFC_PSEUDONYM_KEY")
        if key is not None and len(key) < SHORTEST_KEY:
            raise ConfigurationError(f"TFC_PSEUDONYM_KEY is shorter than {SHORTEST_KEY} characters: give a longer one.")
        landing = values.get("TFC_LANDING", "./landing")
        return cls(
            landing=landing,
            home=_home(values.get("TFC_HOME", "./var"), landing),
            contracts=folders,
            target=target,
            as_of=_as_of(values.get("TFC_AS_OF")),
            pseudonym_key=key,
            rest_seconds=read_number(values, "TFC_REST_SECONDS", REST_SECONDS, 0, MOST_REST_SECONDS),
            most_file_bytes=int(
                read_number(values, "TFC_MOST_FILE_MB", MOST_FILE_BYTES / 2**20, 0.001, 100_000) * 2**20
            ),
            read_seconds=read_number(values, "TFC_READ_SECONDS", MOST_READ_SECONDS, 0.1, 86_400),
            allowed=_allowed(values.get("TFC_ALLOW")),
        )


def read_number(values: Mapping[str, str], name: str, default: float, least: float, most: float) -> float:
    """The number that a setting gives.

    :raises ConfigurationError: where it is none, or out of its range.
    """
    written = values.get(name)
    if written is None:
        return default
    try:
        number = float(written)
    except ValueError:
        number = least - 1
    if not least <= number <= most:
        raise ConfigurationError(f"{name} is {written!r}: write a number from {least:g} to {most:g}.")
    return number


def _allowed(written: str | None) -> frozenset[str]:
    allowed = frozenset(filter(None, (part.strip() for part in (written or "").split(","))))
    for name in sorted(allowed - REFUSALS):
        raise ConfigurationError(f"TFC_ALLOW names {name!r}: it may name {', '.join(sorted(REFUSALS))}.")
    return allowed


def _as_of(written: str | None) -> date:
    if written is None:
        return datetime.now(LONDON).date()
    try:
        # fromisoformat alone would take 20260501 and 2026-W18-5, which nobody means.
        return date.fromisoformat(written if re.fullmatch(r"\d{4}-\d{2}-\d{2}", written) else "")
    except ValueError:
        raise ConfigurationError(f"TFC_AS_OF is {written!r}: write a date as 2026-05-01.") from None


def _home(written: str, landing: str) -> Path:
    """The folder of all places: not a file, and not where files are dropped, or each night would take in the last."""
    home = Path(written).expanduser().absolute()
    if home.exists() and not home.is_dir():
        raise ConfigurationError(f"TFC_HOME is {str(home)!r}, which is not a folder.")
    if "://" not in landing and home.resolve().is_relative_to(Path(landing).expanduser().resolve()):
        raise ConfigurationError("TFC_HOME lies in TFC_LANDING: what the platform keeps would be taken in again.")
    return home
