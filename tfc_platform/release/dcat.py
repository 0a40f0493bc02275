"""A release as a record for a data catalogue: DCAT-AP as JSON-LD.

Belongs here: one dataset, a distribution a file, each with its checksum. Does not belong: what tables and columns are
(`datapackage`). Paths are relative to the record, which stands in the release's folder: nobody has given releases an address.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from tfc_platform.publication.released_table import ReleaseTable
from tfc_platform.release.description import ReleaseDescription

__all__ = ["dcat_record"]

_CONTEXT = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "spdx": "http://spdx.org/rdf/terms#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
_MEDIA = {
    "csv": "text/csv",
    "parquet": "application/vnd.apache.parquet",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "sav": "application/x-spss-sav",
    "duckdb": "application/vnd.duckdb.file",
    "json": "application/json",
    "xml": "application/xml",
    "html": "text/html",
}
_QUARTER = re.compile(r"(\d{4})-Q([1-4])")
_IANA = "https://www.iana.org/assignments/media-types/"


def dcat_record(
    manifest: Mapping[str, Any],
    tables: Sequence[ReleaseTable],
    files: Mapping[str, Mapping[str, Any]],
    description: ReleaseDescription,
) -> dict[str, Any]:
    """The record of the release that `manifest` names; `files` are those that it lists, by path: bytes and sha256.

    Its time runs from the first day of the earliest month or quarter that a table has to the last day of the latest.
    """
    release = str(manifest["id"])
    titles = {table.name: table for table in tables}
    dataset: dict[str, Any] = {
        "@context": _CONTEXT,
        "@id": "#release",
        "@type": "dcat:Dataset",
        "dct:identifier": release,
        "dct:title": _said(description.title, description),
        "dct:description": _said(description.description, description),
        "dcat:keyword": [_said(keyword, description) for keyword in description.keywords],
        "dcat:version": release,
        "dct:issued": _day(str(manifest["as_of"])),
        "dct:language": {"@id": _LANGUAGES.get(description.language, f"urn:language:{description.language}")},
        "dct:publisher": {"@type": "foaf:Agent", "foaf:name": description.publisher.name},
        "dct:accessRights": {"@id": description.access_rights, "@type": "dct:RightsStatement"},
        "dct:accrualPeriodicity": {"@id": description.frequency, "@type": "dct:Frequency"},
        "dct:provenance": [
            {"@type": "dct:ProvenanceStatement", "rdfs:label": item.title} for item in description.sources
        ],
        "dct:spatial": [{"@type": "dct:Location", "skos:prefLabel": site} for site in _sites(tables)],
        "dcat:distribution": [_distribution(path, entry, titles, description) for path, entry in sorted(files.items())],
    }
    days = list(_days(tables))
    if days:
        period = {
            "dcat:startDate": _day(min(days)[0].isoformat()),
            "dcat:endDate": _day(max(d for _, d in days).isoformat()),
        }
        dataset["dct:temporal"] = {"@type": "dct:PeriodOfTime", **period}
    return dataset


_LANGUAGES = {"en": "http://publications.europa.eu/resource/authority/language/ENG"}


def _said(text: str, description: ReleaseDescription) -> dict[str, str]:
    return {"@value": text, "@language": description.language}


def _day(day: str) -> dict[str, str]:
    return {"@value": day, "@type": "xsd:date"}


def _days(tables: Sequence[ReleaseTable]) -> Iterator[tuple[date, date]]:
    """First and last day of every month and quarter that is a key of a table."""
    for table in tables:
        for place, column in enumerate(table.columns[: table.keys]):
            cells = {row[place] for row in table.rows} - {None}
            if column.name == "month":
                yield from ((cell, _last(cell, 1)) for cell in cells)
            elif column.name == "quarter":
                found = [_QUARTER.fullmatch(cell) for cell in cells]
                starts = [date(int(q[1]), 3 * int(q[2]) - 2, 1) for q in found if q is not None]
                yield from ((start, _last(start, 3)) for start in starts)


def _last(start: date, months: int) -> date:
    """The last day of so many months that begin on `start`, the first of one."""
    number = start.year * 12 + start.month - 1 + months
    return date(number // 12, number % 12 + 1, 1) - timedelta(days=1)


def _sites(tables: Sequence[ReleaseTable]) -> list[str]:
    """Every site that a table has rows of."""
    found = set()
    for table in tables:
        names = [column.name for column in table.columns]
        if "site" in names:
            place = names.index("site")
            found |= {row[place] for row in table.rows}
    return sorted(found - {"all", None})


def _distribution(
    path: str, entry: Mapping[str, Any], titles: Mapping[str, ReleaseTable], description: ReleaseDescription
) -> dict[str, Any]:
    folder, _, name = path.rpartition("/")
    stem, _, kind = name.rpartition(".")
    table = titles.get(stem) if folder else None
    media = _MEDIA.get(kind, "application/octet-stream")
    licence: dict[str, Any] = {"@type": "dct:LicenseDocument", "rdfs:label": description.licence.title}
    if description.licence.path is not None:
        licence["@id"] = description.licence.path
    return {
        "@id": path,
        "@type": "dcat:Distribution",
        "dct:title": _said(f"{table.title} ({kind})" if table is not None else name, description),
        **({"dct:description": _said(table.description, description)} if table is not None else {}),
        "dcat:accessURL": {"@id": path},
        "dcat:downloadURL": {"@id": path},
        "dcat:mediaType": {"@id": f"{_IANA}{media}"},
        "dcat:byteSize": {"@value": str(entry["bytes"]), "@type": "xsd:nonNegativeInteger"},
        "dct:license": licence,
        "spdx:checksum": {
            "@type": "spdx:Checksum",
            "spdx:algorithm": {"@id": "spdx:checksumAlgorithm_sha256"},
            "spdx:checksumValue": {"@value": str(entry["sha256"]), "@type": "xsd:hexBinary"},
        },
    }
