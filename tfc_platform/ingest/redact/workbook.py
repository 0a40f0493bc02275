"""Excel workbooks: the cells of a row go, with what else the file keeps of them; every other part stays byte for byte.

Gone with the cells: their strings in the shared table where no other cell has them, comments and links on the row, the caches
of pivot tables (which are copies of rows), the order of calculation, and the strings themselves where a drawing, a chart or the
document's properties repeat them. openpyxl is not used to write: it would lose the calculated values of the other rows.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from collections.abc import Iterable, Mapping, Set
from xml.sax.saxutils import escape

from tfc_platform.contracts.model import Reading
from tfc_platform.ingest.redact.failure import CannotRedact
from tfc_platform.ingest.redact.xml_cut import Element, cut, elements

__all__ = ["redact"]

SHORTEST = 5  # characters of a string that is looked for elsewhere in the file
# What may repeat a cell in passing; the parts that hold the file together are none of them.
REPEATING = re.compile(
    r"docProps/|customXml/|xl/(charts|chartEx|drawings|comments|threadedComments|persons|externalLinks|pivot)"
)
PIVOT_RECORDS = re.compile(r"xl/pivotCache/pivotCacheRecords[^/]*\.xml")
PIVOT_DEFINITION = re.compile(r"xl/pivotCache/pivotCacheDefinition[^/]*\.xml")
CALCULATION = "xl/calcChain.xml"
RELATIONS = "xl/_rels/workbook.xml.rels"


def _row_of(reference: str) -> int:
    """The row of a cell's reference, or of the first cell of a range; 0 where there is none."""
    found = re.match(r"\$?[A-Za-z]{1,3}\$?(\d+)", reference)
    return int(found.group(1)) if found else 0


def _found(content: bytes, names: Set[str]) -> list[Element]:
    found: list[Element] = []
    elements(content, lambda element: found.append(element) if element.name in names else None)
    return found


def _targets(parts: Mapping[str, bytes], part: str) -> dict[str, tuple[str, str]]:
    """What a part's relations name: id → its kind (the last word of the type) and the part that it points to."""
    folder, name = posixpath.split(part)
    relations = f"{folder}/_rels/{name}.rels"
    if relations not in parts:
        return {}
    found = {}
    for item in _found(parts[relations], {"Relationship"}):
        target = item.attributes.get("Target", "")
        path = target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
        found[item.attributes.get("Id", "")] = (item.attributes.get("Type", "").rpartition("/")[2], path)
    return found


def _sheets(parts: Mapping[str, bytes]) -> dict[str, str]:
    """The part of each sheet, by its title."""
    targets = _targets(parts, "xl/workbook.xml")
    found = {}
    for item in _found(parts["xl/workbook.xml"], {"sheet"}):
        target = targets.get(item.attributes.get("id", ""))
        if target is not None:
            found[item.attributes.get("name", "")] = target[1]
    return found


class _Cells:
    """Which strings cells have, over all sheets: those of cells that go, and those of cells that stay."""

    def __init__(self) -> None:
        self.shared_gone: set[int] = set()
        self.shared_kept: set[int] = set()
        self.texts_gone: set[str] = set()
        self.texts_kept: set[str] = set()

    def take(self, kind: str | None, value: str, inline: str, goes: bool) -> None:
        if kind == "s" and value.strip().isdigit():
            (self.shared_gone if goes else self.shared_kept).add(int(value))
        else:
            (self.texts_gone if goes else self.texts_kept).add(inline or value)


def _sheet(content: bytes, rows: Set[int], cells: _Cells) -> tuple[bytes, set[str]]:
    """A sheet's XML without the cells of `rows`; and the ids of the links that went with them."""
    places: list[tuple[int, int]] = []
    links: set[str] = set()
    number, value, inline = 0, "", ""
    in_row: list[tuple[Element, str, str]] = []

    def seen(element: Element) -> None:
        nonlocal number, value, inline
        name = element.name
        if name == "v":
            value = element.text
        elif name == "t":
            inline += element.text
        elif name == "c":
            in_row.append((element, value, inline))
            value, inline = "", ""
        elif name == "row":
            number = int(element.attributes.get("r", number + 1))
            for cell, written, text in in_row:
                goes = (_row_of(cell.attributes.get("r", "")) or number) in rows
                cells.take(cell.attributes.get("t"), written, text, goes)
                if goes:
                    places.append((cell.start, cell.end))
            in_row.clear()
        elif name == "hyperlinks":
            going = [child for child in element.children if _row_of(child.attributes.get("ref", "")) in rows]
            links.update(child.attributes["id"] for child in going if "id" in child.attributes)
            whole = len(going) == len(element.children)  # an empty list of links is no valid one
            places.extend([(element.start, element.end)] if whole else [(item.start, item.end) for item in going])

    elements(content, seen)
    return cut(content, places), links


