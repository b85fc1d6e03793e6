"""The answers of chapter 14, worked out a second time: from the raw tables, by hand arithmetic and with loops."""

import math
import re
from itertools import pairwise
from pathlib import Path

import gates
import numpy as np
import pandas as pd
import pytest

from compute_scaling import data, scaleup
from compute_scaling.reader import Reader
from compute_scaling.series import largest_run

ROOT = Path(__file__).resolve().parents[2]
MILLION = 2**20
PEAK = 989.4e12  # H100, 16 bits, dense
DAY_S = 86_400
POWERS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")


@pytest.fixture(scope="module")
def said():
    """The numbers that chapter 14 hands to its prose."""
    return gates.said(next((ROOT / "notebooks").glob("14_*.ipynb")))


def raw(name):
    return pd.read_csv(ROOT / "data" / f"{name}.csv")


def value(text):
    """Return the first number of a text, powers of ten and percentages included."""
    match = re.match(r"\$?([\d,.]+)(?:\s×\s10([⁰¹²³⁴⁵⁶⁷⁸⁹]+))?(\s?%)?", text)
    number = float(match[1].replace(",", ""))
    return number * 10 ** int((match[2] or "0").translate(POWERS)) * (0.01 if match[3] else 1)


def test_the_step_has_64_tokens_for_each_chip(said):
    assert said["tokens_each"] == said["rack"] == str(8_192 * 8_192 // MILLION) == "64"
    assert said["million"] == f"{MILLION:,}"
    assert said["beyond"] == str(MILLION // 16_384)


def test_a_test_holds_the_latency_formula_to_the_printed_700_trillion(said):
    """Halving and doubling by trial: the largest model whose steps fit into 270 days."""
    low, high = 1e12, 1e17
    for _ in range(200):
        parameters = math.sqrt(low * high)
        layers = 120 * (parameters / 1.8e12) ** (1 / 3)
        fits = 20 * parameters / 60e6 * layers * 120e-6 <= 270 * DAY_S
        low, high = (parameters, high) if fits else (low, parameters)
    assert value(said["epoch_model"]) == pytest.approx(low, rel=0.02)
    assert 0.9 < low / 700e12 < 1


def test_the_wall_of_text_at_the_ends_of_the_stock(said):
    low, high = (value(part) for part in said["text_ends"].split(" to "))
    assert low == pytest.approx(6 * (1e14) ** 2 / 20, rel=0.02)
    assert high < 6 * (1e15) ** 2 / 20  # power stops the run before
    assert value(said["at_mid"]) == pytest.approx(6 * math.sqrt(1e14 * 1e15) ** 2 / 20, rel=0.02)


def test_the_tokens_of_the_exercise(said):
    trend, stock = value(said["trend_2030"]), math.sqrt(1e14 * 1e15)
    assert value(said["needed"]) == pytest.approx(math.sqrt(20 * trend / 6), rel=0.03)
    assert value(said["needed_times"]) == pytest.approx(math.sqrt(20 * trend / 6) / stock, rel=0.03)
    assert 8 < value(said["needed_times"]) < 9  # "eight or nine times"
    assert 60 < trend / value(said["at_mid"]) < 80  # "some seventy times beyond"


def test_the_trend_meets_text_about_when_a_line_through_the_records_does(said):
    known = largest_run(Reader(data.updated_on()))
    years = (known["date"] - pd.Timestamp("2024-01-01")).dt.days / 365.25
    slope, start = np.polyfit(years, np.log(known["value"]), 1)
    meets = pd.Timestamp("2024-01-01") + pd.Timedelta(days=365.25 * (math.log(3e28) - start) / slope)
    assert abs((pd.Timestamp(f"31 {said['text_met']}") - meets).days) < 120
    order = [pd.Timestamp(f"1 {said[name]}") for name in ("text_low", "text_met", "text_high")]
    assert order == sorted(order)


def test_the_newest_run_and_what_the_walls_allow_beside_it(said):
    records = raw("compute_estimates").groupby("model")["training_flop"].agg(lambda v: math.exp(np.log(v).mean()))
    assert value(said["run_now"]) == pytest.approx(records.drop("GPT-MoE 1.8T (NVIDIA)", errors="ignore").max())
    assert value(said["newest_times"]) == pytest.approx(value(said["allowed"]) / 5e26, rel=0.03)
    assert value(said["site_times"]) == pytest.approx(value(said["site_now"]) / 5e26, rel=0.04)


def test_the_site_of_today_by_hand(said):
    watts = 700 * 1.82 * 1.089 * 1.16 / 1.28**2.9  # for one H100's work, late in 2026
    days, share, gain = math.sqrt(60 * 270), 0.3, math.sqrt(2)
    run = 1_276e6 / watts * PEAK * share * gain * days * DAY_S
    assert value(said["site_now"]) == pytest.approx(run, rel=0.2)


def test_the_shares_of_the_walls_add_up(said):
    assert 0.97 < value(said["text_first"]) + value(said["power_first"]) <= 1
    assert said["chips_first"] == said["latency_first"] == "under 1\xa0%"
    assert value(said["power_first_2026"]) > 0.5


def test_power_as_plans_had_it_and_as_it_came(said):
    start, end = math.sqrt(50 * 150), 1_000 * math.sqrt(0.5 * 5)
    years = (pd.Timestamp("2026-06-01") - pd.Timestamp("2024-04-18")).days
    span = (pd.Timestamp("2028-12-31") - pd.Timestamp("2024-04-18")).days
    expected = start * (end / start) ** (years / span)
    assert value(said["power_short"]) == pytest.approx(1_276 / expected, rel=0.02)


def test_the_watts_of_sites(said):
    rows = raw("clusters").dropna(subset=["power_mw", "h100e_8bit"])
    watts = rows["power_mw"] * 1e6 / rows["h100e_8bit"]
    assert value(said["watts_low"]) == pytest.approx(watts.min(), rel=0.02)
    assert value(said["watts_high"]) == pytest.approx(watts.max(), rel=0.02)
    assert value(said["watts_low"]) < value(said["watts_ours"]) < watts.median()  # "may stand somewhat too high"


def test_a_million_fails_as_the_register_says_of_a_hundred_thousand(said):
    row = raw("forecasts").query("quantity == 'hours between failures, 100,000 GPUs'").iloc[0]
    scale = 100_000 / MILLION * 60
    assert value(said["minutes"]) == pytest.approx(row["mid"] * scale, rel=0.03)
    low, high = said["hours_span"].split(" to ")
    assert (value(low), value(high)) == (
        pytest.approx(row["low_90"] * scale * 60, rel=0.06), pytest.approx(row["high_90"] * scale, rel=0.06),
    )  # fmt: skip
    assert value(said["planned_hours"]) == pytest.approx(row["high_90"], rel=0.02)
    assert value(said["day_free"]) == pytest.approx(row["high_90"] * 100_000 / 24, rel=0.03)


def useful(hours, stop_s):
    """Daly's share of useful time, the best interval found by trial."""
    mean, write = hours * 3_600, 0.04
    return max(
        work / (mean * math.exp(stop_s / mean) * math.expm1((work + write) / mean))
        for work in np.geomspace(mean / 1e4, mean, 4_000)
    )


def test_useful_time_and_the_exercise_on_it(said):
    hours = raw("forecasts").query("quantity == 'hours between failures, 100,000 GPUs'")["mid"].iloc[0] * 0.1 / 1.048576
    shares = {stop: useful(hours, stop) for stop in (600, 180, 60, 30)}
    assert value(said["useful_all"]) == pytest.approx(shares[600], rel=0.05)
    assert max(stop for stop, share in shares.items() if share >= 0.5) == int(said["enough"]) == 60
    assert value(said["enough_useful"]) == pytest.approx(shares[60], abs=0.01)
    assert value(said["too_long_useful"]) == pytest.approx(shares[180], abs=0.01)
    assert value(said["ours_all"]) == pytest.approx(useful(hours * 1.048576 * 10, 600), abs=0.01)


def test_what_meta_reports(said):
    rows = raw("reliability").query("source_id == 'ft-hsdp-2026'").set_index(["quantity", "item"])["value"]
    assert value(said["paper_all"]) == rows["goodput", "all replicas stop"]
    assert value(said["paper_one"]) == rows["goodput", "one replica stops"]
    assert float(said["stop_all"]) == rows["stop time", "all replicas stop"] / 60
    assert float(said["stop_one"]) == rows["stop time", "one replica stops"] / 60
    low, high = (value(part) for part in said["ours_span"].split(" to "))
    assert low < value(said["paper_all"]) < high


def test_power_and_bill_of_a_million(said):
    servers = math.sqrt(33_750 * 44_490) / (1 - 0.19)
    assert value(said["capital"]) == pytest.approx(MILLION * servers / 1e9, rel=0.01)
    assert value(said["gigawatts"]) == pytest.approx(161.2e6 * MILLION / 1e5 / 1e9, rel=0.02)
    assert value(said["power_over"]) == pytest.approx(value(said["gigawatts"]) * 1e3 / 1_276, rel=0.01)
    assert value(said["bill"]) == pytest.approx(MILLION * 90 * 43 / 1e9, rel=0.03)


def test_the_run_of_a_million_takes_a_third_of_the_stock(said):
    flop = MILLION * PEAK * 0.4 * 90 * DAY_S
    tokens = math.sqrt(20 * flop / 6)
    assert value(said["million_tokens"]) == pytest.approx(tokens, rel=0.05)
    assert value(said["million_text"]) == pytest.approx(tokens / math.sqrt(1e14 * 1e15), rel=0.03)
    assert tokens == pytest.approx(1e14, rel=0.1)  # "all of its low end"


def test_utilisation_from_the_seconds_of_a_step(said):
    row = scaleup.steps([MILLION], batches=[8_192], nodes=[8]).iloc[0]
    model = scaleup.shaped(row["parameters"])
    per_token = 6 * model.parameters + 12 * model.layers * model.width * 8_192  # the embedding is a small part
    mfu = per_token * 8_192 * 8_192 / (row["seconds"] * MILLION * PEAK)
    assert value(said["mfu_million"]) == pytest.approx(mfu, rel=0.05)
    assert row["flop"] == pytest.approx(MILLION * PEAK * row["mfu"] * 90 * DAY_S)


def test_larger_batches_and_more_links_help_and_small_batches_saturate(said):
    shares = [value(said[name]) for name in ("mfu_small_batch", "mfu_million", "mfu_best", "mfu_small")]
    assert shares == sorted(shares)
    grown = scaleup.steps([2**20, 2**21, 2**22], batches=[2_048], nodes=[8])["flop"]
    assert value(said["worst_most"]) == pytest.approx(grown.max(), rel=0.02)
    assert said["worst_at"] == f"{2**21:,}"
    assert grown.iloc[2] < grown.iloc[1]  # beyond, the line falls
    assert value(said["half_high"]) / value(said["half_low"]) > 100  # "more than a factor of a hundred"


def test_the_published_limits_conflict_as_said(said):
    rows = raw("limits").set_index(["quantity", "subject"])["value"]
    pairs = {"falls": "run at which utilisation falls", "none": "run beyond which none is feasible"}
    for name, quantity in pairs.items():
        assert value(said[f"{name}_low"]) == rows[quantity, "abstract, three months"]
        assert value(said[f"{name}_high"]) == rows[quantity, "blog, three months"]
    assert value(said["together"]) == 2e29
    assert value(said["together"]) > value(said["allowed_span"].split(" to ")[1])  # "above our 90 % range"
    assert value(said["together_times"]) == pytest.approx(2e29 / value(said["allowed"]), rel=0.03)
    assert 1e28 < value(said["half_high"]) < 2e28  # "comes out where they do"


def test_what_stands_today(said):
    rows = raw("clusters").set_index(["cluster_id", "source_id"]).loc[("colossus-2-block-3", "epoch-ai-data-centers")]
    assert (said["colossus_mw"], said["colossus_chips"]) == ("1,276", "440,000")
    assert float(rows["power_mw"]) == 1_276
    assert 2 < value(said["colossus_h100e"]) / 440_000 < 3  # "the work of two or three H100s"
    row = raw("forecasts").query("quantity == 'largest training run' and target_on == '2030-12-31'").iloc[0]
    low, high = (value(part) for part in said["register_run"].split(" to "))
    assert (low, high) == (pytest.approx(row["low_90"], rel=0.02), pytest.approx(row["high_90"], rel=0.02))
    assert 0.8 < high / value(said["allowed"]) < 1.3  # "ends about where the lowest wall stands"


def test_the_order_of_the_ends(said):
    for name in ("allowed_span", "mfu_span", "ours_span"):
        ends = [value(part) for part in said[name].split(" to ")]
        assert all(a < b for a, b in pairwise(ends))
