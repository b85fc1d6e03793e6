from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from past import forget_after

from compute_scaling import data
from compute_scaling.claims import ARTICLE_DAY, WORDS, Verdict, check, ledger, machine
from compute_scaling.claims.ledger import CHECKS
from compute_scaling.claims.verdict import word_for_chance, word_for_range
from compute_scaling.reader import Reader

POSITIVE = st.floats(1e-3, 1e6)


WORDS_THEN_AND_NOW = {
    "C01": ("holds", "holds"),
    "C02": ("holds", "holds"),
    "C03": ("holds", "holds"),
    "C04": ("holds", "holds"),
    "C05": ("holds if", "holds if"),
    "C06": ("holds", "holds"),
    "C07": ("holds", "holds"),
    "C08": ("holds", "holds"),
    "C09": ("holds", "holds"),
    "C10": ("holds", "holds"),
    "C11": ("holds", "holds if"),
    "C12": ("holds if", "holds if"),
    "C13": ("holds if", "holds if"),
    "C14": ("holds", "holds"),
    "C15": ("holds", "holds"),
    "C16": ("holds if", "holds if"),
    "C17": ("holds", "holds"),
    "C18": ("holds if", "holds"),
    "C19": ("holds", "holds"),
    "C20": ("holds", "holds"),
    "C21": ("holds if", "does not hold"),
    "C22": ("holds if", "holds if"),
    "C23": ("holds if", "holds if"),
    "C24": ("holds if", "holds"),
    "C25": ("holds if", "holds"),
    "C26": ("holds", "holds if"),
    "C27": ("holds", "holds"),
    "C28": ("holds if", "holds"),
    "C29": ("holds", "holds"),
    "C30": ("holds", "holds"),
    "C31": ("holds", "holds"),
    "C32": ("holds", "holds"),
    "C33": ("holds", "holds"),
    "C34": ("holds", "holds"),
    "C35": ("holds", "holds"),
    "C36": ("does not hold", "does not hold"),
    "C37": ("holds", "holds if"),
    "C38": ("holds", "holds"),
    "C39": ("holds", "holds"),
    "C40": ("holds if", "holds if"),
    "C41": ("does not hold", "does not hold"),
    "C42": ("holds if", "holds if"),
    "C43": ("holds if", "holds"),
    "C44": ("holds if", "holds if"),
    "C45": ("holds if", "holds"),
    "C46": ("holds if", "holds"),
    "C47": ("holds", "holds"),
    "C48": ("holds if", "holds if"),
    "C49": ("holds if", "holds if"),
}
DAYS = (ARTICLE_DAY, None)


@pytest.fixture(scope="module")
def ledgers() -> tuple[pd.DataFrame, pd.DataFrame]:
    return ledger(as_of=ARTICLE_DAY), ledger()


def test_every_claim_of_the_article_has_its_word(ledgers):
    then, now = (dict(zip(rows["claim_id"], rows["word"], strict=True)) for rows in ledgers)
    assert {claim_id: (then[claim_id], now[claim_id]) for claim_id in then} == WORDS_THEN_AND_NOW
    assert list(then) == [f"C{number:02d}" for number in range(1, len(then) + 1)]


def test_a_verdict_says_what_it_rests_on(ledgers):
    sources = set(data.load("sources")["source_id"])
    for row in pd.concat(ledgers).to_dict("records"):
        assert row["word"] in WORDS
        for part in ("why", "hinges_on", "would_change", "sources"):
            assert row[part], (row["claim_id"], part)
        assert set(row["sources"]) <= sources, row["claim_id"]
        assert bool(row["condition"]) == (row["word"] == "holds if"), row["claim_id"]
        assert row["why"][0].isupper() or row["why"][0].isdigit() or row["why"].startswith("xAI"), row["claim_id"]
        assert row["why"].endswith("."), row["claim_id"]


def test_a_verdict_says_whether_it_was_computed_or_documented(ledgers):
    for rows in ledgers:
        documented = rows[rows["rests_on"] == "dated facts"]
        assert (
            documented["why"].str.contains(r"\((?:\d{1,2} )?[A-Z][a-z]+ \d{4}\)\.$").all()
        )  # ends with a fact and its day


def test_a_number_has_an_order_and_a_unit(ledgers):
    for row in pd.concat(ledgers).to_dict("records"):
        ends = [row[name] for name in ("low", "mid", "high")]
        if np.isfinite(ends).any():
            assert np.isfinite(ends).all(), row["claim_id"]
            assert ends == sorted(ends), row["claim_id"]
            assert row["unit"], row["claim_id"]


def test_the_same_seed_gives_the_same_bytes(ledgers):
    again = ledger(as_of=ARTICLE_DAY)
    assert again.to_csv() == ledgers[0].to_csv()
    other = ledger(as_of=ARTICLE_DAY, seed=1)
    moved = (other["mid"] - ledgers[0]["mid"]).abs() / ledgers[0]["mid"]
    assert moved.max() > 0
    assert moved.max() < 0.01
    assert (other["word"] == ledgers[0]["word"]).all()


