"""Power, energy and emissions, against what papers print and arithmetic by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from compute_scaling import data
from compute_scaling.energy import (
    NETWORK_SHARE,
    SERVER_FACTOR,
    emissions_kg,
    energy_mwh,
    facility_power_w,
    generators,
    homes,
    input_range,
    it_power_w,
    server_factor,
)

H100_W = 700
COUNTS = st.lists(st.integers(1, 10_000_000), min_size=1, max_size=5)
SHARES = st.floats(0.01, 1)


def test_the_constants_are_those_of_the_data_sheet_and_the_article():
    assert pytest.approx(1_275 / 700) == SERVER_FACTOR
    assert pytest.approx(1_389 / 1_275 - 1) == NETWORK_SHARE


def test_20_480_h100s_are_28_mw_as_semianalysis_has_it():
    assert it_power_w(20_480, tdp_w=H100_W) == pytest.approx(20_480 * 1_389)
    power_w = facility_power_w(20_480, tdp_w=H100_W, pue=1.25, draw_share=0.8)
    assert power_w == pytest.approx(28.446_72e6)
    assert energy_mwh(power_w, hours=8_760) == pytest.approx(249_185, rel=1e-4)


def test_each_step_of_the_chain_by_hand():
    plain = {"tdp_w": 400, "server_factor": 1, "network_share": 0}
    assert it_power_w(10, **plain) == 4_000
    assert it_power_w(10, **plain | {"server_factor": 2}) == 8_000
    assert it_power_w(10, **plain | {"network_share": 0.25}) == 5_000
    assert it_power_w(10, **plain, draw_share=0.5) == 2_000
    assert facility_power_w(10, **plain, pue=1) == 4_000
    assert facility_power_w(10, **plain | {"server_factor": 2, "network_share": 0.25}, pue=1.5, draw_share=0.5) == 7_500


@pytest.mark.parametrize(
    ("hours", "printed_mwh", "printed_t"),
    [(82_432, 36, 14), (135_168, 59, 23), (530_432, 233, 90), (1_022_362, 449, 173), (809_472, 356, 137)],
)
def test_table_15_of_llama(hours, printed_mwh, printed_t):
    power_w = facility_power_w(1, tdp_w=400, pue=1.1, server_factor=1, network_share=0)
    used_mwh = energy_mwh(power_w, hours=hours)
    assert used_mwh == pytest.approx(printed_mwh, abs=1)
    assert emissions_kg(used_mwh, kg_per_kwh=0.385) / 1_000 == pytest.approx(printed_t, abs=0.5)


def test_gpt_3_as_patterson_has_it():
    assert energy_mwh(330 * 1.10, hours=3_552_000) == pytest.approx(1_287, rel=0.002)
    assert emissions_kg(1_287, kg_per_kwh=0.429) == pytest.approx(552_100, rel=1e-3)
    assert emissions_kg(1, kg_per_kwh=0) == 0


@given(COUNTS, SHARES, st.floats(1, 2))
def test_a_sweep_equals_a_loop_and_power_is_in_proportion(counts, draw_share, pue):
    def power(count):
        return facility_power_w(count, tdp_w=H100_W, pue=pue, draw_share=draw_share)

    sweep = power(np.array(counts))
    np.testing.assert_allclose(sweep, [float(power(count)) for count in counts])
    np.testing.assert_allclose(power(3 * np.array(counts)), 3 * sweep)
    np.testing.assert_allclose(energy_mwh(sweep, hours=24), 24 * sweep / 1e6)


@given(st.floats(1, 2), st.floats(1, 2))
def test_the_four_powers_are_ordered(server, pue):
    chips_w = 1_000 * H100_W
    servers_w = it_power_w(1_000, tdp_w=H100_W, server_factor=server, network_share=0)
    it_w = it_power_w(1_000, tdp_w=H100_W, server_factor=server)
    site_w = facility_power_w(1_000, tdp_w=H100_W, server_factor=server, pue=pue)
    assert chips_w <= servers_w < it_w <= site_w


def test_axes_broadcast():
    grid = facility_power_w(np.array([[1], [2]]), tdp_w=H100_W, pue=np.array([1.1, 1.2, 1.3]))
    assert grid.shape == (2, 3)
    assert emissions_kg(energy_mwh(grid, hours=1), kg_per_kwh=0.4).shape == (2, 3)


GOOD = {"accelerators": 8, "tdp_w": 700.0, "pue": 1.2, "server_factor": 1.8, "network_share": 0.1, "draw_share": 0.5}


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("accelerators", 0, "accelerators = 0; expected a number above 0"),
        ("tdp_w", -1, "tdp_w = -1; expected a number above 0"),
        ("pue", 0.9, "pue = 0.9; expected a number of 1 or more"),
        ("pue", np.inf, "pue = inf; expected a number of 1 or more"),
        ("server_factor", 0.99, "server_factor = 0.99; expected a number of 1 or more"),
        ("server_factor", np.inf, "server_factor = inf; expected a number of 1 or more"),
        ("network_share", -0.1, "network_share = -0.1; expected a number of 0 or more"),
        ("network_share", np.inf, "network_share = inf; expected a number of 0 or more"),
        ("draw_share", 0, "draw_share = 0; expected a number above 0 to 1"),
        ("draw_share", 1.2, "draw_share = 1.2; expected a number above 0 to 1"),
        ("draw_share", np.nan, "draw_share = nan; expected a number above 0 to 1"),
    ],
)
def test_nonsense_is_refused_by_name(field, value, message):
    words = GOOD | {field: value}
    with pytest.raises(ValueError) as caught:
        facility_power_w(words.pop("accelerators"), **words)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: energy_mwh(0, hours=1), "power_w = 0; expected a number above 0"),
        (lambda: energy_mwh(1, hours=-1), "hours = -1; expected a number above 0"),
        (lambda: emissions_kg(0, kg_per_kwh=1), "energy_mwh = 0; expected a number above 0"),
        (lambda: emissions_kg(1, kg_per_kwh=-0.1), "kg_per_kwh = -0.1; expected a number of 0 or more"),
        (lambda: emissions_kg(1, kg_per_kwh=np.inf), "kg_per_kwh = inf; expected a number of 0 or more"),
    ],
)
def test_energy_and_emissions_refuse_nonsense(call, message):
    with pytest.raises(ValueError) as caught:
        call()
    assert str(caught.value) == message


def test_server_factors_come_from_data_sheets():
    assert server_factor("H100 SXM") == pytest.approx(SERVER_FACTOR)
    assert server_factor("A100 SXM 40GB") == pytest.approx(6_500 / 8 / 400)
    assert server_factor("B200 SXM") == pytest.approx(14_300 / 8 / 1_000)
    assert server_factor("TPU v3") == pytest.approx(660 / 450)


def test_a_server_with_its_network_is_counted_without_it():
    unit_w = 1_200_000 / 576
    assert it_power_w(1, tdp_w=1_200, server_factor=server_factor("GB200")) == pytest.approx(unit_w)


def test_a_server_is_known_from_its_day_on():
    assert server_factor("H100 SXM", "2024-03-13") == pytest.approx(SERVER_FACTOR)
    with pytest.raises(ValueError) as caught:
        server_factor("A100 SXM 80GB", "2024-03-13")
    assert str(caught.value) == "name = 'A100 SXM 80GB'; expected one of H100 SXM"


def test_the_range_of_an_input_is_the_lowest_and_the_highest_published():
    assert input_range("PUE") == (1.08, 1.3)
    assert input_range("draw share") == (0.5, 1.0)
    assert input_range("network share") == (0.089412, 0.1)
    assert input_range("network share", "2024-05-31") == (0.089412, 0.089412)
    assert input_range("building cost", "2024-05-31") == (10.0, 10.5)


def test_an_unknown_input_names_those_there_are():
    known = ", ".join(sorted(data.load("machine_inputs", as_of="2021-04-30")["quantity"].unique()))
    with pytest.raises(ValueError) as caught:
        input_range("pue", "2021-04-30")
    assert str(caught.value) == f"quantity = 'pue'; expected one of {known}"


def test_all_servers_and_inputs_are_named_to_who_asks_for_another():
    servers = ", ".join(sorted(set(data.load("servers")["accelerator"])))
    quantities = ", ".join(sorted(set(data.load("machine_inputs")["quantity"])))
    for function, known in ((server_factor, servers), (input_range, quantities)):
        with pytest.raises(ValueError) as caught:
            function("abacus")
        assert str(caught.value).endswith(f" = 'abacus'; expected one of {known}")


def test_the_constants_stand_in_the_table_too():
    assert input_range("network share")[0] == pytest.approx(NETWORK_SHARE, abs=1e-6)


def test_homes_are_a_year_of_the_power_over_a_year_of_one_home():
    assert homes(1e6, mwh_per_year=8_766) == pytest.approx(1)
    assert homes(150e6, mwh_per_year=[10.791, 4.255]) == pytest.approx([150 * 8_766 / 10.791, 150 * 8_766 / 4.255])
    with pytest.raises(ValueError, match="mwh_per_year = 0"):
        homes(1e6, mwh_per_year=0)


@given(st.floats(1, 1e10), st.floats(1, 1e9))
def test_generators_carry_the_power_and_one_fewer_would_not(power_w, each_w):
    number = generators(power_w, each_w=each_w)
    assert number == int(number) >= 1
    assert number * each_w >= power_w * (1 - 1e-12)
    assert (number - 1) * each_w < power_w * (1 + 1e-12)


def test_generators_broadcast_and_refuse_nothing():
    assert generators(150e6, each_w=[16e6, 150e6, 151e6]).tolist() == [10, 1, 1]
    with pytest.raises(ValueError, match="each_w = 0"):
        generators(1e6, each_w=0)
