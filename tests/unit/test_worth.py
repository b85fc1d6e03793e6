import pandas as pd
import pytest

from compute_scaling import data, worth
from compute_scaling.data import DataError
from compute_scaling.reader import Reader

THEN = Reader(pd.Timestamp("2024-05-31"))


def test_a_price_that_is_only_talked_about_is_none():
    assert worth.priced(THEN, "OpenAI")["usd"].max() == 86e9
    assert set(worth.priced(THEN, "OpenAI")["status"]) <= {"closed", "announced"}


def test_the_middle_is_after_the_new_money():
    assert worth.value_usd(THEN, "xAI") == (18e9, 24e9, 24e9)


def test_of_the_merger_with_x_the_value_of_xai_alone_counts():
    assert worth.value_usd(Reader(pd.Timestamp("2025-04-30")), "xAI") == (80e9, 80e9, 80e9)


def test_after_it_the_newest_deal_contains_x():
    deal = worth.priced(Reader(pd.Timestamp("2026-06-30")), "xAI")
    assert set(deal["company"]) == {"xAI with X"}
    assert worth.value_usd(Reader(pd.Timestamp("2026-06-30")), "xAI")[1] == 250e9


def test_before_the_first_deal_there_is_no_value():
    with pytest.raises(DataError, match="a deal of xAI that was public by 2023-06-30"):
        worth.value_usd(Reader(pd.Timestamp("2023-06-30")), "xAI")


def test_ratios_leave_out_days_without_two_prices_and_span_all_pairs():
    table = worth.ratios(pd.DatetimeIndex(["2023-06-30", "2024-05-31"]))
    assert table["date"].dt.strftime("%Y-%m-%d").tolist() == ["2024-05-31"]
    assert table.loc[0, ["low", "mid", "high"]].tolist() == [18 / 86, 24 / 83, 24 / 80]


def test_plans_never_make_a_machine_smaller():
    table = worth.usd_per_h100(THEN).pivot_table(index="company", columns="basis", values="h100e")
    assert (table["with plans"] >= table["running"]).all()
    assert table.loc["xAI"].to_dict() == {"running": 20_000, "with plans": 100_000}


def test_a_price_of_another_season_is_not_set_beside_machines():
    late = Reader(pd.Timestamp("2024-08-31"))
    assert "Inflection AI" in set(worth.usd_per_h100(THEN)["company"])
    assert "Inflection AI" not in set(worth.usd_per_h100(late)["company"])


def test_dollars_are_the_price_over_the_machine():
    table = worth.usd_per_h100(THEN)
    named = table["sources"].str.split(", ").explode()
    assert set(named) <= set(data.load("sources")["source_id"])
    assert "chinadailyhk-reuters-xai-series-b-2024" in named[table["company"] == "xAI"].tolist()
    assert (table["usd_per_h100"] * table["h100e"]).tolist() == pytest.approx(table["usd"].tolist())
