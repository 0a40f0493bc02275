"""A release's `audit.html`: what was tried to work out of its figures, in words for people who are no statisticians.

Belongs here: what that page says. Does not belong: the audit (`protect.audit`), or its sentences for the night's report. What
the page says follows from the manifest, so that equal releases have equal pages.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tfc_platform.disclosure.policy import DisclosurePolicy
from tfc_platform.pages.html import document, number, table, text

__all__ = ["audit_page"]


def audit_page(manifest: Mapping[str, Any], policy: DisclosurePolicy) -> str:
    """The page of one release, from its manifest and the policy that it was made by."""
    limits = policy.audit
    largest = limits.group - 1
    title = f"How safe the figures of {text(manifest['as_of'])} are"
    parts = [
        f"<header><h1>{title}</h1><p>Release <code>{text(manifest['id'])}</code>. "
        '<a href="index.html">Back to the release</a></p></header>',
        '<main id="main">',
        "<h2>What was tried</h2>"
        "<p>Before this release was published, a program did what a curious reader could do. It took every table about persons, "
        "of this release and of all before it, and the rules by which figures are hidden and rounded, which are no secret. "
        "It then worked out, for every combination that the tables can be put together to (an activity in one small area in one "
        "quarter, say), the smallest and the largest number of persons that fits everything published.</p>"
        f"<p>The release is published only if no group of 1 to {largest} persons can be known closely: whatever a reader "
        f"combines, at least {limits.width} different sizes remain possible for it. So nobody learns that there "
        "was just one, or that one was added.</p>",
        table(
            "What was found",
            "By table: what was tried, and what could be worked out too closely",
            ("Table", "#Figures", "#Combinations tried", "#Given away", "Narrowest that is left"),
            [
                (
                    text(item["table"]),
                    number(item["cells"]),
                    number(item["combinations"]),
                    number(item["combinations_given_away"]),
                    _narrowest(item["narrowest_interval"]),
                )
                for item in manifest["audit"]
            ],
        ),
        _hidden(manifest),
        _periods(manifest),
        _exceptions(manifest),
        "<h2>What this does not say</h2>"
        "<p>It is about arithmetic with published figures. It does not protect against somebody who knows the persons of a "
        "group and counts them off; it is not about stories, which a person approves one by one; and it holds for what is "
        f"published here, under version {text(manifest['disclosure_policy_version'])} of the disclosure policy.</p>",
        "</main>",
    ]
    return document(title, parts)


def _narrowest(width: Any) -> str:
    if width is None:
        return "no small group can be looked for"
    if isinstance(width, str):
        return "nothing is known of any small group"
    return f"a range {width:g} wide"


def _periods(manifest: Mapping[str, Any]) -> str:
    """A row a source and site: which quarters or waves, and on which days they were locked."""
    together: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for item in manifest["snapshots"]:
        together.setdefault((item["id"].split("/")[0], item["site"]), []).append(item)
    rows = [
        (
            text(source),
            text(site),
            text(", ".join(_named(item) for item in items)),
            text(", ".join(sorted({item["locked_on"] for item in items}))),
        )
        for (source, site), items in sorted(together.items())
    ]
    caption = "Locked: later changes show in these figures on the yearly revision day at the earliest"
    return table(
        "The periods that figures about persons are of", caption, ("Source", "Site", "Periods", "Locked"), rows
    )


def _named(item: Mapping[str, Any]) -> str:
    return item["name"] if item["version"] == 1 else f"{item['name']} (revision {item['version'] - 1})"


def _hidden(manifest: Mapping[str, Any]) -> str:
    hidden = sum(item.get("statuses", {}).get("suppressed_secondary", 0) for item in manifest["tables"])
    words = (
        f"{number(hidden)} figures are withheld, whatever their size, so that no small group can be worked out from them and "
        "others. They are whole parts of tables, and stay hidden in all later releases."
        if hidden
        else "No part of a table had to be withheld for the sake of another."
    )
    return f"<h2>Hidden for the sake of others</h2><p>{words}</p>"


def _exceptions(manifest: Mapping[str, Any]) -> str:
    if not manifest["exceptions"]:
        return "<h2>Exceptions</h2><p>None.</p>"
    rows = [
        tuple(text(item[key]) for key in ("id", "table", "who", "why", "expires_on")) for item in manifest["exceptions"]
    ]
    caption = "Figures that a person let be published beyond the rules on clusters and sessions"
    return table("Exceptions", caption, ("Exception", "Table", "Who", "Why", "Until"), rows)
