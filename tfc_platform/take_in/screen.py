"""The safeguarding screen: which rules a free text sets off, and never a word of the text.

Belongs here: how a text becomes words (spelling, text-speak, misspellings) and how the rules' small language is matched.
Does not belong: what is looked for, which is `safeguarding_rules.yaml` alone, nor what becomes of a flag. Deterministic: no
model, no chance, no network. A negation never silences a rule. `docs/safeguarding.md` says what it does and does not do.

The language of a pattern: words, phrases and `@groups`, of which `a|b` is either; `a ~3 b` at most three words between, in
that order; `a <3> b` the same in either order; `=word` spelt exactly so; `hit/s/ting` hit, hits, hitting. The end of a
sentence counts as two more words between. In a benign pattern, `[a] ~0 b` sets aside `a` alone where `b` comes next.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from rapidfuzz.distance import OSA

from tfc_platform.settings import ConfigurationError

__all__ = ["RULES_FILE", "Benign", "Rule", "Rules", "RulesFile", "load_rules"]

RULES_FILE = Path(__file__).with_name("safeguarding_rules.yaml")

_SHAPES = str.maketrans({"’": "'", "‘": "'", "`": "'", "´": "'", "ʼ": "'", "′": "'", "ł": "l", "ø": "o", "æ": "ae"})
_ADDRESS = re.compile(r"\S+@\S+\.\w+|https?://\S+")
_CONTRACTION = re.compile(r"\b(i|you|he|she|it|we|they|who|that|there)'(?:d|ll|re|ve|s|m)\b")
_OPERATOR = re.compile(r"(?<=\s)(~\d+|<\d+>)(?=\s)")
_TOKEN = re.compile(r"[a-z0-9]+(?:[*@$]+[a-z0-9]+)*|[.!?;\n]+")
_RUN = re.compile(r"(.)\1{2,}")
_LOOKALIKE = str.maketrans("013457@$", "oieastas")
_SENTENCE_END = 2
_LONGEST = 8  # words in a phrase
_FAR = 2**62
_FUZZY_FROM, _FUZZY_TWICE_FROM = 4, 9  # letters: shorter words have too many neighbours that are other words
_NEVER = 99
_REMEMBERED = 50_000

Span = tuple[int, int]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _lines(written: object) -> object:
    return [line.strip() for line in written.splitlines() if line.strip()] if isinstance(written, str) else written


Patterns = Annotated[list[str], BeforeValidator(_lines), Field(min_length=1)]
Reason = Annotated[str, Field(min_length=10)]


class Rule(_Strict):
    """One thing to look for. `id` is `topic.what`, the only thing that a flag says of the text."""

    id: Annotated[str, Field(pattern=r"^[a-z_]+\.[a-z_]+$")]
    reason: Reason
    patterns: Patterns


class Benign(_Strict):
    """Ordinary turns of phrase. Only what a pattern names (or has in brackets) is set aside, never the rest of the text."""

    reason: Reason
    patterns: Patterns


class RulesFile(_Strict):
    """The rules as people write them: see the head of `safeguarding_rules.yaml`."""

    version: int
    text_speak: dict[str, str]
    ordinary_words: list[str]
    groups: dict[str, list[str]]
    benign: list[Benign]
    rules: Annotated[list[Rule], Field(min_length=1)]


@dataclass(frozen=True)
class _Step:
    """One element of a pattern: what may stand there, and how far from the element before it."""

    groups: frozenset[int]
    gap: int
    either_side: bool
    set_aside: bool = False


class _Loader(getattr(yaml, "CBaseLoader", yaml.BaseLoader)):  # type: ignore[misc]
    """Every scalar stays text ('no' and 'off' are words here), and a key written twice is refused, not lost."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        keys = [key.value for key, _ in node.value]
        twice = next((key for key in keys if keys.count(key) > 1), None)
        if twice is not None:
            raise ValueError(f"{twice} is written twice")
        return super().construct_mapping(node, deep)  # type: ignore[no-any-return]


