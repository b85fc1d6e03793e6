"""Failures, checkpoints and goodput, against hand arithmetic, quadrature, brute force and simulation."""

import math

import numpy as np
import pytest
import scipy
from hypothesis import given
from hypothesis import strategies as st

from compute_scaling import data
from compute_scaling import reliability as r

HOURS = st.floats(0.05, 500)
SECONDS = st.floats(0.1, 2_000)
COUNTS = st.lists(st.integers(1, 10_000_000), min_size=1, max_size=5)


def test_the_default_rate_is_that_of_the_table():
    facts = data.load("reliability").query("system == 'llama-3-405b' and quantity == 'interruptions'").iloc[0]
    assert facts["value"] == r.LLAMA_3_FAILURES == 419
    assert facts["observed_days"] == r.LLAMA_3_DAYS == 54
    assert facts["accelerators"] == r.LLAMA_3_ACCELERATORS == 16_384
    assert pytest.approx(419 / 21_233_664, rel=1e-12) == r.LLAMA_3_FAILURES_PER_GPU_HOUR


def test_mean_time_between_failures_against_the_paper():
    assert r.mean_time_between_failures_hours(16_384) == pytest.approx(54 * 24 / 419, rel=1e-12)
    assert r.mean_time_between_failures_hours(100_000) == pytest.approx(0.50677, abs=1e-5)
    assert r.mean_time_between_failures_hours(2_000, failures_per_gpu_hour=1e-5) == pytest.approx(50)


@given(COUNTS, st.floats(1e-9, 1e-2), st.floats(1.1, 100))
def test_twice_the_machine_fails_twice_as_often(counts, rate, factor):
    mean = r.mean_time_between_failures_hours(counts, failures_per_gpu_hour=rate)
    larger = r.mean_time_between_failures_hours(np.multiply(counts, factor), failures_per_gpu_hour=rate)
    np.testing.assert_allclose(larger * factor, mean, rtol=1e-12)
    assert mean.tolist() == [float(r.mean_time_between_failures_hours(c, failures_per_gpu_hour=rate)) for c in counts]


def test_expected_failures_and_the_chance_of_none():
    assert r.expected_failures(16_384, hours=54 * 24) == pytest.approx(419)
    assert r.expected_failures(1_000, hours=[0, 10], failures_per_gpu_hour=1e-4) == pytest.approx([0, 1])
    assert r.failure_free_probability(1_000, hours=[0, 10, 20], failures_per_gpu_hour=1e-4) == pytest.approx(
        [1, 0.36787944, 0.13533528]
    )
    assert r.failure_free_probability(100_000, hours=1) == pytest.approx(0.138999, abs=1e-6)


def test_checkpoint_intervals_against_daly():
    minutes = r.optimal_checkpoint_interval_s([24, 6, 0.25], checkpoint_s=300, method="daly") / 60
    assert minutes == pytest.approx([117, 57, 9.1], rel=0.006)  # printed under his figures 3 to 5
    assert minutes == pytest.approx([116.689815, 56.712963, 9.140920], abs=1e-6)
    young = r.optimal_checkpoint_interval_s([24, 0.25], checkpoint_s=300, method="young") / 60
    assert young == pytest.approx([120, np.sqrt(150)])
    assert r.optimal_checkpoint_interval_s(3.09, checkpoint_s=30) == pytest.approx(797.093619, abs=1e-5)


def test_daly_falls_back_on_the_mean_where_writing_takes_twice_as_long():
    limit = 2 * 3_600
    below, at, above = r.optimal_checkpoint_interval_s(1, checkpoint_s=[limit - 1e-6, limit, limit + 1], method="daly")
    assert below == pytest.approx(7_200 * (1 + 1 / 3 + 1 / 9) - 7_200, abs=1e-3)
    assert at == above == 3_600


@given(HOURS, SECONDS)
def test_the_exact_interval_is_where_brute_force_finds_the_best_goodput(hours, write):
    best = r.optimal_checkpoint_interval_s(hours, checkpoint_s=write)
    grid = best * np.linspace(0.2, 5, 481)
    shares = r.goodput(hours, interval_s=grid, checkpoint_s=write, restart_s=100)
    top = r.goodput(hours, interval_s=best, checkpoint_s=write, restart_s=100)
    assert (shares <= top * (1 + 1e-12)).all()
    assert 0 < best < hours * 3_600
    for method in ("young", "daly"):
        other = r.optimal_checkpoint_interval_s(hours, checkpoint_s=write, method=method)
        assert r.goodput(hours, interval_s=other, checkpoint_s=write, restart_s=100) <= top * (1 + 1e-12)


