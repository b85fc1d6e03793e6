"""The answers of chapter 5, worked out a second time: steps by hand, tables with loops, shares from the raw files."""

from pathlib import Path
from statistics import median

import gates
import numpy as np
import pandas as pd
import pytest

ROOT = Path(__file__).resolve().parents[2]
DAY = "2024-05-31"
CHIPS, SMALL, BATCH = 100_000, 20_000, 2**24
PEAK = 989.4e12  # FLOP/s of an H100, dense, 16 bits
PARAMETERS = 128 * (12 * 25_600**2 + 13 * 25_600) + 51_200 * 25_600 + 2 * 25_600
FITTED = {"narayanan-2021-t1", "korthikanti-2022-t5"}


@pytest.fixture(scope="module")
def said():
    """The numbers that chapter 5 hands to its prose."""
    return gates.said(next((ROOT / "notebooks").glob("05_*.ipynb")))


@pytest.fixture(scope="module")
def rows():
    """The step times as the scoreboard page shows them, from its own notebook."""
    notebook = gates.read(next((ROOT / "notebooks").glob("05_*.ipynb")))
    spec = next(s for s in gates.specs(notebook) if gates.about(s)["name"] == "fig-step-errors")
    return gates.about(spec)["table"]["rows"]


def raw(name):
    return pd.read_csv(ROOT / "data" / f"{name}.csv", dtype=str, keep_default_na=False).to_dict("records")


def percent(text):
    return float(text.replace("\xa0", " ").split(" %")[0]) / 100


def ends(text):
    return tuple(percent(end) for end in text.split(" to "))


# --------------------------------------------------------------------------------- a step, by hand from the datasheet


