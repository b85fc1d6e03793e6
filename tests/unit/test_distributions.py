import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import t

from compute_scaling.distributions import Cut, between, of_new_group, one_of

LOW = st.floats(1e-6, 1e6)
LEVEL = st.floats(0.05, 0.99)
SHAPES = ["lognormal", "normal", "uniform", "loguniform", "triangular"]


@given(LOW, st.floats(1.01, 100), LEVEL, st.sampled_from(SHAPES))
def test_a_range_leaves_out_the_same_mass_on_both_sides(low, factor, level, shape):
    quantiles = between(low, low * factor, level=level, shape=shape).ppf([(1 - level) / 2, (1 + level) / 2])
    np.testing.assert_allclose(quantiles, [low, low * factor], rtol=1e-6)


@given(st.floats(1e-6, 0.999), st.floats(0.001, 0.999), LEVEL)
def test_so_does_a_share_between_0_and_1(low, part, level):
    high = low + part * (1 - low)
    share = between(low, high, level=level, shape="beta")
    np.testing.assert_allclose(share.cdf([low, high]), [(1 - level) / 2, (1 + level) / 2], rtol=1e-5)
    assert share.support() == (0, 1)


@pytest.mark.parametrize(
    ("shape", "mid", "ends"),
    [
        ("lognormal", 4, (0, np.inf)),
        ("normal", 5, (-np.inf, np.inf)),
        ("uniform", 5, (2 - 0.05 * 6 / 0.9, 8 + 0.05 * 6 / 0.9)),
        ("loguniform", 4, (2 / 4 ** (0.05 / 0.9), 8 * 4 ** (0.05 / 0.9))),
        ("triangular", 5, (5 - 3 / (1 - np.sqrt(0.1)), 5 + 3 / (1 - np.sqrt(0.1)))),
    ],
)
def test_the_middle_and_the_ends_of_each_shape(shape, mid, ends):
    found = between(2.0, 8.0, shape=shape)
    assert found.median() == pytest.approx(mid)
    assert found.support() == pytest.approx(ends)


@given(st.floats(0.01, 0.5), st.floats(0.01, 0.4), LEVEL)
def test_a_share_and_what_is_left_are_mirror_images(low, width, level):
    share = between(low, low + width, level=level, shape="beta")
    rest = between(1 - low - width, 1 - low, level=level, shape="beta")
    assert rest.mean() == pytest.approx(1 - share.mean(), rel=1e-5)


def test_a_beta_of_known_parameters_is_found_again():
    # of beta(2, 2), x^2 (3 - 2 x) is the distribution: 5/32 below 1/4
    parameters = between(0.25, 0.75, level=1 - 2 * 5 / 32, shape="beta").args
    np.testing.assert_allclose(parameters, [2, 2], rtol=1e-6)


def test_values_weigh_the_same_unless_told():
    assert one_of([30, 10, 20]).ppf([0.1, 0.5, 0.9]).tolist() == [10, 20, 30]
    assert one_of([30, 10, 20]).weights.tolist() == pytest.approx([1 / 3] * 3)
    assert one_of(7).ppf([0, 0.5, 1]).tolist() == [7, 7, 7]


def test_weights_go_with_their_values():
    choice = one_of([30, 10, 20], weights=[2, 6, 0])
    assert choice.ppf([0, 0.2, 0.75, 0.7500001, 1]).tolist() == [10, 10, 10, 30, 30]
    assert choice.weights.tolist() == [0.75, 0, 0.25]


def test_a_new_group_by_hand():
    values, groups = pd.Series([1.0, 3.0, 4.0, 9.0], [3, 1, 2, 0]), pd.Series(list("aabc"), [3, 1, 2, 0])
    means = np.array([2.0, 4.0, 9.0])  # the mean is 5, the variance 13
    spread = (13 * (1 + 1 / 3) + (1 + 1) / (4 - 3)) ** 0.5
    level = np.array([0.05, 0.3, 0.5, 0.95])
    np.testing.assert_allclose(of_new_group(values, groups).ppf(level), means.mean() + spread * t.ppf(level, 2))