@given(HOURS, SECONDS)
def test_the_exact_interval_makes_the_derivative_vanish(hours, write):
    mean = hours * 3_600
    share = r.optimal_checkpoint_interval_s(hours, checkpoint_s=write) / mean
    assert (1 - share) * np.exp(share) == pytest.approx(np.exp(-write / mean), rel=1e-9)


@pytest.mark.parametrize("method", ["young", "daly", "exact"])
@given(hours=HOURS, write=SECONDS, factor=st.floats(0.01, 100))
def test_intervals_know_no_unit_of_time_and_agree_where_failures_are_rare(method, hours, write, factor):
    one = r.optimal_checkpoint_interval_s(hours, checkpoint_s=write, method=method)
    scaled = r.optimal_checkpoint_interval_s(hours * factor, checkpoint_s=write * factor, method=method)
    assert scaled == pytest.approx(one * factor, rel=1e-7)
    rare = r.optimal_checkpoint_interval_s(hours, checkpoint_s=hours * 3.6e-5, method=method)
    assert rare == pytest.approx(hours * 3_600 * np.sqrt(2e-8), rel=1e-3)


@pytest.mark.parametrize("hours", [1e9, 1e12, 1e15, 1e18])
def test_the_exact_interval_of_a_machine_that_hardly_fails_keeps_its_digits(hours):
    assert r.optimal_checkpoint_interval_s(hours, checkpoint_s=10) == pytest.approx(
        r.optimal_checkpoint_interval_s(hours, checkpoint_s=10, method="daly"), rel=1e-9
    )
    assert r.optimal_checkpoint_interval_s(hours, checkpoint_s=10) == pytest.approx(
        math.sqrt(2 * 10 * hours * 3600), rel=1e-5
    )


def test_the_exact_interval_has_no_step_where_the_series_takes_over():
    hours = 10 / (2 * 3600 * r.SERIES_BELOW) * np.array([0.999, 1.001])
    exact = r.optimal_checkpoint_interval_s(hours, checkpoint_s=10)
    assert exact[1] / exact[0] == pytest.approx(math.sqrt(1.001 / 0.999), rel=1e-6)


def test_the_expected_interval_against_a_recursion_by_quadrature():
    mean, work, write, restart, wait = 3_600.0, 1_800.0, 60.0, 300.0, 120.0

    def attempt(length: float, after: float) -> float:
        """Mean time until `length` seconds pass without failure, if each failure costs `after` and a new attempt."""
        lost = scipy.integrate.quad(lambda t: np.exp(-t / mean) / mean * (t + after), 0, length)[0]
        return (length * np.exp(-length / mean) + lost) / np.exp(-length / mean)

    recovery = wait + attempt(restart, after=wait)
    by_hand = attempt(work + write, after=recovery)
    times = {"interval_s": work, "checkpoint_s": write, "restart_s": restart}
    assert r.expected_interval_s(1, **times, detection_s=wait) == pytest.approx(by_hand, rel=1e-9)
    assert r.expected_interval_s(1, **times) == pytest.approx(2_646.7731, abs=1e-4)
    assert r.goodput(1, **times) == pytest.approx(1_800 / 2_646.7731, rel=1e-6)


def test_daly_prints_no_more_than_time_itself_where_nothing_fails():
    assert r.expected_interval_s(1e9, interval_s=900, checkpoint_s=0, restart_s=0) == pytest.approx(900, rel=1e-9)
    assert r.goodput(1e9, interval_s=900, checkpoint_s=100, restart_s=900) == pytest.approx(0.9, rel=1e-6)


def test_a_machine_that_never_finishes_an_interval_has_no_goodput():
    assert r.expected_interval_s(0.001, interval_s=10_000, checkpoint_s=1, restart_s=1) == np.inf
    assert r.goodput(0.001, interval_s=10_000, checkpoint_s=1, restart_s=1) == 0


def test_goodput_of_the_article():
    hours = r.mean_time_between_failures_hours([16_384, 100_000])
    assert r.goodput(hours, checkpoint_s=30, restart_s=300) == pytest.approx([0.903701, 0.703673], abs=1e-6)
    assert r.goodput(hours, checkpoint_s=30, restart_s=300, detection_s=600) == pytest.approx(
        [0.903701 / (1 + 1 / 18.558473), 0.703673 / (1 + 1 / 3.040620)], abs=1e-5
    )