def _without(
    content: bytes, names: Set[str], goes: Iterable[tuple[str, str]] = (), rows: Set[int] = frozenset()
) -> bytes:
    """XML without the elements called `names` whose attribute is as `goes` says, or whose `ref` lies in `rows`."""
    wanted = set(goes)
    return cut(
        content,
        [
            (item.start, item.end)
            for item in _found(content, names)
            if any(item.attributes.get(key) == text for key, text in wanted)
            or (rows and _row_of(item.attributes.get("ref", "")) in rows)
        ],
    )


def _strings(content: bytes, cells: _Cells) -> bytes:
    """The shared table with those strings emptied that only cells which went had; their places stay."""
    found = _found(content, {"si"})
    places = []
    for number, item in enumerate(found):
        text = _text_within(content, item)
        if number in cells.shared_kept:
            cells.texts_kept.add(text)
        elif number in cells.shared_gone:
            cells.texts_gone.add(text)
            places.append((item.inner_start, item.inner_end))
    return cut(content, places)


def _text_within(content: bytes, item: Element) -> str:
    texts: list[str] = []
    elements(
        b"<x>" + re.sub(rb"<(/?)[A-Za-z]\w*:", rb"<\1", content[item.inner_start : item.inner_end]) + b"</x>",
        lambda element: texts.append(element.text) if element.name == "t" else None,
    )
    return "".join(texts)


def _wiped(content: bytes, texts: Iterable[str]) -> bytes:
    for text in texts:
        forms = {text, escape(text), escape(text, {'"': "&quot;"}), escape(text, {'"': "&quot;", "'": "&apos;"})}
        for form in sorted(forms, key=len, reverse=True):
            content = content.replace(form.encode("utf-8", "surrogatepass"), b"")
    return content


def _emptied_pivots(parts: dict[str, bytes]) -> None:
    for name in parts:
        if PIVOT_RECORDS.fullmatch(name):
            parts[name] = cut(parts[name], [(item.start, item.end) for item in _found(parts[name], {"r"})])
        elif PIVOT_DEFINITION.fullmatch(name):
            found = _found(parts[name], {"sharedItems"})
            parts[name] = cut(parts[name], [(item.inner_start, item.inner_end) for item in found])


def _redacted(parts: dict[str, bytes], rows: Mapping[str | None, Set[int]]) -> None:
    sheets, cells = _sheets(parts), _Cells()
    if not set(rows) <= set(sheets):
        raise CannotRedact("A sheet of the workbook cannot be found.")
    for title, part in sheets.items():
        wanted = rows.get(title, set())
        parts[part], links = _sheet(parts[part], wanted, cells)
        targets = _targets(parts, part)
        for kind, path in targets.values():
            if kind in ("comments", "threadedComment") and path in parts:
                parts[path] = _without(parts[path], {"comment", "threadedComment"}, rows=wanted)
        if links:
            folder, name = posixpath.split(part)
            relations = f"{folder}/_rels/{name}.rels"
            parts[relations] = _without(parts[relations], {"Relationship"}, [("Id", link) for link in links])
    if "xl/sharedStrings.xml" in parts:
        parts["xl/sharedStrings.xml"] = _strings(parts["xl/sharedStrings.xml"], cells)
    _emptied_pivots(parts)
    if parts.pop(CALCULATION, None) is not None:
        kept = [("Target", "calcChain.xml"), ("Target", f"/{CALCULATION}")]
        parts[RELATIONS] = _without(parts[RELATIONS], {"Relationship"}, kept)
        parts["[Content_Types].xml"] = _without(
            parts["[Content_Types].xml"], {"Override"}, [("PartName", f"/{CALCULATION}")]
        )
    own = sorted(text for text in cells.texts_gone - cells.texts_kept if len(text.strip()) >= SHORTEST)
    repeated = [text for text in own if not text.strip().replace(".", "").isdigit()]
    for name in parts:
        if b"<filter " in parts[name] and name.startswith(("xl/worksheets/", "xl/tables/")):
            parts[name] = _without(parts[name], {"filter"}, [("val", text) for text in repeated])
        if REPEATING.match(name) and name.endswith((".xml", ".vml", ".rels")):
            parts[name] = _wiped(parts[name], repeated)


def redact(content: bytes, rows: Mapping[str | None, Set[int]], reading: Reading) -> bytes:
    """:raises CannotRedact: where the workbook is not laid out as the format says."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
            parts = {member.filename: archive.read(member) for member in members}
        _redacted(parts, rows)
    except (zipfile.BadZipFile, KeyError, ValueError, NotImplementedError, RuntimeError, OSError):
        raise CannotRedact("The workbook is not laid out as a workbook is.") from None
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for member in members:
            if member.filename in parts:
                info = zipfile.ZipInfo(member.filename, member.date_time)
                info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, member.external_attr
                archive.writestr(info, parts[member.filename])
    return out.getvalue()
