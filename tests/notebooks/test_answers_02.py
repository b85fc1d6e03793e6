"""The numbers of chapter 2, worked out again from the lines of the tables, and those that its prose says."""

import json
import math
from pathlib import Path

import gates
import pandas as pd
import pytest

from compute_scaling import data

NOTEBOOK = Path(__file__).resolve().parents[2] / "notebooks" / "02_what_is_an_h100.ipynb"
ARTICLE_DAY = "2024-05-31"
PLANNED = 100_000
DAYS_PER_YEAR = 365.25


def raw(table: str) -> pd.DataFrame:
    return pd.read_csv(data.FOLDER / f"{table}.csv")


@pytest.fixture(scope="module")
def said() -> dict[str, str]:
    """What the notebook hands to its prose, by name."""
    return gates.said(NOTEBOOK)


@pytest.fixture(scope="module")
def shown() -> list[str]:
    """The plain results under the notebook's cells."""
    cells = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    outputs = [output for cell in cells for output in cell.get("outputs", [])]
    return [
        "".join(output["data"]["text/plain"]) for output in outputs if set(output.get("data", ())) == {"text/plain"}
    ]


@pytest.fixture(scope="module")
def chips() -> pd.DataFrame:
    return raw("accelerators").set_index("accelerator")


def test_the_datasheet_halved(chips: pd.DataFrame, said: dict[str, str]) -> None:
    assert chips.at["H100 SXM", "bf16_flop_per_s"] == pytest.approx(1_979e12 / 2, rel=1e-3)
    assert chips.at["H100 SXM", "fp8_flop_per_s"] == pytest.approx(3_958e12 / 2, rel=1e-3)
    assert (said["peak"], said["memory"], said["bandwidth"], said["tdp"]) == (
        "989 TFLOP/s",
        "80 GB",
        "3.35 TB/s",
        "700 W",
    )
    assert (said["dense"], said["sparse"], said["fp8_sparse"], said["printed_factor"]) == (
        "989.4", "1,979", "3,958", "4.00",
    )  # fmt: skip


def test_a_hundred_thousand(said: dict[str, str]) -> None:
    assert (PLANNED * 989.4e12, PLANNED * 80e9, PLANNED * 700) == (9.894e19, 8e15, 70e6)
    assert (said["machine_peak"], said["machine_fp8"]) == ("98.9 EFLOP/s", "198 EFLOP/s")
    assert (said["machine_memory"], said["machine_power"]) == ("8 PB", "70 MW")


def test_the_price_then(said: dict[str, str]) -> None:
    rows = raw("accelerator_prices").query("accelerator == 'H100 SXM' and known_on <= @ARTICLE_DAY")
    bare, shares = rows[rows["evidence"] != "derived"], rows[rows["evidence"] == "derived"]
    assert (bare["price_usd_low"].min(), bare["price_usd_high"].max()) == (25_000, 40_000)
    assert shares["price_usd_high"].max() == 50_000
    assert said["machine_price"] == "$2.5 billion to $4 billion"
    assert said["price_factor"] == "2.00"


def test_the_roofline(said: dict[str, str], shown: list[str]) -> None:
    assert pytest.approx(295.3, abs=0.05) == 989.4e12 / 3.35e12
    assert (said["ridge"], said["small_size"], said["small"], said["small_share"]) == (
        "295",
        "128",
        "143 TFLOP/s",
        "14\xa0%",
    )
    assert pytest.approx(143, abs=0.5) == 128 / 3 * 3.35
    assert "295.3" in shown


def test_the_best_measured(said: dict[str, str]) -> None:
    assert [round(100 * share) for share in (794.5 / 989.4, 271.2 / 312, 668.4 / 1307.4)] == [80, 87, 51]
    assert (said["best_share"], said["a100_share"], said["mi300x_share"]) == ("80\xa0%", "87\xa0%", "51\xa0%")
    assert (said["measured_rate"], said["measured_known"]) == ("794.5", "August 2026")
    assert raw("matmul_measurements")["known_on"].min() > ARTICLE_DAY


