"""`receipt.html`: for a site's researcher who has five minutes. What to do comes first, what became of each return after it.

Belongs here: how a receipt is shown. Does not belong: what it says: everything here stands in `receipt.json` too, and is escaped.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import PurePosixPath
from urllib.parse import quote

from tfc_platform.feedback.receipts.cell_ranges import Spot, said, spots_of
from tfc_platform.feedback.receipts.schema import Cleared, Due, File, Level, Rule, SiteReceipt, ToDo
from tfc_platform.feedback.receipts.wording import rule_words, statuses
from tfc_platform.pages.html import document, number, text

__all__ = ["receipt_page"]

INLINE = 12  # places of a rule in one file that are shown at once; the others are one click away
HOW = (
    "Mend your own file, and send it under the same name or as a higher version. It is looked at the next night, and what was"
    " mended is then gone from here."
)
KIND = {
    "held": "Held",
    "rejected": "Not counted",
    "unreadable": "Cannot be opened",
    "overdue": "Overdue",
    "mend": "Mend",
    "check": "Check",
    "unrecognised": "No return",
}
# What a row is called where the sender looks it up.
ROW_WORD = {"csv": "line", "sav": "case", "zsav": "case", "por": "case"}
_STYLE = """
.lead { font-size: 1.15rem } .todo { padding: 0; margin: 0; list-style: none }
.todo > li { border-left: .4rem solid #505a5f; padding: .1rem 0 .1rem 1rem; margin: 1.1rem 0 }
.todo > li.held, .todo > li.rejected, .todo > li.unreadable { border-color: #b3261e }
.todo > li.overdue { border-color: #6d3fa0 } .todo > li.mend { border-color: #c2570c }
.todo > li.check { border-color: #0b4a8f }
.todo h3 { margin: .2rem 0; font-size: 1.1rem; line-height: 1.3; break-after: avoid } .todo p { margin: .35rem 0 }
p.do { font-weight: 600 } .from { color: #444; overflow-wrap: anywhere }
.tag { display: inline-block; font-size: .85rem; font-weight: 600; border: 1px solid; border-radius: .2rem; padding: 0 .4rem }
ul.spots { margin: .3rem 0; padding-left: 1.2rem } ul.spots li { margin: .15rem 0 }
details { margin: .35rem 0 } summary { cursor: pointer; color: #0b4a8f; overflow-wrap: anywhere }
summary:focus-visible { outline: 3px solid #fd0 }
.file { border-top: 1px solid #b1b4b6; padding: .7rem 0; break-inside: avoid-page } .file p { margin: .25rem 0 }
.file h3 { margin: 0; font-size: 1.02rem; overflow-wrap: anywhere }
.sums { display: flex; flex-wrap: wrap; gap: .15rem 1.4rem; margin: .35rem 0; padding: 0; list-style: none }
.sums b { font-variant-numeric: tabular-nums } dl.legend dd { margin: 0 } nav ul { padding-left: 1.2rem; columns: 14rem }
dl.legend { display: grid; grid-template-columns: minmax(8rem, max-content) 1fr; gap: .3rem 1rem }
section > h2 { border-top: 2px solid #1d1d1d; padding-top: .6rem; break-after: avoid }
@media (max-width: 30rem) { dl.legend { grid-template-columns: 1fr } dl.legend dd { margin-bottom: .5rem } }
@media print { nav { display: none } summary { color: inherit } details::details-content { content-visibility: visible } }
"""


def receipt_page(receipt: SiteReceipt) -> str:
    """The page of one site's receipt."""
    title = f"Receipt for {text(receipt.name)}"
    urgent = [item for item in receipt.to_do if item.kind not in ("check", "unrecognised")]
    other = [item for item in receipt.to_do if item.kind in ("check", "unrecognised")]
    files = {file.file: file for file in receipt.files}
    sections = [
        ("do", "What you have to do", _to_do(urgent, files, HOW) or "<p>Nothing.</p>"),
        ("check", "Please check", _to_do(other, files, "" if any(item.rule for item in urgent) else HOW)),
        ("returns", "What became of each return", _files(receipt.files)),
        ("late", "Late, and due next", _due(receipt.due)),
        ("cleared", "Mended since", _cleared(receipt.cleared, receipt.as_of)),
        ("noticed", "Noticed, and nothing to do", _noticed(receipt.files)),
        ("safeguarding", "Safeguarding", _flags(receipt)),
        ("words", "What the words mean", _legend()),
    ]
    shown = [(name, heading, body) for name, heading, body in sections if body]
    links = "".join(f'<li><a href="#{name}">{heading}</a></li>' for name, heading, _ in shown)
    return document(
        title,
        [
            f"<header><h1>{title}</h1><p>Night of {_day(receipt.as_of)}. All that your site has sent, and what became of it.</p>"
            f'<p class="lead">{_summary(receipt, urgent, other)}</p></header>',
            f'<nav aria-label="On this page"><ul>{links}</ul></nav>',
            '<main id="main">',
            *(
                f'<section id="{name}" aria-labelledby="{name}-h"><h2 id="{name}-h">{heading}</h2>{body}</section>'
                for name, heading, body in shown
            ),
            "</main>",
        ],
        _STYLE,
    )


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def _many(count: int, one: str, several: str) -> str:
    return f"{number(count)} {one if count == 1 else several}"


def _summary(receipt: SiteReceipt, urgent: Sequence[ToDo], other: Sequence[ToDo]) -> str:
    counted = [file for file in receipt.files if file.counts]
    parts = [
        f"<strong>{_many(len(urgent), 'thing', 'things')} to do</strong>"
        if urgent
        else "<strong>Nothing to do</strong>",
        f"{len(other)} to check" if other else "",
        f"{_many(len(counted), 'file counts', 'files count')}, with {_many(sum(f.tally.used for f in counted), 'row', 'rows')}",
    ]
    return ", ".join(part for part in parts if part) + "."


def _to_do(items: Sequence[ToDo], files: dict[str, File], how: str) -> str:
    if not items:
        return ""
    told = f"<p>{how}</p>" if any(item.rule for item in items) else ""
    return f'{told}<ol class="todo">{"".join(_item(item, files) for item in items)}</ol>'


def _item(item: ToDo, files: dict[str, File]) -> str:
    since = f" since {_day(item.since)}" if item.since and item.kind != "overdue" else ""
    named = f' <span class="from">· {text(item.source)}</span>' if item.source else ""
    parts = [
        f'<li class="{item.kind}"><h3><span class="tag">{KIND[item.kind]}{since}</span> {text(item.title)}{named}</h3>',
        f"<p>{text(item.sentence)}</p>",
        f'<p class="do">{text(item.what_to_do)}</p>' if item.what_to_do and not item.is_said else "",
    ]
    for path in item.files:
        file = files.get(path)
        if file is None or item.rule is None:
            parts.append(f'<p class="from">{text(path)}{_marked(file)}</p>')
        else:
            rules = [rule for rule in file.rules if rule.rule == item.rule and rule.level == item.kind]
            parts += [f'<p class="from">{text(path)}{_marked(file)}</p>', *(_places(rule, file) for rule in rules)]
    return "".join(parts) + "</li>"


def _marked(file: File | None) -> str:
    if file is None or file.marked is None:
        return ""
    name = file.file.rsplit("/", 1)[-1]
    return f' – <a href="{text(quote(file.marked))}" aria-label="Marked copy of {text(name)}">marked copy</a>'


def _places(rule: Rule, file: File) -> str:
    """Every place, sentence by sentence; those beyond the first few one click away."""
    lines = [(one.sentence, spot) for one in rule.said for spot in spots_of(one.places)]
    first, rest = lines[:INLINE], lines[INLINE:]
    shown = _spots(first, file)
    if rest:
        more = _many(len(rest), "more place", "more places")
        shown += f"<details><summary>and {more}</summary>{_spots(rest, file)}</details>"
    return shown


def _spots(lines: Iterable[tuple[str, Spot]], file: File) -> str:
    of_sentence: dict[str, list[Spot]] = {}
    for sentence, spot in lines:
        of_sentence.setdefault(sentence, []).append(spot)
    form = str(file.read_as.get("format") or PurePosixPath(file.file).suffix.lower().lstrip("."))
    word = ROW_WORD.get(form, "row")
    items = (
        f"<li>{text(sentence)} <strong>{text('; '.join(said(spots, word)))}</strong></li>"
        for sentence, spots in of_sentence.items()
    )
    return f'<ul class="spots">{"".join(items)}</ul>'


def _files(files: Sequence[File]) -> str:
    if not files:
        return "<p>Nothing has come yet.</p>"
    order = sorted(files, key=lambda file: (not file.is_open, not file.counts, file.file))
    return "".join(map(_file, order))


def _file(file: File) -> str:
    tally = file.tally
    sums = [
        ("received", tally.received),
        ("used", tally.used),
        ("read, not used", tally.waiting),
        ("refused", tally.refused),
        *((f"left out: {rule_words(reason)[0].lower()}", count) for reason, count in tally.left_out.items()),
        ("came twice", tally.duplicate),
        ("titles, totals, notes", tally.not_data),
        *((f"hidden {what.replace('_', ' ')}", count) for what, count in tally.hidden.items()),
        *((f"read otherwise: {rule_words(what)[0].lower()}", count) for what, count in tally.changed.items()),
    ]
    shown = "".join(
        f"<li><b>{number(count)}</b> {text(what)}</li>"
        for place, (what, count) in enumerate(sums)
        if count or place < 2
    )
    facts = [
        text(file.source or "no source"),
        f"return {text(file.return_key)}" if file.return_key else "",
        f"months {' to '.join(dict.fromkeys(file.period))}" if file.period else "",
        f"came by {_day(file.received_on)}",
        f"read as {text(', '.join(str(value) for value in file.read_as.values()))}" if file.read_as else "",
    ]
    has_rows = file.source is not None and file.status not in ("duplicate_file", "unreadable", "erased")
    return (
        f'<div class="file"><h3>{text(file.file)}</h3>'
        f'<p><span class="tag">{text(file.status.replace("_", " "))}</span> {text(file.message or "")}{_marked(file)}</p>'
        f'<p class="from">{" · ".join(fact for fact in facts if fact)}</p>'
        + (f'<ul class="sums">{shown}</ul>' if has_rows else "")
        + f"{_mappings(file)}</div>"
    )


def _mappings(file: File) -> str:
    if not file.mappings:
        return ""
    items = "".join(
        f"<li>“{text(found)}” was read as “{text(asked)}” ({text(state)})</li>" for asked, found, state in file.mappings
    )
    heading = f"{_many(len(file.mappings), 'column', 'columns')} under another name"
    return f"<details><summary>{heading}</summary><ul>{items}</ul></details>"


def _due(due: Sequence[Due]) -> str:
    if not due:
        return ""
    items = (
        f"<li>{text(item.source)}, {text(item.return_key)}: due {_day(item.due_on)}{_late(item)}</li>"
        for item in sorted(due, key=lambda item: (item.due_on, item.source))
    )
    return f"<ul>{''.join(items)}</ul>"


def _late(item: Due) -> str:
    return f", <strong>{_many(item.days_late, 'day', 'days')} late</strong>" if item.days_late else ""


def _cleared(cleared: Sequence[Cleared], as_of: date) -> str:
    items = (
        f"<li>{'<strong>New tonight.</strong> ' if item.since == as_of else ''}{text(item.sentence)}"
        f' <span class="from">{text(item.source)}, {text(item.return_key)}</span></li>'
        for item in cleared
    )
    return f"<ul>{''.join(items)}</ul>" if cleared else ""


def _noticed(files: Sequence[File]) -> str:
    parts = []
    for file in files:
        rules = [rule for rule in file.rules if rule.level in (Level.NOTE, Level.LEFT_OUT)] if file.asks else []
        if rules:
            total = sum(rule.places for rule in rules)
            body = "".join(f"<p><strong>{text(rule.title)}</strong></p>{_places(rule, file)}" for rule in rules)
            parts.append(
                f"<details><summary>{text(file.file)}: {_many(total, 'note', 'notes')}</summary>{body}</details>"
            )
    return "".join(parts)


def _flags(receipt: SiteReceipt) -> str:
    if not receipt.flags.waiting:
        return ""
    texts = _many(receipt.flags.waiting, "text waits", "texts wait")
    return f"<p>{texts} for your site's safeguarding lead. What they say stands nowhere here. {text(receipt.flags.where)}</p>"


def _legend() -> str:
    items = "".join(
        f"<dt>{text(name.replace('_', ' '))}</dt><dd>{text(meaning)}</dd>" for name, meaning in statuses().items()
    )
    return (
        f'<dl class="legend">{items}</dl><p>For every file: rows received = used (or read and not used) + refused + left out'
        " + came twice. Titles, totals and notes are no rows.</p>"
    )
