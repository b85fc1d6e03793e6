import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from compute_scaling.checks import fraction, positive, within

FINITE = st.floats(allow_nan=False, allow_infinity=False, width=32)


@pytest.mark.parametrize("value", [0, -3, float("nan"), float("inf"), -float("inf"), [1, 0], [[2, float("nan")]]])
def test_positive_refuses_what_is_not_a_finite_number_above_zero(value):
    with pytest.raises(ValueError, match=r"^count = (0|-3|nan|inf|-inf); expected a number above 0$"):
        positive("count", value)


@pytest.mark.parametrize("value", ["many", [1, "two"], {"a": 1}, 1j])
def test_what_is_no_number_is_named_with_its_field(value):
    with pytest.raises(ValueError, match=r"^count = .+; expected a number"):
        positive("count", value)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: fraction("utilisation", 1.4), "utilisation = 1.4; expected a number from 0 to 1"),
        (lambda: fraction("utilisation", [0.2, -0.1]), "utilisation = -0.1; expected a number from 0 to 1"),
        (lambda: within("x", 1, 0, 1, open_low=True, open_high=True), "x = 1; expected a number above 0 below 1"),
        (lambda: within("days", -1, 0, np.inf), "days = -1; expected a number of 0 or more"),
    ],
)
def test_a_message_names_field_value_and_what_is_allowed(call, message):
    with pytest.raises(ValueError) as caught:
        call()
    assert str(caught.value) == message


@given(st.lists(FINITE, min_size=1), FINITE, FINITE)
def test_within_returns_its_values_or_raises_exactly_when_one_lies_outside(values, low, high):
    if all(low <= value <= high for value in values):
        assert within("x", values, low, high).tolist() == values
    else:
        with pytest.raises(ValueError, match=r"^x = "):
            within("x", values, low, high)


def test_a_scalar_stays_a_scalar_and_a_shape_a_shape():
    assert positive("x", 2).shape == ()
    assert positive("x", [[1, 2, 3]]).shape == (1, 3)
