"""A release's `audit.html`: how privacy is protected and what was tried to break it, in words for everyone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tfc_platform.disclosure.policy import DisclosurePolicy
from tfc_platform.pages.formatting import code_words
from tfc_platform.pages.page_figures import ReleaseView
from tfc_platform.pages.view_models import (
    CodeText,
    Content,
    PageSection,
    Paragraph,
    columns,
    data_table,
    figure_text,
)

__all__ = ["audit_sections"]


def audit_sections(release: ReleaseView, policy: DisclosurePolicy) -> list[PageSection]:
    """The sections of the page, from the manifest and the policy that the release was made by."""
    return [_tried(release, policy), _hidden(release), _periods(release), _exceptions(release), _limits(release)]


def _tried(release: ReleaseView, policy: DisclosurePolicy) -> PageSection:
    limits = policy.audit
    section = PageSection("tried", "What we tried")
    section.add(
        Paragraph(
            "Before this release was published, a program did what a curious reader could do. It took all tables about people in "
            "this and all earlier releases, and the rules by which figures are hidden and rounded, which are public. "
            "It then worked out the smallest and the largest number of people that is possible for every combination that the "
            "tables allow: an activity in one small area in one quarter, say."
        ),
        Paragraph(
            f"The release is published only if no group of 1 to {limits.group - 1} people can be known closely. Whatever readers "
            f"combine, at least {limits.width} different sizes remain possible for it. So nobody learns that there was just one "
            "person, or that one was added."
        ),
        data_table(
            "By table: what was tried, and what could be worked out too closely",
            columns("Table", "#Figures", "#Combinations tried", "#Given away", "Narrowest range left"),
            [
                (
                    _title(release, item["table"]),
                    *(
                        figure_text(release.of_manifest("audit", place, key))
                        for key in ("cells", "combinations", "combinations_given_away")
                    ),
                    _narrowest(release, place, item["narrowest_interval"]),
                )
                for place, item in enumerate(release.manifest["audit"])
            ],
        ),
    )
    return section


def _title(release: ReleaseView, name: str) -> Content:
    table = release.tables.get(name)
    return CodeText(name) if table is None else table.title


def _narrowest(release: ReleaseView, place: int, width: Any) -> Content:
    if width is None:
        return "there is no small group to look for"
    if isinstance(width, str):
        return "nothing is known of any small group"
    return ("a range of ", figure_text(release.of_manifest("audit", place, "narrowest_interval")))


def _hidden(release: ReleaseView) -> PageSection:
    section = PageSection("hidden", "Hidden to protect other figures")
    counted = [
        (table.title, figure_text(release.of_manifest("tables", place, "statuses", "suppressed_secondary")))
        for place, entry in enumerate(release.manifest["tables"])
        if entry.get("statuses", {}).get("suppressed_secondary") and (table := release.tables.get(entry["name"]))
    ]
    if not counted:
        section.add(Paragraph("No part of a table had to be hidden to protect another."))
        return section
    section.add(
        Paragraph(
            "These figures are hidden, whatever their size, so that no small group can be worked out from them and others. They "
            "are whole parts of tables, and stay hidden in all later releases."
        ),
        data_table("Figures hidden to protect others, by table", columns("Table", "#Figures"), counted),
    )
    return section


def _periods(release: ReleaseView) -> PageSection:
    """A row for each source and site: which quarters or waves are final, and since which days."""
    section = PageSection("periods", "The periods that figures about people cover")
    by_source: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for item in release.manifest["snapshots"]:
        by_source.setdefault((item["id"].split("/")[0], item["site"]), []).append(item)
    lines = [
        (
            code_words("sources", source),
            release.site_name(site),
            ", ".join(_period_name(item) for item in items),
            ", ".join(sorted({item["locked_on"] for item in items})),
        )
        for (source, site), items in sorted(by_source.items())
    ]
    caption = "Final: later corrections change these figures on the yearly revision day at the earliest"
    section.add(data_table(caption, columns("Source", "Site", "Periods", "Final since"), lines))
    return section


def _period_name(item: Mapping[str, Any]) -> str:
    return str(item["name"]) if item["version"] == 1 else f"{item['name']} (revision {item['version'] - 1})"


def _exceptions(release: ReleaseView) -> PageSection:
    section = PageSection("exceptions", "Exceptions")
    exceptions = release.manifest["exceptions"]
    if not exceptions:
        section.add(Paragraph("None."))
        return section
    section.add(
        data_table(
            "Figures that a person allowed to be published beyond the rules on clusters and sessions",
            columns("Exception", "Table", "Who", "Why", "Until"),
            [tuple(str(item[key]) for key in ("id", "table", "who", "why", "expires_on")) for item in exceptions],
        )
    )
    return section


def _limits(release: ReleaseView) -> PageSection:
    section = PageSection("limits", "What this does not cover")
    version = CodeText(str(release.manifest["disclosure_policy_version"]))
    section.add(
        Paragraph(
            (
                "It is about arithmetic with published figures. It does not protect against somebody who knows the people of a "
                "group and counts them off. It does not cover stories, which a person approves one by one. It applies to what is "
                "published here, under version ",
                version,
                " of the disclosure policy.",
            )
        )
    )
    return section
