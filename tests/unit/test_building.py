"""Building times against a likelihood written out, Monte Carlo over the same grid, and the rows of the day."""

import csv
from datetime import date
from math import erf, exp, log, pi, sqrt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from past import forget_after

from compute_scaling import building, data
from compute_scaling.building import ALL_KINDS, FOR_AI, MEDIANS, SPREADS, known_times, times_of
from compute_scaling.reader import Reader

DAY = "2024-05-31"
MONTHS = [4.0, 8.0, 16.0, 30.0]
MONTH = st.floats(1, 120)


def reader(day: str = DAY) -> Reader:
    return Reader(pd.Timestamp(day))


def below(score: float) -> float:
    return (1 + erf(score / sqrt(2))) / 2


def mean_chance(months: list[float], finished: list[bool], within: float) -> float:
    """Return the mean chance over the grid, from densities and survival functions written out."""
    total = chance = 0.0
    for median in MEDIANS.tolist():
        for spread in SPREADS.tolist():
            weight = 1.0
            for time, done in zip(months, finished, strict=True):
                score = log(time / median) / spread
                weight *= exp(-(score**2) / 2) / (spread * time * sqrt(2 * pi)) if done else below(-score)
            total += weight
            chance += weight * below(log(within / median) / spread)
    return chance / total


@pytest.mark.parametrize("within", [3, 18, 60])
@pytest.mark.parametrize("finished", [[True] * 4, [True, True, True, False], [False, True, False, True]])
def test_the_mean_chance_by_brute_force(finished: list[bool], within: float) -> None:
    times = times_of(MONTHS, finished=finished)
    assert times.chance_within(within)[1] == pytest.approx(mean_chance(MONTHS, finished, within), rel=1e-9)


def test_a_machine_that_does_not_run_yet_lowers_the_chance_and_the_more_so_the_longer_it_takes() -> None:
    finished = [True, True, True, False]
    chances = [times_of([4, 8, 16, wait], finished=finished).chance_within(12)[1] for wait in (0.01, 10, 40, 100)]
    known = times_of([4, 8, 16], finished=finished[:3]).chance_within(12)[1]
    assert known == pytest.approx(chances[0], abs=1e-3)  # who has only just announced says nothing
    assert chances == sorted(chances, reverse=True)
    ran = times_of([4, 8, 16, 40], finished=[True] * 4).chance_within(12)[1]
    assert ran > chances[2]


@given(st.lists(MONTH, min_size=2, max_size=6), st.lists(st.booleans(), min_size=6, max_size=6), MONTH)
def test_chances_are_ordered_rise_with_time_and_do_not_hang_on_the_order(months, done, within) -> None:
    finished = [True, True, *done[2:]][: len(months)]
    times = times_of(months, finished=finished)
    low, mid, high = times.chance_within(within)
    assert 0 <= low <= high <= 1
    assert 0 < mid < 1
    assert times.chance_within(within * 1.5)[1] > mid
    turned = times_of(months[::-1], finished=finished[::-1])
    assert turned.chance_within(within) == pytest.approx((low, mid, high), abs=1e-9)


def test_times_of_one_unit_or_another() -> None:
    """Twice as long in every machine: twice as long for a new one, but for the ends of the grid of medians."""
    finished, step = [True, True, True, False], (MEDIANS[1] / MEDIANS[0]) ** 10
    times, longer = times_of(MONTHS, finished=finished), times_of(np.multiply(step, MONTHS), finished=finished)
    assert longer.chance_within(18 * step)[1] == pytest.approx(times.chance_within(18)[1], abs=0.01)


def test_the_mean_and_the_ends_by_monte_carlo_over_the_same_grid() -> None:
    times = times_of(MONTHS, finished=[True, True, True, False])
    rng = np.random.default_rng(3)
    drawn = rng.choice(times.weights.size, 200_000, p=times.weights)
    months = np.exp(np.log(times.medians[drawn]) + times.spreads[drawn] * rng.standard_normal(drawn.size))
    low, mid, high = times.chance_within(18)
    assert mid == pytest.approx((months <= 18).mean(), abs=0.004)
    scores = np.log(18 / times.medians[drawn]) / times.spreads[drawn]
    ends = [below(score) for score in np.quantile(scores, [0.05, 0.95])]
    assert (low, high) == pytest.approx(tuple(ends), abs=0.01)
    narrow = times.chance_within(18, level=0.5)
    assert low < narrow[0] < mid < narrow[2] < high
    assert [below(score) for score in np.quantile(scores, [0.25, 0.75])] == pytest.approx(narrow[::2], abs=0.01)


def test_draws_of_times_agree_with_the_chance() -> None:
    times = times_of(MONTHS, finished=[True, True, False, True])
    first, second = np.meshgrid((np.arange(500) + 0.5) / 500, (np.arange(500) + 0.5) / 500)
    months = times.ppf((first.ravel(), second.ravel()))
    for limit in (2, 6, 18, 60):
        assert (months <= limit).mean() == pytest.approx(times.chance_within(limit)[1], abs=0.003)


def test_a_draw_of_a_time_by_hand() -> None:
    times = building.Times(np.array([2.0, 10.0]), np.array([0.5, 1.0]), np.array([0.25, 0.75]))
    found = times.ppf((np.array([0, 0.25, 0.2500001, 1.0]), np.array([0.5, 0.975, 0.975, 0.5])))
    assert found.tolist() == pytest.approx([2, 2 * exp(0.5 * 1.959964), 10 * exp(1.959964), 10])
    assert times.chance_within(10) == pytest.approx((0.5, 0.25 * below(log(5) / 0.5) + 0.75 * 0.5, below(log(5) / 0.5)))


