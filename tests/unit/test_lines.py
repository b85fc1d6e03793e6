import numpy as np
import pytest
import scipy
from hypothesis import given
from hypothesis import strategies as st

from compute_scaling.lines import gains, least_squares, theil_sen

X = np.array([0.0, 1.0, 1.5, 3.0, 4.0, 4.5, 6.0, 8.0])
NOISE = np.array([0.1, -0.2, 0.15, 0.05, -0.1, 0.2, -0.2, 0.0])
Y = 2.0 - 0.5 * X + NOISE
ALL = np.full(X.size, True)


def squares_about_a_line(x, y):
    return np.polynomial.Polynomial.fit(x, y, 1, full=True)[1][0][0]


def test_least_squares_against_scipy():
    line, other = least_squares(X, Y, ALL), scipy.stats.linregress(X, Y)
    assert line.slope == pytest.approx(other.slope)
    assert line.intercept == pytest.approx(other.intercept)
    assert line.slope_standard_error == pytest.approx(other.stderr)
    assert line.scale == pytest.approx(np.sqrt(squares_about_a_line(X, Y) / 6))
    assert (line.mean_x, line.points) == (3.5, 8)


def test_many_lines_at_once_equal_one_by_one():
    kept = np.tri(8, dtype=bool)[3:]
    many = least_squares(X, Y, kept)
    for number, end in enumerate(range(4, 9)):
        alone = least_squares(X[:end], Y[:end], ALL[:end])
        for field in vars(alone):
            assert getattr(many, field)[number] == pytest.approx(getattr(alone, field))


def test_a_new_point_by_hand():
    # through (0, 1), (1, 2), (2, 6): slope 5/2, intercept 1/2, residuals 1/2, -1, 1/2, so scale^2 = 3/2 on 1 degree
    line = least_squares(np.arange(3.0), np.array([1.0, 2.0, 6.0]), ALL[:3])
    assert line.centre(np.array(3.0)) == pytest.approx(8)
    assert line.deviation(np.array(3.0)) == pytest.approx(np.sqrt(1.5 * (1 + 1 / 3 + 4 / 2)))
    assert line.quantile(0.5) == pytest.approx(1)  # quartile of Student's t with 1 degree of freedom
    assert line.quantile(0.9) == pytest.approx(6.3137515)
    above = line.chance_above(np.array(3.0), np.array([8.0, 8 + np.sqrt(5), 8 - np.sqrt(5)]))
    np.testing.assert_allclose(above, [0.5, 0.25, 0.75])


@pytest.mark.parametrize("level", [0, 1])
def test_a_level_is_between_0_and_1(level):
    with pytest.raises(ValueError, match=rf"^level = {level}; expected a number above 0 below 1$"):
        least_squares(X, Y, ALL).quantile(level)


def test_points_on_a_line_leave_the_precision_of_values():
    line = least_squares(np.arange(4.0), np.zeros(4), ALL[:4])
    assert line.scale == 0
    assert line.deviation(np.array(9.0)) == 1e-6
    np.testing.assert_allclose(line.chance_above(np.array(9.0), np.array([-1.0, 0.0, 1.0])), [1, 0.5, 0], atol=1e-9)


def test_theil_sen_by_hand():
    # slopes of the pairs of (0, 0), (1, 1), (2, 2), (3, 9): 1, 1, 3, 1, 4, 7; their median is 2
    line = theil_sen(np.arange(4.0), np.array([0.0, 1.0, 2.0, 9.0]))
    # what is left of y - 2 x is 0, -1, -2, 3, of median -1/2: residuals 1/2, -1/2, -3/2, 7/2
    assert (line.slope, line.intercept, line.mean_x, line.points) == (2, -0.5, 1.5, 4)
    assert line.scale == pytest.approx(1.482602 * 2.5)  # the median of 3/2 and 7/2
    assert line.slope_standard_error == pytest.approx(1.482602 * 2.5 * np.sqrt(np.pi / 3 / 5))


@given(st.floats(-1e3, 1e3), st.integers(0, 7))
def test_one_value_far_off_moves_least_squares_more(size, which):
    sign = 1 if size >= 0 else -1
    off = np.where(np.arange(8) == which, sign * 10 + size, 0)
    moved = abs(theil_sen(X, Y + off).slope - theil_sen(X, Y).slope)
    assert moved < 0.1
    if which in (0, 7):
        assert moved < abs(least_squares(X, Y + off, ALL).slope - least_squares(X, Y, ALL).slope)


def test_gains_against_fits_of_each_half():
    series, cuts = np.array([Y, Y**2, np.sin(X)]), np.array([3, 4, 5])
    expected = [
        [
            np.log(
                squares_about_a_line(X, y) / (squares_about_a_line(X[:c], y[:c]) + squares_about_a_line(X[c:], y[c:]))
            )
            for c in cuts
        ]
        for y in series
    ]
    np.testing.assert_allclose(gains(X, series, cuts), expected, rtol=1e-9)


@given(st.floats(-10, 10), st.floats(-10, 10), st.floats(0.5, 2))
def test_a_line_added_or_another_unit_changes_no_gain(intercept, slope, unit):
    cuts = np.array([3, 4, 5])
    other = gains(X, (unit * Y + intercept + slope * X)[None], cuts)
    np.testing.assert_allclose(other, gains(X, Y[None], cuts), rtol=1e-6)


def test_points_on_one_line_gain_nothing_and_on_two_lines_much():
    cuts = np.array([3, 4, 5])
    assert gains(X, (1 + 2 * X)[None], cuts).tolist() == [[0, 0, 0]]
    two = gains(X, np.where(X < 4, X, 9 - X)[None], cuts)[0]
    assert two.argmax() == 1
    assert two[1] == pytest.approx(np.log(squares_about_a_line(X, np.where(X < 4, X, 9 - X)) / (8 * 1e-12)))
