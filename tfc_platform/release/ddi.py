"""The instruments of the surveys as a DDI-Codebook 2.5 document. It holds no answer.

An item's words are in it only where its codebook holds them, which it does only where the licence allows (docs/codebooks.md).
The order of elements within their parent is that of the published schema, which requires it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from xml.etree import ElementTree as ET  # only written with, never given a file to parse

from tfc_platform.contracts.catalogue import Catalogue
from tfc_platform.contracts.codebooks import Codebook, Item, Response, Scale
from tfc_platform.contracts.model import Contract
from tfc_platform.release.description import ReleaseDescription

__all__ = ["NAMESPACE", "codebook_document"]

NAMESPACE = "ddi:codebook:2_5"
MISSING = {
    "dont_know": "Don't know",
    "prefer_not": "Prefer not to say",
    "unanswered": "Not answered",
    "not_asked": "Not asked",
    "invalid": "A code that nobody knows",
}
_METHODS = {
    "mean_rescaled": "The mean of the answered items, as a share of what it can be: "
    "(mean - minimum) / (maximum - minimum) x 100.",
    "sum_table": "The sum of the items, through a published table, for each person.",
    "sum_prorated": "The mean of the answered items, times the number of items.",
    "single_item": "The answer to the item.",
    "sum_of_scales": "The sum of the scales, all of which have a score.",
}


def codebook_document(catalogue: Catalogue, description: ReleaseDescription) -> str | None:
    """The document; none where no contract is a survey. The same catalogue gives the same text."""
    surveys = [contract for contract in catalogue.contracts if contract.survey is not None]
    if not surveys:
        return None
    root = ET.Element("codeBook", {"xmlns": NAMESPACE, "version": "2.5", "xml:lang": description.language})
    title = f"{description.publisher.name}: instruments of the surveys"
    _citation(_sub(root, "docDscr"), f"Codebook. {title}", description)
    _study(_sub(root, "stdyDscr"), title, catalogue, surveys, description)
    data = _sub(root, "dataDscr")
    used = _used(surveys)
    books = [book for book in catalogue.codebooks if book.instrument in used]
    for book in books:
        _group(data, book)
    for book in books:
        for code, item in book.items.items():
            _item(data, book, code, item, used[book.instrument])
        for code, scale in book.scales.items():
            _scale(data, book, code, scale)
    ET.indent(root, " ")
    return ET.tostring(root, encoding="unicode", xml_declaration=False) + "\n"


def _sub(parent: ET.Element, tag: str, text: str | None = None, **attributes: str) -> ET.Element:
    element = ET.SubElement(parent, tag, attributes)
    element.text = text
    return element


def _citation(parent: ET.Element, title: str, description: ReleaseDescription) -> None:
    citation = _sub(parent, "citation")
    _sub(_sub(citation, "titlStmt"), "titl", title)
    responsible = _sub(citation, "rspStmt")
    for contributor in description.contributors:
        _sub(responsible, "othId", contributor.title, role=contributor.role)
    _sub(_sub(citation, "prodStmt"), "producer", description.publisher.name)


def _study(
    study: ET.Element, title: str, catalogue: Catalogue, surveys: list[Contract], description: ReleaseDescription
) -> None:
    _citation(study, title, description)
    about = _sub(study, "stdyInfo")
    subject = _sub(about, "subject")
    for keyword in description.keywords:
        _sub(subject, "keyword", keyword)
    _sub(
        about,
        "abstract",
        "Surveys of the programme's sites. Each site asks with a tool of its own; contracts say how its codes are read.",
    )
    scope = _sub(about, "sumDscr")
    for nation in dict.fromkeys(site.nation for site in catalogue.sites):
        _sub(scope, "nation", nation)
    for site in catalogue.sites:
        _sub(scope, "geogCover", site.name)
    _sub(scope, "anlyUnit", "Individual")
    for population in dict.fromkeys(part for contract in surveys for part in _populations(contract)):
        _sub(scope, "universe", population.replace("_", " "))
    _sub(scope, "dataKind", "Survey data")
    _method(_sub(_sub(study, "method"), "dataColl"), surveys)
    use = _sub(_sub(study, "dataAccs"), "useStmt")
    _sub(use, "restrctn", "Answers are never released; a release holds estimates alone, by its disclosure policy.")
    _sub(use, "conditions", description.licence.title)


def _method(collection: ET.Element, surveys: list[Contract]) -> None:
    """Repeated elements, one a site, in the order in which the schema has them."""
    for contract in surveys:
        panel = _where(contract, "panel_id")
        text = f"repeated cross-sections; a panel, linked by a key, {panel}" if panel else "repeated cross-sections"
        _sub(collection, "timeMeth", f"{_sites(contract)}: {text}.")
    for contract in surveys:
        _sub(collection, "dataCollector", f"{_sites(contract)}: {contract.owner}.")
    for contract in surveys:
        due = "; ".join(f"{key} by {day.isoformat()}" for key, day in contract.expects.returns.items())
        if due:
            _sub(collection, "frequenc", f"{_sites(contract)}: returns are due {due}.")
    for contract in surveys:
        design = [f"{name} {where}" for name in ("stratum", "cluster") if (where := _where(contract, name))]
        text = (
            "known to the platform: " + ", ".join(design)
            if design
            else "no strata or clusters are known to the platform"
        )
        _sub(collection, "sampProc", f"{_sites(contract)}: {text}. How people were chosen the contracts do not say.")
    for contract in surveys:
        assert contract.survey is not None
        _sub(collection, "collMode", f"{_sites(contract)}: {contract.survey.tool}. {contract.description}")
    for contract in surveys:
        assert contract.survey is not None
        names = dict.fromkeys(group.instrument or contract.survey.instrument for group in contract.survey.questions)
        _sub(collection, "resInstru", f"{_sites(contract)}: {', '.join(names)}.")
    for contract in surveys:
        where = _where(contract, "weight")
        _sub(
            collection, "weight", f"{_sites(contract)}: {f'a weight of the return {where}' if where else 'no weight'}."
        )


def _sites(contract: Contract) -> str:
    return ", ".join(contract.sites)


def _where(contract: Contract, field: str) -> str:
    """In which returns a field is there, or nothing where it is in none."""
    columns = [column for name, column in contract.columns.items() if name.split("@")[0] == field]
    if not columns:
        return ""
    parts = [
        f"{key} {', '.join([value] if isinstance(value, str) else value)}"
        for column in columns
        for key, value in column.when.items()
    ]
    return f"({'; '.join(parts).replace('_', ' ')})" if parts else "(all)"


def _populations(contract: Contract) -> Iterator[str]:
    """Those that the contract's returns name; none where it lists no returns."""
    assert contract.survey is not None
    if "{" not in contract.survey.population:
        yield contract.survey.population
    for key in contract.expects.returns:
        if contract.survey.population == "{population}" and contract.identity.key.startswith("{population} "):
            yield key.rsplit(" ", 1)[0]