def test_groups_of_one_value_each_scatter_between_alone():
    found = of_new_group(pd.Series([1.0, 2.0, 6.0]), pd.Series(list("abc")))
    assert found.ppf(0.95) == pytest.approx(3 + (7 * 4 / 3) ** 0.5 * t.ppf(0.95, 2))


def test_values_that_agree_have_a_spread_of_a_millionth():
    found = of_new_group(pd.Series([2.0, 2.0]), pd.Series(["a", "b"]))
    assert found.ppf(0.95) == pytest.approx(2 + 1e-6 * t.ppf(0.95, 1), abs=1e-9)


def test_a_new_group_is_covered_as_often_as_said():
    rng = np.random.default_rng(8)
    names, held = pd.Series(np.repeat(list("abcdef"), 2)), 0
    for _ in range(400):
        means = rng.normal(0, 1, 7)
        values = pd.Series(np.repeat(means[:6], 2) + rng.normal(0, 0.3, 12))
        low, high = of_new_group(values, names).ppf([0.05, 0.95])
        held += low < means[6] + rng.normal(0, 0.3) < high
    assert held / 400 == pytest.approx(0.9, abs=0.04)


SOME = r"expected one of lognormal, normal, uniform, loguniform, triangular, beta"


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: between(4, 2), r"high = 2; expected a number above 4"),
        (lambda: between(2, 2), r"high = 2; "),
        (lambda: between(0, 2), r"low = 0; expected a number above 0"),
        (lambda: between(0, 2, shape="loguniform"), r"low = 0; expected a number above 0"),
        (lambda: between(0, 0.5, shape="beta"), r"low = 0; expected a number above 0"),
        (lambda: between(0.5, 1, shape="beta"), r"high = 1; expected a number from 0 below 1"),
        (lambda: between(np.nan, 2), r"low = nan; "),
        (lambda: between(1, np.nan), r"high = nan; "),
        (lambda: between(-np.inf, 2, shape="normal"), r"low = -inf; "),
        (lambda: between(1, np.inf), r"high = inf; "),
        (lambda: between(np.inf, np.inf), r"^low = inf; "),
        (lambda: between(1, 2, level=1), r"level = 1; "),
        (lambda: between(1, 2, level=0), r"level = 0; "),
        (lambda: between(1, 2, level=90), r"level = 90; "),
        (lambda: between(1, 2, shape="triangle"), rf"shape = 'triangle'; {SOME}$"),
        (lambda: one_of([1, np.nan]), r"values = nan; "),
        (lambda: one_of([1, np.inf]), r"values = inf; "),
        (lambda: one_of([1, -np.inf]), r"values = -inf; "),
        (lambda: one_of([1, 2], weights=[1, -1]), r"weights = -1; "),
        (lambda: one_of([1, 2], weights=[1, np.inf]), r"weights = inf; "),
        (lambda: one_of([1, 2], weights=[1]), r"weights = 1 for 2 values; expected one a value, not all 0"),
        (lambda: one_of([1, 2], weights=[0, 0]), r"weights = 2 for 2 values; expected one a value, not all 0"),
        (lambda: one_of([]), r"weights = 0 for 0 values; "),
        (lambda: one_of([[1, 2]]), r"weights = 2 for 2 values; "),
        (lambda: of_new_group(pd.Series([1.0, 2.0]), pd.Series(["a", "a"])), r"^groups = 1; expected 2 or more$"),
        (lambda: of_new_group(pd.Series([], dtype=float), pd.Series([], dtype=str)), r"^groups = 0; "),
    ],
)
def test_nonsense_is_refused_by_name(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_a_cut_keeps_the_middle_and_ends_at_the_range():
    whole = t(2, 1.0, 0.5)
    cut = Cut(whole, -200, 200)
    np.testing.assert_allclose(cut.ppf([0.0, 1.0]), [-200, 200])
    np.testing.assert_allclose(cut.ppf([0.05, 0.5, 0.95]), whole.ppf([0.05, 0.5, 0.95]), atol=1e-3)
    assert whole.ppf(1e-9) < -10_000