def test_weights_are_a_distribution_over_the_whole_grid() -> None:
    times = times_of(MONTHS, finished=[True] * 4)
    assert times.medians.size == times.spreads.size == times.weights.size == 121 * 81
    assert (times.medians.min(), times.medians.max()) == pytest.approx((1, 240))
    assert (times.spreads.min(), times.spreads.max()) == pytest.approx((0.1, 4))
    assert times.weights.sum() == pytest.approx(1)
    assert (times.weights >= 0).all()


def test_times_too_long_for_the_product_of_their_likelihoods() -> None:
    times = times_of([2.0] * 200 + [120.0] * 200, finished=[True] * 400)
    best = times.weights.argmax()
    assert times.medians[best] == pytest.approx(sqrt(240), rel=0.05)
    assert times.spreads[best] == pytest.approx(log(60) / 2, rel=0.05)


# --------------------------------------------------------------------------------------------------- the rows of a day


TRUST = {"low": 0, "medium": 1, "high": 2}


def times_by_hand(day: str, kinds: tuple[str, ...]) -> dict[str, tuple[float, bool]]:
    """Return months and whether it runs for each machine, by a plain loop over the file."""
    with (data.FOLDER / "build_times.csv").open(encoding="utf-8", newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if row["known_on"] <= day and row["kind"] in kinds]
    found = {}
    for machine in {row["machine"] for row in rows if row["announced_on"] and row["announced_on"] < day}:
        mine = [row for row in rows if row["machine"] == machine]
        ran = [row for row in mine if row["operational_on"]]
        trusted = max(ran, key=lambda row: (TRUST[row["confidence"]], row["known_on"])) if ran else None
        end = trusted["operational_on"] if trusted else max(row["known_on"] for row in mine)
        days = (date.fromisoformat(end) - date.fromisoformat(mine[0]["announced_on"])).days
        if days > 0:
            found[machine] = (days / 365.25 * 12, trusted is not None)
    return found


@pytest.mark.parametrize("day", [DAY, "2022-12-31", "2024-12-31", "2026-11-23"])
@pytest.mark.parametrize("kinds", [FOR_AI, ALL_KINDS])
def test_known_times_by_a_loop_over_the_file(day: str, kinds: tuple[str, ...]) -> None:
    table = known_times(reader(day), kinds=kinds).set_index("machine")
    expected = times_by_hand(day, kinds)
    assert {name: done for name, (_, done) in expected.items()} == table["finished"].to_dict()
    assert {name: months for name, (months, _) in expected.items()} == pytest.approx(table["months"].to_dict())


def test_the_machines_of_the_day_by_name() -> None:
    table = known_times(reader()).set_index("machine")
    assert (len(table), int(table["finished"].sum())) == (16, 9)
    assert table.at["NVIDIA Eos", "months"] == pytest.approx(601 / (365.25 / 12))  # 2022-03-22 to 2023-11-13
    assert table.at["Tesla Dojo", "months"] == pytest.approx(890 / (365.25 / 12))  # 2021-08-19 to 2024-01-26, in part
    assert table.at["CoreWeave Plano", "sources"] == "dcd-coreweave-plano-2023, hndl-wired-coreweave-2024"
    assert "Meta GenAI clusters (two)" not in table.index  # public when it ran
    assert not table.index.str.contains("Colossus").any()  # announced six days before, and no word since
    assert "Alps (CSCS)" not in table.index
    assert "Alps (CSCS)" in set(known_times(reader(), kinds=ALL_KINDS)["machine"])


def test_of_conflicting_days_the_most_trusted_and_of_equals_the_newest_counts() -> None:
    table = known_times(reader("2026-11-23")).set_index("machine")["months"] * 365.25 / 12
    assert table["Colossus 1, first phase (Memphis)"] == pytest.approx(100)  # 2 September 2024, by its owner
    assert table["Colossus 2, first block"] == pytest.approx(208)  # 1 October 2025, the later vintage


def test_a_row_of_a_later_day_changes_nothing(folder, read_from) -> None:
    expected = known_times(reader(), kinds=ALL_KINDS)
    assert forget_after(folder, DAY) > 100
    read_from(folder)
    pd.testing.assert_frame_equal(
        known_times(reader(), kinds=ALL_KINDS).reset_index(drop=True), expected.reset_index(drop=True)
    )


def test_a_machine_announced_on_the_day_itself_has_no_time_yet() -> None:
    assert "Voltage Park" in set(known_times(reader("2023-10-31"))["machine"])
    assert "Voltage Park" not in set(known_times(reader("2023-10-30"))["machine"])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: times_of([4, 8], finished=[True, False]), "finished = 1 machines; expected 2 or more"),
        (lambda: times_of([4, 0], finished=[True, True]), "months = 0; expected a number above 0"),
        (lambda: times_of(MONTHS, finished=[True] * 4).chance_within(0), "months = 0; expected a number above 0"),
        (
            lambda: times_of(MONTHS, finished=[True] * 4).chance_within(9, level=1),
            "level = 1; expected a number above 0 below 1",
        ),
        (
            lambda: times_of(MONTHS, finished=[True] * 4).chance_within(9, level=0),
            "level = 0; expected a number above 0 below 1",
        ),
    ],
)
def test_nonsense_is_refused_by_name(call, message) -> None:
    with pytest.raises(ValueError, match=f"^{message}$"):
        call()


def test_two_finished_machines_are_enough() -> None:
    assert times_of([4, 8], finished=[True, True]).chance_within(6)[1] == pytest.approx(0.5, abs=0.05)
