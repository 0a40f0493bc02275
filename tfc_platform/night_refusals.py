"""What a night refuses until a person says that it is meant: a date before the last release, and another key."""

from __future__ import annotations

import json
from datetime import date

from tfc_platform.atomic_io import write_json
from tfc_platform.privacy.pseudonym import Pseudonyms
from tfc_platform.settings import ConfigurationError, Settings

__all__ = ["note_key", "refuse_mistakes"]

KEY_RECORD = "pseudonym_key.json"


def refuse_mistakes(settings: Settings) -> None:
    """Refuse a date that goes back, and a key that was lost or exchanged.

    :raises ConfigurationError: with the switch by which a person says that it is meant.
    """
    if "earlier_date" not in settings.allowed:
        _refuse_earlier_date(settings)
    if "new_key" not in settings.allowed:
        _refuse_another_key(settings)


def _refuse_earlier_date(settings: Settings) -> None:
    file = settings.places.releases / "current" / "manifest.json"
    try:
        last = date.fromisoformat(json.loads(file.read_bytes())["as_of"])
    except (OSError, ValueError, KeyError, TypeError):
        return  # no release yet; one that is damaged is reported by whoever reads it
    if settings.as_of < last:
        raise ConfigurationError(
            f"TFC_AS_OF is {settings.as_of}, and the current release is of {last}: an earlier day would be published over a"
            " later one. If that is meant: tfc nightly --allow-earlier-date (or TFC_ALLOW=earlier_date)."
        )


def _refuse_another_key(settings: Settings) -> None:
    known = _known_fingerprint(settings)
    if known is None:
        return
    lost = settings.pseudonym_key is None and not (settings.places.keys / "pseudonym.key").is_file()
    if lost or Pseudonyms.load(settings).fingerprint != known:
        raise ConfigurationError(
            f"The key of the pseudonyms is {'not there' if lost else 'another than that of earlier nights'}: every link to what"
            " was taken in before would be lost. Put the kept copy back (keys/pseudonym.key, or TFC_PSEUDONYM_KEY). If a new"
            " key is meant: tfc nightly --allow-new-key (or TFC_ALLOW=new_key)."
        )


def _known_fingerprint(settings: Settings) -> str | None:
    try:
        known = json.loads((settings.places.evidence / KEY_RECORD).read_bytes())["fingerprint"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return known if isinstance(known, str) else None


def note_key(settings: Settings, pseudonyms: Pseudonyms) -> None:
    """Note which key a night works with, by a digest from which the key cannot be found."""
    if _known_fingerprint(settings) != pseudonyms.fingerprint:
        write_json(settings.places.evidence / KEY_RECORD, {"fingerprint": pseudonyms.fingerprint})
