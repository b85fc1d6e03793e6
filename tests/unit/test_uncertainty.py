import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from compute_scaling.uncertainty import between, interval, sample

LOW = st.floats(1e-6, 1e6)
LEVEL = st.floats(0.05, 0.99)
SHAPE = st.sampled_from(["lognormal", "normal", "uniform"])


@given(LOW, st.floats(1.01, 100), LEVEL, SHAPE)
def test_a_range_leaves_out_the_same_mass_on_both_sides(low, factor, level, shape):
    quantiles = between(low, low * factor, level=level, shape=shape).ppf([(1 - level) / 2, (1 + level) / 2])
    np.testing.assert_allclose(quantiles, [low, low * factor], rtol=1e-6)


@given(LOW, st.floats(1.1, 100), SHAPE)
def test_a_sample_gives_its_range_back(low, factor, shape):
    draws = sample({"x": between(low, low * factor, shape=shape)}, draws=2048, seed=1)["x"]
    np.testing.assert_allclose(interval(draws)[::2], [low, low * factor], rtol=0.02 * factor)


def test_the_same_seed_gives_the_same_draws_and_another_seed_others():
    inputs = {"x": between(1, 2), "y": between(3, 4)}
    first, again, other = (sample(inputs, draws=64, seed=seed)["y"] for seed in (3, 3, 4))
    assert (first == again).all()
    assert not (first == other).any()


def test_inputs_are_independent():
    draws = sample({"x": between(1, 2), "y": between(1, 2)}, draws=4096, seed=0)
    assert abs(np.corrcoef(draws["x"], draws["y"])[0, 1]) < 0.02


@given(st.lists(st.floats(-1e9, 1e9), min_size=1), LEVEL)
def test_an_interval_is_ordered_and_inside_the_draws(values, level):
    low, mid, high = interval(values, level=level)
    assert min(values) <= low <= mid <= high <= max(values)


@given(st.lists(st.floats(-1e6, 1e6), min_size=2), st.floats(0.05, 0.5), st.floats(0.5, 0.99))
def test_a_higher_level_never_narrows_an_interval(values, level, higher):
    assume(level < higher)
    narrow, wide = interval(values, level=level), interval(values, level=higher)
    assert wide[0] <= narrow[0] + 1e-6
    assert narrow[2] <= wide[2] + 1e-6


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: between(4, 2), r"high = 2; expected a number above 4"),
        (lambda: between(2, 2), r"high = 2; "),
        (lambda: between(0, 2), r"low = 0; expected a number above 0"),
        (lambda: between(np.nan, 2), r"low = nan; "),
        (lambda: between(1, np.nan), r"high = nan; "),
        (lambda: between(-np.inf, 2, shape="normal"), r"low = -inf; "),
        (lambda: between(1, np.inf), r"high = inf; "),
        (lambda: between(1, 2, level=1), r"level = 1; "),
        (lambda: between(1, 2, level=90), r"level = 90; "),
        (lambda: between(1, 2, shape="triangle"), r"shape = 'triangle'; expected lognormal, normal or uniform"),
        (lambda: sample({"x": between(1, 2)}, draws=0, seed=0), r"draws = 0; "),
        (lambda: sample({"x": between(1, 2)}, draws=2.5, seed=0), r"draws = 2.5; "),
        (lambda: interval([]), r"values = \[\]; expected at least one"),
        (lambda: interval([1, np.nan]), r"values = nan; "),
        (lambda: interval([1, np.inf]), r"values = inf; "),
        (lambda: interval([1, 2], level=0), r"level = 0; "),
    ],
)
def test_nonsense_is_refused_by_name(call, message):
    with pytest.raises(ValueError, match=message):
        call()
