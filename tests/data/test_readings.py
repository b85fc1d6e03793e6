"""The readings of the claims that no computation settles: complete, dated strictly, and as their facts say.

That a reading names facts that were public by its day, gives a condition exactly where it `holds if`, and shows a
number that one of its facts has, are rules of the table (`compute_scaling.data`): here they are held against plain
Python.
"""

import csv
from datetime import date
from itertools import pairwise

import pytest

from compute_scaling import data
from compute_scaling.claims import ARTICLE_DAY

READ = [
    "C01", "C02", "C03", "C04", "C05", "C09", "C10", "C11", "C12", "C13", "C15", "C17", "C19",
    "C20", "C22", "C27", "C32", "C33", "C34", "C35", "C36", "C37", "C38", "C46", "C49",
]  # fmt: skip
Row = dict[str, str]


def rows(table: str) -> list[Row]:
    with (data.FOLDER / f"{table}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@pytest.fixture(scope="module")
def readings() -> list[Row]:
    return rows("readings")


@pytest.fixture(scope="module")
def outcomes() -> dict[str, Row]:
    return {row["outcome_id"]: row for row in rows("outcomes")}


def facts_of(reading: Row) -> list[str]:
    return reading["facts"].split(", ") if reading["facts"] else []


def test_each_of_these_claims_has_a_reading_of_the_article_day(readings: list[Row]) -> None:
    assert sorted({row["claim_id"] for row in readings}) == READ
    assert sorted({row["claim_id"] for row in readings if row["known_on"] <= ARTICLE_DAY}) == READ


def test_every_fact_exists_once_and_was_public(readings: list[Row], outcomes: dict[str, Row]) -> None:
    for row in readings:
        facts = facts_of(row)
        assert facts or row["word"] == "cannot be checked", row["claim_id"]
        assert len(set(facts)) == len(facts), row["claim_id"]
        assert all(outcomes[fact]["known_on"] <= row["known_on"] for fact in facts), row["claim_id"]


def test_a_later_reading_rests_on_something_new(readings: list[Row], outcomes: dict[str, Row]) -> None:
    for before, row in pairwise(readings):
        if before["claim_id"] == row["claim_id"]:
            news = [fact for fact in facts_of(row) if outcomes[fact]["known_on"] > before["known_on"]]
            assert news, (row["claim_id"], row["known_on"])
            assert row["why"] != before["why"]


def test_the_number_is_one_of_the_facts_and_has_a_value(readings: list[Row], outcomes: dict[str, Row]) -> None:
    shown = [row for row in readings if row["number"]]
    assert shown
    for row in shown:
        assert row["number"] in facts_of(row), row["claim_id"]
        assert outcomes[row["number"]]["value"], row["claim_id"]
        assert outcomes[row["number"]]["unit"], row["claim_id"]


def test_a_condition_exactly_where_the_claim_holds_if(readings: list[Row]) -> None:
    for row in readings:
        assert bool(row["condition"]) == (row["word"] == "holds if"), row["claim_id"]
        assert not row["condition"].startswith("if "), row["claim_id"]
        assert not row["condition"].endswith("."), row["claim_id"]
        assert row["why"].endswith("."), row["claim_id"]


def test_a_reading_types_no_number_that_a_fact_holds(readings: list[Row]) -> None:
    for row in readings:
        assert not any(sign.isdigit() for sign in row["why"] + row["condition"]), row["claim_id"]


def test_a_claim_with_a_month_follows_the_day_of_its_first_fact(readings: list[Row], outcomes: dict[str, Row]) -> None:
    months = {
        row["claim_id"]: row["value_date"][:7] for row in rows("claims") if row["value_date_precision"] == "month"
    }
    assert sorted(months) == ["C02", "C04", "C20", "C49"]
    for row in readings:
        if row["claim_id"] in months:
            first = date.fromisoformat(outcomes[facts_of(row)[0]]["happened_on"])
            inside = f"{first:%Y-%m}" == months[row["claim_id"]]
            assert row["word"] == ("holds" if inside else "holds if"), row["claim_id"]


def test_a_reading_rests_on_a_fact_of_its_own_claim(readings: list[Row], outcomes: dict[str, Row]) -> None:
    for row in readings:
        own = [fact for fact in facts_of(row) if outcomes[fact]["claim_id"] == row["claim_id"]]
        assert own, (row["claim_id"], row["known_on"])
