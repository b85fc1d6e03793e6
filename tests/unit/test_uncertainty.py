import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from compute_scaling.uncertainty import between, interval, one_of, propagate, sample, sensitivity, swings

LOW = st.floats(1e-6, 1e6)
LEVEL = st.floats(0.05, 0.99)
SHAPE = st.sampled_from(["lognormal", "normal", "uniform", "loguniform", "triangular"])


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


def test_draws_are_balanced_and_inside():
    draws = sample({"x": between(0, 1, level=1 - 1e-12, shape="uniform")}, draws=1024, seed=0)["x"]
    assert np.bincount((draws * 64).astype(int)).tolist() == [16] * 64
    assert ((draws > 0) & (draws < 1)).all()


def test_points_are_in_the_middle_of_their_cells():
    cell = 2.0**-30
    unit = between(cell, 1 - cell, level=1 - 2 * cell, shape="uniform")
    draws = sample({"x": unit}, draws=256, seed=0)["x"]
    np.testing.assert_allclose(draws / cell % 1, 0.5, atol=1e-3)


def test_draws_that_are_no_power_of_2_are_the_beginning_of_the_next():
    inputs = {"x": between(1, 2), "y": between(3, 4)}
    assert (sample(inputs, draws=100, seed=0)["y"] == sample(inputs, draws=128, seed=0)["y"][:100]).all()


def test_fixed_numbers_are_kept_and_the_order_of_names_too():
    draws = sample({"count": 100_000, "price": between(1, 2), "share": np.float64(0.4)}, draws=4, seed=0)
    assert list(draws) == ["count", "price", "share"]
    assert draws["count"].tolist() == [100_000] * 4
    assert draws["share"].tolist() == [0.4] * 4


@given(st.floats(-0.95, 0.95))
def test_normal_scores_have_the_correlation_that_was_asked_for(correlation):
    inputs = {"x": between(1, 4), "y": between(2, 3), "z": between(0.1, 9)}
    draws = sample(inputs, draws=4096, seed=0, correlations={("x", "z"): correlation})
    found = np.corrcoef(np.log([draws["x"], draws["y"], draws["z"]]))
    assert found[0, 2] == pytest.approx(correlation, abs=0.01)
    assert abs(found[0, 1]) < 0.02
    assert abs(found[1, 2]) < 0.02
    np.testing.assert_allclose(interval(draws["z"])[::2], [0.1, 9], rtol=0.05)


def test_ranks_correlate_as_under_a_gaussian_copula():
    inputs = {"x": between(1, 4, shape="uniform"), "y": between(2, 300, shape="loguniform")}
    draws = sample(inputs, draws=2**14, seed=0, correlations={("y", "x"): 0.7})
    ranks = np.corrcoef(np.argsort(np.argsort([draws["x"], draws["y"]])))[0, 1]
    assert ranks == pytest.approx(6 / np.pi * np.arcsin(0.7 / 2), abs=0.005)


def test_a_correlation_of_nothing_changes_nothing():
    inputs = {"x": between(1, 4), "y": between(2, 3)}
    plain = sample(inputs, draws=64, seed=0)["y"]
    np.testing.assert_allclose(sample(inputs, draws=64, seed=0, correlations={("x", "y"): 0})["y"], plain)


def test_a_product_of_lognormals_is_the_lognormal_of_the_textbook():
    ranges = {"a": between(1, 4), "b": between(2, 3), "c": between(5, 50)}
    low, mid, high = propagate(lambda a, b, c: a * b / c, ranges, seed=0).interval()
    half = np.sqrt(np.log(4) ** 2 + np.log(1.5) ** 2 + np.log(10) ** 2) / 2
    centre = np.sqrt(4) * np.sqrt(6) / np.sqrt(250)
    np.testing.assert_allclose([low, mid, high], centre * np.exp([-half, 0, half]), rtol=0.005)


@given(st.floats(-0.9, 0.9))
def test_the_variance_of_a_correlated_sum(correlation):
    ranges = {"a": between(-1, 1, shape="normal"), "b": between(-2, 2, shape="normal")}
    found = propagate(lambda a, b: a + b, ranges, seed=0, correlations={("a", "b"): correlation})
    units = 1.6448536**2
    assert np.var(found.values) * units == pytest.approx(1 + 4 + 4 * correlation, rel=0.01)
    low, mid, high = found.interval(0.5)
    reach = 0.6744898 / 1.6448536 * np.sqrt(5 + 4 * correlation)
    np.testing.assert_allclose([low, mid, high], [-reach, 0, reach], atol=0.01)