def _used(surveys: Iterable[Contract]) -> dict[str, dict[str, None]]:
    """By instrument the missing answers that some contract knows, and those that the platform gives itself."""
    by_instrument: dict[str, dict[str, None]] = {}
    for contract in surveys:
        assert contract.survey is not None
        for group in contract.survey.questions:
            kinds = by_instrument.setdefault(group.instrument or contract.survey.instrument, {})
            kinds.update(dict.fromkeys(group.reasons))
    return by_instrument


def _id(book: Codebook, code: str) -> str:
    return f"{book.instrument}.{code}"


def _group(data: ET.Element, book: Codebook) -> None:
    members = " ".join(_id(book, code) for code in [*book.items, *book.scales])
    group = _sub(data, "varGrp", ID=f"{book.instrument}.all", name=book.instrument, type="section", var=members)
    _sub(group, "labl", f"{book.name}, version {book.version}")
    _sub(group, "txt", f"Answered by: {book.informant}. Source: {' '.join(book.source.split())}")
    _sub(group, "notes", f"Licence: {book.licence}")


def _item(data: ET.Element, book: Codebook, code: str, item: Item, missing: Mapping[str, None]) -> None:
    response = book.responses[item.response]
    var = _sub(data, "var", ID=_id(book, code), name=code, intrvl="discrete", nature="ordinal")
    _sub(var, "labl", f"{code} of {book.name}")
    if item.wording is not None and book.wording != "not_reproduced":
        _sub(_sub(var, "qstn"), "qstnLit", item.wording)
    _sub(_sub(var, "valrng"), "range", min=str(response.minimum), max=str(response.maximum))
    _categories(var, response, missing)
    if code in book.reversed:
        _sub(var, "codInstr", "Reversed before anything is worked out: minimum + maximum - answer.")
    for construct in item.constructs:
        _sub(var, "concept", construct)
    _sub(var, "varFormat", type="numeric")
    if response.positive_from is not None:
        dont_know = "in the base and not positive" if item.dont_know == "not_positive" else "left out of the base"
        _sub(var, "notes", f"Positive from {response.positive_from}, after reversal. Don't know is {dont_know}.")


def _categories(var: ET.Element, response: Response, missing: Mapping[str, None]) -> None:
    for point in range(response.minimum, response.maximum + 1):
        category = _sub(var, "catgry")
        _sub(category, "catValu", str(point))
        if point in response.labels:
            _sub(category, "labl", response.labels[point])
    for kind, label in MISSING.items():
        if kind in missing:
            category = _sub(var, "catgry", missing="Y")
            _sub(category, "catValu", kind)
            _sub(category, "labl", label)


def _scale(data: ET.Element, book: Codebook, code: str, scale: Scale) -> None:
    members = " ".join(_id(book, member) for member in scale.members)
    var = _sub(data, "var", ID=_id(book, code), name=code, intrvl="contin", nature="interval")
    _sub(var, "labl", f"{scale.name} ({book.name})")
    lowest, highest = scale.range
    _sub(_sub(var, "valrng"), "range", min=f"{lowest:g}", max=f"{highest:g}")
    _sub(var, "txt", f"A higher score is {scale.higher_is}.")
    for banding, bands in scale.bands.items():
        for band in bands:
            group = _sub(var, "catgryGrp", ID=f"{_id(book, code)}.{banding}.{band.band}")
            _sub(group, "labl", f"{banding}: {band.band}")
            _sub(group, "txt", f"{band.lowest:g} to {band.highest:g}")
    derivation = _sub(var, "derivation", var=members)
    needed = f"At least {scale.minimum_answered} of {len(scale.members)} must be there."
    rounding = " Rounded to the nearest whole number, a half upwards." if scale.rounding == "half_up" else ""
    _sub(derivation, "drvdesc", f"{_METHODS[scale.method]}{rounding} {needed}")
    if scale.table:
        table = "; ".join(f"{raw} = {score:g}" for raw, score in sorted(scale.table.items()))
        _sub(derivation, "drvcmd", table)
    _sub(var, "varFormat", type="numeric")
