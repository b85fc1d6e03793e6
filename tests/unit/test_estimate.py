import numpy as np
import pandas as pd
import pytest
from scipy import stats

from compute_scaling.accelerator import accelerator
from compute_scaling.estimate import INPUTS, UNITS, assumptions, estimate
from compute_scaling.outlook import run_cost_usd
from compute_scaling.reader import Reader
from compute_scaling.scaling_laws import BESIROGLU_2024
from compute_scaling.validation.runs import runs_with_time

DAY = pd.Timestamp("2024-05-31")
TODAY = pd.Timestamp("2026-11-23")
ALL_FIXED = {
    "utilisation": 0.4, "PUE": 1.25, "network share": 0.1, "draw share": 0.75, "server factor": 1.8,
    "electricity price": 0.08, "server price": 30_000, "interconnect share": 0.2, "rent": 2, "failure rate": 2e-5,
}  # fmt: skip


def results(assume=None, day=DAY, draws=1024, seed=0, **asked):
    found = estimate(Reader(day, seed, draws), assume=assume, **asked)
    return found.results.set_index("quantity")


def test_by_hand_with_every_input_fixed():
    table = results(ALL_FIXED, parameters=1e12, gpus=100_000, tokens=20e12)
    flop = 6 * 1e12 * 20e12
    days = flop / (100_000 * accelerator("H100 SXM").peak_flop_per_s() * 0.4) / 86_400
    peak_w = 100_000 * 700 * 1.8 * 1.1 * 1.25
    energy_mwh = peak_w * 0.75 * days * 24 / 1e6
    machine = 100_000 * 30_000 / 0.8
    expected = {
        "training_flop": flop,
        "days": days,
        "tokens_per_parameter": 20,
        "gpu_hours": 100_000 * 24 * days,
        "hours_between_failures": 1 / (100_000 * 2e-5),
        "site_mw": peak_w / 1e6,
        "energy_mwh": energy_mwh,
        "electricity_usd": energy_mwh * 1000 * 0.08,
        "rent_usd": 100_000 * 24 * days * 2,
        "machine_usd": machine,
        "own_usd": machine * (1 - 10 ** (-0.14 * days / 365.25)) + energy_mwh * 1000 * 0.08,
    }
    for name, value in expected.items():
        assert table.loc[name, ["low", "mid", "high"]].astype(float).tolist() == pytest.approx([value] * 3), name
    assert table.at["loss", "low"] < BESIROGLU_2024.loss(1e12, 20e12) < table.at["loss", "high"]


def test_any_of_three_can_be_left_out_and_the_answers_agree():
    asked = {"gpus": 1e5, "tokens": 2e13, "days": None}
    days = results(ALL_FIXED, parameters=1e12, **asked).at["days", "mid"]
    for left_out in ("gpus", "tokens"):
        other = asked | {"days": days, left_out: None}
        found = estimate(Reader(DAY, draws=64), assume=ALL_FIXED, parameters=1e12, **other)
        assert found.solved_for == left_out
        assert found.results.set_index("quantity").at[left_out, "mid"] == pytest.approx(asked[left_out])


@pytest.mark.parametrize("day", [DAY, TODAY])
def test_the_published_runs_lie_in_the_range_as_often_as_it_says(day):
    """Runs whose hours are stated; most had a part in the distribution, so the share may be above 90 %."""
    runs = runs_with_time(day)
    runs = runs[runs["kind"] == "stated"]
    hits, reader = [], Reader(day, draws=256)
    for run in runs.to_dict("records"):
        asked = {"parameters": run["active"], "tokens": run["tokens"], "accelerator": run["accelerator"]}
        hours = estimate(reader, gpus=1_000, **asked).results.set_index("quantity").loc["gpu_hours"]
        hits.append(hours["low"] <= run["hours"] <= hours["high"])
    assert stats.binomtest(sum(hits), len(hits), 0.9).pvalue > 0.05


def test_what_a_run_uses_up_is_what_the_outlook_says():
    """Two ways through the same inputs; the outlook has runs so short that value falls evenly, no network's power."""
    mine = results(parameters=1e12, gpus=5e6, tokens=2e26 / 6e12, draws=2**12).loc["own_usd"]
    theirs = np.quantile(run_cost_usd(Reader(DAY, draws=2**12), 2e26), [0.05, 0.5, 0.95])
    assert mine[["low", "mid", "high"]].astype(float).tolist() == pytest.approx(theirs.tolist(), rel=0.03)