def step_by_hand(t, p, c, d, v, m, *, chips, length=4096, width=25_600, layers=128, heads=160, vocabulary=51_200):
    """Return (share of the peak, bubble, traffic inside layers, exchange) of a plan without recomputation."""
    matmul, memory, link, net = 0.803012 * PEAK, 0.776 * 3.35e12, 0.699 * 450e9, 0.790 * 50e9
    tokens, inner = length / c, 4 * width

    def product(rows, inside, columns):
        return 2 * rows * inside * columns / matmul + 2 * (rows * inside + inside * columns + rows * columns) / memory

    def ring(volume, members, apart=1):
        beside = max(8 / apart, 1)
        outside = members * apart > 8
        rate = min(link, beside * net) if outside else link
        hop = (14e-6 + (beside - 1) * 3.4e-6) / beside if outside else 3.4e-6
        return (members - 1) / members * volume / rate + (members - 1) * hop

    products = (
        product(tokens, width, 3 * width / t) + product(tokens, width / t, width)
        + product(tokens, width, inner / t) + product(tokens, inner / t, width)
    )  # fmt: skip
    pairs = tokens * length / t
    attention = 0.5 * 4 * pairs * width / (0.6 * matmul) + 2 * 4 * tokens * width / t / memory
    moved = 10 * width * tokens / t + 2 * 3 * width * tokens / t
    elementwise = 2 / memory * (moved + 2 * inner * tokens / t) + 2 / memory * (moved + 3 * inner * tokens / t)
    sums = 8 * 12 * width**2 / t / memory
    compute = 3 * products + 3.5 * attention + elementwise + sums
    inside = 4 * 2 * ring(2 * tokens * width, t) + 3 * ring(2 * 2 * tokens * c * width / t, c, t)
    logits = 3 * product(tokens, width, vocabulary / t) + 20 * tokens * vocabulary / t / memory
    full = -(-layers // p)
    last = layers - full * (p - 1)
    depth, end = (last, logits) if last * (compute + inside) + logits >= full * (compute + inside) else (full, 0)
    stage = depth * (compute + inside) + end
    assert v > 1
    assert m % p == 0
    bubble = (p - 1) / v * stage
    slice_ = ((PARAMETERS - vocabulary * width) / p + vocabulary * width) / t
    exchange = max(0, 2 * ring(3 * slice_, d * c, t) - stage)
    optimiser = 30 * slice_ / (d * c) / memory
    seconds = m * stage + bubble + exchange + optimiser
    flop = 3 * (2 * layers * 12 * width**2 + 2 * layers * 2 * width * length + 2 * vocabulary * width)
    mfu = flop * length * m * d / (seconds * chips * PEAK)
    used = t * p * c * d / chips
    return mfu, bubble / seconds * used, m * depth * inside / seconds * used, exchange / seconds * used, seconds


def test_the_step_of_the_best_plan_by_hand(said):
    mfu, bubble, inside, exchange, seconds = step_by_hand(8, 26, 4, 120, 5, 26, chips=CHIPS)
    assert said["plan"] == (
        "each matrix over 8 chips, the layers over 26 stages, each sequence over 4 groups and the batch over 120 copies"
    )
    assert percent(said["all_mfu"]) == pytest.approx(mfu, abs=0.006)
    assert percent(said["bubble"]) == pytest.approx(bubble, abs=0.006)
    assert percent(said["inside"]) == pytest.approx(inside, abs=0.006)
    assert percent(said["between"]) == pytest.approx(exchange, abs=0.006)
    assert float(said["seconds"]) == pytest.approx(seconds, abs=0.06)


def test_the_other_best_plans_by_hand(said):
    small, *_ = step_by_hand(8, 26, 2, 48, 5, 78, chips=SMALL)
    large, *_ = step_by_hand(8, 43, 1, 290, 3, 43, chips=CHIPS)
    assert percent(said["small_mfu"]) == pytest.approx(small, abs=0.006)
    assert percent(said["large_mfu"]) == pytest.approx(large, abs=0.006)
    low, high = ends(said["large_range"])
    assert (low, high) == (pytest.approx(large / 1.326, abs=0.006), pytest.approx(large / 0.878, abs=0.006))
    all_mfu, *_ = step_by_hand(8, 26, 4, 120, 5, 26, chips=CHIPS)
    assert float(said["speedup"]) == pytest.approx(5 * all_mfu / small, abs=0.05)


def test_the_words_of_the_short_answer(said):
    assert 0.2 < percent(said["all_mfu"]) < 0.3  # "a quarter"
    assert 0.38 < percent(said["large_mfu"]) < 0.42  # "two fifths"
    assert said["more_batch"] == "4"
    assert percent(said["all_mfu"]) < percent(said["small_mfu"])
    assert int(said["fitting"].replace(",", "")) < int(said["tried"].replace(",", ""))


def test_half_of_the_time_goes_to_traffic_and_waiting(said):
    lost = sum(percent(said[name]) for name in ("inside", "bubble", "between"))
    assert lost == pytest.approx(0.5, abs=0.02)


def test_the_text_for_each_chip(said):
    assert said["each"] == f"{BATCH / CHIPS:.0f}" == "168"
    assert said["words"] == "130"  # a token is three quarters of a word
    assert float(said["batch"]) == round(4096 * 4096 / 1e6)
    assert said["times_chips"] == "5"


def test_the_exercises(said):
    assert percent(said["bubble_share"]) == pytest.approx(25 / (5 * 26 + 25), abs=0.006)
    assert (said["stages"], said["pieces"]) == ("26", "5")
    assert percent(said["bubble"]) < percent(said["bubble_share"])
    assert percent(said["overlapped"]) == pytest.approx(
        percent(said["all_mfu"]) + float(said["gained"]) / 100, abs=0.01
    )
    assert 0 < float(said["gained"]) < 2


# -------------------------------------------------------------------------------------------------- batches and runs


def test_batches_as_published(said):
    steps = raw("step_times")
    for name, table in {
        "palm_batch": "palm",
        "bytedance_batch": "megascale-weak",
        "llama_batch": "llama-3-405b",
    }.items():
        tokens = [int(r["batch_sequences"]) * int(r["sequence_length"]) for r in steps if r["table_id"] == table]
        assert said[name] == f"{max(tokens) / 1e6:.0f} million"
    known = [r for r in steps if r["known_on"] <= DAY and r["batch_sequences"]]
    largest = max(int(r["batch_sequences"]) * int(r["sequence_length"]) for r in known)
    assert said["bytedance_batch"] == f"{largest / 1e6:.0f} million"  # the largest of any by then
    assert said["deepseek_batch"] == f"{15_360 * 4096 / 1e6:.0f} million"
    assert said["llama_batch"] == "17 million"


def test_the_upper_half_of_the_range_needs_a_batch_beyond_the_largest_known():
    from compute_scaling.accelerator import accelerator
    from compute_scaling.cluster import Cluster
    from compute_scaling.plan_search import best_use, dense_model

    h100s = Cluster(accelerator("H100 SXM"), CHIPS)
    assert best_use(dense_model(1e12), h100s, batch_sequences=22_937_600 / 4096).mfu <= 0.30


def runs(until="9999"):
    """Return model, family, utilisation, is it sparse, chip and day of the runs with time, from the raw table."""
    peaks = {r["accelerator"]: float(r["bf16_flop_per_s"] or "nan") for r in raw("accelerators")}
    found = []
    for r in raw("training_runs"):
        hours = r["gpu_hours"] or (
            float(r["accelerator_count"]) * float(r["training_days"]) * 24
            if r["accelerator_count"] and r["training_days"]
            else ""
        )
        active = r["active_parameters"] or r["parameters"]
        usable = r["hours_basis"] in ("measured", "count x days") and not r["left_out"] and r["circular"] != "true"
        if usable and hours and active and r["tokens"] and r["accelerator"] in peaks and r["known_on"] <= until:
            share = 6 * float(active) * float(r["tokens"]) / (float(hours) * 3600 * peaks[r["accelerator"]])
            sparse = bool(r["active_parameters"]) and float(r["active_parameters"]) < float(r["parameters"])
            found.append((r["model"], r["family"], share, sparse, r["accelerator"], r["known_on"]))
    return found


def expected(found):
    """Return low, mid and high for a new family: a normal of the log odds of family means, between and inside."""
    from scipy.special import expit, logit

    from compute_scaling.distributions import of_new_group

    values = pd.Series([logit(share) for _, _, share, *_ in found])
    return expit(of_new_group(values, pd.Series([family for _, family, *_ in found])).ppf([0.05, 0.5, 0.95]))


def test_campaigns_then_and_today(said):
    known, now = runs(DAY), runs()
    assert (said["runs_then"], said["runs_now"]) == (str(len(known)), str(len(now))) == ("33", "41")
    low, mid, high = expected(known)
    assert ends(said["then_range"]) == (pytest.approx(low, abs=0.006), pytest.approx(high, abs=0.006))
    assert percent(said["then_mid"]) == pytest.approx(mid, abs=0.006)
    low_now, _, high_now = expected(now)
    assert ends(said["today_range"]) == (pytest.approx(low_now, abs=0.006), pytest.approx(high_now, abs=0.006))
    later = [share for *_, share, _, _, day in now if day > DAY]
    assert all(low <= share <= high for share in later)  # "inside it"
    assert sum(share < mid for share in later) > len(later) / 2  # "most below its middle"


def test_experts_and_dense_models(said):
    now = runs()
    sparse = [share for *_, share, is_sparse, _, _ in now if is_sparse]
    dense = [share for *_, share, is_sparse, _, _ in now if not is_sparse]
    assert (said["moe_runs"], said["dense_runs"]) == (str(len(sparse)), str(len(dense)))
    assert percent(said["moe_share"]) == pytest.approx(median(sparse), abs=0.006)
    assert percent(said["dense_share"]) == pytest.approx(median(dense), abs=0.006)
    assert median(sparse) < median(dense)


def test_the_three_kinds_of_share(said):
    by_model = {r["model"]: r for r in raw("training_runs")}
    palm, shares = by_model["PaLM 540B"], {model: share for model, _, share, *_ in runs()}
    assert percent(said["palm_hfu"]) == pytest.approx(float(palm["hfu"]), abs=0.006)
    assert percent(said["palm_mfu"]) == pytest.approx(float(palm["step_mfu"]), abs=0.006)
    assert percent(said["palm_campaign"]) == pytest.approx(shares["PaLM 540B"], abs=0.006)
    steps = [float(r["mfu"]) for r in raw("step_times") if r["table_id"] == "llama-3-405b"]
    assert (percent(said["llama_low"]), percent(said["llama_high"])) == (min(steps), max(steps)) == (0.38, 0.43)
    assert percent(said["llama_campaign"]) == pytest.approx(shares["Llama 3.1 405B"], abs=0.006)


def test_what_the_estimates_of_grok_3_need(said):
    facts = {r["outcome_id"]: float(r["value"]) for r in raw("outcomes") if r["outcome_id"].startswith("C25-00")
             and r["value"]}  # fmt: skip
    hours = facts["C25-002"]
    assert said["hours"] == f"{hours / 1e6:.0f}"
    for name, fact in {"lowest": "C25-005", "implied": "C25-008", "implied_high": "C25-007"}.items():
        assert percent(said[name]) == pytest.approx(facts[fact] / (hours * 3600 * PEAK), abs=0.006)
    now = runs()
    assert percent(said["best_run"]) == pytest.approx(max(share for _, _, share, *_ in now), abs=0.006)
    on_h100 = max(share for _, _, share, _, chip, _ in now if chip == "H100 SXM")
    assert percent(said["h100_best"]) == pytest.approx(on_h100, abs=0.006)
    assert percent(said["implied"]) > max(on_h100, percent(said["large_mfu"]))


# ------------------------------------------------------------------------------------------------- the model's errors


def test_who_wins(said, rows):
    held = [row for row in rows if row[1] == "held out"]
    assert said["tables"] == str(len(held))
    assert said["rows"] == str(sum(int(row[2]) for row in held))
    assert said["wins"] == str(sum(row[5] == "model" for row in held))
    assert said["losses"] == str(sum(row[5] == "baseline" for row in held))
    for row in held:
        if row[5] == "model":
            assert percent(row[3]) <= percent(row[4])
    assert int(said["losses"]) > int(said["wins"])
    assert percent(said["baseline_error"]) < percent(said["model_error"])


def test_the_guess_from_elsewhere(said):
    from compute_scaling.validation import speed

    timed = speed.predictions().to_dict("records")
    shares = {}
    for row in timed:
        shares.setdefault(row["table_id"], []).append(row["predicted_mfu"] * row["predicted_s"] / row["measured_s"])
    middles = {name: median(values) for name, values in shares.items()}
    model, guess = {}, {}
    for row in timed:
        name = row["table_id"]
        if name not in FITTED:
            share = row["predicted_mfu"] * row["predicted_s"] / row["measured_s"]
            other = median(value for key, value in middles.items() if key != name)
            model.setdefault(name, []).append((abs(row["predicted_s"] / row["measured_s"] - 1), str(row["known_on"])))
            guess.setdefault(name, []).append(abs(share / other - 1))
    every = [error for errors in model.values() for error, _ in errors]
    assert percent(said["model_error"]) == pytest.approx(median(every), abs=0.006)
    assert percent(said["guess_error"]) == pytest.approx(median(e for g in guess.values() for e in g), abs=0.006)
    better = [n for n in model if median(e for e, _ in model[n]) < median(guess[n])]
    assert said["better"] == str(len(better))
    later = [(e, g) for n in model for (e, day), g in zip(model[n], guess[n], strict=True) if day > f"{DAY} 99"]
    assert percent(said["later_error"]) == pytest.approx(median(e for e, _ in later), abs=0.006)
    assert percent(said["later_guess"]) == pytest.approx(median(g for _, g in later), abs=0.006)
    assert percent(said["later_error"]) < percent(said["later_guess"])
    largest = max(int(row["accelerators"]) for row in timed if row["table_id"] not in FITTED)
    assert said["tested"] == "16,000"
    assert 5.5 < CHIPS / largest < 6.5  # "six times as many"


# ----------------------------------------------------------------------------------------------------------- memory


def test_memory(said):
    state = 2 + 4 + 12  # weight, gradient, and two moments with a copy in four bytes
    assert said["state"] == str(state)
    assert said["memory"] == "80"
    assert int(said["whole"]) >= PARAMETERS * state / 80e9
    assert int(said["whole"]) < 1.1 * PARAMETERS * state / 80e9


def test_only_two_inputs_turn_the_answer(said):
    notebook = gates.read(next((ROOT / "notebooks").glob("05_*.ipynb")))
    spec = next(s for s in gates.specs(notebook) if gates.about(s)["name"] == "fig-peak-tornado")
    table = gates.about(spec)["table"]
    names = [row[0] for row in table["rows"]]
    verdicts = [
        tuple(row[table["columns"].index(f"verdict at {end}")] for end in ("low", "high")) for row in table["rows"]
    ]
    assert [name for name, (low, high) in zip(names, verdicts, strict=True) if low != high] == [
        "tokens in a batch", "H100s in one run",
    ]  # fmt: skip
    assert said["default"] == "40\xa0%"
    assert said["batch_turns"] == "50 million"
    assert 30_000 < float(said["chips_turn"].replace(",", "")) < 50_000
    low, high = ends(said["large_range"])
    assert low < 0.4 < high
    points = [np.ptp([percent(row[table["columns"].index(f"result at {end}")]) for end in ("low", "high")])
              for row in table["rows"][2:]]  # fmt: skip
    assert max(points) < 0.1  # "a few points"
