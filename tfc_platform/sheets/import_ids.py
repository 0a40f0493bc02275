"""The ids that Qualtrics writes below the names of columns, by which two columns of one name are told apart."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence

__all__ = ["distinct_names"]


def _import_id(word: str) -> str | None:
    if not word.startswith("{"):
        return None
    try:
        values = json.loads(word)
    except ValueError:
        return None
    found = values.get("ImportId") if isinstance(values, dict) else None
    return found if isinstance(found, str) else None


def _plain(text: str) -> str:
    return "".join(sign for sign in text.casefold() if sign.isalnum())


def distinct_names(words: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """The names of the first header row. Of several columns of one name, that keeps it whose import id is the name as well.

    A survey may have a question that is called as one of the tool's own columns is (Status). The others get their id beside
    the name. Names stay as they are where no row of import ids is below them, or where the ids do not decide.
    """
    names = list(words[0])
    repeated = {name for name, count in Counter(names).items() if name and count > 1}
    ids = next((line for line in words[1:] if any(_import_id(word) for word in line)), None) if repeated else None
    if ids is None:
        return tuple(names)
    for name in repeated:
        places = [place for place, other in enumerate(names) if other == name]
        own = [place for place in places if _plain(_import_id(ids[place]) or "") == _plain(name)]
        if len(own) == 1:
            for place in places:
                if place not in own:
                    names[place] = f"{name} ({_import_id(ids[place]) or place + 1})"
    return tuple(names)
