"""What a reader calls the codes: from contracts, and no word of an instrument that may not be reproduced."""

from __future__ import annotations

import json
from dataclasses import replace

from tfc_platform.contracts.catalogue import load_catalogue
from tfc_platform.contracts.model import Choices
from tfc_platform.publication.publication_register import load_register
from tfc_platform.release.labels import release_labels


def test_names_come_from_the_contracts_in_their_order() -> None:
    catalogue = load_catalogue()
    labels = release_labels(catalogue, load_register())
    assert [item["site"] for item in labels["sites"]] == [site.site for site in catalogue.sites]
    for activity in catalogue.activities:
        assert labels["activities"][activity.site][activity.activity] == activity.name
    assert labels["units"]["delivery"]["sessions_delivered"] == "sessions"
    assert labels["units"]["reach"]["attendances_low"] == "attendances"
    assert json.loads(json.dumps(labels)) == labels, "a manifest is JSON"


def test_wording_stands_only_where_the_codebook_may_reproduce_it() -> None:
    catalogue = load_catalogue()
    labels = release_labels(catalogue, load_register())["indicators"]
    for book in catalogue.codebooks:
        for code in book.indicators & set(book.items):
            assert ("wording" in labels[code]) == (
                book.wording != "not_reproduced" and book.items[code].wording is not None
            )
            assert labels[code]["reversed"] == (code in book.reversed)


def test_an_option_is_chosen_and_not_agreed_with() -> None:
    catalogue = load_catalogue()
    contract = next(contract for contract in catalogue.contracts if contract.survey)
    assert contract.survey is not None
    question = Choices.model_validate({"columns": {"K1": "Q/K1"}, "blank": "not_asked"})
    asked = contract.model_copy(update={"survey": contract.survey.model_copy(update={"choices": (question,)})})
    options = []
    for found in (catalogue, replace(catalogue, contracts=(asked,))):
        labels = release_labels(found, load_register())["indicators"]
        options.append({code for code, said in labels.items() if said.get("option")})
    assert options == [set(), {"K1"}]


def test_of_a_code_that_two_codebooks_use_only_what_both_say_is_told() -> None:
    catalogue = load_catalogue()
    book = next(book for book in catalogue.codebooks if any(item.wording for item in book.items.values()))
    code = next(code for code in book.items if code in book.indicators and book.items[code].wording)
    item = book.items[code].model_copy(update={"wording": "Something else."})
    other = book.model_copy(update={"instrument": "another", "items": {**book.items, code: item}})
    labels = release_labels(replace(catalogue, codebooks=(book, other)), load_register())["indicators"]
    assert "wording" not in labels[code]
    assert labels[code]["kind"] == "item"
    same = next(name for name in book.items if name != code and name in book.indicators)
    assert labels[same]["wording"] == book.items[same].wording
