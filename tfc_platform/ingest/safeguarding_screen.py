"""The safeguarding screen: which rules a free text sets off, and never a word of the text.

Deterministic: no model, no chance, no network. A negation never silences a rule. `docs/safeguarding.md` says what the screen
does and does not do.

The language of a pattern: words, phrases and `@groups`, of which `a|b` is either; `a ~3 b` at most three words between, in that
order; `a <3> b` the same in either order; `=word` spelt exactly so; `hit/s/ting` hit, hits, hitting. The end of a sentence
counts as two more words between. In a benign pattern, `[a] ~0 b` sets aside `a` alone where `b` comes next.
"""

from __future__ import annotations

import hashlib
import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import pairwise, product
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from tfc_platform.ingest.spelling import FUZZY_FROM, NEVER, Vocabulary, Word, words
from tfc_platform.ingest.word_patterns import LONGEST, Pattern, Span, Step, anchored, stand
from tfc_platform.settings import ConfigurationError
from tfc_platform.strict_yaml import describe_fault, file_label, parse_yaml

__all__ = ["RULES_FILE", "Benign", "RulesFile", "ScreenRule", "ScreenRules", "load_rules"]

RULES_FILE = Path(__file__).with_name("safeguarding_rules.yaml")

_OPERATOR = re.compile(r"(?<=\s)(~\d+|<\d+>)(?=\s)")
_REMEMBERED = 50_000


