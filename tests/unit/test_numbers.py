import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from book_figures import numbers

LARGE = st.floats(1e-6, 1e15)


def read(text: str) -> float:
    return float(text.replace(",", "").replace(numbers.MINUS, "-"))


@given(LARGE, st.integers(1, 6))
def test_what_is_written_is_the_value_to_that_many_digits(value, digits):
    assert read(numbers.significant(value, digits)) == pytest.approx(value, rel=0.51 * 10 ** (1 - digits))
    assert read(numbers.significant(-value, digits)) == -read(numbers.significant(value, digits))


@given(LARGE, st.floats(1, 10))
def test_a_larger_number_never_reads_smaller(value, factor):
    assert read(numbers.significant(value)) <= read(numbers.significant(value * factor))


@given(st.integers(-(10**12), 10**12))
def test_a_count_is_written_whole(value):
    assert read(numbers.count(value)) == value


@given(st.floats(1e-3, 9e29), st.integers(1, 5))
def test_a_power_of_ten_reads_back(value, digits):
    coefficient, power = numbers.power_of_ten(value, digits).split("\xa0×\xa010")
    exponent = int(power.translate(str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻−", "0123456789--")))
    assert float(coefficient) * 10.0**exponent == pytest.approx(value, rel=10 ** (1 - digits))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (numbers.times(100_000 / 24_576), "4.07"),
        (numbers.times(100_000 / 49_152), "2.03"),
        (numbers.times(100_000 / 14_400), "6.94"),
        (numbers.times(100_000 / 26_000), "3.85"),
        (numbers.times(123.4), "123"),
        (numbers.significant(0), "0"),
        (numbers.significant(99_960, 3), "100,000"),
        (numbers.significant(0.000123456), "0.000123"),
        (numbers.usd(6e9), "$6 billion"),
        (numbers.usd(24e9), "$24 billion"),
        (numbers.usd(100e9), "$100 billion"),
        (numbers.usd(1.5e12), "$1.5 trillion"),
        (numbers.usd(999_999), "$1,000,000"),
        (numbers.with_prefix(9.894e19, "FLOP/s"), "98.9 EFLOP/s"),
        (numbers.with_prefix(700, "W"), "700 W"),
        (numbers.percent(0.404), "40\xa0%"),
        (numbers.percent(0.999), "99.9\xa0%"),
        (numbers.percent(1), "100\xa0%"),
        (numbers.span("2.0", "6.9"), "2.0 to 6.9"),
        (numbers.day(pd.Timestamp("2024-05-31")), "31 May 2024"),
        (numbers.month(pd.Timestamp("2024-05-31")), "May 2024"),
        (numbers.cell(24_576), "24,576"),
        (numbers.cell(np.int64(5)), "5"),
        (numbers.cell("C23"), "C23"),
        (numbers.cell(True), "True"),
        (numbers.cell(pd.NaT), "–"),
        (numbers.cell(pd.NA), "–"),
        (numbers.cell(None), "–"),
        (numbers.cell(-0.5), "−0.5"),
    ],
)
def test_numbers_for_people(text, expected):
    assert text == expected


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_no_number_is_not_written(value):
    with pytest.raises(ValueError, match=r"^value = (nan|-?inf); expected a finite number$"):
        numbers.significant(value)


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (4.069, "times", "4.07 times"),
        (0.24, "ratio", "0.24"),
        (24_576.0, "H100", "24,576 H100"),
        (34_963.2, "H100", "35,000 H100"),
        (4.4e25, "FLOP", "4.4\xa0×\xa010²⁵ FLOP"),
        (6e9, "USD", "$6 billion"),
        (0.4, "chance", "40\xa0%"),
        (0.9996, "chance", "over 99\xa0%"),
        (0.0004, "chance", "under 1\xa0%"),
        (0, "chance", "0\xa0%"),
        (1, "chance", "100\xa0%"),
        (0.4, "share", "40\xa0%"),
        (154.6, "MW", "155 MW"),
        (385, "days", "385 days"),
        (19_874, "date", "31 May 2024"),
        (19_873.6, "date", "31 May 2024"),
        (12, "", "12"),
    ],
)
def test_a_quantity_is_written_as_its_unit_asks(value, unit, text):
    assert numbers.quantity(value, unit) == text


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ((1e25, 4.4e25, 9e25, "FLOP"), ("4.4\xa0×\xa010²⁵ FLOP", "1.0\xa0×\xa010²⁵ to 9.0\xa0×\xa010²⁵")),
        ((0.001, 0.3, 0.999, "chance"), ("30\xa0%", "under 1\xa0% to over 99\xa0%")),
        ((2e9, 6e9, 8e9, "USD"), ("$6 billion", "$2 billion to $8 billion")),
        ((0.24, 0.24, 0.24, "ratio"), ("0.24", "")),
        ((np.nan, 0.24, np.nan, "ratio"), ("0.24", "")),
        ((3.5, 4.0, np.inf, "times"), ("4.00 times", "3.50 or more")),
        ((np.nan, np.nan, np.nan, ""), ("", "")),
    ],
)
def test_an_estimate_has_its_range_where_there_is_one(given, expected):
    assert numbers.estimate(*given) == expected


@given(st.floats(0, 1))
def test_only_what_is_certain_reads_as_certain(value):
    text = numbers.chance(value)
    assert (text == "100\xa0%") == (value == 1)
    assert (text == "0\xa0%") == (value == 0)
