"""`tfc erase`: a person, a story or a file goes, for good. The night that follows makes the rest anew. No id is printed."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from tfc_platform.cli import output
from tfc_platform.settings import ConfigurationError, Settings

if TYPE_CHECKING:
    from tfc_platform.contracts.catalogue import Catalogue
    from tfc_platform.erasure.erasure_ledger import Erasure
    from tfc_platform.erasure.erasure_request import OrderedErasure, RecordScope

__all__ = ["carry_out", "erase"]

NOT_FOUND = (
    "Nothing is held of that. What lies in the landing zone and was not yet taken in is not looked through: run `tfc nightly`"
    " first. Ids are compared letter by letter."
)
AMBIGUOUS = "More than one record has that id. Say which is meant with --site, --source, --population and --wave:"


def erase(
    respondent: Annotated[
        str | None,
        typer.Option(
            help="The tool's own id of a response (Qualtrics ResponseId, SmartSurvey Unique ID, forms ID, Kobo _uuid, the SPSS"
            " file's serial), or a person's pid in a panel. `-` reads it from the standard input."
        ),
    ] = None,
    story: Annotated[str | None, typer.Option(help="A story's id. `-` reads it from the standard input.")] = None,
    file: Annotated[str | None, typer.Option(help="A file's SHA-256, as its receipt has it.")] = None,
    site: Annotated[str | None, typer.Option(help="Of this site, where several share an id.")] = None,
    source: Annotated[str | None, typer.Option(help="Of this source (surveys, activity), likewise.")] = None,
    population: Annotated[str | None, typer.Option(help="Of this survey's population, likewise.")] = None,
    wave: Annotated[str | None, typer.Option(help="Of this survey's wave, likewise.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Remove a person, a story or a file everywhere, for good: the next nights do not bring it back.

    A person is erased whole: where a panel number links their answers, those of all waves go. An id of 12 characters or more is
    one that a tool makes once, and is erased wherever it is at its site. A shorter one may be a count that each survey begins
    anew: where several surveys or sites have it, nothing is erased until --site, --source, --population or --wave say
    which is meant.

    Exit 0: it is gone, or was before. 1: nothing is held of it. 2: wrong use, or more than one record has the id.
    """
    from tfc_platform.erasure.erasure_request import AmbiguousError, NotFoundError, RecordScope

    asked = {"respondent": respondent, "story": story, "file": file}
    kinds = [kind for kind, value in asked.items() if value is not None]
    if len(kinds) != 1:
        raise ConfigurationError("Give one of --respondent, --story and --file.")
    if kinds[0] != "respondent" and (source or population or wave):
        raise ConfigurationError(
            "--source, --population and --wave tell respondents apart: use them with --respondent."
        )
    name = str(asked[kinds[0]])
    name = (sys.stdin.readline() if name == "-" else name).strip()
    if not name:
        raise ConfigurationError(f"--{kinds[0]}: no id is given.")
    meant = RecordScope(site or "", source or "", population or "", wave or "")
    settings = Settings.load()
    _known_site(settings, meant.site)
    try:
        ordered, done = carry_out(settings, kinds[0], name, meant)
    except NotFoundError:
        _stop({"erased": False, "reason": "not_found"}, NOT_FOUND, 1, as_json)
    except AmbiguousError as several:
        found = [asdict(place) for place in several.places]
        lines = [" / ".join(value for value in place.values() if value) for place in found]
        text = "\n".join([AMBIGUOUS, *(f"- {line}" for line in lines)])
        _stop({"erased": False, "reason": "ambiguous", "places": found}, text, 2, as_json)
    _report(ordered, done, _night(settings), as_json)


def _known_site(settings: Settings, site: str) -> None:
    from tfc_platform.contracts.catalogue import load_nightly_catalogue

    senders = load_nightly_catalogue(settings).senders
    if site and site not in senders:
        raise ConfigurationError(f"--site: there is no site {site!r}. There are {', '.join(senders)}.")