class _ScreenModel(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _lines(written: object) -> object:
    return [line.strip() for line in written.splitlines() if line.strip()] if isinstance(written, str) else written


Patterns = Annotated[list[str], BeforeValidator(_lines), Field(min_length=1)]
Reason = Annotated[str, Field(min_length=10)]


class ScreenRule(_ScreenModel):
    """One thing to look for. `id` is `topic.what`, the only thing that a flag says of the text."""

    id: Annotated[str, Field(pattern=r"^[a-z_]+\.[a-z_]+$")]
    reason: Reason
    patterns: Patterns


class Benign(_ScreenModel):
    """Ordinary turns of phrase. What a pattern names (or has in brackets) is set aside, never the rest of the text."""

    reason: Reason
    patterns: Patterns


class RulesFile(_ScreenModel):
    """The rules as people write them: see the head of `safeguarding_rules.yaml`."""

    version: int
    text_speak: dict[str, str]
    ordinary_words: list[str]
    groups: dict[str, list[str]]
    benign: list[Benign]
    rules: Annotated[list[ScreenRule], Field(min_length=1)]


def load_rules(path: Path | None = None) -> ScreenRules:
    """Read and compile the rules.

    :param path: another rules file than the package's own.
    :raises ConfigurationError: naming file and key: an unknown or repeated key, a group that does not exist, a pattern
        that does not compile.
    """
    file = path or RULES_FILE
    try:
        content = file.read_bytes()
    except OSError:
        raise ConfigurationError(f"{file_label(file)}: no such rules file can be read.") from None
    try:
        written = RulesFile.model_validate(parse_yaml(content, file_label(file), as_text=True))
        return ScreenRules(written, hashlib.sha256(content).hexdigest())
    except ValidationError as error:
        raise ConfigurationError(describe_fault(error, file_label(file))) from None
    except ValueError as error:
        raise ConfigurationError(f"{file_label(file)}: {error}.") from None


class ScreenRules:
    """Compiled rules. `screen` is the whole of its use; `digest` tells which version of the rules judged a text."""

    def __init__(self, written: RulesFile, digest: str) -> None:
        self.digest = digest
        self.version = written.version
        self.ids = tuple(sorted(rule.id for rule in written.rules))
        if len(set(self.ids)) < len(self.ids):
            raise ValueError("rules: an id is written twice")
        self.vocabulary = Vocabulary(frozenset(word for line in written.ordinary_words for word in line.split()))
        self._speak = {short: tuple(meaning.split()) for short, meaning in written.text_speak.items()}
        self._groups = written.groups
        self._used: set[str] = set()
        self._numbers: dict[str, int] = {}
        self._letters: dict[int, int] = {}
        self._words: defaultdict[int, list[int]] = defaultdict(list)  # a word to the groups that it stands for alone
        # Phrases by their first two words: few begin alike, and many begin with a word that is in every text.
        self._phrases: defaultdict[tuple[int, int], list[tuple[tuple[int, ...], int]]] = defaultdict(list)
        # The rules first: a word that only a benign phrase names is not looked for in misspellings.
        self._rules = self._by_anchor(
            self._compile(rule.id, text, f"rules.{rule.id}", FUZZY_FROM)
            for rule in written.rules
            for text in rule.patterns
        )
        self._benign = self._by_anchor(
            self._compile("", text, f"benign.{number}", NEVER)
            for number, benign in enumerate(written.benign)
            for text in benign.patterns
        )
        unused = next((name for name in written.groups if name not in self._used), None)
        if unused is not None:
            raise ValueError(f"groups.{unused} is used by no pattern")
        self._judged: dict[bytes, tuple[str, ...]] = {}

    @property
    def screen_id(self) -> str:
        """A short name of this version of the rules, for receipts."""
        return f"v{self.version}-{self.digest[:12]}"

    def screen(self, text: str) -> list[str]:
        """The ids of the rules that `text` sets off, sorted, each once; empty where none does. Texts are not kept."""
        key = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
        judged = self._judged.get(key)
        if judged is None:
            if len(self._judged) > _REMEMBERED:
                self._judged.clear()
            judged = self._judged[key] = self._judge(text)
        return list(judged)

    def _judge(self, text: str) -> tuple[str, ...]:
        found = words(text, self._speak)
        spans = self._spans(found)
        if not anchored(self._rules, spans):
            return ()  # as of nearly every text; what a benign phrase sets aside can only be less than stands there
        quiet = {
            place
            for sentence in _sentences(found, spans)
            for pattern in anchored(self._benign, sentence)
            for step, stands in zip(pattern.steps, stand(pattern.steps, sentence), strict=False)
            if step.set_aside
            for start, end in stands
            for place in range(start, end + 1)
        }
        if quiet:
            heard = {
                group: [span for span in places if quiet.isdisjoint(range(span[0], span[1] + 1))]
                for group, places in spans.items()
            }
            spans = {group: places for group, places in heard.items() if places}
        fired: set[str] = set()
        for pattern in anchored(self._rules, spans):
            if pattern.owner not in fired and stand(pattern.steps, spans):
                fired.add(pattern.owner)
        return tuple(sorted(fired))

    def _spans(self, found: list[Word]) -> dict[int, list[Span]]:
        """Where each group's words and phrases stand in the text, in order."""
        meant = self.vocabulary.meant_of(found)
        spans: defaultdict[int, set[Span]] = defaultdict(set)
        for index, candidates in enumerate(meant):
            if not candidates:
                continue
            place = found[index][1]
            # A phrase does not reach over the end of a sentence.
            after = meant[index + 1] if index + 1 < len(found) and found[index + 1][1] == place + 1 else ()
            for candidate in candidates:
                for group in self._words.get(candidate, ()):
                    spans[group].add((place, place))
                for second in after:
                    for phrase, group in self._phrases.get((candidate, second), ()):
                        last = index + len(phrase) - 1
                        if last >= len(found) or found[last][1] - place != last - index:
                            continue
                        if all(phrase[step] in meant[index + step] for step in range(2, len(phrase))):
                            spans[group].add((place, found[last][1]))
        return {group: sorted(places) for group, places in spans.items()}

    def _by_anchor(self, patterns: Iterable[Pattern]) -> dict[int, list[Pattern]]:
        """Patterns by the groups of their least ordinary element (the longest words): most texts hold few of these."""
        found: defaultdict[int, list[Pattern]] = defaultdict(list)
        for pattern in patterns:
            anchor = max(pattern.steps, key=lambda step: min(self._letters[group] for group in step.groups))
            for group in anchor.groups:
                found[group].append(pattern)
        return dict(found)

    def _compile(self, owner: str, written: str, key: str, fuzzy_from: int) -> Pattern:
        steps: list[Step] = []
        elements, operators = _OPERATOR.split(written)[::2], ["~0", *_OPERATOR.findall(written)]
        for element, operator in zip(elements, operators, strict=True):
            bracketed = element.strip().startswith("[") and element.strip().endswith("]")
            names = [" ".join(name.split()) for name in element.strip(" []").split("|")]
            if not all(names):
                raise ValueError(f"{key}: {written!r}: nothing stands before or after {operator} or a stroke")
            groups = frozenset(self._group(name, key, fuzzy_from) for name in names)
            steps.append(Step(groups, int(operator.strip("~<>")), operator[0] == "<", bracketed or "[" not in written))
        return Pattern(owner, tuple(steps))

    def _group(self, name: str, key: str, fuzzy_from: int) -> int:
        """The number of a group. What a pattern names itself is a group of its own, less readily read misspelt."""
        if name in self._numbers:
            return self._numbers[name]
        number = self._numbers[name] = len(self._numbers)
        named = name.startswith("@")
        phrases = list(self._members(name, key, ()) if named else product(*map(_forms, name.split())))
        self._letters[number] = min(sum(map(len, phrase)) for phrase in phrases)
        for phrase in phrases:
            if len(phrase) > LONGEST:
                raise ValueError(f"{key}: {' '.join(phrase)!r} has more than {LONGEST} words")
            try:
                numbers = tuple(self.vocabulary.add(word, fuzzy_from if named else fuzzy_from + 1) for word in phrase)
            except ValueError as error:
                raise ValueError(f"{key}: {error}") from None
            if len(numbers) == 1:
                if number not in self._words[numbers[0]]:
                    self._words[numbers[0]].append(number)
            elif (numbers, number) not in self._phrases[numbers[0], numbers[1]]:
                self._phrases[numbers[0], numbers[1]].append((numbers, number))
        return number

    def _members(self, name: str, key: str, within: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
        """The phrases of `@name`, with those of the groups that it names."""
        if name in within:
            raise ValueError(f"{key}: {name} is made of itself")
        self._used.add(name[1:])
        lines = self._groups.get(name[1:])
        if not lines:
            raise ValueError(f"{key}: there is no group {name}, or nothing is in it")
        for entry in (part.strip() for line in lines for part in line.split(",")):
            if entry.startswith("@"):
                yield from self._members(entry, key, (*within, name))
            elif not entry:
                raise ValueError(f"{key}: {name} has an empty entry")
            else:
                yield from product(*map(_forms, entry.split()))


def _sentences(found: list[Word], spans: dict[int, list[Span]]) -> list[dict[int, list[Span]]]:
    """What stands in each sentence: an ordinary phrase sets nothing aside in the sentence after it."""
    starts = [after for (_, before), (_, after) in pairwise(found) if after > before + 1]
    if not starts:
        return [spans]
    parts: list[dict[int, list[Span]]] = [{} for _ in range(len(starts) + 1)]
    for group, places in spans.items():
        for span in places:
            parts[bisect_right(starts, span[0])].setdefault(group, []).append(span)
    return parts


def _forms(word: str) -> list[str]:
    stem, *endings = word.split("/")
    return [stem, *(stem + ending for ending in endings)]
