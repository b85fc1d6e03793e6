"""The answers of chapter 1, counted again from the lines of the tables, and the numbers that its prose says."""

import csv
from datetime import date
from pathlib import Path

import gates
import pandas as pd
import pytest

from book_figures import what_was_claimed
from compute_scaling import data

NOTEBOOK = Path(__file__).resolve().parents[2] / "notebooks" / "01_what_was_claimed.ipynb"
ARTICLE_DAY = "2024-05-31"


def rows(table: str) -> list[dict[str, str]]:
    with (data.FOLDER / f"{table}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@pytest.fixture(scope="module")
def claims() -> list[dict[str, str]]:
    return rows("claims")


@pytest.fixture(scope="module")
def outcomes() -> list[dict[str, str]]:
    return rows("outcomes")


@pytest.fixture(scope="module")
def said() -> dict[str, str]:
    """What the notebook hands to its prose, by name."""
    return gates.said(NOTEBOOK)


def test_the_claims_are_counted(claims: list[dict[str, str]], said: dict[str, str]) -> None:
    numbers = [claim for claim in claims if claim["value"]]
    dates = [claim for claim in claims if claim["value_date"]]
    nothing = [claim for claim in claims if not claim["quantity"]]
    predictions = [claim for claim in claims if claim["kind"] == "prediction"]
    counted = len(claims), len(numbers), len(dates), len(nothing), len(predictions)
    assert counted == (49, 10, 5, 21, 8)
    names = ("claims", "with_number", "with_date", "nothing", "predictions")
    assert tuple(said[name] for name in names) == ("49", "10", "5", "21", "8")


def test_the_market_has_no_number_and_money_no_prediction(claims: list[dict[str, str]], said: dict[str, str]) -> None:
    market = [claim for claim in claims if claim["theme"] == "market"]
    money = [claim for claim in claims if claim["theme"] == "money"]
    assert (len(market), sum(claim["value"] != "" for claim in market)) == (15, 0)
    assert (sum(claim["kind"] == "prediction" for claim in money), sum(claim["value"] != "" for claim in money)) == (
        0,
        4,
    )
    assert (said["market"], said["money_numbers"]) == ("15", "4")


def test_the_implied_sums(said: dict[str, str]) -> None:
    assert (said["implied"], said["five"], said["quarter"], said["largest"]) == ("3", "5", "0.24", "25,000")
    assert (100_000 / 20_000, 24e9 / 100e9, 100_000 / 4) == (5, 0.24, 25_000)


def test_what_was_public_then(outcomes: list[dict[str, str]], said: dict[str, str]) -> None:
    then = [fact for fact in outcomes if fact["known_on"] <= ARTICLE_DAY]
    late = [fact for fact in outcomes if fact["happened_on"] <= ARTICLE_DAY < fact["known_on"]]
    touched = {fact["claim_id"] for fact in then}
    assert (len(then), len(touched), len(late)) == (85, 44, 8)
    names = ("facts_today", "facts_then", "documented_then", "documented_share", "late")
    assert tuple(said[name] for name in names) == (str(len(outcomes)), "85", "44", "90\xa0%", "8")
    assert (said["memo_month"], said["memo_known"]) == ("December 2023", "4 June 2024")


def test_every_claim_has_a_fact_today(claims: list[dict[str, str]], outcomes: list[dict[str, str]]) -> None:
    assert {claim["claim_id"] for claim in claims} == {fact["claim_id"] for fact in outcomes}


def test_the_machine_came_early(said: dict[str, str]) -> None:
    assert (date(2025, 9, 22) - date(2024, 9, 2)).days == 385 == what_was_claimed.days_early()
    assert (said["days_early"], said["online"], said["talks_ended"]) == ("385", "2 September 2024", "9 July 2024")
    assert (said["announced"], said["closed"], said["closed_month"]) == ("26 May 2024", "$80 billion", "February 2024")


def test_exercise_musk(claims: list[dict[str, str]], said: dict[str, str]) -> None:
    from_musk = [claim for claim in claims if claim["attributed_to"].split(" via ")[0].startswith("Elon Musk")]
    assert [claim["claim_id"] for claim in from_musk] == ["C14", "C16", "C18", "C23", "C24", "C25"]
    assert [claim["claim_id"] for claim in from_musk if claim["kind"] != "prediction"] == ["C14"]
    assert (said["from_musk"], said["musk_predictions"]) == ("6", "5")


def test_exercise_known(outcomes: list[dict[str, str]], said: dict[str, str]) -> None:
    known = sorted(fact["known_on"] for fact in outcomes if fact["claim_id"] == "C18")
    facts = [sum(day <= last for day in known) for last in (ARTICLE_DAY, "2024-12-31", "2026-11-23")]
    assert facts == [1, 12, 37]
    assert [said["c18_then"], said["c18_year_end"], said["c18_today"]] == ["1", "12", "37"]


def test_assumptions_give_both_counts() -> None:
    effects = what_was_claimed.assumptions(what_was_claimed.described_claims())["what it changes"].to_list()
    assert effects == [
        "the machine came 385 days early, or 364",
        "49 claims, or 46; with a number 10, or 7",
        "with a number 10, or 9",
        "claims on the machine 8, or 10",
        "facts public by then 85, or 57",
    ]


def test_each_claim_of_the_chapter_has_its_fact(claims: list[dict[str, str]]) -> None:
    table = what_was_claimed.answered_here()
    assert table["id"].tolist() == [claim["claim_id"] for claim in claims if claim["chapter"] == "1"]
    assert table["dated fact"].str.len().min() > 0
    assert set(what_was_claimed.CHAPTERS) >= {int(claim["chapter"]) for claim in claims}


def test_the_drawn_facts_are_known_to_the_day(outcomes: list[dict[str, str]]) -> None:
    drawn = {fact for _, _, facts in what_was_claimed.STORY.values() for fact in facts}
    days = {fact["outcome_id"] for fact in outcomes if fact["happened_on_precision"] == "day"}
    assert drawn <= days
    table = what_was_claimed.claim_dates().table
    then = table[table["when"] == what_was_claimed.BEFORE]
    later = table[table["when"] == what_was_claimed.AFTER]
    assert (len(then), len(later), len(table)) == (10, 15, 26)
    assert then["public since"].max() <= pd.Timestamp(ARTICLE_DAY) < later["public since"].min()