def test_a_propagation_keeps_its_draws_and_its_seed():
    ranges = {"a": between(1, 2), "b": 3.0}
    first, again, other = (propagate(lambda a, b: a**b, ranges, seed=seed) for seed in (1, 1, 2))
    assert first.values.tobytes() == again.values.tobytes() != other.values.tobytes()
    assert first.values.size == 16_384
    assert (first.values == first.inputs["a"] ** first.inputs["b"]).all()


def test_a_choice_is_drawn_as_often_as_it_weighs():
    found = propagate(lambda cost: cost, {"cost": one_of([5, 3, 4], weights=[1, 2, 1])}, seed=0, draws=1024)
    assert np.unique(found.values, return_counts=True)[1].tolist() == [512, 256, 256]


def ishigami(a, b, c):
    return np.sin(a) + 7 * np.sin(b) ** 2 + 0.1 * c**4 * np.sin(a)


def test_the_sensitivities_of_ishigami():
    # Ishigami and Homma 1990; exact values for 7 and 0.1: V = 7^2/8 + 0.1 pi^4/5 + 0.1^2 pi^8/18 + 1/2
    margin = 0.9 * np.pi
    ranges = dict.fromkeys("abc", between(-margin, margin, shape="uniform"))
    variance = 49 / 8 + 0.1 * np.pi**4 / 5 + 0.01 * np.pi**8 / 18 + 0.5
    both = 8 * 0.01 * np.pi**8 / 225
    first = {"a": 0.5 * (1 + 0.1 * np.pi**4 / 5) ** 2 / variance, "b": 49 / 8 / variance, "c": 0}
    total = {"a": first["a"] + both / variance, "b": first["b"], "c": both / variance}
    table = sensitivity(ishigami, ranges, seed=0)
    assert table["input"].tolist() == ["a", "b", "c"]
    np.testing.assert_allclose(table["first_order"], [first[name] for name in "abc"], atol=0.02)
    np.testing.assert_allclose(table["total"], [total[name] for name in "abc"], atol=0.02)


def test_sensitivities_are_sorted_and_leave_fixed_numbers_out():
    ranges = {"small": between(-1, 1, shape="normal"), "fixed": 2.0, "large": between(-3, 3, shape="normal")}
    table = sensitivity(lambda small, fixed, large: small + fixed * large, ranges, seed=0)
    assert table["input"].to_dict() == {0: "large", 1: "small"}
    assert table["total"].tolist() == pytest.approx([36 / 37, 1 / 37], abs=0.01)
    again = sensitivity(lambda small, fixed, large: small + fixed * large, ranges, seed=0)
    other = sensitivity(lambda small, fixed, large: small + fixed * large, ranges, seed=1)
    assert table.equals(again)
    assert not table.equals(other)


def test_a_single_input_explains_all():
    table = sensitivity(lambda a: 3 * a, {"a": between(1, 2)}, seed=0, draws=64)
    assert table["input"].tolist() == ["a"]
    assert table.loc[0, ["first_order", "total"]].tolist() == pytest.approx([1, 1], abs=0.1)


PAIR = {"x": between(1, 2), "y": between(1, 2), "z": between(1, 2), "one": 1.0}