def carry_out(settings: Settings, kind: str, name: str, meant: RecordScope) -> tuple[OrderedErasure, Erasure]:
    """Find, write down, remove: under the lock that nights hold. No night follows.

    :param kind: respondent, story or file.
    :param meant: which of several that share the id.
    :return: what was ordered, and what was done.
    :raises NotFoundError: where nothing is held of it.
    :raises AmbiguousError: where the id means more than one.
    :raises ConfigurationError: where a night is running, or a hash is none.
    """
    from tfc_platform.contracts.catalogue import load_nightly_catalogue
    from tfc_platform.erasure import erasure_ledger
    from tfc_platform.erasure.carry_out import finish_erasures
    from tfc_platform.erasure.erasure_request import NotFoundError
    from tfc_platform.night_lock import night_lock

    catalogue, places = load_nightly_catalogue(settings), settings.places
    if not places.lake.is_dir():
        raise NotFoundError
    with night_lock(settings.home, what="An erasure"):
        ordered = _order(settings, catalogue, kind, name, meant)
        finish_erasures(places, catalogue, settings.as_of)
        done = next(item for item in erasure_ledger.read(places) if item.number == ordered.intent.number)
    return ordered, done


def _order(settings: Settings, catalogue: Catalogue, kind: str, name: str, meant: RecordScope) -> OrderedErasure:
    from tfc_platform.erasure import erasure_ledger
    from tfc_platform.erasure.carry_out import finish_erasures
    from tfc_platform.erasure.erasure_request import order_respondent, order_story
    from tfc_platform.erasure.file_request import order_file
    from tfc_platform.privacy.tombstones import Tombstones

    places, on = settings.places, settings.as_of
    if erasure_ledger.pending(places, Tombstones.load(places).intents):
        finish_erasures(places, catalogue, on)  # one that was killed on its way, before anything is looked for
    tombstones = Tombstones.load(places, make=True)
    if kind == "file":
        return order_file(places, tombstones, name, meant, on)
    order = order_respondent if kind == "respondent" else order_story
    return order(places, catalogue, tombstones, name, meant, on)


def _stop(found: dict[str, Any], text: str, code: int, as_json: bool) -> NoReturn:
    if as_json:
        output.print_json(found)
    output.stop(text, code)


def _night(settings: Settings) -> dict[str, Any]:
    """The night that makes anew what the erasure took away. Whatever comes of it, the erasure is done."""
    from tfc_platform.cli.nightly import run_nightly
    from tfc_platform.versions import current_id

    try:
        result = run_nightly(settings, None, output.progress)
        found = {"success": result.success, "reasons": list(result.reasons)}
    except ConfigurationError as error:
        found = {"success": False, "reasons": [str(error)]}
    places = settings.places
    return found | {"research": current_id(places.research), "release": current_id(places.releases)}


def _report(ordered: OrderedErasure, done: Erasure, night: dict[str, Any], as_json: bool) -> None:
    intent = ordered.intent
    if as_json:
        output.print_json(
            {
                "erased": True,
                "already": not ordered.is_new,
                "kind": intent.kind,
                "site": intent.site,
                "source": intent.source,
                "files": intent.files,
                "removed_whole": done.removed_whole,
                "releases_removed": done.releases,
                "unopened": ordered.unopened,
                "night": night,
            }
        )
        return
    where = "/".join(part for part in (intent.site, intent.source) if part)
    was = "Erased" if ordered.is_new else f"Erased already on {intent.ordered_on:%d/%m/%Y}"
    output.say(f"{was}: a {intent.kind} of {where}, in {intent.files} {'file' if intent.files == 1 else 'files'}.")
    if done.removed_whole:
        output.say(
            f"From {done.removed_whole} of them it could not be taken out: they were removed whole. the site's"
            " receipt says so, and it has to send them again without the record."
        )
    for release in done.releases:
        output.say(f"Release {release} was removed.")
    for path in ordered.unopened:
        output.say(
            f"{path} cannot be opened, so nobody knows whether it holds the record. `tfc erase --file` removes it whole."
        )
    if not night["success"]:
        output.say("What is left was not published anew. Why:")
        for reason in night["reasons"] or ("a step failed: see the run in the UI (make ui).",):
            output.say(f"- {reason}")
    output.say(f"Research: {night['research'] or 'none'}. Release: {night['release'] or 'none'}.")
