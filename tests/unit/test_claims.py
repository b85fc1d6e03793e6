import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from past import forget_after

from compute_scaling import data
from compute_scaling.claims import ARTICLE_DAY, WORDS, check, ledger, machine
from compute_scaling.claims.verdict import word_for_range

POSITIVE = st.floats(1e-3, 1e6)


def test_every_claim_of_the_article_has_a_verdict():
    for day in (ARTICLE_DAY, None):
        rows = ledger(as_of=day)
        assert rows["claim_id"].tolist() == [f"C{number:02d}" for number in range(1, 50)]
        assert set(rows["word"]) <= set(WORDS)
        assert rows["why"].str.len().gt(0).all()


def test_a_checked_claim_says_what_it_rests_on():
    sources = set(data.load("sources")["source_id"])
    for row in ledger().query("word != 'open'").to_dict("records"):
        assert row["hinges_on"], row["claim_id"]
        assert row["would_change"], row["claim_id"]
        assert row["sources"], row["claim_id"]
        assert set(row["sources"]) <= sources, row["claim_id"]
        assert np.isnan(row["mid"]) or row["low"] <= row["mid"] <= row["high"], row["claim_id"]


def test_four_times():
    verdict = check("C23", as_of=ARTICLE_DAY)
    assert (verdict.word, round(verdict.mid, 2)) == ("holds if", 4.07)
    table = machine.four_times()
    assert len(table) == 36
    assert (table["four"] == "holds").sum() < (table["at_least_four"] == "holds").sum() < 36
    moved = machine.one_choice_moved(table).set_index(["moved", "to"])["times_mid"].round(2)
    assert moved["none", ""] == 4.07
    assert moved["scope", "owner"] == 2.03
    assert moved["evidence", "measured"] == 6.94
    assert moved["evidence", "reported"] == 3.85


def test_plain_arithmetic_of_the_article():
    assert (check("C26").mid, check("C26").word) == (5, "holds")
    assert machine.planned_count() == 100_000


def test_no_fact_of_a_later_day_changes_the_ledger(folder, read_from):
    expected = ledger(as_of=ARTICLE_DAY)
    assert forget_after(folder, ARTICLE_DAY) > 100
    read_from(folder)
    pd.testing.assert_frame_equal(ledger(as_of=ARTICLE_DAY), expected)


@pytest.mark.parametrize("claim_id", ["C50", "C00", "c23", ""])
def test_an_unknown_claim_is_refused(claim_id):
    with pytest.raises(ValueError, match=f"^claim_id = '{claim_id}'; expected one of C01 to C49$"):
        check(claim_id)


@given(st.lists(st.tuples(POSITIVE, st.floats(1, 10)), min_size=1, max_size=6), POSITIVE, st.floats(1, 10))
def test_a_verdict_word_broadcasts_like_a_loop_and_means_what_it_says(ranges, allowed_low, factor):
    lows = [low for low, _ in ranges]
    highs = [low * wide for low, wide in ranges]
    allowed_high = allowed_low * factor
    words = word_for_range(lows, highs, allowed_low, allowed_high).tolist()
    assert words == [str(word_for_range(*pair, allowed_low, allowed_high)) for pair in zip(lows, highs, strict=True)]
    for low, high, word in zip(lows, highs, words, strict=True):
        inside = [allowed_low <= end < allowed_high for end in (low, high)]
        assert (word == "holds") == all(inside)
        if any(inside):
            assert word != "does not hold"


def test_a_range_that_is_no_number_gets_no_word():
    with pytest.raises(ValueError, match=r"^high = nan; "):
        word_for_range(1, np.nan, 3.5, 4.5)


@pytest.mark.parametrize(
    ("times", "four", "at_least"),
    [(3.49, False, False), (3.5, True, True), (4.49, True, True), (4.5, False, True)],
)
def test_four_is_what_rounds_to_four(times: float, four: bool, at_least: bool) -> None:
    row = pd.DataFrame({"times_low": [times], "times_mid": [times], "times_high": [times]})
    words = machine.with_words(row).iloc[0]
    assert (words["four"] == "holds", words["at_least_four"] == "holds") == (four, at_least)
