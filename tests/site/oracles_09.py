"""What the readouts of chapter 9 must say, worked out again for each setting of the controls."""

import csv
import statistics
from functools import lru_cache
from typing import Any, Final

import pandas as pd

from book_figures import grok_runs, numbers
from compute_scaling import data
from compute_scaling.claims import models
from compute_scaling.claims.verdict import Reader
from compute_scaling.outlook import stated_runs

PEAK: Final = {"bf16": 989.4e12, "fp8": 1978.9e12}
DAYS: Final = {"then": "2024-05-31", "now": "2026-11-23"}
ESTIMATES: Final = ("4.64\xa0×\xa010²⁶", "3.5\xa0×\xa010²⁶", "2.5\xa0×\xa010²⁶")
SECONDS_PER_DAY: Final = 86_400


def expected(figure_name: str, values: dict[str, Any]) -> list[str]:
    """Return texts that must occur in the readout. Raises KeyError for a figure of another chapter."""
    return {"fig-build-a-run": _built, "fig-share-needed": _needed, "fig-generations": _generations}[figure_name](
        values
    )


def _built(values: dict[str, Any]) -> list[str]:
    chips, days = grok_runs.CHIPS[int(values["chips"])], grok_runs.DAYS[values["days"]]
    share, peak = grok_runs.SHARES[values["share"]], PEAK[values["precision"]]
    flop = chips * days * SECONDS_PER_DAY * share * peak
    of_16_bit = share * peak / PEAK["bf16"]
    used = _used()
    return [
        f"{numbers.power_of_ten(flop)} FLOP in {numbers.significant(chips * days * 24 / 1e6)} million GPU-hours",
        f"{numbers.times(flop / statistics.median(_estimates('GPT-4')))} times GPT-4",
        f"That is {_place(flop, _estimates('Grok-2'))} the estimates of Grok-2",
        f"and {_place(flop, _estimates('Grok-3'))} those of Grok-3",
        f"{sum(u >= of_16_bit for u in used)} of {len(used)} published runs used {numbers.percent(of_16_bit)}",
    ]


def _place(flop: float, others: list[float]) -> str:
    return "below" if flop < min(others) else "above" if flop > max(others) else "among"


def _needed(values: dict[str, Any]) -> list[str]:
    text = ESTIMATES[int(values["estimate"])]
    flop = float(text.split()[0]) * 1e26
    share = flop / (100_000 * 100 * SECONDS_PER_DAY * PEAK["bf16"])
    used = _used()
    eight = [share / gain for gain in models.eight_bit_gains(Reader(data.updated_on()))["gain"]]
    return [
        f"{text} FLOP on 100,000 H100s for 100 days need {numbers.percent(share)} of the 16-bit peak",
        f"{sum(u >= share for u in used)} of {len(used)} published runs used as much",
        f"falls to {numbers.percent(statistics.median(eight))} ({numbers.percent(min(eight))} to "
        f"{numbers.percent(max(eight))})",
    ]


def _generations(values: dict[str, Any]) -> list[str]:
    reader = Reader(pd.Timestamp(DAYS[values["known"]]))
    drawn = sorted(models.generations(reader)["C25"])
    low, mid, high = (numbers.power_of_ten(drawn[round(q * (len(drawn) - 1))]) for q in (0.05, 0.5, 0.95))
    others = [*_estimates("Grok-2", DAYS[values["known"]], ends=False)]
    others += _estimates("Grok-3", DAYS[values["known"]], ends=False)
    chance = sum(value > 1e26 for value in drawn) / len(drawn)
    return [
        f"Estimates of Grok-2 and Grok-3: {len(others)}. On its chips Grok-3 is {mid} FLOP ({low} to {high})",
        f"The chance that it passes 1\xa0×\xa010²⁶ is {numbers.chance(chance)}",
    ]


@lru_cache
def _used() -> list[float]:
    return list(stated_runs(Reader(data.updated_on()))["utilisation"])


@lru_cache
def _estimates(model: str, day: str = "9999", *, ends: bool = True) -> list[float]:
    with (data.FOLDER / "compute_estimates.csv").open(encoding="utf-8", newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if row["model"] == model and row["known_on"] <= day]
    names = ["training_flop", *(["training_flop_low", "training_flop_high"] if ends and model != "GPT-4" else [])]
    return [float(row[name]) for row in rows for name in names if row[name]]
