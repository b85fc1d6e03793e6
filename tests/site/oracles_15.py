"""What the readout of chapter 15 must say, counted again for each setting of the controls."""

import csv
import statistics
from functools import lru_cache
from typing import Any

import pandas as pd

from compute_scaling import data, forecasts

RIVALS = {
    "stays": "all stays as it is",
    "word": "the article at its word",
    "middle": "the trend's middle, without a range",
}
WORDS = {"yes": "held", "depends": "held by some sources only", "no": "missed"}


def expected(figure_name: str, values: dict[str, Any]) -> list[str]:
    """Return texts that must occur in the readout. Raises KeyError for a figure of another chapter."""
    return {"fig-what-came": _what_came, "fig-open-forecasts": _open}[figure_name](values)


def bars(figure_name: str, values: dict[str, Any]) -> int:
    """Return how many bars must be seen: an inner range for each forecast that is kept."""
    return len({"fig-what-came": _chosen, "fig-open-forecasts": _of_year}[figure_name](values))


def _what_came(values: dict[str, Any]) -> list[str]:
    rows, rival = _chosen(values), RIVALS[values["rival"]]
    counts = {word: sum(row["covered"] == word for row in rows) for word in WORDS}
    texts = [f"Of {len(rows)} ranges of 90 %, ", *(f"{counts[word]} {WORDS[word]}" for word in WORDS if counts[word])]
    pairs = [(row["crps"], row[f"crps_{values['rival']}"]) for row in rows]
    both = [(ours, theirs) for ours, theirs in pairs if pd.notna(ours) and pd.notna(theirs)]
    if not both:
        return [*texts, f"There is nothing here to set beside “{rival}”"]
    return [*texts, f"Beside “{rival}” {sum(ours < theirs for ours, theirs in both)} of {len(both)} scored better"]


def _chosen(values: dict[str, Any]) -> list[dict[str, Any]]:
    return [row for row in _scored() if values["kind"] in ("all", row["group"])]


def _open(values: dict[str, Any]) -> list[str]:
    rows = _of_year(values)
    first, widths = rows[0], sorted(float(row["high_90"]) / float(row["low_90"]) for row in rows)
    middle = statistics.median(widths)
    return [
        f"Largest AI site at the end of {values['kind']}: {int(first['mid']):,} H100e in the middle",
        f"90 % range {int(first['low_90']):,} to {int(first['high_90']):,} H100e",
        f"spans a factor of {middle:.2f}" if middle < 10 else f"spans a factor of {middle:.1f}",
    ]


def _of_year(values: dict[str, Any]) -> list[dict[str, str]]:
    with (data.FOLDER / "forecasts.csv").open(encoding="utf-8", newline="") as lines:
        return [row for row in csv.DictReader(lines) if row["target_on"].startswith(values["kind"])]


@lru_cache
def _scored() -> list[dict[str, Any]]:
    return forecasts.scored().to_dict("records")