def load_rules(path: Path | None = None) -> Rules:
    """Read and compile the rules.

    :param path: another rules file than the package's own.
    :raises ConfigurationError: naming file and key: an unknown or repeated key, a group that does not exist, a pattern that
        does not compile.
    """
    file = path or RULES_FILE
    where = f"{file.parent.name}/{file.name}"
    try:
        content = file.read_bytes()
        written = RulesFile.model_validate(yaml.load(content, Loader=_Loader))  # noqa: S506 (a BaseLoader: text only)
        return Rules(written, hashlib.sha256(content).hexdigest())
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"]) or "(the whole file)"
        raise ConfigurationError(f"{where}: {key}: {first['msg']}") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f" line {mark.line + 1}" if mark is not None else ""
        raise ConfigurationError(f"{where}:{line} is not YAML that can be read.") from None
    except OSError:
        raise ConfigurationError(f"{where}: no such rules file can be read.") from None
    except ValueError as error:
        raise ConfigurationError(f"{where}: {error}.") from None


class Vocabulary:
    """The rules' words, and which of them a written word may be meant for.

    Misspellings are found by deletion neighbours: two words one slip apart share a form with one letter left out.
    """

    def __init__(self, ordinary: frozenset[str]) -> None:
        self._ids: dict[str, int] = {}
        self._lenient: set[str] = set()
        self._ordinary = ordinary
        self._seen: dict[str, tuple[int, ...]] = {}

    def add(self, word: str, fuzzy_from: int) -> int:
        """The number of a word as the rules write it; `=` before it means: no misspelling of it.

        :param fuzzy_from: how many letters the word must have for its misspellings to be looked for.
        """
        plain = word.removeprefix("=")
        if not re.fullmatch(r"[a-z0-9]+", plain):
            raise ValueError(f"{word!r} is not a word in small plain letters")
        if not word.startswith("=") and len(plain) >= fuzzy_from:
            self._lenient.add(plain)
        return self._ids.setdefault(plain, len(self._ids))

    @cached_property
    def _neighbours(self) -> dict[str, list[str]]:
        found: defaultdict[str, list[str]] = defaultdict(list)
        for word in sorted(self._lenient):
            for form in _shorter(word, 2 if len(word) >= _FUZZY_TWICE_FROM else 1):
                found[form].append(word)
        return dict(found)

    def meant(self, token: str) -> tuple[int, ...]:
        """The numbers of the words that `token` may be; none for most tokens."""
        known = self._seen.get(token)
        if known is None:
            if len(self._seen) > _REMEMBERED:
                self._seen.clear()
            known = self._seen[token] = tuple(sorted(self._ids[word] for word in self._candidates(token)))
        return known

    def _candidates(self, token: str) -> set[str]:
        if token in self._ids:
            return {token}
        if token in self._ordinary or token.isdigit():
            return set()
        if "*" in token:
            masked = re.compile(re.escape(token).replace(r"\*", "[a-z]"))
            return {word for word in self._lenient if masked.fullmatch(word)}
        # "hiiiit" may be "hit", "hittt" too; "h1t" is "hit".
        forms = {_RUN.sub(r"\1\1", token), _RUN.sub(r"\1", token), token.translate(_LOOKALIKE)}
        exact = {form for form in forms if form in self._ids}
        if exact or len(token) < _FUZZY_FROM or any(letter.isdigit() for letter in token):
            return exact
        return {word for form in forms for word in self._near(form)}

    def _near(self, form: str) -> set[str]:
        near = set()
        reach = 2 if len(form) >= _FUZZY_TWICE_FROM - 2 else 1
        for key in _shorter(form, reach):
            for word in self._neighbours.get(key, ()):
                most = 2 if len(word) >= _FUZZY_TWICE_FROM else 1
                # A slip seldom falls on the first letter, and "beat" must not be found in "seat".
                begins = form[0] == word[0] or sorted(form[:2]) == sorted(word[:2])
                # Among four-letter words too many are one letter apart ("home", "hope"): two letters in the wrong order only.
                swapped = len(word) > _FUZZY_FROM or sorted(form) == sorted(word)
                if begins and swapped and OSA.distance(form, word, score_cutoff=most) <= most:
                    near.add(word)
        return near


