import numpy as np
import pandas as pd
import pytest
from test_ledger_table import claims

from book_figures import the_ledger
from book_figures.ledger_table import both_days
from compute_scaling import data
from compute_scaling.claims import ARTICLE_DAY

NO_CHECK = "cannot be checked"
MIXED = claims(
    ("holds", "holds"), (NO_CHECK, "holds"), ("holds", "does not hold"), (NO_CHECK, NO_CHECK), ("holds if", "holds"),
    ("open", "open"), ("holds", NO_CHECK), (NO_CHECK, "does not hold"), (NO_CHECK, "holds"),
)  # fmt: skip


def test_words_are_counted_on_both_days():
    counted = the_ledger.words_counted(MIXED).set_index("word")
    assert counted["claims, May 2024"].to_dict() == {
        "holds": 3, "holds if": 1, "does not hold": 0, NO_CHECK: 4, "open": 1,
    }  # fmt: skip
    assert counted["claims, today"].to_dict() == {
        "holds": 4, "holds if": 0, "does not hold": 2, NO_CHECK: 2, "open": 1,
    }  # fmt: skip


def test_changes_are_listed_by_pair_and_by_claim():
    pairs = the_ledger.transitions(MIXED)
    assert pairs.iloc[0].to_list() == [NO_CHECK, "holds", 2, "C02, C09"]
    assert pairs["claims"].sum() == MIXED["changed"].sum() == 6
    assert the_ledger.changed_claims(MIXED)["id"].to_list() == ["C02", "C03", "C05", "C07", "C08", "C09"]


def test_a_verdict_that_turned_is_told_from_a_fact_that_came():
    assert MIXED.loc[the_ledger.turned(MIXED), "claim_id"].to_list() == ["C03", "C05"]
    assert the_ledger.settled_later(MIXED)["claim_id"].to_list() == ["C02", "C08", "C09"]


def test_no_change_leaves_empty_tables_not_errors():
    same = claims(("holds", "holds"))
    for table in (the_ledger.transitions, the_ledger.changed_claims, the_ledger.unchecked_claims):
        assert len(table(same)) == 0
    assert np.isnan(the_ledger.settled_later(same)["days"].median())
    assert "of no claim changed" in the_ledger.words_then_and_now(same).alt_text


def test_claims_without_a_check_say_when_and_what_it_would_take():
    rows = the_ledger.unchecked_claims(MIXED.assign(would_change_then="then", would_change_now="now"))
    assert rows["no check"].to_dict() == {
        1: "in May 2024", 3: "on neither day", 6: "today", 7: "in May 2024", 8: "in May 2024",
    }  # fmt: skip
    assert rows["what it would take"].to_list() == ["then", "then", "now", "then", "then"]


def test_the_wait_counts_from_the_article_to_the_next_fact_that_is_no_plan():
    facts = data.load("outcomes")
    for claim_id, days in the_ledger.days_waited().items():
        rows = facts[(facts["claim_id"] == claim_id) & ~facts["is_plan"].astype(bool)]
        later = [day for day in rows["known_on"] if day > pd.Timestamp(ARTICLE_DAY)]
        assert days == (min(later) - pd.Timestamp(ARTICLE_DAY)).days > 0


@pytest.mark.parametrize(("then", "now", "moved"), [(10, 10.9, 0), (10, 11.1, 1), (10, 8.9, 1), (10, np.nan, 0)])
def test_a_number_moves_by_more_than_a_tenth(then, now, moved):
    table = pd.DataFrame({"mid_then": [then], "mid_now": [now]})
    assert the_ledger.number_moved(table).to_list() == [bool(moved)]


def test_assumptions_give_both_counts():
    effects = the_ledger.assumptions(MIXED.assign(mid_then=1.0, mid_now=[1.0] * 8 + [2.0]))["what it changes"]
    assert effects.to_list()[1:] == [
        "changed: 6, or 5",
        "changed: 6, or 6",
        "changed: 67\xa0%, or 67\xa0%",
    ]


def test_the_other_day_of_the_article_is_compared_with_the_ledger_of_that_day():
    effect = the_ledger.assumptions(both_days())["what it changes"].iloc[0]
    assert effect.startswith("in the column of May 2024, ")
    assert effect.endswith(" would have another word")


def test_the_figure_shows_each_claim_once_and_counts_it_in_words():
    shown = the_ledger.words_then_and_now(MIXED)
    assert sorted(shown.table["id"]) == sorted(MIXED["claim_id"])
    assert "holds 3, holds if 1, cannot be checked 4, open 1" in shown.alt_text
    assert "today: holds 4, does not hold 2, cannot be checked 2, open 1" in shown.alt_text
    assert "of 6 claims changed" in shown.alt_text


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ([("holds", "holds")], "Every claim has its check."),
        ([("open", "open")], "For 1 claim the book has no check yet"),
        ([("open", "open")] * 3, "For 3 claims the book has no check yet"),
    ],
)
def test_what_is_open_is_said(words, text):
    assert the_ledger.still_open(claims(*words)).startswith(text)