@given(st.floats(50, 1_000), st.floats(600, 1_800), st.floats(1, 30), st.floats(0, 600))
def test_rare_failures_agree_with_the_approximation_of_kokolis(hours, work, write, restart):
    approximate = (1 - (restart + work / 2) / (hours * 3_600)) / (1 + write / work)
    exact = r.goodput(hours, interval_s=work, checkpoint_s=write, restart_s=restart)
    assert exact == pytest.approx(approximate, abs=1e-3)


@given(HOURS, SECONDS, st.floats(0, 3_600), st.floats(0, 3_600))
def test_goodput_is_a_share_that_every_cost_lowers(hours, write, restart, wait):
    share = r.goodput(hours, checkpoint_s=write, restart_s=restart, detection_s=wait)
    assert 0 <= share < 1
    for worse in (
        r.goodput(hours / 2, checkpoint_s=write, restart_s=restart, detection_s=wait),
        r.goodput(hours, checkpoint_s=write * 2, restart_s=restart, detection_s=wait),
        r.goodput(hours, checkpoint_s=write, restart_s=restart + 60, detection_s=wait),
        r.goodput(hours, checkpoint_s=write, restart_s=restart, detection_s=wait + 60),
    ):
        assert worse <= share


@given(st.lists(HOURS, min_size=1, max_size=4), st.lists(SECONDS, min_size=1, max_size=3))
def test_goodput_broadcasts_like_a_loop(hours, writes):
    grid = r.goodput(np.array(hours)[:, None], checkpoint_s=writes, restart_s=300)
    loop = [[float(r.goodput(hour, checkpoint_s=write, restart_s=300)) for write in writes] for hour in hours]
    np.testing.assert_allclose(grid, loop, rtol=1e-12)


@pytest.mark.parametrize(
    ("hours", "work", "write", "restart", "wait"),
    [(3.09, 900, 30, 300, 0), (0.5, 600, 60, 300, 600), (24, 7_000, 300, 600, 60), (0.25, 550, 300, 600, 0)],
)
def test_the_simulation_agrees_with_the_closed_form(hours, work, write, restart, wait):
    times = {"interval_s": work, "checkpoint_s": write, "restart_s": restart, "detection_s": wait}
    shares = r.simulated_goodput(hours, **times, failures=2_000, runs=200, seed=7)
    assert shares.shape == (200,)
    standard_error = shares.std(ddof=1) / np.sqrt(shares.size)
    assert standard_error < 0.002
    assert abs(shares.mean() - r.goodput(hours, **times)) < 4 * standard_error


def test_the_simulation_broadcasts_and_the_seed_decides():
    times = {"interval_s": [600, 900], "checkpoint_s": 30, "restart_s": [[0], [60], [300]], "failures": 50, "runs": 4}
    shares = r.simulated_goodput(2, **times, seed=1)
    assert shares.shape == (3, 2, 4)
    alone = r.simulated_goodput(
        2, interval_s=900, checkpoint_s=30, restart_s=60, failures=50, runs=4, weibull_shape=1, seed=1
    )
    np.testing.assert_allclose(shares[1, 1], alone)
    assert (shares == r.simulated_goodput(2, **times, seed=1)).all()
    assert not (shares == r.simulated_goodput(2, **times, seed=2)).any()
    assert r.simulated_goodput(2, interval_s=900, checkpoint_s=30, restart_s=60, failures=5, seed=1).shape == (100,)


def test_by_default_a_run_sees_1_000_failures():
    times = {"interval_s": 900, "checkpoint_s": 30, "restart_s": 60, "runs": 2, "seed": 3}
    plain = r.simulated_goodput(2, **times, failures=1_000, detection_s=0, weibull_shape=1)
    assert (r.simulated_goodput(2, **times) == plain).all()


def test_equal_times_between_failures_leave_whole_intervals_only():
    shares = r.simulated_goodput(
        1, interval_s=900, checkpoint_s=100, restart_s=500, detection_s=400, weibull_shape=1e5, failures=10, seed=0
    )
    assert shares == pytest.approx(3 * 900 / 4_000, rel=1e-4)  # 3,600 s: restart, 3 x 1,000 s, 100 s lost; 400 s wait
    idle = r.simulated_goodput(0.1, interval_s=9, checkpoint_s=1, restart_s=400, weibull_shape=1e5, failures=9, seed=0)
    assert (idle == 0).all()


