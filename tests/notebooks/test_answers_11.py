"""The answers of chapter 11, counted again in the raw tables, and by hand."""

import csv
import math
from pathlib import Path

import gates
import pytest

ROOT = Path(__file__).resolve().parents[2]
SAID = gates.said(ROOT / "notebooks" / "11_better_on_almost_every_indicator.ipynb")


def raw(name):
    with (ROOT / "data" / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


ROWS = [row for row in raw("benchmarks") if row["table_id"] == "grok-2" and row["score_percent"]]
SIZES = {row["benchmark"]: int(row["questions"]) for row in raw("benchmark_sizes")}
OURS = {row["benchmark"]: float(row["score_percent"]) for row in ROWS if row["model"] == "Grok-2"}


def best(by):
    found = {}
    for row in ROWS:
        if row["developer"] != "xAI" and row["model_released_on"] <= by:
            found[row["benchmark"]] = max(found.get(row["benchmark"], 0), float(row["score_percent"]))
    return found


def of(model):
    return {row["benchmark"]: float(row["score_percent"]) for row in ROWS if row["model"] == model}


def led(rival):
    return sum(OURS[name] > score for name, score in rival.items())


def real(rival, name, n=None):
    p, q, n = OURS[name] / 100, rival[name] / 100, n or SIZES[name]
    z = abs(p - q) / math.sqrt((p * (1 - p) + q * (1 - q)) / n)
    return 0.5 * (1 + math.erf(z / math.sqrt(2)))


def test_wins_are_counted():
    day, before = best("2024-05-31"), best("2024-05-12")
    assert (SAID["led"], SAID["tests"]) == (str(led(day)), str(len(day))) == ("4", "8")
    assert SAID["before_led"] == str(led(before)) == "8"
    assert SAID["gpt_led"] == str(led(of("GPT-4o (May 2024)")))
    assert SAID["sonnet_led"] == str(led(of("Claude 3.5 Sonnet (June 2024)")))
    for model in ("Claude 3 Opus", "GPT-4 Turbo (April 2024)", "Gemini 1.5 Pro (May 2024)"):
        assert SAID["opus_led"] == str(led(of(model))) == SAID["tests"]


def test_accidents():
    day, before = best("2024-05-31"), best("2024-05-12")
    assert SAID["human"] == f"{100 * real(day, 'HumanEval'):.2g}\u00a0%"
    assert SAID["human_questions"] == str(SIZES["HumanEval"])
    assert SIZES["HumanEval"] < 200
    sure = [name for name in day if real(day, name) >= 0.9]
    assert SAID["close"] == str(len(day) - len(sure))
    assert SAID["surely"] == str(sum(OURS[name] > day[name] for name in sure))
    assert SAID["before_surely"] == str(sum(real(before, name) >= 0.9 for name in before))


def test_the_record_of_release_tables():
    assert (SAID["tables"], SAID["reached"]) == ("4", "1")
    assert (SAID["own_low"], SAID["own_high"]) == ("0\u00a0%", f"{300 / 7:.2g}\u00a0%")
    assert SAID["grok_2"] == f"{100 * led(best('2024-08-31')) / 8:.3g}\u00a0%"
    grok_3 = [row for row in raw("benchmarks") if row["table_id"] == "grok-3" and row["score_percent"]]
    scores = {}
    for row in grok_3:
        scores.setdefault(row["benchmark"], {}).setdefault(row["developer"] == "xAI", []).append(
            (row["model"] == "Grok-3", float(row["score_percent"]))
        )
    wins = [max(s for mine, s in part[True] if mine) > max(s for _, s in part[False]) for part in scores.values()]
    assert SAID["grok_3"] == f"{100 * sum(wins) / len(wins):.3g}\u00a0%"


def test_the_votes():
    lists = {}
    for row in raw("arena_ratings"):
        if row["scale"] == "before June 2025" and row["model"] in ("Grok-2", "GPT-4o (May 2024)"):
            lists.setdefault(row["snapshot_id"], {})[row["model"]] = float(row["rating"])
    leads = [found["Grok-2"] - found["GPT-4o (May 2024)"] for found in lists.values() if len(found) == 2]
    assert (SAID["lead_low"], SAID["lead_high"]) == (f"{min(leads):.0f}", f"{max(leads):.0f}")
    assert SAID["votes"] == f"{100 / (1 + 10 ** (-max(leads) / 400)):.2g}\u00a0%"
    needed = 400 * math.log10(2)
    assert SAID["needed"] == f"{needed:.0f}"
    assert SAID["times_lead"] == f"{needed / max(leads):.1f}"


def test_the_range_of_a_share_of_eight_is_below_nearly_every():
    high = float(SAID["range_high"].split("\u00a0")[0])
    assert high < float(SAID["nearly"].split("\u00a0")[0]) == 80


def test_a_shift_of_about_two_points_turns_the_verdict():
    day = best("2024-05-31")
    gaps = sorted(day[name] - OURS[name] for name in day if day[name] > OURS[name])
    needed = gaps[math.ceil(0.8 * 8) - led(day) - 1]
    assert float(SAID["shift"]) == pytest.approx(needed, abs=0.05)


def test_questions_that_gpqa_would_need():
    day = best("2024-05-31")
    enough = next(n for n in range(400, 4001, 50) if real(day, "GPQA", n) >= 0.9)
    assert (SAID["enough"], SAID["gpqa_has"]) == (f"{enough:,}", str(SIZES["GPQA"]))
    assert 2 < OURS["GPQA"] - day["GPQA"] < 3
