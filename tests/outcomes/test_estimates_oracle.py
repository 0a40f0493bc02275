"""The estimators against R's `survey`: the figures of oracle/expected, on the inputs beside them, to 1e-8 relative.

R's `logit` fits a regression by iterations, and one of its 66 figures stopped 3e-8 from the end: it is compared to 1e-7, and
test_estimates_iterated.py shows by exact arithmetic that it is R's that is off. `xlogit`, R's same interval in closed form, is
met throughout.

Not compared, for the platform has no estimator of them: totals, design effects, normal intervals, and the other intervals of a
percentage (asin, likelihood, and beta or plain t away from 0 and 100 %) in `apistrat_estimates` and `tfc_domain_estimates`; the
options adjust and average of `lonely_psu`; `tests.csv` but for the paired t-tests of apistrat (two-sample test, chi-squared,
a ratio of two columns, and designs whose data are not here); `p_bh_sites`, `se_if_independent` and `d_z`; Wilson's interval.
`certainty` of `lonely_psu` is what our strata give where the lonely one is all of its population; in the marts it never is.
Without fpc apistrat has no figures of R's: there the textbook's formula of a stratified mean is the oracle.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import duckdb
import pytest

from .estimator import ORACLE, Row, connect, contrast, estimates, expected, load, paired, render, rows

CLOSE = 1e-8
STOPPED_EARLY = {("ell<2", "M", "logit"): 1e-7}  # variable, level, method
NA = ("", "NA")


@pytest.fixture(scope="module")
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    connection = connect()
    for name in ("apistrat", "tfc_waves", "lonely_psu"):
        connection.execute(f"create table {name} as from read_csv('{ORACLE}/inputs/{name}.csv')")
    connection.execute(
        """
        create view api as select *, cast(cds as varchar) as id, 'api' as survey, api00 - api99 as growth_by_hand,
            cast(awards = 'Yes' as int) as "awards=='Yes'", cast("sch.wide" = 'Yes' as int) as "sch.wide=='Yes'",
            cast(api00 > 800 as int) as "api00>800", cast(ell < 2 as int) as "ell<2"
        from apistrat;
        create view tfc as select *, 'tfc' as survey, wave || '' as of_wave, site || ' ' || wave as site_wave,
            age_band || ' ' || wave as age_wave
        from tfc_waves;
        """
    )
    yield connection
    connection.close()


def agrees(found: Any, figure: str, close: float = CLOSE) -> bool:
    if figure in NA:
        return found is None
    return found == pytest.approx(float(figure), rel=close, abs=1e-12)


def disagreements(found: Row, wanted: dict[str, str], names: dict[str, str]) -> dict[str, tuple[Any, str]]:
    close = STOPPED_EARLY.get((wanted["variable"], wanted.get("level", ""), wanted.get("method", "")), CLOSE)
    return {
        ours: (found[ours], wanted[theirs])
        for ours, theirs in names.items()
        if not agrees(found[ours], wanted[theirs], close)
    }


API_NAMES = {
    "n": "n_unweighted",
    "estimate": "estimate",
    "se": "se",
    "ci_low": "ci_low",
    "ci_high": "ci_high",
    "df": "df",
}


@pytest.mark.parametrize("variable", sorted({row["variable"] for row in expected("apistrat_estimates.csv")}))
def test_stratified_schools_with_a_finite_population(con: duckdb.DuckDBPyConnection, variable: str) -> None:
    share = "'" in variable or "<" in variable or ">" in variable
    found = estimates(
        con, "api", ["survey"], y=f'"{variable}"', weight="pw", stratum="stype", cluster="id", breakdowns=["stype"],
        population="fpc", percent="true" if share else "false", whole=1,
    )  # fmt: skip
    figures = {(row["breakdown"], row["breakdown_value"]): row for row in found}
    methods = ("logit", "xlogit") if share else ("t_degf",)
    wanted = [
        row
        for row in expected("apistrat_estimates.csv")
        if row["variable"] == variable and row["method"] in methods and row["statistic"] != "total"
    ]
    assert len(wanted) == 4 * len(methods)
    for row in wanted:
        figure = figures[row["domain"], row["level"] or "all"]
        assert disagreements(figure, row, API_NAMES) == {}, row
        assert figure["ci_method"] == ("logit" if share else "t")


@pytest.mark.parametrize("variable", ["api00", "enroll", "growth"])
def test_stratified_schools_without_a_finite_population(con: duckdb.DuckDBPyConnection, variable: str) -> None:
    found = estimates(con, "api", ["survey"], y=variable, weight="pw", stratum="stype", cluster="id")
    # Sum over strata of (share of the weight)^2 x s^2 / n: Cochran (1977), section 5.4.
    strata = con.execute(f"select count(*), sum(pw), var_samp({variable}) from api group by stype").fetchall()
    weight = sum(w for _, w, _ in strata)
    assert found[0]["se"] ** 2 == pytest.approx(sum((w / weight) ** 2 * s2 / n for n, w, s2 in strata), rel=CLOSE)


TFC_NAMES = {
    "n": "n",
    "n_clusters": "n_psu",
    "df": "df",
    "estimate": "est",
    "se": "se",
    "ci_low": "lo",
    "ci_high": "hi",
}
TFC_DOMAINS = {"all": "all", "wave": "of_wave", "site x wave": "site_wave", "age_band x wave": "age_wave"}


@pytest.mark.parametrize("fpc", ["TRUE", "FALSE"])
@pytest.mark.parametrize(
    ("variable", "method"), [("wellbeing", "mean_t"), ("knows_help", "logit"), ("knows_help", "xlogit")]
)
def test_four_sites_as_strata_and_schools_as_clusters(
    con: duckdb.DuckDBPyConnection, variable: str, method: str, fpc: str
) -> None:
    found = estimates(
        con, "tfc", ["survey"], y=variable, weight="w_base", stratum="site", cluster="school",
        breakdowns=["of_wave", "site_wave", "age_wave"], percent="true" if "logit" in method else "false", whole=1,
        population="n_schools_in_site" if fpc == "TRUE" else None,
    )  # fmt: skip
    figures = {(row["breakdown"], row["breakdown_value"]): row for row in found}
    wanted = [
        row
        for row in expected("tfc_domain_estimates.csv")
        if (row["variable"], row["method"], row["fpc"]) == (variable, method, fpc)
    ]
    assert len(wanted) == 25
    for row in wanted:
        figure = figures[TFC_DOMAINS[row["domain"]], row["level"] or "all"]
        assert disagreements(figure, row, TFC_NAMES) == {}, row


CHANGE_NAMES = {
    "estimate_from": "est_from", "estimate_to": "est_to", "difference": "change", "se": "se_design_cov", "df": "df",
    "ci_low": "lo", "ci_high": "hi", "p_value": "p",
}  # fmt: skip


def _repeated(con: duckdb.DuckDBPyConnection, variable: str, whole_or_site: str) -> list[Row]:
    where = "" if whole_or_site == "all" else f"and site = '{whole_or_site}'"
    con.execute(
        f"""
        create or replace temp view repeated as
        select pair.wave_from, pair.wave_to, case when wave = pair.wave_to then 'to' else 'from' end as side, tfc.*
        from tfc inner join (values (1, 2), (1, 3), (2, 3)) as pair (wave_from, wave_to) on wave in (wave_from, wave_to)
        where true {where}
        """
    )
    return contrast(
        con, "repeated", ["wave_from", "wave_to"], y=variable, weight="w_base", stratum="site", cluster="school",
        percent="true" if variable == "knows_help" else "false", whole=1, population="n_schools_in_site",
    )  # fmt: skip


@pytest.mark.parametrize("site", ["all", "Site1", "Site2", "Site3", "Site4"])
@pytest.mark.parametrize("variable", ["knows_help", "wellbeing"])
def test_repeated_cross_sections_with_shared_schools(con: duckdb.DuckDBPyConnection, variable: str, site: str) -> None:
    figures = {(str(row["wave_from"]), str(row["wave_to"])): row for row in _repeated(con, variable, site)}
    wanted = [row for row in expected("tfc_change.csv") if (row["site"], row["variable"]) == (site, variable)]
    assert len(wanted) == 3
    effect = "cohens_h" if variable == "knows_help" else "d_glass_wave_from_sd"
    for row in wanted:
        figure = figures[row["from"], row["to"]]
        assert disagreements(figure, row, CHANGE_NAMES | {"effect_size": effect}) == {}, row


@pytest.mark.parametrize("site", ["all", "Site1", "Site2", "Site3", "Site4"])
@pytest.mark.parametrize("variable", ["knows_help", "wellbeing"])
def test_the_same_people_twice(con: duckdb.DuckDBPyConnection, variable: str, site: str) -> None:
    con.execute(
        f"""
        create or replace temp view linked as
        select 'tfc' as survey, a.site, a.school, a.w_base, a.n_schools_in_site, a.{variable} as y_from, b.{variable} as y_to
        from tfc_waves as a inner join tfc_waves as b on a.person_key = b.person_key and a.wave = 1 and b.wave = 2
        where '{site}' in ('all', a.site)
        """
    )
    (figure,) = paired(
        con, "linked", ["survey"], weight="w_base", stratum="site", cluster="school", population="n_schools_in_site",
        percent="true" if variable == "knows_help" else "false", whole=1,
    )  # fmt: skip
    (wanted,) = (
        row for row in expected("tfc_matched_change.csv") if (row["site"], row["variable"]) == (site, variable)
    )
    names = {"n_from": "n_matched", "difference": "change", "se": "se", "df": "df", "ci_low": "lo", "ci_high": "hi"}
    if variable == "wellbeing":
        names["effect_size"] = "d_baseline_sd"
    assert disagreements(figure, wanted, names) == {}


def test_the_paired_t_test_of_apistrat(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("create or replace temp view both_years as select *, api99 as y_from, api00 as y_to from api")
    (figure,) = paired(con, "both_years", ["survey"], weight="pw", stratum="stype", cluster="id", population="fpc")
    (wanted,) = (
        row
        for row in expected("tests.csv")
        if row["design"] == "apistrat" and row["test"].startswith("svyttest paired")
    )
    # R's test is of one coefficient, and takes one degree of freedom less than the design has: same estimate and statistic.
    assert agrees(figure["difference"], wanted["estimate"])
    assert figure["difference"] / figure["se"] == pytest.approx(float(wanted["statistic"]), rel=CLOSE)
    assert figure["df"] == int(wanted["df"]) + 1


@pytest.mark.parametrize("variable", ["knows_help", "wellbeing"])
def test_holm_over_four_sites(con: duckdb.DuckDBPyConnection, variable: str) -> None:
    wanted = [
        row for row in expected("tfc_change.csv") if row["variable"] == variable and row["p_holm_sites"] not in NA
    ]
    assert len(wanted) == 4
    found = holm(con, [(float(row["p"]), variable) for row in wanted])
    assert found == pytest.approx([float(row["p_holm_sites"]) for row in wanted], rel=CLOSE)


def holm(con: duckdb.DuckDBPyConnection, values: Sequence[tuple[float | None, str]]) -> list[float | None]:
    con.execute("create or replace temp table p_values (position int, p double, family varchar)")
    con.executemany("insert into p_values values (?, ?, ?)", [(n, p, family) for n, (p, family) in enumerate(values)])
    step = render("survey_holm_step('p', 'family')")
    adjusted = render("survey_holm('p', 'step', 'family')")
    sql = f"select {adjusted} as p from (select *, {step} as step from p_values) order by position"
    return [row["p"] for row in rows(con, sql)]


def test_holm_of_equal_and_missing_p_values_and_of_two_families(con: duckdb.DuckDBPyConnection) -> None:
    values = [(0.01, "a"), (0.01, "a"), (None, "a"), (0.04, "a"), (0.04, "b"), (0.9, "b"), (0.8, "b")]
    # By hand: 3 x 0.01, not below that, 1 x 0.04; and 3 x 0.04, then 2 x 0.8 cut at 1.
    assert holm(con, values) == pytest.approx([0.03, 0.03, None, 0.04, 0.12, 1, 1])


def test_a_lonely_stratum_has_no_standard_error_and_says_so(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("create or replace temp view lonely as select *, 's' as survey from lonely_psu")
    (figure,) = estimates(con, "lonely", ["survey"], weight="w", cluster="psu")
    wanted = expected("lonely_psu.csv")
    assert all(agrees(figure["estimate"], row["mean"]) and agrees(figure["df"], row["df"]) for row in wanted)
    assert (figure["se"], figure["ci_low"], figure["ci_high"], figure["ci_method"]) == (None,) * 4
    assert figure["reason"] == "A stratum has one cluster only: nothing to work a standard error out from."


def test_a_lonely_stratum_that_is_its_whole_population_adds_nothing(con: duckdb.DuckDBPyConnection) -> None:
    (wanted,) = (row for row in expected("lonely_psu.csv") if row["option"] == "certainty")
    con.execute(
        "create or replace temp view certain as"
        " select *, 's' as survey, case when stratum = 'B' then 1 else 1e300 end as of_all from lonely_psu"
    )
    (figure,) = estimates(con, "certain", ["survey"], weight="w", cluster="psu", population="of_all")
    assert agrees(figure["se"], wanted["se"])
    assert figure["reason"] is None


CLOPPER_PEARSON = [row for row in expected("unweighted_prop_ci.csv") if row["x"] in ("0", row["n"])]


@pytest.mark.parametrize("case", CLOPPER_PEARSON, ids=lambda row: f"{row['x']} of {row['n']}")
def test_nobody_and_everybody(con: duckdb.DuckDBPyConnection, case: dict[str, str]) -> None:
    """Without weights and clusters the effective n is n, and Korn and Graubard's interval is Clopper and Pearson's."""
    y = 0 if case["x"] == "0" else 1
    people = [{"id": str(n), "cluster": str(n), "stratum": "all", "weight": 1, "y": y} for n in range(int(case["n"]))]
    load(con, "extreme", ({**person, "area": "a"} for person in people))
    found = estimates(con, "extreme", ["area"], percent="true", whole=1)
    (figure,) = found
    assert agrees(figure["ci_low"], case["cp_lo"])
    assert agrees(figure["ci_high"], case["cp_hi"])
    assert (figure["ci_method"], figure["se"], figure["estimate"]) == ("beta", 0, y)