def test_clustered_failures_leave_more_long_stretches():
    times = {"interval_s": 900, "checkpoint_s": 30, "restart_s": 300, "seed": 5}
    clustered = r.simulated_goodput(1, **times, weibull_shape=0.7).mean()
    assert clustered > r.simulated_goodput(1, **times).mean() + 0.02


@pytest.mark.parametrize("shape", [0.7, 1.0, 2.0])
def test_the_mean_time_is_kept_at_any_shape(shape):
    free = {"interval_s": 1, "checkpoint_s": 0, "restart_s": 0}
    shares = r.simulated_goodput(1, **free, detection_s=3_600, weibull_shape=shape, failures=5_000, seed=4)
    assert shares.mean() == pytest.approx(0.5, abs=2e-3)


TIMES = {"interval_s": 900, "checkpoint_s": 30, "restart_s": 300}


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: r.mean_time_between_failures_hours(0), "accelerators = 0; expected a number above 0"),
        (lambda: r.mean_time_between_failures_hours([8, np.nan]), "accelerators = nan; expected a number above 0"),
        (
            lambda: r.mean_time_between_failures_hours(8, failures_per_gpu_hour=-1),
            "failures_per_gpu_hour = -1; expected a number above 0",
        ),
        (lambda: r.expected_failures(8, hours=-1), "hours = -1; expected a number of 0 or more"),
        (lambda: r.expected_failures(8, hours=np.inf), "hours = inf; expected a number of 0 or more"),
        (lambda: r.failure_free_probability(8, hours=np.nan), "hours = nan; expected a number of 0 or more"),
        (
            lambda: r.optimal_checkpoint_interval_s(0, checkpoint_s=1),
            "mean_time_between_failures_hours = 0; expected a number above 0",
        ),
        (
            lambda: r.optimal_checkpoint_interval_s(1, checkpoint_s=0),
            "checkpoint_s = 0; expected a number above 0",
        ),
        (
            lambda: r.optimal_checkpoint_interval_s(1, checkpoint_s=1, method="best"),
            "method = 'best'; expected young, daly or exact",
        ),
        (lambda: r.goodput(1, **TIMES | {"interval_s": 0}), "interval_s = 0; expected a number above 0"),
        (lambda: r.goodput(1, **TIMES | {"checkpoint_s": -1}), "checkpoint_s = -1; expected a number of 0 or more"),
        (
            lambda: r.goodput(1, **TIMES | {"checkpoint_s": np.inf}),
            "checkpoint_s = inf; expected a number of 0 or more",
        ),
        (lambda: r.goodput(1, **TIMES | {"restart_s": -1}), "restart_s = -1; expected a number of 0 or more"),
        (lambda: r.goodput(1, **TIMES | {"restart_s": np.inf}), "restart_s = inf; expected a number of 0 or more"),
        (lambda: r.goodput(1, **TIMES, detection_s=-1), "detection_s = -1; expected a number of 0 or more"),
        (lambda: r.goodput(1, **TIMES, detection_s=np.inf), "detection_s = inf; expected a number of 0 or more"),
        (lambda: r.goodput(-1, **TIMES), "mean_time_between_failures_hours = -1; expected a number above 0"),
        (lambda: r.goodput(1, checkpoint_s=0, restart_s=1), "checkpoint_s = 0; expected a number above 0"),
        (lambda: r.simulated_goodput(1, **TIMES, runs=0, seed=0), "runs = 0; expected a number above 0"),
        (lambda: r.simulated_goodput(1, **TIMES, runs=1.5, seed=0), "runs = 1.5; expected a whole number above 0"),
        (
            lambda: r.simulated_goodput(1, **TIMES, failures=2.5, seed=0),
            "failures = 2.5; expected a whole number above 0",
        ),
        (
            lambda: r.simulated_goodput(1, **TIMES, weibull_shape=0, seed=0),
            "weibull_shape = 0; expected a number above 0",
        ),
        (
            lambda: r.simulated_goodput(1, **TIMES | {"restart_s": -2}, seed=0),
            "restart_s = -2; expected a number of 0 or more",
        ),
    ],
)
def test_nonsense_is_refused_by_name(call, message):
    with pytest.raises(ValueError) as refused:
        call()
    assert str(refused.value) == message


def test_zero_costs_are_allowed():
    assert r.goodput(1, interval_s=1, checkpoint_s=0, restart_s=0, detection_s=0) == pytest.approx(1, abs=2e-4)
    shares = r.simulated_goodput(1, interval_s=1, checkpoint_s=0, restart_s=0, detection_s=0, seed=0)
    assert shares.mean() == pytest.approx(1, abs=2e-4)
