import numpy as np
import pandas as pd
import pytest

from compute_scaling import data, walls
from compute_scaling.outlook import damped
from compute_scaling.reader import Reader

THEN, NOW = Reader(pd.Timestamp("2024-05-31"), draws=2048), Reader(data.updated_on(), draws=2048)
MIDDLE = {
    "power_mw": 1_000.0, "h100_watts": 1_000.0, "chips": 1e7, "share": 0.2, "tokens": 3e14, "days": 100.0,
    "utilisation": 0.4, "gain": 1.0, "batch_tokens": 6e7, "layer_s": 2e-4,
}  # fmt: skip


def test_a_million_h100s_at_a_kilowatt_each():
    found = walls.allowed(**MIDDLE)
    assert list(found) == list(walls.WALLS)
    assert float(found["power"]) == pytest.approx(1e6 * 989.4e12 * 0.4 * 100 * 86_400)
    assert float(found["chips"]) == pytest.approx(2 * float(found["power"]))


@pytest.mark.parametrize(
    ("name", "wall", "power"),
    [
        ("power_mw", "power", 1), ("h100_watts", "power", -1), ("chips", "chips", 1), ("share", "chips", 1),
        ("tokens", "text", 2), ("days", "power", 1), ("batch_tokens", "latency", 2 / 1.27),
        ("layer_s", "latency", -2 / 1.27),
    ],
)  # fmt: skip
def test_a_wall_moves_with_its_input_as_the_formula_says(name, wall, power):
    before, after = walls.allowed(**MIDDLE), walls.allowed(**MIDDLE | {name: 2 * MIDDLE[name]})
    assert float(after[wall] / before[wall]) == pytest.approx(2**power)


def test_walls_broadcast():
    found = walls.allowed(**MIDDLE | {"days": np.array([50.0, 100.0])})
    assert found["latency"].shape == (2,)
    least, which = walls.lowest(found)
    assert least.shape == which.shape == (2,)


def test_the_model_of_the_latency_wall_fits_exactly():
    days, batch, layer_s = 90.0, 6e7, 1.2e-4
    parameters = float(walls.latency_parameters(days, batch_tokens=batch, layer_s=layer_s, batch_exponent=0.3))
    grown = parameters / walls.AT_PARAMETERS
    steps = 20 * parameters / (batch * grown**0.3)
    assert steps * walls.LAYERS * grown**walls.LAYER_EXPONENT * layer_s == pytest.approx(days * 86_400)


@pytest.mark.parametrize("wrong", [{"batch_tokens": 0, "layer_s": 1e-4}, {"batch_tokens": 1e6, "layer_s": -1}])
def test_nonsense_is_refused(wrong):
    with pytest.raises(ValueError, match="expected a number above 0"):
        walls.latency_parameters(90, **wrong)


def test_a_batch_that_outgrows_its_tokens_has_no_wall():
    with pytest.raises(ValueError, match="batch_exponent"):
        walls.latency_parameters(90, batch_tokens=1e6, layer_s=1e-4, batch_exponent=1, layer_exponent=0)


def test_nothing_published_later_reaches_the_reader_of_may_2024():
    assert walls.range_known(THEN, "batch").ppf(0.95) == pytest.approx(walls.JUDGED["batch"][1])
    assert walls.text_known(THEN).ppf(0.05) == pytest.approx(9.3e13)
    assert walls.text_known(NOW).ppf(0.95) == pytest.approx(1e15)
    assert set(THEN.table("limits")["known_on"].dt.year) <= {2022, 2024}
    assert THEN.table("limits")["known_on"].max() <= pd.Timestamp("2024-05-31")


def test_power_of_2030_is_the_register_s():
    ours = walls.inputs_on(NOW, "2030-12-31")["power_mw"]
    theirs = damped(NOW, "power of the largest AI site", "2030-12-31")
    assert np.quantile(ours, [0.05, 0.5, 0.95]) == pytest.approx(np.quantile(theirs, [0.05, 0.5, 0.95]), rel=0.05)


def test_the_past_is_as_it_was():
    inputs = walls.inputs_on(NOW, "2025-12-31")
    assert set(inputs["power_mw"]) == {478.0}
    assert np.median(inputs["chips"]) == pytest.approx(13.66e6, rel=0.01)
    assert np.ptp(walls.wanted(NOW, "2025-12-31", fading=True)) == 0
    assert walls.wanted(NOW, "2025-12-31", fading=True)[0] == pytest.approx(5e26)


def test_chips_between_the_two_counts_lie_between_them():
    chips = [float(np.median(walls.inputs_on(NOW, day)["chips"])) for day in ("2024-06-30", "2025-03-31", "2025-12-31")]
    assert chips[0] == pytest.approx(2.65e6, rel=0.01)
    assert chips[0] < chips[1] < chips[2]


def test_walls_and_wishes_by_day():
    table = walls.by_day(NOW, pd.DatetimeIndex(["2027-12-31", "2030-12-31"]))
    assert (table["low"] <= table["mid"]).all()
    assert (table["mid"] <= table["high"]).all()
    assert table.groupby("date")["first"].sum().to_list() == pytest.approx([1, 1])
    by_name = table[table["date"] == "2030-12-31"].set_index("name")["mid"]
    assert by_name["lowest"] < by_name[list(walls.WALLS)].min()
    assert by_name["fading"] < by_name["lowest"] < by_name["trend"]


def test_the_trend_meets_walls_sooner_than_growth_that_fades():
    days = pd.date_range("2026-12-31", "2036-12-31", freq="QE")
    trend, fading = (walls.days_met(NOW, days, fading=fades).set_index("name") for fades in (False, True))
    assert (trend["by_last"] > fading["by_last"]).all()
    assert (trend["low"] <= trend["mid"]).all()
    assert fading["mid"].isna().all()


def test_what_was_expected_and_what_came():
    table = walls.expected_and_came(THEN, NOW).set_index("quantity")
    assert table.at["power of the largest site", "came"] == 1276
    assert table.at["chips sold", "low"] < table.at["chips sold", "came"] < table.at["chips sold", "high"]
