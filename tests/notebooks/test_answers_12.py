"""The answers of chapter 12, worked out a second time from the raw tables."""

import csv
import math
from pathlib import Path

import gates
import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]
SAID = gates.said(ROOT / "notebooks" / "12_who_else_was_buying.ipynb")
DAY = "2024-05-31"


def raw(name):
    with (ROOT / "data" / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


QUARTERS = sorted(
    (
        (row["period_end"], float(row["value_usd"]), row["known_on"])
        for row in raw("company_quarters")
        if row["company"] == "Nvidia" and row["quantity"] == "data-centre revenue" and row["months"] == "3"
    ),
)
FLEETS = {row["owner"]: float(row["count"]) for row in raw("clusters") if row["cluster_id"].startswith("omdia-2023")}
LATER = {
    row["buyer"]: float(row["value"])
    for row in raw("chip_purchases")
    if (row["measure"], row["period"], row["chips"]) == ("bought", "2024", "Hopper") and row["confidence"] != "low"
}  # fmt: skip


def percent(share):
    return f"{100 * share:.2g}\u00a0%"


def line(rows):
    """Return slope and intercept of the logarithms over years since 2020, by the normal equations."""
    x = [np.datetime64(day).astype("datetime64[D]").astype(int) / 365.25 for day, _, _ in rows]
    y = [math.log(value) for _, value, _ in rows]
    mean_x, mean_y = sum(x) / len(x), sum(y) / len(y)
    slope = sum((a - mean_x) * (b - mean_y) for a, b in zip(x, y, strict=True)) / sum((a - mean_x) ** 2 for a in x)
    return slope, mean_y - slope * mean_x


def at(rows, day):
    slope, start = line(rows)
    return math.exp(start + slope * np.datetime64(day).astype("datetime64[D]").astype(int) / 365.25)


def test_what_the_two_took_and_the_shares():
    both = FLEETS["Microsoft"] + FLEETS["Meta"]
    assert SAID["both"] == f"{both:,.0f}"
    assert (SAID["share_low"], SAID["share_high"]) == (percent(both / 1_200_000), percent(both / 550_000))
    assert SAID["least"] == percent(both / 1_200_000)
    assert SAID["turn"] == f"{both / 0.2:,.0f}"
    assert SAID["twice"] == percent(both / 1_100_000)
    assert both / 1_100_000 / 2 > 0.1


def test_the_trend_of_the_quarters_known_then():
    known = [row for row in QUARTERS if row[2] <= DAY]
    later = [row for row in QUARTERS if row[2] > DAY]
    assert (SAID["known_quarters"], SAID["later"]) == (str(len(known)), str(len(later)))
    assert SAID["factor"] == f"{math.exp(line(known)[0]):.2f}"
    mid, came = at(known, later[-1][0]), later[-1][1]
    assert SAID["last_mid"] == f"${mid / 1e9:.3g} billion"
    assert SAID["last_came"] == f"${came / 1e9:.3g} billion"
    assert SAID["last_miss"] == percent(abs(mid / came - 1))
    assert mid > came
    assert SAID["naive"] == f"{came / known[-1][1]:.2f}"
    assert SAID["nvidia"] == f"{known[-1][1] / known[-5][1]:.2f}"


def test_all_later_quarters_lie_in_the_band_and_none_in_that_of_a_year_before():
    assert SAID["later_inside"] == SAID["later"] == "9"
    assert SAID["flat_inside"] == "0"
    assert SAID["flat_all"] == str(len([row for row in QUARTERS if row[2] > "2023-05-24"]))


def test_the_newest_four_quarters_run_away():
    known = [row for row in QUARTERS if row[2] <= "2024-02-21"]
    assert SAID["steep"] == f"${at(known[-4:], QUARTERS[-1][0]) / 1e12:.3g} trillion"


def test_who_took_more_than_the_plan():
    assert SAID["above_first"] == str(sum(count > 100_000 for count in FLEETS.values())) == "2"
    assert SAID["above_later"] == str(sum(count > 100_000 for count in LATER.values())) == "7"
    assert SAID["microsoft"] == f"{FLEETS['Microsoft']:,.0f}" == f"{FLEETS['Meta']:,.0f}"
    assert SAID["microsoft_machines"] == f"{FLEETS['Microsoft'] / 100_000:.2f}"
    assert SAID["musk"] == f"{FLEETS['Tesla']:,.0f}"
    assert FLEETS["Meta"] / FLEETS["Tesla"] == 10
    assert SAID["musk_later"] == f"{LATER['Tesla and xAI']:,.0f}"
    assert LATER["Tesla and xAI"] < LATER["Meta"] < LATER["Microsoft"]
    assert (SAID["meta_later"], SAID["microsoft_later"]) == (f"{LATER['Meta']:,.0f}", f"{LATER['Microsoft']:,.0f}")


def spending(by):
    clouds = ("Alphabet", "Amazon", "Meta", "Microsoft")
    sums = {}
    for row in raw("company_quarters"):
        paid = row["quantity"] == "capital spending" and row["basis"] == "cash paid" and row["months"] == "3"
        if paid and row["company"] in clouds and row["known_on"] <= by and row["is_plan"] == "false":
            sums.setdefault(row["period_end"], {})[row["company"]] = float(row["value_usd"])
    return [(day, sum(found.values()), "") for day, found in sorted(sums.items()) if len(found) == len(clouds)]


def test_the_money_grew_little_then_and_much_later():
    then, now = spending(DAY), spending("2026-12-31")
    assert SAID["spending"] == f"{math.exp(line(then[-8:])[0]):.2f}"
    assert SAID["money_now"] == f"{math.exp(line(now[-8:])[0]):.2f}"
    assert SAID["year_then"] == f"${sum(value for _, value, _ in then[-4:]) / 1e9:.3g} billion"
    assert SAID["year_now"] == f"${sum(value for _, value, _ in now[-4:]) / 1e9:.3g} billion"
    assert float(SAID["race_low"]) < 1 < float(SAID["race_high"])
    assert float(SAID["compute_low"]) > 1
    assert SAID["sure"] == "August 2024"


def test_own_chips_were_in_use():
    early = [
        row for row in raw("own_chips") if row["known_on"] <= DAY and row["event"] in ("in use", "offered to customers")
    ]
    assert SAID["ready"] == str(len({row["company"] for row in early})) == "4"
    google = min(row["happened_on"] for row in early if row["company"] == "Google")
    assert 2024 - int(google[:4]) == 8
    facts = {row["outcome_id"]: row["value"] for row in raw("outcomes")}
    assert SAID["maia"] == f"{float(facts['C32-002']):,.0f}"
    assert SAID["mtia"] == f"{float(facts['C33-002']) / 1e6:g} million"


def test_the_followers():
    assert float(SAID["intel"]) > 1
    assert float(SAID["broadcom"]) == pytest.approx(4.0)
    assert float(SAID["broadcom_now"]) > float(SAID["nvidia_now"])


def test_the_exercise_on_the_trend():
    known = [row for row in QUARTERS if row[2] <= "2023-05-24"]
    mid = at(known, "2024-04-28")
    came = next(value for day, value, _ in QUARTERS if day == "2024-04-28")
    assert SAID["flat_mid"] == f"${mid / 1e9:.3g} billion"
    assert SAID["flat_off"] == f"{came / mid:.2f}"
