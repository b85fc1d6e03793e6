"""Claims that dated facts settle: the newest reading of the day, its facts in order, its number."""

import csv

import numpy as np
import pandas as pd
import pytest

from compute_scaling import data
from compute_scaling.claims import ARTICLE_DAY, check
from compute_scaling.claims.documented import check_documented, facts_named, number_of
from compute_scaling.claims.ledger import CHECKS
from compute_scaling.claims.verdict import Reader, told

THEN = Reader(pd.Timestamp(ARTICLE_DAY))
NOW = Reader(data.updated_on())
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip


def rows(table):
    with (data.FOLDER / f"{table}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


READ = sorted({row["claim_id"] for row in rows("readings")})
FACTS = {row["outcome_id"]: row for row in rows("outcomes")}


def test_a_claim_has_a_check_or_readings():
    claims = {row["claim_id"] for row in rows("claims")}
    assert claims == set(READ) | set(CHECKS)
    assert not set(READ) & set(CHECKS)


@pytest.mark.parametrize("claim_id", READ)
@pytest.mark.parametrize("reader", [THEN, NOW])
def test_a_verdict_is_the_newest_reading_with_its_first_fact(claim_id, reader):
    day = f"{reader.as_of:%Y-%m-%d}"
    row = max((row for row in rows("readings") if row["claim_id"] == claim_id and row["known_on"] <= day),
              key=lambda row: row["known_on"])  # fmt: skip
    facts = [FACTS[name] for name in row["facts"].split(", ") if name]
    verdict = check_documented(claim_id, reader)
    assert (verdict.claim_id, verdict.word, verdict.condition) == (claim_id, row["word"], row["condition"])
    assert (verdict.hinges_on, verdict.would_change) == (row["hinges_on"], row["would_change"])
    year, month, day = facts[0]["happened_on"].split("-")
    when = f"{MONTHS[int(month) - 1]} {year}"
    when = f"{int(day)} {when}" if facts[0]["happened_on_precision"] == "day" else when
    assert verdict.why == f"{row['why']} {facts[0]['statement']} ({when})"
    assert verdict.sources == tuple(sorted({fact["source_id"] for fact in facts}))
    if row["number"]:
        fact = FACTS[row["number"]]
        ends = [float(fact[name]) for name in ("value_low", "value", "value_high") if fact[name]]
        assert (verdict.low, verdict.mid, verdict.high) == (min(ends), float(fact["value"]), max(ends))
        assert verdict.unit == fact["unit"]
    else:
        assert np.isnan([verdict.low, verdict.mid, verdict.high]).all()
        assert verdict.unit == ""
    assert check(claim_id, reader.as_of).why == f"{verdict.why}."


@pytest.mark.parametrize(
    ("day", "word"),
    [("2024-05-31", "holds if"), ("2024-09-02", "holds if"), ("2024-09-03", "holds"), ("2025-02-27", "holds"),
     ("2025-02-28", "holds if")],
)  # fmt: skip
def test_the_newest_reading_public_by_the_day_counts(day, word):
    assert check("C22", day).word == word


def test_before_its_first_reading_there_is_no_verdict():
    early = Reader(pd.Timestamp("2024-05-25"))
    with pytest.raises(data.DataError) as error:
        check_documented("C22", early)
    expected = data.DataError("readings", "a reading of C22 that was public by 2024-05-25")
    assert str(error.value) == str(expected)
    assert "a reading of C22 that was public by 2024-05-25" in str(error.value)
    assert check_documented("C22", Reader(pd.Timestamp("2024-05-26"))).word == "holds if"


def test_a_reading_that_names_no_fact_stands_on_its_own_source(folder, read_from):
    path = folder / "readings.csv"
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    table.loc[table["claim_id"] == "C19", ["word", "facts", "number", "condition"]] = ["cannot be checked", "", "", ""]
    table.to_csv(path, index=False, lineterminator="\n")
    read_from(folder)
    verdict = check("C19", ARTICLE_DAY)
    assert verdict.word == "cannot be checked"
    assert verdict.why == "The news agency that retold the report names the site and the day."
    assert verdict.sources == ("daily-sabah-reuters-2024",)
    assert np.isnan(verdict.mid)


def test_facts_come_in_the_order_named():
    found = facts_named(THEN, "C13-003, C13-001, C13-002")
    assert found.index.tolist() == ["C13-003", "C13-001", "C13-002"]
    assert facts_named(THEN, "").empty
    with pytest.raises(KeyError, match="C22-002"):
        facts_named(THEN, "C22-001, C22-002")  # of September 2024
    assert len(facts_named(NOW, "C22-001, C22-002")) == 2


@pytest.mark.parametrize(("precision", "written"), [("day", "4 March 2024"), ("month", "March 2024")])
def test_a_fact_is_told_with_its_day_or_month(precision, written):
    fact = {"statement": "It ran", "happened_on": pd.Timestamp("2024-03-04"), "happened_on_precision": precision}
    assert told(pd.Series(fact)) == f"It ran ({written})"


@pytest.mark.parametrize(
    ("cells", "numbers"),
    [
        ((1.0, 2.0, 4.0), (1, 2, 4)),
        ((np.nan, 3.0, np.nan), (3, 3, 3)),
        ((1.0, np.nan, 4.0), (1, 2.5, 4)),
        ((np.nan, 3.0, 4.0), (3, 3, 4)),
        ((1.0, 3.0, np.nan), (1, 3, 3)),
        ((np.nan, np.nan, 4.0), (4, 4, 4)),
    ],
)
def test_the_number_of_a_fact_with_a_value_or_only_bounds(cells, numbers):
    columns = ["value_low", "value", "value_high"]
    facts = pd.DataFrame([[9.0, 9.0, 9.0, "MW"], [*cells, "days"]], ["C01-001", "C01-002"], [*columns, "unit"])
    found = number_of(facts, "C01-002")
    assert found == {"low": numbers[0], "mid": numbers[1], "high": numbers[2], "unit": "days"}
    assert all(type(found[end]) is float for end in ("low", "mid", "high"))
    assert number_of(facts, "") == {}
    with pytest.raises(KeyError):
        number_of(facts, "C01-003")
