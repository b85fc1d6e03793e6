import json
import zlib

import pandas as pd
import pytest

from book_figures import how_fast, how_sure, numbers
from book_figures.readers import then
from compute_scaling import pace
from compute_scaling.claims import machine
from compute_scaling.reader import Reader
from compute_scaling.trends import fit_break

MOST_BYTES = 30_000


@pytest.fixture(scope="module")
def growth():
    return how_fast.growth_known()


@pytest.fixture(scope="module")
def moved():
    records = pace.records(then())
    return pace.points_moved(records, day=machine.LAST_OF_AUTUMN, size=machine.planned_count())


def test_the_slider_starts_at_the_articles_day_and_each_setting_has_one_sentence_at_most(growth):
    start = {param["name"]: param["value"] for param in growth.spec()["params"] if "bind" in param}
    assert how_fast.CUT_OFFS[start["cutoff"]] == pd.Timestamp("2024-05-31")
    assert (start["word"], start["unit"]) == ("confirmed", "H100e")
    for _, rows in growth.readout.rows.sort_values("cutoff_from").groupby(["word", "unit"]):
        assert (rows["cutoff_to"].iloc[:-1].to_numpy() == rows["cutoff_from"].iloc[1:].to_numpy()).all()
        assert rows["cutoff_to"].iloc[-1] == len(how_fast.CUT_OFFS)


def test_the_default_sentence(growth):
    rows = growth.readout.rows
    step = how_fast.default_cut_off()
    here = (rows["cutoff_from"] <= step) & (step < rows["cutoff_to"])
    row = rows[here & (rows["word"] == "confirmed") & (rows["unit"] == "H100e")].iloc[0]
    assert row["text"] == (
        "9 records, the largest 24,576 H100-equivalents. Growth 2.09 times a year (90 % range 1.78 to 2.47), doubling "
        "in 11 months. Chance of 100,000 by 20 December 2025: 13\xa0%."
    )
    assert row["verdict"] == "holds if"


def test_the_charts_are_light(growth):
    for figure in (growth, how_sure.trend_backtest()):
        assert len(zlib.compress(json.dumps(figure.spec()).encode())) < MOST_BYTES


def test_each_record_has_the_name_of_its_machine():
    names = how_fast.names_of()
    assert names[pd.Timestamp("2024-03-12")] == "Meta GenAI cluster (InfiniBand)"
    assert names[pd.Timestamp("2024-07-22")].startswith("Colossus 1")


def test_the_break_that_the_chapter_names_is_the_one_that_is_found():
    records = pace.records(then())
    found = fit_break(records["date"], records["value"], seed=0, fewest=4)
    assert found.date == how_fast.BREAK


def test_rows_say_what_was_left_out_and_both_chances(moved):
    figure = how_fast.which_records(moved)
    assert figure.table["records"].nunique() == 14
    labels = [label for rows in figure.spec()["datasets"].values() for row in rows if (label := row.get("label"))]
    assert "without Meta's GenAI cluster: 4.7\xa0%, 12\xa0%" in labels
    assert "begun at Meta RSC, complete: 98\xa0%, 98\xa0%" in labels


def test_the_chance_by_method_in_the_order_of_the_chance():
    table = how_fast.methods()
    assert table["mid"].is_monotonic_decreasing
    assert ((table["low"] <= table["mid"]) & (table["mid"] <= table["high"])).all()
    chances = machine.chances_of_autumn(then())["mid"]
    shown = table.set_index("name")["mid"]
    assert shown["line through all records"] == pytest.approx(chances["growth of the largest"])
    assert "13\xa0%" in how_fast.by_method(table).alt_text


def test_the_table_of_cut_offs_ends_at_the_articles_day():
    table = how_fast.by_cut_off()
    assert table["known by the end of"].iloc[-1] == "March 2024"
    assert table["chance"].iloc[-1] == "13\xa0%"


def test_the_backtest_has_four_kinds_and_its_scoreboard_is_the_books():
    rows = how_sure.forecasts()
    assert rows["kind"].value_counts(sort=False).to_dict() == {"asked": 15, "count": 19, "peak": 19, "record": 7}
    counted = rows[rows["kind"] == "count"]
    assert numbers.percent(counted["covered"].mean()) == "42\xa0%"
    assert len(how_sure.by_kind()) == 4
    text = how_sure.sentence(counted, "stays")
    assert text.startswith("Of 19 ranges of 90 %, 8 held, 11 lay too low, 0 too high.")


def test_the_tornado_has_the_verdicts_line_in_its_middle():
    table = how_sure.assumed()
    chances = machine.chances_of_autumn(Reader(pd.Timestamp("2024-05-31")))["mid"]
    assert table["at_mid"].to_numpy() == pytest.approx(chances["growth of the largest"])
    by_name = table.set_index("input")
    assert by_name.at["way", "at_high"] == pytest.approx(chances["building times, for AI"])
    assert by_name.at["left_out", "low_text"] == "March 2024"
    assert by_name.at["left_out", "flips"] == "–"
    assert "records from" in how_sure.tornado(table).alt_text