def test_what_a_dollar_buys(said: dict[str, str], shown: list[str]) -> None:
    """The trend by hand: least squares on the twelve chips, dates and geometric means of prices worked out apart."""
    priced_chips = {  # mean day of the prices, dense peak in GFLOP/s, prices asked while new
        "2015-09-09": (8_730, [5_000, 3_700]),
        "2016-06-25": (18_700, [5_500, 5_699]),
        "2016-09-20": (21_200, [10_500, 16_125, 18_543.75]),
        "2017-12-03": (125_000, [18_625, 10_664]),
        "2018-05-08": (112_000, [10_664]),
        "2018-07-02": (112_000, [8_500]),
        "2018-08-17": (125_000, [11_500, 11_458, 19_928.75]),
        "2021-01-26": (312_000, [15_000, 24_875, 12_500]),
        "2021-06-04": (312_000, [15_000, 12_500]),
        "2021-10-10": (312_000, [37_500, 20_875]),
        "2023-11-26": (
            989_400,
            [44_489.88, 33_750, 41_197.5, 50_000, 41_217, 37_080.5, math.sqrt(25e3 * 40e3), math.sqrt(35e3 * 40e3)],
        ),
        "2024-01-16": (148_000, [math.sqrt(12_000 * 15_000)]),
    }  # fmt: skip
    years = [(pd.Timestamp(day) - pd.Timestamp("2015-01-01")).days / DAYS_PER_YEAR for day in priced_chips]
    logs = [math.log(peak) - sum(map(math.log, asked)) / len(asked) for peak, asked in priced_chips.values()]
    mean, centre = sum(years) / len(years), sum(logs) / len(logs)
    slope = sum((x - mean) * (y - centre) for x, y in zip(years, logs, strict=True)) / sum(
        (x - mean) ** 2 for x in years
    )
    assert math.exp(slope) == pytest.approx(1.28, abs=0.01)
    assert math.log(2) / slope == pytest.approx(2.8, abs=0.05)
    assert (said["factor"], said["factor_range"], said["doubling"]) == ("1.28", "1.14 to 1.44", "2.8")
    assert (said["points"], said["later"], said["inside"], said["above"]) == ("12", "5", "5", "4")
    assert (said["ordinary"], said["ordinary_range"]) == ("1.04", "0.95 to 1.13")
    assert "(1.28, 2.8)" in shown


def test_other_chips(chips: pd.DataFrame, said: dict[str, str]) -> None:
    peaks = chips["bf16_flop_per_s"]
    assert pytest.approx(7.92, abs=0.005) == 989.4 / 125
    assert pytest.approx(43_973, abs=1) == 989.4e5 / 2_250
    assert (peaks["V100 SXM 32GB"], peaks["B200 SXM"]) == (125e12, 2.25e15)
    assert (said["v100_times"], said["b200_count"]) == ("7.92", "44,000")


def test_known_runs(said: dict[str, str]) -> None:
    flop = raw("outcomes").set_index("outcome_id")["value"]
    assert (flop["C14-001"], flop["C25-008"]) == (2.1e25, 3.5e26)
    rate = 9.894e19 * 0.4
    assert (2.1e25 / rate / 86_400, 3.5e26 / rate / 86_400) == pytest.approx((6.14, 102.4), rel=1e-3)
    assert (said["default_share"], said["gpt4_days"], said["grok3_days"]) == ("40\xa0%", "6.1", "102")


def test_the_exercises(said: dict[str, str], shown: list[str]) -> None:
    assert pytest.approx((634_263, 317_131), abs=1) == (1_978.9e5 / 312, 989.45e5 / 312)
    assert (said["a100s"], said["a100s_half"]) == ("634,000", "317,000")
    assert "(634263, 317131)" in shown
    assert pytest.approx((886, 886), abs=0.1) == (3 * 989.4 / 3.35, 1.5 * 1_978.9 / 3.35)
    assert said["rows"] == "886"
    assert "(886, 886)" in shown
    trend = 1.284768 ** ((pd.Timestamp("2025-12-31") - pd.Timestamp("2023-11-26")).days / DAYS_PER_YEAR)
    assert trend == pytest.approx(1.69, abs=0.01)  # from the H100 on; the trend's line passes a little above the H100
    assert float(said["trend_times"]) == pytest.approx(trend, rel=0.05)
    low, high = map(float, said["trend_span"].split(" to "))
    assert low < 2 < high
