"""Power and cost of sites: which figures are held against which scope, and how well it went."""

import numpy as np
import pandas as pd
import pytest

from compute_scaling import data
from compute_scaling.validation.board import summary
from compute_scaling.validation.machines import capital_cost, power, rows

COLOSSUS = "Colossus 1, first phase (Memphis)"
STATED, MODELS = "power of sites, as stated", "power of sites, a model too"


@pytest.fixture(scope="module")
def scored() -> pd.DataFrame:
    return rows()


@pytest.fixture(scope="module")
def tables(scored) -> pd.DataFrame:
    return summary(scored).set_index("table")


def test_colossus_has_each_of_its_powers_in_its_scope(scored):
    found = scored[(scored["row"] == COLOSSUS) & (scored["unit"] == "MW")].set_index("source_id")
    assert found["measured"].to_dict() == {
        "epoch-ai-chip-counts-2026-03": 181.0,
        "epoch-ai-data-centers": 181.0,
        "epoch-gpu-clusters": 142.7,
        "lpm-tva-2024": 150.0,
    }
    assert found.loc["lpm-tva-2024", "table"] == STATED
    assert set(found.drop("lpm-tva-2024")["table"]) == {MODELS}
    whole, without_network = found.loc["lpm-tva-2024"], found.loc["epoch-gpu-clusters"]
    assert whole["predicted"] == pytest.approx(161, abs=1)
    assert without_network["predicted"] == pytest.approx(127.5 * 1.155, abs=0.5)
    assert (whole["low"], whole["high"]) == pytest.approx((150.8, 181.4), abs=0.5)


def test_it_load_is_predicted_without_the_pue(scored):
    found = scored[(scored["row"] == "Colossus 2, first block") & (scored["measured"] == 210)].iloc[0]
    assert found["predicted"] == pytest.approx(110_000 * 1_200_000 / 576 / 1e6, rel=0.01)


def test_colossus_has_each_of_its_costs_in_its_scope(scored):
    found = scored[(scored["row"] == COLOSSUS) & (scored["unit"] == "USD")].set_index("source_id")
    assert (found["measured"] / 1e9).round(1).to_dict() == {
        "epoch-ai-chip-counts-2026-03": 4.7,
        "epoch-ai-data-centers": 5.3,
        "epoch-gpu-clusters": 3.8,
    }
    predicted = (found["predicted"] / 1e9).round(1)
    assert predicted["epoch-gpu-clusters"] == 4.7
    assert predicted["epoch-ai-data-centers"] == 6.3


def test_how_well_it_went_and_where_the_guess_wins(tables):
    assert tables["rows"].to_dict() == {
        MODELS: 33,
        STATED: 4,
        "cost of sites, hardware, a model too": 21,
        "cost of sites, total capital, a model too": 6,
    }
    assert tables["winner"].tolist() == ["model", "baseline", "baseline", "baseline"]
    errors = tables["median_abs_error"]
    assert errors[MODELS] == pytest.approx(0.05, abs=0.01)
    assert errors[STATED] == pytest.approx(0.12, abs=0.01)
    assert errors["cost of sites, hardware, a model too"] == pytest.approx(0.30, abs=0.02)
    assert tables["coverage"][MODELS] == pytest.approx(0.70, abs=0.05)
    assert tables["coverage"][STATED] == 0


def test_no_site_takes_part_in_its_own_prediction(monkeypatch):
    before = power()
    load = data.load

    def ten_times(table, as_of=None):
        frame = load(table, as_of)
        return frame.assign(power_mw=frame["power_mw"] * 10) if table == "clusters" else frame

    monkeypatch.setattr(data, "load", ten_times)
    after = power()
    np.testing.assert_allclose(after["measured"], 10 * before["measured"])
    np.testing.assert_allclose(after["predicted"], before["predicted"])
    assert set(after["sample"]) == {"held out"}


def test_only_machines_for_ai_on_chips_with_a_known_server_and_price(scored):
    sites = data.load("clusters")
    assert set(scored["row"]) <= set(sites.loc[sites["purpose"] == "ai", "name"])
    assert not scored["row"].str.contains("Summit").any()
    assert not capital_cost()["row"].str.contains("Colossus 2").any()


def test_nothing_that_was_public_later_is_used():
    assert rows("2024-05-31").empty
    known = rows("2025-06-30")
    assert COLOSSUS in set(known["row"])
    assert not known["source_id"].isin(["epoch-ai-data-centers", "spacex-s1-2026"]).any()


def test_the_same_seed_gives_the_same_rows():
    assert rows(draws=64, seed=1).equals(rows(draws=64, seed=1))
    assert not rows(draws=64, seed=1).equals(rows(draws=64, seed=2))
