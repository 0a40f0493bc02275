"""Check codebooks, contracts and comparability against each other, and give the codebooks as reference tables of the lake."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

from tfc_platform.contracts.answer_codes import AnswerGroup, Choices
from tfc_platform.contracts.codebooks import Codebook, Comparability
from tfc_platform.contracts.model import Contract
from tfc_platform.contracts.names import can_meet
from tfc_platform.contracts.parse import read_list, read_one
from tfc_platform.contracts.reference import Site
from tfc_platform.settings import ConfigurationError

__all__ = ["check_survey", "codebook_rows", "read_codebooks", "read_comparability"]


def read_codebooks(paths: Iterable[Path]) -> dict[str, Codebook]:
    """The codebooks of all folders, by instrument.

    :raises ConfigurationError: naming file and key, also where two files are of one instrument.
    """
    by_instrument: dict[str, Codebook] = {}
    files: dict[str, str] = {}
    for path in paths:
        codebook, name = read_one(path, Codebook), f"{path.parent.name}/{path.name}"
        if codebook.instrument in by_instrument:
            other = files[codebook.instrument]
            raise ConfigurationError(f"{name}: instrument: {codebook.instrument!r} has a codebook already, {other}.")
        by_instrument[codebook.instrument], files[codebook.instrument] = codebook, name
    return by_instrument


def read_comparability(
    paths: Iterable[Path], codebooks: Mapping[str, Codebook], sites: Iterable[Site]
) -> list[Comparability]:
    """What is known to be comparable or not, of all folders.

    :raises ConfigurationError: naming file and key: an instrument, indicator or site that is nowhere.
    """
    known = {site.site for site in sites}
    rows = []
    for path in paths:
        for number, row in enumerate(read_list([path], Comparability)):
            where = f"{path.parent.name}/{path.name}: {number}"
            codebook = codebooks.get(row.instrument)
            if codebook is None:
                raise ConfigurationError(f"{where}.instrument: {row.instrument!r} has no codebook.")
            if row.indicator is not None and row.indicator not in codebook.indicators:
                raise ConfigurationError(
                    f"{where}.indicator: {row.indicator!r} is neither an indicator nor a scale of {row.instrument}."
                )
            if row.site is not None and row.site not in known:
                raise ConfigurationError(f"{where}.site: {row.site!r} is in no sites.yaml.")
            rows.append(row)
    return rows


def check_survey(name: str, contract: Contract, codebooks: Mapping[str, Codebook]) -> None:
    """Refuse a survey whose answers its codebooks do not know: they would be taken in and never be in any figure.

    :param name: of the contract's file, for the message.
    :raises ConfigurationError: naming file and key.
    """
    survey = contract.survey
    if survey is None:
        return
    if survey.instrument not in codebooks:
        raise ConfigurationError(f"{name}: survey.instrument: {survey.instrument!r} has no codebook.")
    for key, question in survey.keyed:
        where = f"{name}: survey.{key}"
        if question.instrument is not None and question.instrument not in codebooks:
            raise ConfigurationError(f"{where}.instrument: {question.instrument!r} has no codebook.")
        _check_items(where, question, codebooks[question.instrument or survey.instrument])
    for one, other in combinations(survey.questions, 2):
        first, second = (question.instrument or survey.instrument for question in (one, other))
        if first == second or not can_meet(one.when, other.when):
            continue
        both = sorted(codebooks[first].indicators & codebooks[second].indicators)
        if both:
            raise ConfigurationError(
                f"{name}: survey: {both[0]!r} is an indicator of both {first} and {second}, in one file."
            )


def _check_items(where: str, question: AnswerGroup | Choices, codebook: Codebook) -> None:
    for item in question.items:
        if item not in codebook.items:
            key = "" if isinstance(question, Choices) else ".items"
            raise ConfigurationError(f"{where}{key}: {item!r} is not an item of {codebook.instrument}.")
        lowest, highest = codebook.points(item)
        if isinstance(question, Choices):
            if (lowest, highest) != (0, 1):
                raise ConfigurationError(
                    f"{where}: an option is chosen (1) or not (0), and {item} is answered from {lowest} to {highest}."
                )
            continue
        for codes in question.codes:
            for cell, value in codes.values.items():
                if not lowest <= value <= highest:
                    raise ConfigurationError(
                        f"{where}.codes: {cell!r} means {value}, and {item} is answered from {lowest} to {highest}."
                    )


Rows = dict[str, list[dict[str, Any]]]


def codebook_rows(codebooks: Iterable[Codebook], comparability: Sequence[Comparability]) -> Rows:
    """The rows of each reference table that codebooks fill, by its name."""
    rows: Rows = {
        "ref_instrument": [],
        "ref_item": [],
        "ref_scale": [],
        "ref_scale_member": [],
        "ref_score_table": [],
        "ref_band": [],
        "ref_comparability": [row.model_dump() for row in comparability],
    }
    for codebook in codebooks:
        rows["ref_instrument"].append(codebook.model_dump())
        rows["ref_item"] += _items(codebook)
        for code, scale in codebook.scales.items():
            one = {"instrument": codebook.instrument, "scale": code}
            lowest, highest = scale.range
            rows["ref_scale"].append(
                {**scale.model_dump(), **one, "members": len(scale.members), "minimum": lowest, "maximum": highest}
            )
            kind = "scale" if scale.method == "sum_of_scales" else "item"
            rows["ref_scale_member"] += [{**one, "member": member, "kind": kind} for member in scale.members]
            rows["ref_score_table"] += [{**one, "raw": raw, "score": score} for raw, score in scale.table.items()]
            for banding, bands in scale.bands.items():
                upwards = sorted(bands, key=lambda band: band.lowest)
                rows["ref_band"] += [
                    {**one, "banding": banding, "position": position, **band.model_dump()}
                    for position, band in enumerate(upwards, start=1)
                ]
    return rows


def _items(codebook: Codebook) -> list[dict[str, Any]]:
    rows = []
    for code, item in codebook.items.items():
        response = codebook.responses[item.response]
        rows.append(
            {
                "instrument": codebook.instrument,
                "item": code,
                "constructs": list(item.constructs),
                "wording": item.wording,
                "minimum": response.minimum,
                "maximum": response.maximum,
                "is_reversed": code in codebook.reversed,
                "positive_from": response.positive_from,
                "dont_know_in_base": item.dont_know == "not_positive",
            }
        )
    return rows
