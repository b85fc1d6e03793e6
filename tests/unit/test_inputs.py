"""Draws of published ranges, against their ends and against bounds they cannot pass."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import ndtri

from compute_scaling.energy import SERVER_FACTOR
from compute_scaling.inputs import Published, chips, drawn_inputs, lognormal_at, published, server_usd
from compute_scaling.validation.board import predictions

DRAWS = {"draws": 4_096, "seed": 3}


def test_ninety_percent_of_draws_lie_between_the_published_ends():
    price = drawn_inputs({"price": "electricity price"}, **DRAWS)["price"]
    np.testing.assert_allclose(np.quantile(price, [0.05, 0.95]), [0.0667, 0.0832], rtol=1e-3)


def test_a_draw_passes_no_bound():
    drawn = drawn_inputs({"pue": "PUE", "draw": "draw share"}, **DRAWS)
    assert drawn["pue"].min() > 1
    assert drawn["draw"].max() == 1
    np.testing.assert_allclose(np.quantile(drawn["pue"], [0.05, 0.95]), [1.08, 1.3], rtol=1e-3)
    np.testing.assert_allclose(np.quantile(drawn["draw"], 0.05), 0.5, rtol=1e-3)


def test_inputs_are_independent_of_each_other_and_of_the_level():
    drawn = pd.DataFrame(drawn_inputs({"pue": "PUE", "share": "interconnect share"}, **DRAWS))
    assert list(drawn) == ["pue", "share", "level"]
    assert (drawn.corr().to_numpy()[~np.eye(3, dtype=bool)].round(2) == 0).all()
    assert drawn["level"].mean() == pytest.approx(0.5, abs=0.001)


def test_a_published_range_above_a_floor_by_hand():
    """1.2 to 1.8 above a floor of 1: 0.2 to 0.8, the middle at their geometric mean."""
    level = np.array([0.05, 0.5, 0.95, 0.999])
    above = 0.4 * np.exp(np.log(2) * ndtri(level) / ndtri(0.95))
    np.testing.assert_allclose(Published(1.2, 1.8, floor=1).ppf(level), 1 + above)
    np.testing.assert_allclose(Published(0.2, 0.8).ppf(level), above)
    np.testing.assert_allclose(Published(0.2, 0.8, ceiling=1).ppf(level), [0.2, 0.4, 0.8, 1])
    np.testing.assert_allclose(Published(0.3, 0.3).ppf(level), [0.3] * 4)


@given(st.floats(0, 10), st.floats(0.01, 10), st.floats(1, 10), st.floats(0.001, 0.999), st.floats(0.001, 0.999))
def test_a_published_range_rises_and_passes_no_bound(floor, above, factor, one, other):
    low, high = floor + above, floor + above * factor
    found = Published(low, high, floor=floor, ceiling=high + 1)
    first, second = found.ppf(np.sort([one, other]))
    assert floor <= first <= second <= high + 1
    np.testing.assert_allclose(found.ppf(np.array([0.05, 0.95])), [low, high], rtol=1e-6)


def test_a_published_quantity_has_the_limits_of_its_kind_and_its_day():
    assert published("PUE", "2024-05-31") == Published(1.08, 1.3, floor=1)
    assert published("draw share") == Published(0.5, 1, floor=0, ceiling=1)
    assert published("electricity price", "2024-05-31") == Published(0.0667, 0.0832)
    assert published("interconnect share", "2024-05-31") == Published(0.19, 0.19)
    assert published("interconnect share").low == 0.1458
    with pytest.raises(ValueError, match=r"^quantity = 'interconnect share'; expected one of PUE, "):
        published("interconnect share", "2024-05-30")


def test_one_published_value_has_no_spread():
    share = drawn_inputs({"share": "interconnect share"}, "2024-05-31", **DRAWS)["share"]
    np.testing.assert_allclose(share, 0.19)


def test_the_same_seed_gives_the_same_draws():
    first, second = (drawn_inputs({"pue": "PUE"}, **DRAWS)["pue"] for _ in range(2))
    assert (first == second).all()
    assert (drawn_inputs({"pue": "PUE"}, draws=4_096, seed=4)["pue"] != first).any()


def test_quantiles_of_several_ranges_at_once():
    level = np.array([0.05, 0.5, 0.95])
    np.testing.assert_allclose(lognormal_at(level, [1, 4], [4, 4]), [[1, 2, 4], [4, 4, 4]])


def test_prices_of_servers_are_those_known_and_no_whole_system():
    names = pd.Series(["H100 SXM", "A100 SXM 80GB", "A100 SXM 40GB", "MI300X"])
    ends = server_usd(names, level=np.array([0.05, 0.95])).round()
    np.testing.assert_allclose(ends[0], [33_750, 44_490])
    np.testing.assert_allclose(ends[1], [18_549, 37_500])
    np.testing.assert_allclose(ends[2], ends[1])
    assert np.isnan(ends[3]).all()
    early = server_usd(names, "2022-12-31", level=np.array([0.05, 0.95])).round()
    np.testing.assert_allclose(early[0], [44_490, 44_490])


def test_chips_are_those_whose_server_was_known():
    assert chips("2024-03-31").index.tolist() == ["H100 SXM"]
    assert chips().at["H100 SXM", "factor"] == pytest.approx(SERVER_FACTOR)
    assert chips().at["GB200", "tdp_w"] == 1_200


def test_a_prediction_is_the_median_and_its_guess_the_other_rows_for_one():
    published = pd.DataFrame(
        {"row": list("abc"), "source_id": "s", "megawatts": [10, 40, 90], "count": [10, 20, 30]}, index=[5, 7, 9]
    )
    draws = np.array([[1.0, 2.0, 3.0]] * 3)
    found = predictions(published, draws, measured="megawatts", per="count", table="t", quantity="power", unit="MW")
    assert found["predicted"].tolist() == [2, 2, 2]
    assert found["low"].round(9).tolist() == [1.1, 1.1, 1.1]
    assert found["high"].round(9).tolist() == [2.9, 2.9, 2.9]
    assert found["measured"].tolist() == [10, 40, 90]
    assert found["baseline"].tolist() == [10 * 2.5, 20 * 2, 30 * 1.5]
    assert set(found["sample"]) == {"held out"}
