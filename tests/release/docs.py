"""Writes `docs/metrics.md` and `docs/questions.md`: `python -m tests.release.docs RELEASE`, with the folder of a release of the
demonstration's first night as of 20 October 2026. The tests compare both with what this would write.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb

from tfc_platform.disclosure.policy import load_policy
from tfc_platform.publication.publication_register import load_register
from tfc_platform.publication.released_table import ReleaseTable
from tfc_platform.release.metrics import Metric, load_metrics, metric_table
from tfc_platform.release.questions import Question, load_questions

DOCS = Path(__file__).resolve().parents[2] / "docs"
SHOWN = 6  # rows of an answer
_METRICS = """# The metric dictionary

Every measure of a release: what it counts, in which unit, what it must not be added to, and when it is shown. Made from
`expectations/publication_register.yaml`, `metric_register.yaml` and `disclosure_policy.yaml` by `python -m tests.release.docs`;
a test says when it is out of date. A release holds the same as its table `metric`.
"""
_QUESTIONS = """# Eight questions to a release

What central researchers ask of the four sites' figures, each as a view in the schema `questions` of a release's `tfc.duckdb`:

```sh
duckdb -readonly releases/current/tfc.duckdb "from questions.q5_effort_by_tier"
```

They are what the central team has to answer when it compares sites and learns from them, and they keep to what a release can
say: the views read its own tables and nothing else, and no rounded figure of people is added up. The queries stand in
`expectations/question_register.yaml`.

The answers below are of the demonstration's returns (`tfc demo`), all synthetic, on the night of 20 October 2026, when both
survey waves are locked: `TFC_AS_OF=2026-10-20 make run` in a fresh checkout gives them again. At most {shown} rows of each
are shown. This page is written by `python -m tests.release.docs`; a test runs the night and compares.
"""


def metrics_page() -> str:
    register = load_register()
    specs = {spec.table: spec for spec in (*register.tables, *register.person_tables)}
    tables = [ReleaseTable(name, "", "", (), 0, ()) for name in specs]
    rows = [Metric(*row) for row in metric_table(tables, register, load_policy(), load_metrics()).rows]
    parts = [_METRICS]
    for name in sorted(specs):
        spec = specs[name]
        parts.append(f"\n## {name}\n\n{spec.title}: {spec.description}\n")
        for row in rows:
            if row.table_name == name:
                parts.append("\n" + "\n".join(_metric(row)) + "\n")
    return "".join(parts)


def _metric(row: Metric) -> Iterator[str]:
    yield f"**`{row.measure}`** · {row.label} · *{row.unit}*<br>"
    yield f"{row.definition}"
    if row.numerator:
        yield f"= {row.numerator} / {row.denominator}."
    yield f"<br>Never add: {row.never_add}<br>Shown: {row.disclosure_rule}"


def questions_page(release: Path) -> str:
    parts = [_QUESTIONS.format(shown=SHOWN)]
    with duckdb.connect(str(release / "tfc.duckdb"), read_only=True) as con:
        for number, question in enumerate(load_questions(), start=1):
            parts.append(f"\n## {number}. {question.question}\n\n{question.answer.strip()}\n\n")
            parts.append(f"```sql\n-- questions.{question.name}\n{question.sql}\n```\n\n{_answer(con, question)}\n")
    return "".join(parts)


def _answer(con: duckdb.DuckDBPyConnection, question: Question) -> str:
    found = con.execute(f"from questions.{question.name}")
    names = [item[0] for item in found.description or []]
    rows = found.fetchall()
    if not rows:
        return "No rows."
    lines = [f"| {' | '.join(names)} |", f"|{' --- |' * len(names)}"]
    lines += [f"| {' | '.join(_cell(cell) for cell in row)} |" for row in rows[:SHOWN]]
    more = f"\n\n{len(rows)} rows." if len(rows) > SHOWN else ""
    return "\n".join(lines) + more


def _cell(cell: object) -> str:
    return "" if cell is None else f"{cell:g}" if isinstance(cell, float) else str(cell)


if __name__ == "__main__":
    (DOCS / "metrics.md").write_text(metrics_page(), encoding="utf-8")
    (DOCS / "questions.md").write_text(questions_page(Path(sys.argv[1])), encoding="utf-8")
