import numpy as np
import pandas as pd
import pytest
from test_ledger_table import claims

from book_figures import the_ledger
from book_figures.ledger_table import both_days
from compute_scaling import data
from compute_scaling.claims import check

NO_CHECK = "cannot be checked"
MIXED = claims(
    ("holds", "holds"), (NO_CHECK, "holds"), ("holds", "does not hold"), (NO_CHECK, NO_CHECK), ("holds if", "holds"),
    ("holds if", "holds if"), ("holds", NO_CHECK), (NO_CHECK, "does not hold"), (NO_CHECK, "holds"),
)  # fmt: skip


@pytest.fixture(scope="module")
def whole():
    """The ledger of both days, computed once for the file."""
    return both_days()


def test_words_are_counted_on_both_days():
    counted = the_ledger.words_counted(MIXED).set_index("word")
    assert counted["claims, May 2024"].to_dict() == {
        "holds": 3, "holds if": 2, "does not hold": 0, NO_CHECK: 4,
    }  # fmt: skip
    assert counted["claims, today"].to_dict() == {
        "holds": 4, "holds if": 1, "does not hold": 2, NO_CHECK: 2,
    }  # fmt: skip


def test_changes_are_listed_by_pair_and_by_claim():
    pairs = the_ledger.transitions(MIXED)
    assert pairs.iloc[0].to_list() == [NO_CHECK, "holds", 2, "C02, C09"]
    assert pairs["claims"].sum() == MIXED["changed"].sum() == 6
    ends = pd.Series(pd.Timestamp("2024-07-31"), index=["C02", "C03", "C05", "C07", "C08", "C09"])
    rows = the_ledger.changed_claims(MIXED, ends)
    assert rows["claim"].to_list() == list(ends.index)
    assert set(rows["by the end of"]) == {"July 2024"}


def test_kinds_of_change_are_told_apart():
    kinds = {
        kind.__name__: MIXED.loc[kind(MIXED), "claim_id"].to_list()
        for kind in (the_ledger.decided, the_ledger.loosened, the_ledger.turned)
    }
    assert kinds == {"decided": ["C02", "C05", "C08", "C09"], "loosened": ["C07"], "turned": ["C03"]}
    assert the_ledger.undecided_claims(MIXED)["claim"].to_list() == ["C04", "C06"]


def test_a_claim_changed_at_the_first_month_end_with_the_word_of_today(whole):
    table = whole[whole["claim_id"].isin(["C21", "C38", "C46"])]
    for claim_id, end in the_ledger.changed_since(table).items():
        word = check(claim_id).word
        assert check(claim_id, as_of=end).word == word
        assert check(claim_id, as_of=end - pd.offsets.MonthEnd()).word != word
    assert "C38" not in the_ledger.changed_since(table)


def test_a_word_that_no_month_end_has_is_of_the_last_day():
    table = pd.DataFrame({"claim_id": ["C21"], "word_now": ["no word"], "changed": [True]})
    assert the_ledger.changed_since(table)["C21"] == data.updated_on()


def test_no_change_leaves_empty_tables_not_errors():
    same = claims(("holds", "holds"))
    assert len(the_ledger.transitions(same)) == len(the_ledger.undecided_claims(same)) == 0
    since = the_ledger.changed_since(same)
    assert len(the_ledger.changed_claims(same, since)) == 0
    assert np.isnan(the_ledger.months_until(since).median())
    assert "of no claim changed" in the_ledger.words_then_and_now(same).alt_text


def test_claims_without_a_number_have_none_on_either_day():
    table = claims(("holds", "holds"), ("holds", "holds"), ("holds", "holds"))
    table["mid_then"], table["mid_now"] = [1, np.nan, np.nan], [np.nan, np.nan, 2]
    assert the_ledger.without_number(table).to_list() == [False, True, False]


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ([("holds", "holds if")], "No claim is out of reach"),
        (
            [(NO_CHECK, "holds"), (NO_CHECK, NO_CHECK)],
            "Out of reach of any check: 2 claims in May 2024, 1 claim today.",
        ),
    ],
)
def test_what_is_out_of_reach_is_said(words, text):
    assert the_ledger.out_of_reach(claims(*words)).startswith(text)


@pytest.mark.parametrize(("then", "now", "moved"), [(10, 10.9, 0), (10, 11.1, 1), (10, 8.9, 1), (10, np.nan, 0)])
def test_a_number_moves_by_more_than_a_tenth(then, now, moved):
    table = pd.DataFrame({"mid_then": [then], "mid_now": [now], "unit_then": "MW", "unit_now": "MW"})
    assert the_ledger.number_moved(table).to_list() == [bool(moved)]
    assert the_ledger.number_moved(table.assign(unit_now="days")).to_list() == [False]


def test_assumptions_give_both_counts():
    effects = the_ledger.assumptions(MIXED.assign(mid_then=1.0, mid_now=[1.0] * 8 + [2.0]))["what it changes"]
    assert effects.to_list()[1:] == [
        "changed: 6, or 5",
        "changed: 6, or 6",
        "changed: 67\xa0%, or 71\xa0%",
    ]


def test_other_draws_are_compared_with_the_ledger_of_the_day(whole):
    table = whole.copy()
    table.loc[:4, "word_then"] = "no word"
    assert " 5 claims would " in the_ledger.assumptions(table)["what it changes"].iloc[0]


def test_the_figure_shows_each_claim_once_and_counts_it_in_words():
    shown = the_ledger.words_then_and_now(MIXED)
    assert sorted(shown.table["id"]) == sorted(MIXED["claim_id"])
    assert "holds 3, holds if 2, cannot be checked 4" in shown.alt_text
    assert "today: holds 4, holds if 1, does not hold 2, cannot be checked 2" in shown.alt_text
    assert "of 6 claims changed" in shown.alt_text
