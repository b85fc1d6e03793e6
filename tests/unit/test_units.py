import pytest
from hypothesis import given
from hypothesis import strategies as st

from compute_scaling.units import RANGE_ENDINGS, UNITS_BY_SUFFIX, unit_of


@pytest.mark.parametrize(
    ("name", "unit"),
    [
        ("price_usd_low", "USD"),
        ("bf16_flop_per_s", "FLOP/s"),
        ("training_flop", "FLOP"),
        ("int8_op_per_s", "OP/s"),
        ("scaleout_bit_per_s", "bit/s"),
        ("memory_bytes_per_s", "B/s"),
        ("intensity_flop_per_byte", "FLOP/B"),
        ("step_s", "s"),
        ("power_mw", "MW"),
        ("tdp_w", "W"),
        ("count", None),
        ("usd", None),
        ("", None),
    ],
)
def test_the_ending_of_a_name_says_its_unit(name, unit):
    assert unit_of(name) == unit


@given(st.from_regex(r"[a-z]{1,8}", fullmatch=True), st.sampled_from(sorted(UNITS_BY_SUFFIX)))
def test_a_rate_is_never_read_as_a_count_nor_a_range_as_a_unit(stem, suffix):
    assert unit_of(stem + suffix) == UNITS_BY_SUFFIX[suffix]
    assert {unit_of(stem + suffix + ending) for ending in RANGE_ENDINGS} == {UNITS_BY_SUFFIX[suffix]}
