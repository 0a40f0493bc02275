"""A finder of names that can block an approved text and never approve one.

The gazetteer holds keyed tokens only: each run of one to three words of a text is hashed under the same key and looked up.
`docs/stories.md` has what it finds and what it misses. This is no de-identification.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product

from tfc_platform.contracts.catalogue import Catalogue
from tfc_platform.ingest.intake import Intake, reading_digest
from tfc_platform.ingest.lake import read_receipts
from tfc_platform.parquet import read_parquet
from tfc_platform.privacy.name_tokens import LONGEST_RUN, NameWords, TextWord, introduced, load_words, token, words_of

__all__ = ["RULES", "Finder", "load_finder", "read_gazetteer", "shown_names"]

# What a finding is called, and why it blocks. A rule's name is all that is ever said of a text.
RULES: Mapping[str, str] = {
    "known_participant": "A word or words are part of a name that a return gives as a participant's or respondent's.",
    "known_staff": "A word or words are part of a name that a return gives as a member of staff's.",
    "known_school": "A school that a return names: with a quarter and a role it leads to a class.",
    "known_venue": "A venue that a return names and the release does not.",
    "known_address": "A street or postcode that a return gives as somebody's.",
    "self_introduction": "Somebody says a name after words such as 'my name is'.",
    "titled_name": "A name or an initial follows Mr, Mrs, Dr and the like.",
    "name_position": "A capitalised word that is on no list stands where a person's name stands.",
}

Run = tuple[TextWord, ...]


@dataclass(frozen=True)
class Finder:
    """What is known of names tonight.

    `gazetteer`: token to the kinds of names it is part of. `shown`: the words of names that a release shows anyway (sites,
    areas, activities). `token_of`: a word's token, under the platform's key.
    """

    words: NameWords
    token_of: Callable[[str], str] = field(repr=False)
    gazetteer: Mapping[str, frozenset[str]] = field(default_factory=dict, repr=False)
    shown: frozenset[tuple[str, ...]] = frozenset()

    def find(self, text: str) -> tuple[str, ...]:
        """The rules (keys of `RULES`) that a text breaks, sorted, each once; never where or by which word."""
        stand = words_of(text)
        quiet = self._quiet(stand)
        broken = {f"known_{kind}" for kind in self._known(stand, quiet)}
        if any(not quiet.issuperset(places) for places in introduced(stand, self.words)):
            broken.add("self_introduction")
        if any(self._is_titled(stand, place, quiet) for place in range(1, len(stand))):
            broken.add("titled_name")
        if any(self._is_in_position(stand, place, quiet) for place in range(len(stand))):
            broken.add("name_position")
        return tuple(sorted(broken))

    def _quiet(self, stand: Run) -> frozenset[int]:
        """The places of words that are, with those beside them, a name that may be shown."""
        quiet: set[int] = set()
        allowed = self.shown | self.words.known_runs
        longest = max((len(run) for run in allowed), default=0)
        for start in range(len(stand)):
            for length in range(1, min(longest, len(stand) - start) + 1):
                if any(run in allowed for run in product(*(word.keys for word in stand[start : start + length]))):
                    quiet.update(range(start, start + length))
        return frozenset(quiet)

    def _known(self, stand: Run, quiet: frozenset[int]) -> Iterator[str]:
        for start in range(len(stand)):
            for length in range(1, min(LONGEST_RUN, len(stand) - start) + 1):
                run = stand[start : start + length]
                if any(word.opens for word in run[1:]):
                    break  # a name does not go on in the next sentence
                if quiet.issuperset(range(start, start + length)) or not self._may_be_a_name(run):
                    continue
                for last in run[-1].keys:
                    yield from self.gazetteer.get(self.token_of("".join([*(word.key for word in run[:-1]), last])), ())

    def _may_be_a_name(self, run: Run) -> bool:
        """Ordinary words name somebody only where they are written as names are: see `ordinary` in `name_words.yaml`."""
        written_together = "".join(word.bare for word in run)
        if not all(self.words.is_ordinary(word.bare) for word in run) and not self.words.is_ordinary(written_together):
            return True
        if len(run) == 1:
            word = run[0]
            return word.is_capital and not word.opens and word.bare not in self.words.never_alone
        return all(word.is_capital for word in run)

    def _is_titled(self, stand: Run, place: int, quiet: frozenset[int]) -> bool:
        title, word = stand[place - 1], stand[place]
        if title.key not in self.words.titles or word.opens or place in quiet:
            return False
        if word.key == "i" or word.bare in self.words.never_alone:
            return False  # `my sister I could tell`, `the Nurse Teacher`
        # Whoever writes small letters writes `mrs hill` too; but `the nurse came` and `my aunt said` name nobody.
        return word.is_capital or (title.key in self.words.particles and not self.words.is_ordinary(word.bare))

    def _is_in_position(self, stand: Run, place: int, quiet: frozenset[int]) -> bool:
        word = stand[place]
        if not self._is_unknown(word) or place in quiet:
            return False
        before = stand[place - 1] if place and not word.opens else None
        after = stand[place + 1] if place + 1 < len(stand) and not stand[place + 1].opens else None
        if before is not None and (before.key in self.words.before_a_name or self._is_unknown(before)):
            return True
        if after is not None and (after.key in self.words.after_a_name or self._is_unknown(after)):
            return True
        return word.bare != word.key  # `Fenella's`

    def _is_unknown(self, word: TextWord) -> bool:
        return word.is_capital and not word.is_shouted and not self.words.is_ordinary(word.bare)


def shown_names(catalogue: Catalogue) -> frozenset[tuple[str, ...]]:
    """The words of every name that a release shows anyway: sites, areas of their footprints, activities and their aliases."""
    named: list[str] = []
    for site in catalogue.sites:
        named += [site.site, site.name, *re.split(r"[(),/]", site.name)]
    named += [area.area for area in catalogue.areas] + [venue.area for venue in catalogue.venues]
    for activity in catalogue.activities:
        named += [activity.name, activity.activity.replace("_", " ")]
    named += [alias.alias.replace("_", " ") for alias in catalogue.aliases]
    return frozenset(filter(None, (tuple(word.key for word in words_of(name)) for name in named)))


def read_gazetteer(intake: Intake) -> dict[str, frozenset[str]]:
    """Every token of every file that was ever taken in and read as today's contracts say, also of files that do not count.

    Whoever is named in an old or rejected return is a person all the same. A file that was erased has no receipt.
    """
    kinds_of_token: dict[str, set[str]] = {}
    catalogue, places = intake.catalogue, intake.settings.places
    for site, source in catalogue.sources:
        contract = catalogue.contract(site, source)
        digest = reading_digest(catalogue, site, contract, intake.rules, intake.pseudonyms, intake.mappings)
        for receipt in read_receipts(places, site, source, digest).values():
            if receipt.names is not None:
                table = read_parquet(places.gazetteer / receipt.names, columns=["kind", "token"])
                for kind, name in zip(*(column.to_pylist() for column in table.columns), strict=True):
                    kinds_of_token.setdefault(name, set()).add(kind)
    return {name: frozenset(kinds) for name, kinds in kinds_of_token.items()}


def load_finder(intake: Intake) -> Finder:
    """The finder of tonight.

    :raises ConfigurationError: where the word lists are wrong.
    :raises OSError: where a file of the gazetteer is missing: no text is published by a finder that does not know all names.
    """
    return Finder(
        words=load_words(),
        token_of=lambda key: token(intake.pseudonyms, key),
        gazetteer=read_gazetteer(intake),
        shown=shown_names(intake.catalogue),
    )
