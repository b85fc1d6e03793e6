"""Energy and cost of runs: what is a measurement, what a product and what another model, and how well it went."""

import numpy as np
import pandas as pd
import pytest

from compute_scaling import data
from compute_scaling.validation.bills import amortised, energy, hardware, products, rent, rows
from compute_scaling.validation.board import summary


@pytest.fixture(scope="module")
def tables() -> pd.DataFrame:
    return summary(rows()).set_index("table")


def figure(found: pd.DataFrame, run: str) -> pd.Series:
    return found.set_index("row").loc[run]


def test_how_well_it_went_and_where_the_guess_wins(tables):
    expected = {  # rows, median absolute error, coverage, winner
        "energy of runs on GPUs": (3, 0.09, 1.0, "model"),
        "energy of runs on TPUs": (4, 0.08, 0.75, "baseline"),
        "energy of runs, hours times rated power": (7, 0.002, np.nan, "model"),
        "amortised cost of runs, a model too": (15, 0.11, 0.73, "model"),
        "hardware of runs, a model too": (12, 0.023, 0.58, "model"),
        "rent of runs": (6, 0.37, 0.33, "model"),
    }
    assert tables.index.tolist() == list(expected)
    for table, (number, error, coverage, winner) in expected.items():
        row = tables.loc[table]
        assert row["rows"] == number
        assert row["median_abs_error"] == pytest.approx(error, abs=0.01)
        assert row["winner"] == winner
        if np.isnan(coverage):
            assert pd.isna(row["coverage"])
        else:
            assert row["coverage"] == pytest.approx(coverage, abs=0.01)


def test_only_tpus_are_fitted():
    found = energy()
    assert set(found.loc[found["sample"] == "fitted", "row"]) == {"T5-11B", "Meena", "GShard-600B", "Switch"}
    assert figure(found, "GPT-3")["predicted"] == pytest.approx(3_552_000 * 625 * 1.155 * 0.7135 / 1e6, rel=0.01)
    bloom = figure(found, "BLOOM")  # servers at their draw with the network, and no PUE
    assert bloom["predicted"] == pytest.approx(1_082_990 * 812.5 * 1.0946 * 0.7071 / 1e6, rel=0.01)


def test_products_are_arithmetic():
    found = products().set_index("row")
    np.testing.assert_allclose(found["predicted"], found["measured"], rtol=0.01)
    assert found.loc["LLaMA 65B", "predicted"] == pytest.approx(449.84, abs=0.01)
    assert found.loc["BLOOM", "predicted"] == pytest.approx(433.196)
    assert found["low"].isna().all()
    assert found["high"].isna().all()


def test_amortised_cost_of_gpt_4_and_of_a_run_on_new_chips():
    found = amortised()
    assert figure(found, "GPT-4")["predicted"] == pytest.approx(36.6e6, rel=0.02)
    assert figure(found, "GPT-4")["measured"] == 40_695_706
    assert figure(found, "Grok-3")["predicted"] == pytest.approx(232e6, rel=0.02)
    assert not (found["low"] > found["predicted"]).any()


def test_hardware_of_gpt_4():
    found = figure(hardware(), "GPT-4")
    assert found["predicted"] == pytest.approx(25_000 * np.sqrt(18_548.75 * 37_500) / (1 - 0.1665), rel=0.01)


def test_rents_are_from_the_quotes_of_the_year():
    found = rent().set_index("row")
    assert found.loc["MPT-7B", "predicted"] == pytest.approx(100_320 * np.sqrt(2.27 * 3.67), rel=0.01)
    assert found.loc["DeepSeek-V3", "predicted"] == pytest.approx(2_788_000 * np.sqrt(2.0 * 4.78), rel=0.01)
    assert found.loc["DeepSeek-V3", "measured"] / 2_788_000 == pytest.approx(2)
    early = rent("2024-05-31").set_index("row")
    assert "DeepSeek-V3" not in early.index
    assert early.loc["Snowflake Arctic", "predicted"] == pytest.approx(504_000 * np.sqrt(3.49 * 4.25), rel=0.01)


def test_no_run_takes_part_in_its_own_prediction(monkeypatch):
    before = rows()
    load = data.load

    def ten_times(table, as_of=None):
        frame = load(table, as_of)
        return frame.assign(value=frame["value"] * 10) if table == "run_bills" else frame

    monkeypatch.setattr(data, "load", ten_times)
    after = rows()
    np.testing.assert_allclose(after["measured"], 10 * before["measured"])
    np.testing.assert_allclose(after["predicted"], before["predicted"])


def test_nothing_that_was_public_later_is_used():
    early = rows("2024-05-31")
    assert set(early["table"]) == {
        "energy of runs on GPUs",
        "energy of runs on TPUs",
        "energy of runs, hours times rated power",
        "rent of runs",
    }
    known = data.load("run_bills", as_of="2024-05-31")
    assert set(early["source_id"]) <= set(known["source_id"])
