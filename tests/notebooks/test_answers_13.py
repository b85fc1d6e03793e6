"""The answers of chapter 13, worked out a second time from the raw table of prices and by hand."""

import csv
from pathlib import Path

import gates
import pytest

ROOT = Path(__file__).resolve().parents[2]
SAID = gates.said(ROOT / "notebooks" / "13_valuations.ipynb")
DAY = "2024-05-31"
ROUND = "2024-05 Series B"


def raw(name):
    with (ROOT / "data" / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


PRICES = [row for row in raw("valuations") if row["kind"].startswith("valuation")]
XAI = {row["kind"]: float(row["amount_usd"]) for row in PRICES if row["deal"] == ROUND and row["status"] == "closed"}
OPENAI = {
    status: {
        float(row["amount_usd"])
        for row in PRICES
        if row["company"] == "OpenAI" and row["status"] == status and "2023-06" < row["known_on"] <= DAY
        and row["deal"] == ("2023-12 talks" if status == "talked about" else "2024-02 tender")
    }
    for status in ("closed", "announced", "talked about")
}  # fmt: skip


def billion(usd):
    return f"${usd / 1e9:.3g} billion"


def percent(share):
    return f"{100 * share:.2g}\u00a0%"


def test_the_prices_are_those_of_the_table():
    assert XAI == {"valuation post": 24e9, "valuation pre": 18e9}
    assert list(OPENAI.values()) == [{80e9}, {86e9}, {100e9}]
    assert (SAID["post"], SAID["pre"]) == (billion(24e9), billion(18e9))
    assert [SAID["closed"], SAID["announced"], SAID["talked"]] == [billion(usd) for usd in (80e9, 86e9, 100e9)]


def test_the_share_that_was_sold():
    assert SAID["sold"] == percent(6 / 24)
    assert SAID["other_share"] == percent(6 / 30)


def test_all_pairs_by_hand():
    ratios = sorted(xai / openai for xai in XAI.values() for prices in OPENAI.values() for openai in prices)
    assert SAID["pairs"] == str(len(ratios)) == "6"
    assert SAID["smallest"] == f"{ratios[0]:.2f}"
    assert SAID["alike"] == f"{24 / 80:.2f}" == f"{ratios[-1]:.2f}"
    assert SAID["fits"] == str(sum(0.24 / 1.1 <= ratio < 0.24 * 1.1 for ratio in ratios)) == "2"
    assert SAID["most"] == percent(ratios[-1])
    assert ratios[-1] < 0.5
    assert SAID["quarter"] == f"{24 / 100:.2f}"


def test_the_gaps():
    gaps = [openai - xai for xai in XAI.values() for prices in OPENAI.values() for openai in prices]
    assert (SAID["gap_low"], SAID["gap_high"]) == (billion(min(gaps)), billion(max(gaps)))


def test_the_next_deal_of_openai_closed_far_above():
    later = [
        row for row in PRICES if row["company"] == "OpenAI" and row["status"] == "closed" and row["dated_on"] > DAY
    ]
    first = min(later, key=lambda row: row["dated_on"])
    assert SAID["next_usd"] == billion(float(first["amount_usd"])) == "$157 billion"
    assert (SAID["next_day"], first["dated_on"]) == ("2 October 2024", "2024-10-02")


def test_dollars_for_each_chip():
    site = float(SAID["site"].strip("$").replace(",", ""))
    assert SAID["planned"] == f"${24e9 / 100_000:,.0f}"
    assert SAID["running"] == f"${24e9 / 20_000 / 1e6:.3g} million"
    assert float(SAID["planned_times"]) == pytest.approx(240_000 / site, rel=0.01)
    assert float(SAID["running_times"]) == pytest.approx(1_200_000 / site, rel=0.01)
    assert 3.5 < float(SAID["planned_times"]) < 4.5
    assert float(SAID["all_chips"].replace(",", "")) == pytest.approx(24e9 / site, rel=0.02)


def test_today_the_machine_and_the_price_have_grown_together():
    gb300 = 440_000 * 2_500e12 / 989.5e12
    assert float(SAID["xai_today"].strip("$").replace(",", "")) == pytest.approx(250e9 / gb300, rel=0.01)
    assert abs(250e9 / gb300 / 240_000 - 1) < 0.1
    assert (SAID["xai_now"], SAID["openai_now"]) == ("$250 billion", "$852 billion")
    assert SAID["xai_grew"] == f"{250 / 24:.1f}"
    assert SAID["openai_grew"] == f"{852 / 83:.1f}"
    assert float(SAID["ratio_least"]) < 0.24 < float(SAID["ratio_last"]) < float(SAID["ratio_most"])


def test_where_the_verdict_turns():
    assert SAID["turn"] == billion(24e9 / (0.24 * 1.1))
    assert SAID["xai_turn"] == billion(83e9 * 0.24 * 1.1)
    assert 18 / 83 < 0.24 / 1.1


def test_the_exercises():
    assert SAID["later_sold"] == percent(5 / 50)
    site = float(SAID["site"].strip("$").replace(",", ""))
    assert float(SAID["as_shed"].strip("$").split()[0]) == pytest.approx(site * 100_000 / 1e9, rel=0.02)
    assert SAID["rest"] == percent(1 - site / 240_000)
    assert float(SAID["as_shed"].strip("$").split()[0]) > 6