def correlated(correlations):
    return sample(PAIR, draws=8, seed=0, correlations=correlations)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: sample({"x": between(1, 2)}, draws=0, seed=0), r"draws = 0; "),
        (lambda: sample({"x": between(1, 2)}, draws=2.5, seed=0), r"draws = 2.5; "),
        (
            lambda: sample({"x": 1.0}, draws=8, seed=0),
            r"^inputs = fixed numbers only; expected at least one distribution$",
        ),
        (lambda: sample({"x": [1.0, 2.0]}, draws=8, seed=0), r"x = an array; expected a distribution or one number"),
        (lambda: sample({"x": np.nan}, draws=8, seed=0), r"x = nan; "),
        (lambda: sample({"x": np.inf}, draws=8, seed=0), r"x = inf; "),
        (lambda: sample({"x": -np.inf}, draws=8, seed=0), r"x = -inf; "),
        (lambda: sample({"x": "much"}, draws=8, seed=0), r"x = 'much'; "),
        (lambda: correlated({("x", "w"): 0.5}), r"correlations = \('x', 'w'\); expected pairs of x, y, z$"),
        (lambda: correlated({("x", "one"): 0.5}), r"correlations = \('x', 'one'\); "),
        (lambda: correlated({("x", "x"): 0.5}), r"correlations = \('x', 'x'\); "),
        (lambda: correlated({("x", "y"): 0.5, ("y", "x"): 0.5}), r"= \('y', 'x'\); expected each pair once"),
        (lambda: correlated({("x", "y"): 1}), r"correlation of x and y = 1; expected a number above -1 below 1"),
        (lambda: correlated({("x", "y"): -1}), r"correlation of x and y = -1; "),
        (
            lambda: correlated({("x", "y"): 0.9, ("y", "z"): 0.9, ("z", "x"): -0.9}),
            r"correlation of [xyz] and [xyz] = -?0.9; expected one that the others allow",
        ),
        (
            lambda: correlated({("x", "y"): 0.8, ("y", "z"): 0.9, ("z", "x"): -0.5}),
            r"correlation of y and z = 0.9; expected one that the others allow",
        ),
        (lambda: propagate(lambda x: 1.0, {"x": between(1, 2)}, seed=0), r"an array of shape \(\); .*\(16384,\)"),
        (
            lambda: propagate(lambda x: x[:2], {"x": between(1, 2)}, seed=0, draws=4),
            r"\(2,\); expected \(4,\), a",
        ),
        (lambda: sensitivity(lambda x: x, {"x": between(1, 2)}, seed=0, draws=100), r"draws = 100; .* a power of 2"),
        (lambda: sensitivity(lambda x: x, {"x": between(1, 2)}, seed=0, draws=0), r"draws = 0; "),
        (lambda: sensitivity(lambda x: 0 * x, {"x": between(1, 2)}, seed=0), r"function = a constant; "),
        (lambda: sensitivity(lambda x: 1.0, {"x": between(1, 2)}, seed=0), r"an array of shape \(\)"),
        (lambda: propagate(lambda x: x + np.inf, {"x": between(1, 2)}, seed=0), r"function = inf; "),
        (lambda: sensitivity(lambda x: x + np.nan, {"x": between(1, 2)}, seed=0), r"function = nan; "),
        (lambda: interval([]), r"values = \[\]; expected at least one"),
        (lambda: interval([1, np.nan]), r"values = nan; "),
        (lambda: interval([1, np.inf]), r"values = inf; "),
        (lambda: interval([1, 2], level=0), r"level = 0; "),
    ],
)
def test_nonsense_is_refused_by_name(call, message):
    with pytest.raises(ValueError, match=message):
        call()


# ------------------------------------------------------------------------------------------------- one input at a time


def product(a, b, c):
    return a * b**2 / c


ENDS = {"a": (1.0, 2.0, 4.0), "b": (2.0, 3.0, 4.0), "c": (5.0, 5.0, 5.0)}


def test_a_swing_moves_one_input_and_leaves_the_others_in_the_middle():
    table = swings(product, ENDS).set_index("input")
    assert table.index.tolist() == ["a", "b", "c"]
    assert table.loc["a", ["at_low", "at_high"]].tolist() == [1 * 9 / 5, 4 * 9 / 5]
    assert table.loc["b", ["at_low", "at_high"]].tolist() == [2 * 4 / 5, 2 * 16 / 5]
    assert table["at_mid"].tolist() == [2 * 9 / 5] * 3
    assert table["flips_at"].isna().all()


def test_the_threshold_is_met_where_the_result_flips():
    table = swings(product, ENDS, threshold=5.0).set_index("input")
    for name in ("a", "b"):
        middles = {key: mid for key, (_, mid, _) in ENDS.items()} | {name: table.at[name, "flips_at"]}
        assert product(**middles) == pytest.approx(5.0)
    assert np.isnan(table.at["c", "flips_at"])
    assert np.isnan(swings(product, ENDS, threshold=100.0)["flips_at"]).all()


def test_ends_out_of_order_are_refused_by_name():
    with pytest.raises(ValueError, match=r"^b = \(3.0, 2.0, 4.0\); expected low, mid and high in this order"):
        swings(product, ENDS | {"b": (3.0, 2.0, 4.0)})
    with pytest.raises(ValueError, match="ends"):
        swings(product, ENDS | {"b": (np.nan, 2.0, 4.0)})
