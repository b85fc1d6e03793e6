"""What the readouts of chapter 6 must say: the formulas written out again, at the middle rates of the core."""

import math
from typing import Any

import numpy as np
import pandas as pd

from book_figures.numbers import duration
from compute_scaling import data
from compute_scaling.outlook import failure_free_hours
from compute_scaling.reader import Reader

SIZES = (1_000, 4_000, 16_384, 24_576, 50_000, 100_000, 200_000, 500_000, 1_000_000)
MINUTES = (0.5, 1, 2, 3, 4, 5, 7, 10, 15, 20, 30, 45, 60, 90, 120, 180)


def expected(figure_name: str, values: dict[str, Any]) -> list[str]:
    """Return texts that must occur in the readout. Raises KeyError for a figure of another chapter."""
    return {"fig-between-failures": _between, "fig-checkpoint-interval": _interval}[figure_name](values)


def _between(values: dict[str, Any]) -> list[str]:
    size = SIZES[values["chips"]]
    texts = []
    for day in (pd.Timestamp("2024-05-31"), data.updated_on()):
        low, mid, high = np.quantile(failure_free_hours(Reader(day), 1.0), [0.05, 0.5, 0.95]) / size
        texts.append(f"every {duration(mid)} ({duration(low)} to {duration(high)})")
    return [f"{size:,} chips", *texts]


def _interval(values: dict[str, Any]) -> list[str]:
    size, write, restart = (float(values[name]) for name in ("machine", "write", "restart"))
    mean = float(np.median(failure_free_hours(Reader(data.updated_on()), 1.0))) / size * 3600
    minutes = np.geomspace(0.05, 300, 20_000)
    shares = [_share(mean, 60 * value, write, restart) for value in minutes]
    here = _share(mean, 60 * MINUTES[values["minutes"]], write, restart)
    return [f"Useful share of the time: {_percent(here)}.", f": {_percent(max(shares))}."]


def _share(mean: float, work: float, write: float, restart: float) -> float:
    return work / (mean * math.exp(restart / mean) * math.expm1((work + write) / mean))


def _percent(share: float) -> str:
    return "under 1\u00a0%" if share < 0.01 else f"{_plain(100 * share)}\u00a0%"


def _plain(value: float) -> str:
    digits = max(0, 1 - math.floor(math.log10(value)))
    text = f"{float(f'{value:.1e}'):.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