def _shorter(word: str, most: int) -> set[str]:
    """The word and all forms of it with up to `most` letters left out."""
    forms = {word}
    for _ in range(most):
        forms |= {form[:place] + form[place + 1 :] for form in forms for place in range(len(form))}
    return forms


class Rules:
    """Compiled rules. `screen` is the whole of its use; `digest` tells which version of the rules judged a text."""

    def __init__(self, written: RulesFile, digest: str) -> None:
        self.digest = digest
        self.version = written.version
        self.ids = tuple(sorted(rule.id for rule in written.rules))
        if len(set(self.ids)) < len(self.ids):
            raise ValueError("rules: an id is written twice")
        self._written = written
        self._speak = {short: _words(meaning) for short, meaning in written.text_speak.items()}
        self._vocabulary = Vocabulary(frozenset(word for line in written.ordinary_words for word in line.split()))
        self._group_ids: dict[str, int] = {}
        self._within: set[str] = set()
        self._first: defaultdict[int, list[tuple[tuple[int, ...], int]]] = defaultdict(list)
        # The rules first: a word that only a benign phrase names is not looked for in misspellings.
        self._rules = [
            (rule.id, [self._compile(text, f"rules.{rule.id}", _FUZZY_FROM) for text in rule.patterns])
            for rule in written.rules
        ]
        self._benign = [
            self._compile(text, f"benign.{number}", _NEVER) for number, item in enumerate(written.benign) for text in item.patterns
        ]
        unused = next((name for name in written.groups if name not in self._within), None)
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

    def words(self, text: str) -> list[tuple[str, int]]:
        """The words of a text with their places, as the rules see them: plain letters, text-speak written out."""
        plain = unicodedata.normalize("NFKC", text).casefold().translate(_SHAPES)
        plain = "".join(
            letter for letter in unicodedata.normalize("NFKD", plain) if unicodedata.category(letter) not in ("Mn", "Cf")
        )
        plain = _CONTRACTION.sub(r"\1", _ADDRESS.sub(" ", plain)).replace("'", "")
        found, place = [], 0
        for token in _TOKEN.findall(plain):
            if token[0] in ".!?;\n":
                place += _SENTENCE_END
                continue
            for word in self._speak.get(token, (token,)):
                found.append((word, place))
                place += 1
        return found

    def _judge(self, text: str) -> tuple[str, ...]:
        spans = self._spans(self.words(text))
        if not spans:
            return ()
        quiet = {
            place
            for steps in self._benign
            for chain in _chains(steps, spans)
            for step, (start, end) in zip(steps, chain, strict=True)
            if step.set_aside
            for place in range(start, end + 1)
        }
        if quiet:
            spans = {
                group: kept
                for group, all_of in spans.items()
                if (kept := [span for span in all_of if quiet.isdisjoint(range(span[0], span[1] + 1))])
            }
        return tuple(
            sorted(
                rule
                for rule, patterns in self._rules
                if any(next(_chains(steps, spans), None) is not None for steps in patterns)
            )
        )

    def _spans(self, words: list[tuple[str, int]]) -> dict[int, list[Span]]:
        """Where each group's words and phrases stand in the text."""
        meant = [self._vocabulary.meant(word) for word, _ in words]
        found: defaultdict[int, set[Span]] = defaultdict(set)
        for index, candidates in enumerate(meant):
            for candidate in candidates:
                for phrase, group in self._first.get(candidate, ()):
                    last = index + len(phrase) - 1
                    if last < len(words) and all(
                        wanted in meant[index + step] for step, wanted in enumerate(phrase) if step
                    ):
                        # A phrase does not reach over the end of a sentence.
                        if words[last][1] - words[index][1] == len(phrase) - 1:
                            found[group].add((words[index][1], words[last][1]))
        return {group: sorted(places) for group, places in found.items()}

    def _compile(self, pattern: str, key: str, fuzzy_from: int) -> tuple[_Step, ...]:
        steps: list[_Step] = []
        elements, operators = _OPERATOR.split(pattern)[::2], _OPERATOR.findall(pattern)
        for element, operator in zip(elements, ["~0", *operators], strict=True):
            bracketed = element.strip().startswith("[") and element.strip().endswith("]")
            names = [" ".join(name.split()) for name in element.strip(" []").split("|")]
            if not all(names):
                raise ValueError(f"{key}: {pattern!r}: nothing stands before or after {operator} or a stroke")
            groups = frozenset(self._group(name, key, fuzzy_from) for name in names)
            steps.append(_Step(groups, int(operator.strip("~<>")), operator[0] == "<", bracketed or "[" not in pattern))
        return tuple(steps)

    def _group(self, name: str, key: str, fuzzy_from: int) -> int:
        """The number of a group; what a pattern names itself is a group of its own, and must be longer to be read misspelt."""
        if name in self._group_ids:
            return self._group_ids[name]
        number = self._group_ids[name] = len(self._group_ids)
        if not name.startswith("@"):
            fuzzy_from += 1
        phrases = self._phrases(name, key, ()) if name.startswith("@") else product(*map(_forms, name.split()))
        for phrase in phrases:
            try:
                numbers = tuple(self._vocabulary.add(word, fuzzy_from) for word in phrase)
                if len(numbers) > _LONGEST:
                    raise ValueError(f"{name} has a phrase of more than {_LONGEST} words")
            except ValueError as error:
                raise ValueError(f"{key}: {error}") from None
            if (numbers, number) not in self._first[numbers[0]]:
                self._first[numbers[0]].append((numbers, number))
        return number

    def _phrases(self, name: str, key: str, within: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
        """The phrases of `@name`, with those of the groups that it names: `hit/s/ting` is hit, hits, hitting."""
        if name in within:
            raise ValueError(f"{key}: {name} is made of itself")
        self._within.add(name[1:])
        lines = self._written.groups.get(name[1:])
        if not lines:
            raise ValueError(f"{key}: there is no group {name}, or nothing is in it")
        for entry in (part.strip() for line in lines for part in line.split(",")):
            if entry.startswith("@"):
                yield from self._phrases(entry, key, (*within, name))
            elif not entry:
                raise ValueError(f"{key}: {name} has an empty entry")
            else:
                yield from product(*(_forms(word) for word in entry.split()))


def _forms(word: str) -> list[str]:
    stem, *endings = word.split("/")
    return [stem, *(stem + ending for ending in endings)]


def _words(meaning: str) -> tuple[str, ...]:
    return tuple(meaning.split())


def _chains(steps: tuple[_Step, ...], spans: dict[int, list[Span]]) -> Iterator[tuple[Span, ...]]:
    """Every way in which a pattern's elements stand in the text, as the places of each."""
    present = spans.keys()
    if any(step.groups.isdisjoint(present) for step in steps):
        return
    choices = [sorted({span for group in step.groups for span in spans.get(group, ())}) for step in steps]
    chains: list[tuple[Span, ...]] = [(span,) for span in choices[0]]
    for step, candidates in zip(steps[1:], choices[1:], strict=True):
        chains = [(*chain, span) for chain in chains for span in _within(step, chain[-1], candidates)]
        if not chains:
            return
    yield from chains


def _within(step: _Step, before: Span, candidates: list[Span]) -> Iterator[Span]:
    """Those of `candidates` (sorted) that stand near enough to the place `before`. A text may be a whole book: bisected."""
    first = before[0] - step.gap - _LONGEST if step.either_side else before[1] + 1
    last = before[1] + 1 + step.gap
    for start, end in candidates[bisect_left(candidates, (first, 0)) : bisect_right(candidates, (last, _FAR))]:
        if start > before[1] or (end < before[0] and before[0] - end - 1 <= step.gap):
            yield start, end
