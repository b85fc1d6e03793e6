"""The answers of chapter 9, worked out a second time: from the raw tables, with loops and another way to draw."""

import csv
from datetime import date
from math import exp, log, sqrt
from pathlib import Path
from statistics import mean, median, variance

import gates
import numpy as np
import pytest
from scipy import stats

ROOT = Path(__file__).resolve().parents[2]
THEN, NOW = "2024-05-31", "2026-11-23"
PEAK, SECONDS_PER_HOUR = 989.4e12, 3600
STATED = ("measured", "count x days")
DAYS = (60, 120)
NORMAL_95 = 1.6448536


def raw(name):
    with (ROOT / "data" / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@pytest.fixture(scope="module")
def said():
    """The numbers that chapter 9 hands to its prose."""
    return gates.said(next((ROOT / "notebooks").glob("09_*.ipynb")))


def percent(share):
    return f"{100 * share:.2g}\u00a0%"


def power(value, digits=2):
    text = f"{value:.{digits - 1}e}".split("e")
    return f"{text[0]}\xa0×\xa010{str(int(text[1])).translate(str.maketrans('0123456789', '⁰¹²³⁴⁵⁶⁷⁸⁹'))}"


PEAKS = {row["accelerator"]: float(row["bf16_flop_per_s"] or "nan") for row in raw("accelerators")}


def used(day):
    """Return (run, model, family, utilisation) of every run whose hours were stated and may be taken over."""
    found = []
    for row in raw("training_runs"):
        size = row["active_parameters"] or row["parameters"]
        hours = float(row["gpu_hours"] or 0)
        if not hours and row["accelerator_count"] and row["training_days"]:
            hours = float(row["accelerator_count"]) * float(row["training_days"]) * 24
        allowed = row["known_on"] <= day and row["circular"] == "false" and not row["left_out"]
        if allowed and row["hours_basis"] in STATED and size and row["tokens"] and hours and row["accelerator"]:
            flop = 6 * float(size) * float(row["tokens"])
            share = flop / (hours * SECONDS_PER_HOUR * PEAKS[row["accelerator"]])
            found.append((row["run_id"], row["model"], row["family"], share))
    return found


def groups(rows):
    by_family = {}
    for _, _, family, share in rows:
        by_family.setdefault(family, []).append(log(share / (1 - share)))
    return by_family


def new_family(rows):
    """Return centre, scale and degrees of freedom of the log odds of a run of a new family."""
    by_family = groups(rows)
    means = [mean(values) for values in by_family.values()]
    within = sum((v - mean(values)) ** 2 for values in by_family.values() for v in values)
    free = sum(len(values) for values in by_family.values()) - len(by_family)
    scale = sqrt(variance(means) * (1 + 1 / len(means)) + within / free)
    return mean(means), scale, len(means) - 1


def correlation(rows):
    """Return the intraclass correlation: the share of the variance between families."""
    by_family = groups(rows)
    values = [v for part in by_family.values() for v in part]
    sizes = [len(part) for part in by_family.values()]
    grand, k = mean(values), len(by_family)
    within = sum((v - mean(part)) ** 2 for part in by_family.values() for v in part) / (len(values) - k)
    between = sum(len(part) * (mean(part) - grand) ** 2 for part in by_family.values()) / (k - 1)
    size = (len(values) - sum(n * n for n in sizes) / len(values)) / (k - 1)
    return (between - within) / (between + (size - 1) * within)


def drawn(day, count=400_000):
    """Return draws, by an ordinary random generator, of the compute of both models and of the two ratios."""
    rows = used(day)
    centre, scale, free = new_family(rows)
    together = correlation(rows)
    rng = np.random.default_rng(9)

    def pair():
        first, other = rng.standard_normal((2, count))
        return first, together * first + sqrt(1 - together**2) * other

    shares = [1 / (1 + np.exp(-(centre + scale * stats.t.ppf(stats.norm.cdf(z), free)))) for z in pair()]
    middle, spread = log(DAYS[0] * DAYS[1]) / 2, log(DAYS[1] / DAYS[0]) / (2 * NORMAL_95)
    days = [np.exp(middle + spread * z) for z in pair()]
    chips = (20_000, 100_000)
    flop = [n * PEAK * u * t * 86_400 for n, u, t in zip(chips, shares, days, strict=True)]
    return flop, shares[1] / shares[0], days[1] / days[0]


@pytest.fixture(scope="module")
def draws():
    return {day: drawn(day) for day in (THEN, NOW)}


def near(text, value, within):
    """Whether a number of the prose lies within a share of a value."""
    ((_, number, _),) = gates.numbers_in(text)
    return abs(number / value - 1) < within


# ------------------------------------------------------------------------------------------------- the short answer


def test_the_counts_of_chips(said):
    claims = {row["claim_id"]: row for row in raw("claims")}
    assert float(claims["C25"]["value"]) / float(claims["C24"]["value"]) == 5
    assert (said["step"], said["april"], said["july"], said["oracle"]) == ("5", "20,000", "24,000", "16,000")
    assert (said["fleet"], said["counted_three"], said["site"]) == ("20,000", "80,000 to 100,000", "200,000")
    assert all(16_000 <= n <= 25_000 for n in (16_000, 24_000))  # "within a quarter of 20,000"


def test_the_compute_and_the_step_of_may_2024(said, draws):
    (two, three), used_ratio, days_ratio = draws[THEN]
    for name, flop in (("two", two), ("three", three)):
        low, mid, high = np.quantile(flop, [0.05, 0.5, 0.95])
        assert near(said[f"{name}_mid"], mid, 0.03)
        ends = said[f"{name}_span"].split(" to ")
        assert near(ends[0], low, 0.05)
        assert near(ends[1], high, 0.05)
    low, high = np.quantile(three / two, [0.05, 0.95])
    assert 9.5 < high < 10  # "ends just below ten"
    assert near(said["step_low"], low, 0.03)
    assert near(said["step_high"], high, 0.03)
    parts = np.log(used_ratio).var(), np.log(days_ratio).var()
    assert abs(float(said["scatter"][:2]) / 100 - parts[0] / sum(parts)) < 0.015
    ratio = three / two
    assert abs(float(said["about_then"][:2]) / 100 - np.mean((ratio >= 4) & (ratio < 6.25))) < 0.01
    assert abs(float(said["over"][:2]) / 100 - np.mean(three > 1e26)) < 0.01
    assert np.mean(two > 1e26) < 0.01
    assert near(said["over_gpt_4"], np.median(three) / 2.1e25, 0.02)
    assert said["over_two"] == "under 1\u00a0%"


def test_knowing_more_made_the_range_wider(said, draws):
    ratio = draws[NOW][0][1] / draws[NOW][0][0]
    low, high = said["now_span"].split(" to ")
    assert near(low, np.quantile(ratio, 0.05), 0.04)
    assert near(high, np.quantile(ratio, 0.95), 0.04)
    assert float(high) / float(low) > float(said["step_high"]) / float(said["step_low"])
    assert abs(float(said["ten"].split("\u00a0")[0]) / 100 - np.mean(ratio >= 10)) < 0.005
    assert abs(float(said["about_now"][:2]) / 100 - np.mean((ratio >= 4) & (ratio < 6.25))) < 0.01
    later = {run for run, *_ in used(NOW)} - {run for run, *_ in used(THEN)}
    without_llama = [row for row in used(NOW) if row[0] not in later or row[2] != "Llama"]
    assert correlation(without_llama) > correlation(used(THEN)) > correlation(used(NOW))  # "the reason is one family"
    assert (said["together_then"], said["together_now"]) == tuple(f"{correlation(used(d)):.2f}" for d in (THEN, NOW))


def test_the_llama_generations(said):
    runs = used(NOW)
    for name, start in (("first_llama", "LLaMA-1"), ("fourth_llama", "Llama 4")):
        shares = [share for _, model, _, share in runs if model.startswith(start)]
        assert said[name] == f"{percent(min(shares))} to {percent(max(shares))}"


def test_ten_needs_the_rest_of_the_factors(said):
    assert said["rest"] == f"{10 / 5:.2f} to {10 / (100_000 / 24_000):.2f}" == "2.00 to 2.40"
    assert said["band"] == "4.00 to 6.25"


# ------------------------------------------------------------------------------------------------- chips to compute


def test_the_runs_by_hand(said):
    assert said["own"] == power(100_000 * 989.4e12 * 0.3 * 90 * 86_400) == "2.3\xa0×\xa010²⁶"
    assert said["small"] == power(20_000 * 989.4e12 * 0.3 * 60 * 86_400) == "3.1\xa0×\xa010²⁵"
    assert said["peak"] == "989 TFLOP/s"
    assert abs(3.1e25 / 2.96e25 - 1) < 0.06  # "close to the estimate of Grok-2 by Epoch AI"


def test_the_utilisation_of_a_new_family(said):
    rows = used(THEN)
    centre, scale, free = new_family(rows)
    ends = [1 / (1 + exp(-(centre + scale * stats.t.ppf(q, free)))) for q in (0.05, 0.5, 0.95)]
    assert said["runs_then"] == str(len(rows)) == "33"
    assert said["used_mid"] == percent(ends[1])
    assert said["used_span"] == f"{percent(ends[0])} to {percent(ends[2])}"
    analyst = next(row for row in raw("training_runs") if row["run_id"] == "gpt-4")
    assert (said["gpt_4_days"], float(analyst["training_days"])) == ("95", 95)
    assert (said["days_low"], said["days_high"]) == ("60", "120")


# ------------------------------------------------------------------------------------------- more than half of the peak


def test_the_way_back_from_an_estimate(said):
    shares = sorted(share for *_, share in used(NOW))
    needed = 4.64e26 / (100_000 * 2_400 * SECONDS_PER_HOUR * PEAK)
    assert (said["needs"], percent(needed)) == ("54\u00a0%", "54\u00a0%")
    assert said["needs_more"] == "none"
    assert not [share for share in shares if share >= needed]
    assert said["published"] == str(len(shares)) == "41"
    assert (said["highest"], said["median"]) == (percent(shares[-1]), percent(median(shares)))
    centre, scale, free = new_family(used(NOW))
    chance = stats.t.sf((log(needed / (1 - needed)) - centre) / scale, free)
    assert said["chance"] == percent(chance) == "1.3\u00a0%"
    by_run = {run: share for run, *_, share in used(NOW)}
    assert (said["llama"], said["deepseek"]) == (percent(by_run["llama-3-1-405b"]), percent(by_run["deepseek-v3"]))
    assert said["above_deepseek"] == str(sum(share > by_run["deepseek-v3"] for share in shares))
    assert max(by_run, key=by_run.get) == "llama-1-13b"  # "a small model of 2023"
    chips = {row["run_id"]: row["accelerator"] for row in raw("training_runs")}
    hopper = [share for run, share in by_run.items() if chips[run] in ("H100 SXM", "H800 SXM")]
    assert (said["hopper"], said["hopper_highest"]) == (str(len(hopper)), percent(max(hopper)))


def test_what_8_bits_gain(said):
    same = "source_id model accelerator accelerators tensor pipeline data context expert micro_batch batch_sequences "
    keys = (same + "sequence_length sharding recompute").split()
    rows = raw("step_times")
    gains, grok = [], []
    for a in rows:
        for b in rows:
            if (a["precision"], b["precision"]) == ("bf16", "fp8") and all(a[k] == b[k] for k in keys):
                speed = "tokens_per_s_per_accelerator"
                timed = a["step_s"] and b["step_s"]
                gain = float(a["step_s"]) / float(b["step_s"]) if timed else float(b[speed]) / float(a[speed])
                gains.append(gain)
                grok += [gain] if a["model"].startswith("Grok-1") else []
    assert said["pairs"] == str(len(gains)) == "46"
    assert (said["gain_low"], said["gain_mid"], said["gain_high"]) == tuple(
        f"{value:.2f}" for value in (min(gains), median(gains), max(gains))
    )
    assert said["gain_grok"] == f"{median(grok):.2f}"
    needed = sorted(4.64e26 / (100_000 * 2_400 * SECONDS_PER_HOUR * PEAK) / gain for gain in gains)
    assert said["in_8_bits"] == percent(median(needed))
    assert said["in_8_span"] == f"{percent(needed[0])} to {percent(needed[-1])}"


def test_more_days_more_chips_less_flop(said):
    days = (date(2025, 2, 17) - date(2024, 9, 2)).days
    assert said["online"] == str(days) == "168"
    assert said["online_share"] == percent(4.64e26 / (100_000 * days * 86_400 * PEAK))
    assert said["online_hours"] == str(round(100_000 * days * 24 / 1e6)) == "403"
    assert 1.9 < 403 / float(said["reported_hours"]) < 2.1  # "twice"
    assert said["site_share"] == percent(4.64e26 / (200_000 * 100 * 86_400 * PEAK))
    assert said["reported_days"] == str(round(200e6 / 100_000 / 24)) == "83"
    assert said["assumed_share"] == percent(2.5e26 / (200e6 * SECONDS_PER_HOUR * PEAK)) == "35\u00a0%"


def test_the_estimates(said):
    rows = [row for row in raw("compute_estimates") if row["model"] == "Grok-3"]
    values = sorted(float(row["training_flop"]) for row in rows)
    assert values == [2.5e26, 3.5e26, 4.64e26]
    ends = (said["others_low"], said["others_high"])
    assert (*ends, said["later_flop"]) == ("2.5\xa0×\xa010²⁶", "4.64\xa0×\xa010²⁶", "3.5\xa0×\xa010²⁶")
    assert said["epoch_ratio"] == f"{4.64e26 / 2.96e25:.1f}" == "15.7"
    of = {}
    for row in raw("compute_estimates"):
        if row["training_flop"]:
            of.setdefault(row["model"], []).append((row["known_on"], float(row["training_flop"])))
    known = [value for rows in of.values() for day, value in rows if day <= THEN]
    ultra = [value for day, value in of["Gemini 1.0 Ultra"] if day <= THEN]
    assert max(known) == max(ultra) == 9e25 < 1e26  # the highest of the time, below the threshold
    assert (said["ultra_early"], said["ultra"]) == ("9.0\xa0×\xa010²⁵", "5.0\xa0×\xa010²⁵")
    assert max(of["Gemini 1.0 Ultra"])[1] == 5e25  # the later ones are the lower
    assert not [day for model in ("Grok-2", "Grok-3") for day, _ in of[model] if day <= THEN]
    gpt_45 = [value for _, value in of["GPT-4.5"]]
    assert (said["low_45"], said["high_45"]) == (power(min(gpt_45)), power(max(gpt_45)))
    assert (said["four"], said["hundred"]) == ("5.0\xa0×\xa010²⁶", "100")
    assert said["four_over_two"] == str(round(5e26 / 2.96e25))


def test_where_the_estimates_lie_in_our_ranges(draws):
    two, three = draws[NOW][0]
    low, mid = np.quantile(two, [0.05, 0.5])
    assert low < 2.96e25 < mid
    mid, high = np.quantile(three, [0.5, 0.95])
    assert mid < 2.5e26 < 3.5e26 < high < 4.64e26


# ------------------------------------------------------------------------------------------------- validation, rest


def test_the_hours_of_the_runs(said):
    rows = used(NOW)
    errors, dumb, inside, missed = [], [], 0, set()
    for run, _, family, share in rows:
        logs = {}
        for _, _, other, value in rows:
            if other != family:
                logs.setdefault(other, []).append(log(value))
        means = [mean(values) for values in logs.values()]
        free = max(1, sum(map(len, logs.values())) - len(logs))
        within = sum((v - mean(values)) ** 2 for values in logs.values() for v in values) / free
        scale = sqrt(variance(means) * (1 + 1 / len(means)) + within)
        reach = stats.t.ppf(0.95, len(means) - 1) * scale
        # hours go as one over the share: predicted over measured is the true share over the guessed one
        errors.append(abs(share / exp(mean(means)) - 1))
        dumb.append(abs(share / median([value for r, *_, value in rows if r != run]) - 1))
        if abs(log(share) - mean(means)) <= reach:
            inside += 1
        else:
            missed.add(run)
            assert log(share) > mean(means)  # a higher share: fewer hours
    assert (said["model_error"], said["dumb_error"]) == (percent(median(errors)), percent(median(dumb)))
    assert round(median(errors), 3) == 0.159
    assert round(median(dumb), 3) == 0.166
    assert (said["inside"], said["inside_share"]) == (str(inside), percent(inside / len(rows)))
    assert missed == {"llama-1-13b", "llama-1-33b", "llama-1-65b", "falcon-180b"}


def test_the_scores_of_grok(said):
    scores = {row["model"]: row for row in raw("benchmarks") if row["benchmark"] == "MATH"}
    old, new = (float(scores[name]["score_percent"]) for name in ("Grok-1", "Grok-1.5"))
    assert (said["math_old"], said["math_new"]) == (percent(old / 100), percent(new / 100))


def test_what_each_assumption_does(said, draws):
    _, used_ratio, days_ratio = draws[NOW]
    assert near(said["used_low"], 5 * np.quantile(used_ratio, 0.05), 0.03)
    assert near(said["used_high"], 5 * np.quantile(used_ratio, 0.95), 0.03)
    assert near(said["longer"], 5 * np.quantile(days_ratio, 0.95), 0.03)
    assert near(said["bits_high"], 5 * float(said["gain_high"]), 0.01)
    assert said["edge"] == f"{100_000 / 16_000:.2f}" == "6.25"
    moves = [float(said["used_high"]) / float(said["used_low"]), float(said["longer"]) / 5]
    assert moves[0] > moves[1] > 1.25


def test_the_exercises(said):
    later = 3.5e26 / (80_000 * 90 * 86_400 * PEAK)
    assert (said["later"], percent(later)) == ("57\u00a0%", "57\u00a0%")
    middle = median(share for *_, share in used(NOW))
    days = 3.5e26 / (80_000 * middle * 86_400 * PEAK)
    assert said["slower"] == str(round(days)) == said["online"]
    below = 1e26 / (200e6 * SECONDS_PER_HOUR * PEAK)
    least = min(share for *_, share in used(NOW))
    assert (said["below"], said["lowest"]) == (percent(below), percent(least))
    assert below < least
