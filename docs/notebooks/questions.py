"""The eight questions of the central team, read from a release with marimo.

Open it: `marimo edit docs/notebooks/questions.py -- --release var/releases/current`. Run it through: `python
docs/notebooks/questions.py --release var/releases/current`. It reads the release's `tfc.duckdb` and writes nothing.
"""

import marimo

app = marimo.App(width="medium", app_title="Eight questions to a release")


@app.cell
def _():
    import pathlib

    import duckdb
    import marimo as mo

    return duckdb, mo, pathlib


@app.cell
def _(duckdb, mo, pathlib):
    # `current` is resolved once: a night may publish in between.
    release = pathlib.Path(mo.cli_args().get("release") or "var/releases/current").resolve()
    con = duckdb.connect(str(release / "tfc.duckdb"), read_only=True)
    about = con.sql("from questions.about_release").df()
    mo.md(f"# Release {release.name}\n\nDisclosure policy: version {about['disclosure_policy_version'][0]}.")
    return con, release


@app.cell
def _(con, mo):
    views = con.sql(
        "select view_name, comment from duckdb_views() where schema_name = 'questions' and view_name like 'q%' order by 1"
    ).fetchall()
    answers = {name: con.sql(f"from questions.{name}").df() for name, _ in views}
    mo.vstack([mo.vstack([mo.md(f"## {name}\n\n{comment}"), answers[name]]) for name, comment in views])
    return answers, views


@app.cell
def _(mo):
    mo.md(
        """
        ## What must not be done with them

        Rounded figures of people are never added up, and what is suppressed is never taken as zero. The table `metric` says of
        each measure what it must not be added to.
        """
    )
    return


@app.cell
def _(con):
    metric = con.sql("select table_name, measure, label, unit, never_add from main.metric order by all").df()
    metric  # noqa: B018  # a cell shows its last expression
    return (metric,)


if __name__ == "__main__":
    app.run()