def test_more_draws_change_no_word(ledgers):
    many = ledger(as_of=ARTICLE_DAY, draws=2**16)
    assert (many["word"] == ledgers[0]["word"]).all()


# ------------------------------------------------------------------------------------- what a reader of May 2024 reads

UNDATED = {"claims", "sources"}  # what is asked, and the list of sources, hold no fact


def tables_read(monkeypatch: pytest.MonkeyPatch, claim_id: str) -> dict[str, list[data.Day]]:
    """Check a claim as of the article's day; return the tables that were read, each with the days it was asked for."""
    found: dict[str, list[data.Day]] = {}
    load = data.load

    def recorded(table: str, as_of: data.Day = None, **rest: Path) -> pd.DataFrame:
        found.setdefault(table, []).append(as_of)
        return load(table, as_of, **rest)

    recorded.__kwdefaults__ = load.__kwdefaults__
    monkeypatch.setattr(data, "load", recorded)
    check(claim_id, as_of=ARTICLE_DAY)
    monkeypatch.undo()
    return {name: days for name, days in found.items() if name not in UNDATED}


def without_later_rows(folder: Path, table: str) -> None:
    """Take the rows that were public later out of one table of a copy of data/."""
    others = {path.name: path.read_bytes() for path in folder.glob("*.csv") if path.stem != table}
    forget_after(folder, ARTICLE_DAY)
    for name, text in others.items():
        (folder / name).write_bytes(text)


@pytest.mark.parametrize("claim_id", WORDS_THEN_AND_NOW)
def test_a_reader_of_the_day_is_given_rows_of_the_day(claim_id, monkeypatch):
    """Every table a check touches is asked for as of the day, but those whose later rows the next test takes away."""
    read = tables_read(monkeypatch, claim_id)
    assert read, "a check that reads no table"
    for name, days in read.items():
        for day in days:
            assert day is None or pd.Timestamp(day) <= pd.Timestamp(ARTICLE_DAY), name
            if day is None:
                assert name in READ_WHOLE, f"{claim_id} reads all of {name}"


READ_WHOLE = {"accelerators", "clusters"}  # the census and the peaks: they keep the days apart by themselves


@pytest.mark.parametrize("table", sorted(READ_WHOLE))
def test_later_rows_of_a_table_read_whole_change_no_verdict(table, folder, read_from):
    expected = ledger(as_of=ARTICLE_DAY)
    without_later_rows(folder, table)
    read_from(folder)
    pd.testing.assert_frame_equal(ledger(as_of=ARTICLE_DAY), expected)


def test_no_fact_of_a_later_day_changes_the_ledger(folder, read_from):
    expected = ledger(as_of=ARTICLE_DAY)
    assert forget_after(folder, ARTICLE_DAY) > 100
    read_from(folder)
    pd.testing.assert_frame_equal(ledger(as_of=ARTICLE_DAY), expected)


def test_a_check_that_looks_ahead_is_caught(monkeypatch):
    """The gate closes: a check that reads a table without the day, or as of a later one, is seen."""

    def cheat(reader: Reader) -> Verdict:
        facts = data.load("outcomes")
        return Verdict("C39", "holds", f"{len(facts)} facts")

    monkeypatch.setitem(CHECKS, "C39", cheat)
    with pytest.raises(AssertionError, match="C39 reads all of outcomes"):
        test_a_reader_of_the_day_is_given_rows_of_the_day("C39", monkeypatch)


def test_every_source_of_a_may_verdict_had_something_public(ledgers):
    """A source cited in the May column has a row in some table that was public by then."""
    public = set()
    for name in data.tables():
        table = data.load(name)
        if {"source_id", "known_on"} <= set(table):
            public |= set(table.loc[table["known_on"] <= ARTICLE_DAY, "source_id"])
    for row in ledgers[0].to_dict("records"):
        assert set(row["sources"]) <= public, row["claim_id"]


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
    verdict = check("C26", as_of=ARTICLE_DAY)
    assert (verdict.low, verdict.mid, verdict.high, verdict.word) == (5, 5, 5, "holds")
    assert machine.planned_count() == 100_000


@pytest.mark.parametrize("claim_id", ["C99", "C00", "c23", ""])
def test_an_unknown_claim_is_refused(claim_id):
    with pytest.raises(
        ValueError, match=f"^claim_id = '{claim_id}'; expected one of C01 to {list(WORDS_THEN_AND_NOW)[-1]}$"
    ):
        check(claim_id)


@pytest.mark.parametrize("day", ["2024-05-30", "2020-12-31", pd.NaT])
def test_a_day_before_the_article_is_refused(day):
    with pytest.raises(ValueError, match=r"; expected 2024-05-31 or later: before, there was no article to check$"):
        ledger(as_of=day)


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


@pytest.mark.parametrize(
    ("low", "high", "word"),
    [
        (0.9, 1, "holds"),
        (0.89, 1, "holds if"),
        (0, 0.09, "does not hold"),
        (0, 0.11, "holds if"),
        (0.2, 0.8, "holds if"),
    ],
)
def test_a_chance_holds_where_it_is_high_enough(low: float, high: float, word: str) -> None:
    assert word_for_chance(low, high) == word
