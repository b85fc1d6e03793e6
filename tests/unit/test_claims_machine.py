"""When the planned machine runs, and what it draws: chances by their parts, days by subtraction, power by hand."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from past import forget_after
from scipy.stats import norm, t

from compute_scaling import building, data, frontier
from compute_scaling.claims import ARTICLE_DAY, check, machine
from compute_scaling.claims.verdict import Reader
from compute_scaling.energy import NETWORK_SHARE
from compute_scaling.outlook import failure_free_hours

THEN = Reader(pd.Timestamp(ARTICLE_DAY))
NOW = Reader(data.updated_on())
PLANNED = "Colossus 1, first phase (Memphis)"
FIRST, LAST = date(2025, 9, 22), date(2025, 12, 20)


def change(folder, table, chosen, **cells):
    """Write other cells into the rows of a table that `chosen` picks from it."""
    path = folder / f"{table}.csv"
    rows = pd.read_csv(path, dtype=str, keep_default_na=False)
    hits = chosen(rows)
    assert hits.any()
    rows.loc[hits, list(cells)] = list(cells.values())
    rows.to_csv(path, index=False, lineterminator="\n")


# -------------------------------------------------------------------------------------------------------------- autumn


def test_the_chance_of_autumn_by_building_times():
    chances = machine.chances_of_autumn(THEN)
    assert list(chances) == ["low", "mid", "high", "sources"]
    months = (LAST - date(2024, 5, 25)).days / (365.25 / 12)
    for row, kinds in {"building times, for AI": building.FOR_AI, "building times, all": building.ALL_KINDS}.items():
        known = building.known_times(THEN, kinds=kinds)
        expected = building.times_of(known["months"], finished=known["finished"]).chance_within(months)
        assert chances.loc[row, ["low", "mid", "high"]].tolist() == pytest.approx(expected)
        named = set(", ".join(known["sources"]).split(", "))
        assert chances.at[row, "sources"] == ", ".join(sorted(named))
    found = chances[["low", "mid", "high"]].astype(float).round(2)
    assert found.loc["building times, for AI"].tolist() == [0.46, 0.68, 0.86]
    assert found.loc["building times, all"].tolist() == [0.29, 0.42, 0.56]


def test_the_chance_of_autumn_by_growth_from_a_textbook_fit():
    known = frontier.record_machines("H100e", ARTICLE_DAY)
    years = (known["date"] - known["date"].iloc[0]).dt.days / 365.25
    logs = np.log(known["value"])
    slope, intercept = np.polyfit(years, logs, 1)
    scale = (((logs - intercept - slope * years) ** 2).sum() / (len(known) - 2)) ** 0.5
    then = (pd.Timestamp(LAST) - known["date"].iloc[0]).days / 365.25
    reach = (1 + 1 / len(known) + (then - years.mean()) ** 2 / ((years - years.mean()) ** 2).sum()) ** 0.5
    expected = t.sf((np.log(100_000) - intercept - slope * then) / (scale * reach), len(known) - 2)
    row = machine.chances_of_autumn(THEN).loc["growth of the largest"]
    assert row[["low", "mid", "high"]].tolist() == pytest.approx([expected] * 3)
    assert expected == pytest.approx(0.128, abs=1e-3)


def test_the_day_of_the_plan():
    assert machine.announced_on(THEN) == machine.announced_on(NOW) == pd.Timestamp("2024-05-25")


def test_autumn_before_the_machine_ran():
    verdict = check("C18", ARTICLE_DAY)
    chances = machine.chances_of_autumn(THEN)
    assert verdict.word == "holds if"
    assert verdict.condition == "a record machine takes no longer to build than others did"
    assert (verdict.low, verdict.high) == (chances["low"].min(), chances["high"].max())
    assert verdict.mid == chances.at["building times, for AI", "mid"]
    assert verdict.unit == "chance"
    assert verdict.why == (
        "By the time that machines for AI took to build, a new one runs then with a chance of 68\xa0%; "
        "by the growth of the largest machine alone, one so large stands by then with a chance of 13\xa0%."
    )
    assert set(verdict.sources) == {name for cell in chances["sources"] for name in cell.split(", ")}


def test_autumn_after_the_machine_ran():
    verdict = check("C18")
    days = [(FIRST - date(2024, *day)).days for day in ((7, 22), (9, 2), (9, 23))]
    assert (verdict.high, verdict.mid, verdict.low) == tuple(days) == (427, 385, 364)
    assert (verdict.word, verdict.unit, verdict.condition) == ("holds", "days early", "")
    assert (
        verdict.why
        == "It ran on 2 September 2024 by its owner's word; other sources give 22 July 2024 to 23 September 2024."
    )
    assert verdict.sources == ("inkl-tomshardware-memphis-2024", "musk-post-2024-09-02", "semafor-colossus-2024")


@pytest.mark.parametrize(
    ("day", "unit", "mid"),
    [("2024-07-21", "chance", None), ("2024-07-22", "days early", 427), ("2024-09-02", "days early", 385)],
)
def test_the_answer_turns_on_the_day_it_ran(day, unit, mid):
    verdict = check("C18", day, draws=64)
    assert verdict.unit == unit
    assert mid is None or verdict.mid == mid


@pytest.mark.parametrize(
    ("ran", "word", "days"),
    [("2025-12-20", "holds", -89), ("2025-12-21", "holds if", -90), ("2025-09-22", "holds", 0)],
)
def test_the_end_of_autumn_decides(ran, word, days, folder, read_from):
    chosen = {"source_id": "semafor-colossus-2024", "machine": PLANNED}
    change(folder, "build_times", lambda rows: rows[list(chosen)].eq(pd.Series(chosen)).all(axis=1),
           operational_on=ran, known_on="2025-12-31")  # fmt: skip
    read_from(folder)
    verdict = check("C18")
    assert verdict.word == word
    assert verdict.low == days
    assert verdict.mid == 385


def test_a_longer_history_of_delays_lowers_the_chance(folder, read_from):
    before = machine.chances_of_autumn(THEN)["mid"]
    change(folder, "build_times", lambda rows: rows["machine"].eq("NVIDIA Eos"), announced_on="2012-03-22")
    read_from(folder)
    after = machine.chances_of_autumn(Reader(THEN.as_of))["mid"]
    assert (after.iloc[:2] < before.iloc[:2]).all()
    assert after.iloc[2] == before.iloc[2]


# ---------------------------------------------------------------------------------------------------------- challenges


def test_the_power_of_the_planned_machine_by_monte_carlo():
    """100,000 of 8 in a server of 10.2 kW, with network and cooling between their published ends."""
    rng = np.random.default_rng(6)
    pue = 1 + np.exp(rng.normal(np.log(0.08 * 0.30) / 2, np.log(0.30 / 0.08) / (2 * norm.ppf(0.95)), 400_000))
    it_mw = 100_000 * 10_200 / 8 * 1.089412 / 1e6
    ends = np.quantile(it_mw * pue, [0.05, 0.5, 0.95])
    drawn = machine.power_mw(THEN)
    assert drawn.shape == (THEN.draws,)
    np.testing.assert_allclose(np.quantile(drawn, [0.05, 0.5, 0.95]), ends, rtol=2e-3)
    assert np.median(drawn) == pytest.approx(160.4, abs=0.1)
    assert drawn.min() > it_mw


def test_challenges_are_power_and_failures():
    verdict = check("C44", ARTICLE_DAY)
    assert (verdict.word, verdict.unit) == ("holds if", "MW")
    ends = np.quantile(machine.power_mw(THEN), [0.05, 0.5, 0.95])
    assert (verdict.low, verdict.mid, verdict.high) == pytest.approx(tuple(ends))
    low, mid, high = np.quantile(failure_free_hours(THEN, 100_000), [0.05, 0.5, 0.95])
    assert low < mid < 1 < high
    assert verdict.why == (
        "The heading names no challenge; a machine of 100,000 chips draws the power given here and "
        f"meets a failure every {60 * mid:.0f} minutes ({60 * low:.1f} minutes to {high:.1f} hours)."
    )
    assert "every 21 minutes (1.3 minutes to 5.3 hours)" in verdict.why
    known = data.load("machine_inputs", as_of=ARTICLE_DAY)
    asked = set(known.loc[known["quantity"].isin(["PUE", "network share"]), "source_id"])
    assert asked <= set(verdict.sources)
    assert {"opt-2022", "megascale-2024"} <= set(verdict.sources)
    assert "eia-electricity-monthly" not in check("C44").sources


@pytest.mark.parametrize(("hours", "word"), [(23.9, "holds if"), (24, "cannot be checked"), (100, "cannot be checked")])
def test_a_machine_that_might_run_a_day_without_failure_has_no_such_challenge(hours, word, monkeypatch):
    asked = []

    def same_hours(reader, accelerators):
        asked.append(accelerators)
        return np.full(reader.draws, float(hours))

    monkeypatch.setattr(machine, "failure_free_hours", same_hours)
    assert machine.check_challenges(THEN).word == word
    assert asked == [100_000]


# ---------------------------------------------------------------------------------------------------------- strictness


@pytest.mark.parametrize("claim_id", ["C18", "C23", "C44", "C48"])
def test_nothing_told_later_changes_an_answer_of_the_day(claim_id, folder, read_from):
    expected = check(claim_id, ARTICLE_DAY)
    assert check(claim_id, ARTICLE_DAY) == expected
    assert forget_after(folder, ARTICLE_DAY) > 100
    read_from(folder)
    assert check(claim_id, ARTICLE_DAY) == expected


def test_the_largest_existing_machine_by_definition():
    verdict = check("C48", ARTICLE_DAY)
    sizes = machine.four_times()["mid"]
    fits = [size for size in sizes if 25_000 / 1.25 <= size < 25_000 * 1.25]
    assert (verdict.word, verdict.mid, verdict.unit) == ("holds if", 24_576, "H100")
    assert (verdict.low, verdict.high) == (min(sizes), max(sizes))
    assert f"the article implies 25,000, within a quarter of which {len(fits)} of 36 definitions lie" in verdict.why
    assert 0 < len(fits) < 36
    assert (verdict.claim_id, check("C23", ARTICLE_DAY).claim_id) == ("C48", "C23")
    assert verdict.condition == check("C23", ARTICLE_DAY).condition == machine.MEANING


def test_the_energy_of_a_run_is_its_power_times_a_share_times_its_hours():
    energy = machine.run_energy_mwh(THEN, days=[60, 120])
    assert energy.shape == (2, THEN.draws)
    assert energy[1] == pytest.approx(2 * energy[0])
    most = 100_000 * 1_275 * (1 + NETWORK_SHARE) * 24 * 60 / 1e6  # at a PUE of 1
    ends = np.quantile(energy[0], [0.05, 0.5, 0.95])
    assert ends[1] == pytest.approx(most * np.sqrt(0.5) * (1 + np.sqrt(0.08 * 0.3)), rel=0.01)
    assert most * 0.5 * 1.08 < ends[0] < ends[1] < ends[2] < most * 1.3


def test_electricity_costs_its_energy_at_a_published_price():
    energy, bill = (
        np.sort(draws[0])
        for draws in (machine.run_energy_mwh(THEN, days=[83]), machine.run_electricity_usd(THEN, days=[83]))
    )
    assert 0.0667 < np.median(bill) / np.median(energy) / 1000 < 0.0832
    assert bill[-1] / bill[0] > energy[-1] / energy[0]  # the price has a range too
