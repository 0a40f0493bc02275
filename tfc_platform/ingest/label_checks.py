"""Whether a statistical file's own value labels contradict the contract and the codebook: its scale may run the other way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from tfc_platform.contracts.codebooks import Codebook
from tfc_platform.contracts.model import normal
from tfc_platform.ingest.file_context import FileContext
from tfc_platform.ingest.header_fields import SheetLayout
from tfc_platform.ingest.ingest_result import Fault
from tfc_platform.ingest.survey_answers import code_set
from tfc_platform.sheets.sheet_model import Variable

__all__ = ["label_fault"]


def _contradiction(
    variable: Variable, values: Mapping[str, int], labels: Mapping[int, str]
) -> tuple[str, str, str] | None:
    """The first code whose label in the file is the codebook's label of another value: the code, and what both say it means.

    :param values: code → value on the codebook's scale, as the contract has it.
    :param labels: value → label, as the codebook has it.
    """
    value_of = {normal(label): value for value, label in labels.items()}
    for code, label in variable.codes.items():
        value, labelled = values.get(normal(code)), value_of.get(normal(label))
        if value is not None and labelled is not None and value != labelled:
            return code, label, labels.get(value, str(value))
    return None


def label_fault(
    variables: Iterable[Variable], layouts: Iterable[SheetLayout], file: FileContext, codebooks: Iterable[Codebook]
) -> Fault | None:
    """Why a file is refused for what its labels say of its codes, or None.

    A label in other words than the codebook's says nothing.
    """
    survey, by_name = file.contract.survey, {variable.name: variable for variable in variables}
    if survey is None or not any(variable.codes for variable in by_name.values()):
        return None
    books = {book.instrument: book for book in codebooks}
    for layout in layouts:
        for group, places in layout.items:
            book, codes = books.get(group.instrument or survey.instrument), code_set(group, file.facts)
            values = {normal(code): value for code, value in codes.values.items()} if codes else {}
            for item, index in places.items():
                variable = by_name.get(layout.names[index])
                if book is None or variable is None or item not in book.items:
                    continue
                found = _contradiction(variable, values, book.responses[book.items[item].response].labels)
                if found is not None:
                    code, label, meant = found
                    return "contradicting_labels", (
                        f"The file's own labels contradict the contract: in the column “{layout.name(index)}” the code {code} is"
                        f" labelled “{label}”, and this return is read with {code} as “{meant}”. Nobody can tell which is right:"
                        " export it as before, or ask the central team to change the contract."
                    )
    return None
