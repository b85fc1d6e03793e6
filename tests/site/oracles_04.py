"""What the readouts of chapter 4 must say, asked of the core again for each setting of the controls."""

from functools import lru_cache
from typing import Any, Final

import pandas as pd

from book_figures import how_fast, how_sure, numbers
from compute_scaling import pace
from compute_scaling.reader import Reader
from compute_scaling.trends import fit_growth

PLANNED: Final = 100_000
AUTUMN_ENDS: Final = "2025-12-20"
SEEN: Final = (0.03, 40.0)  # what the axis of the forecasts shows
NAMES: Final = {"stays": "all stays as it is", "middle": "the trend's middle, without a range"}


def expected(figure_name: str, values: dict[str, Any]) -> list[str]:
    """Return texts that must occur in the readout. Raises KeyError for a figure of another chapter."""
    return {how_fast.NAME: _growth, how_sure.NAME: _backtest}[figure_name](values)


def bars(figure_name: str, values: dict[str, Any]) -> int:
    """Return how many bars must be seen: an inner range for each forecast, where it has a width."""
    if figure_name == how_fast.NAME:
        return 0
    rows = _forecasts(values["kind"])
    ends = [(rows[end] / rows["actual"]).clip(*SEEN).round(4) for end in ("low_50", "high_50")]
    return int((ends[0] < ends[1]).sum())


def _growth(values: dict[str, Any]) -> list[str]:
    known = _records(values["cutoff"], values["word"], values["unit"])
    if len(known) < 3:
        return ["Fewer than three records"]
    growth = fit_growth(known["date"], known["value"])
    low, mid, high = map(numbers.times, growth.factor_interval())
    texts = [f"{len(known)} records", f"Growth {mid} times a year (90 % range {low} to {high})"]
    if known["value"].max() >= PLANNED:
        return ["holds", *texts, "100,000 had been reached"]
    chance = float(growth.chance_above([AUTUMN_ENDS], PLANNED)[0])
    word = "holds" if chance >= 0.9 else "does not hold" if chance <= 0.1 else "holds if"
    return [word, *texts, f"Chance of 100,000 by 20 December 2025: {numbers.chance(chance)}"]


@lru_cache
def _records(step: int, word: pace.Word, unit: pace.Unit) -> pd.DataFrame:
    return pace.records(Reader(how_fast.CUT_OFFS[step]), word=word, unit=unit)


def _backtest(values: dict[str, Any]) -> list[str]:
    rows = _forecasts(values["kind"])
    inside = ((rows["low"] <= rows["actual"]) & (rows["actual"] <= rows["high"])).sum()
    scores = [numbers.times(rows[name].mean()) for name in ("crps", f"crps_{values['rival']}")]
    return [
        f"Of {len(rows)} ranges of 90 %, {inside} held",
        f"{(rows['actual'] > rows['high']).sum()} lay too low",
        f"{scores[0]}, of “{NAMES[values['rival']]}” {scores[1]}",
    ]


@lru_cache
def _forecasts(kind: str) -> pd.DataFrame:
    rows = how_sure.forecasts()
    return rows[rows["kind"] == kind]