def test_ranges_are_ordered_and_seeds_repeat():
    table = results(parameters=405e9, gpus=16_384, tokens=15.6e12)
    assert table.index.tolist() == list(UNITS)
    assert (table["low"] <= table["mid"]).all()
    assert (table["mid"] <= table["high"]).all()
    assert (table["why_not"] == "").all()
    assert table.equals(results(parameters=405e9, gpus=16_384, tokens=15.6e12))
    assert not table.equals(results(parameters=405e9, gpus=16_384, tokens=15.6e12, seed=1))


def test_slower_runs_cost_more_in_the_same_draw():
    """More time, more rent: the range of the rent is wider than that of the price alone."""
    table = results(parameters=405e9, gpus=16_384, tokens=15.6e12, day=TODAY)
    prices = assumptions(Reader(TODAY), "H100 SXM", {})["rent"].value
    ratio = table.at["rent_usd", "high"] / table.at["rent_usd", "low"]
    assert ratio > table.at["days", "high"] / table.at["days", "low"] > prices.high / prices.low


def test_a_chip_without_a_price_gets_no_cost_and_the_reason():
    table = results(parameters=37e9, gpus=2_048, tokens=14.8e12, accelerator="H800 SXM", day=TODAY)
    for name, why in {"rent_usd": "a rent of H800 SXM", "site_mw": "a server with H800 SXM is in no table"}.items():
        assert np.isnan(table.at[name, "mid"])
        assert why in table.at[name, "why_not"]
    assert table.loc["own_usd", "why_not"].count("; ") == 1
    assert table.at["days", "mid"] > 0
    mine = {"server factor": 1.8, "server price": (20_000, 30_000), "rent": 2.0}
    own = results(mine, parameters=37e9, gpus=2_048, tokens=14.8e12, accelerator="H800 SXM", day=TODAY)
    assert own["mid"].notna().all()


def test_a_range_of_ones_own_has_90_percent_between_its_ends():
    known = assumptions(Reader(DAY), "H100 SXM", {"utilisation": (0.3, 0.5), "PUE": (1.05, 1.4)})
    for name, ends in {"utilisation": [0.3, 0.5], "PUE": [1.05, 1.4]}.items():
        assert known[name].value.ppf(np.array([0.05, 0.95])) == pytest.approx(ends)
        assert known[name].basis == "your own"
    assert known["PUE"].value.ppf(np.array([1e-9])) >= 1
    assert known["utilisation"].value.ppf(np.array([1 - 1e-12])) <= 1


def test_only_what_was_public_is_used():
    early, late = (assumptions(Reader(day), "H100 SXM", {}) for day in (DAY, TODAY))
    assert len(early["utilisation"].sources) < len(late["utilisation"].sources)
    assert list(early) == list(late) == list(INPUTS)
    with pytest.raises(ValueError):
        results(parameters=1e9, gpus=8, days=1, day=pd.Timestamp("2015-01-01"))


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({}, "given = nothing; expected two of gpus, tokens, days"),
        ({"gpus": 8}, "given = gpus; expected two of"),
        ({"gpus": 8, "tokens": 1e9, "days": 3}, "given = gpus, tokens, days; expected two of"),
        ({"gpus": -8, "tokens": 1e9}, "accelerators = -8; expected a number above 0"),
        ({"gpus": 8, "days": 3, "parameters": 0}, "parameters = 0; expected a number above 0"),
        ({"gpus": 8, "days": 3, "accelerator": "H1000"}, "accelerator = 'H1000'; expected one of"),
        ({"gpus": 8, "days": 3, "assume": {"staff": 3}}, "assume = 'staff'; expected one of utilisation, PUE"),
        ({"gpus": 8, "days": 3, "assume": {"PUE": 0.9}}, "PUE = 0.9; expected a number of 1 or more"),
        ({"gpus": 8, "days": 3, "assume": {"utilisation": 1.2}}, "utilisation = 1.2; expected a number above 0 to 1"),
        ({"gpus": 8, "days": 3, "assume": {"rent": (3, 2)}}, "rent = 2; expected a number of 3 or more"),
        ({"gpus": 8, "days": 3, "assume": {"rent": float("inf")}}, "rent = inf; expected"),
    ],
)
def test_nonsense_is_named(asked, message):
    with pytest.raises(ValueError) as caught:
        results(**{"parameters": 1e9} | asked)
    assert message in str(caught.value)
