"""What the readout of chapter 15 must say, counted again for each setting of the controls."""

from functools import lru_cache
from typing import Any

import pandas as pd

from compute_scaling import forecasts

RIVALS = {
    "stays": "all stays as it is",
    "word": "the article at its word",
    "middle": "the trend's middle, without a range",
}
WORDS = {"yes": "held", "depends": "held by some sources only", "no": "missed"}


def expected(figure_name: str, values: dict[str, Any]) -> list[str]:
    """Return texts that must occur in the readout. Raises KeyError for a figure of another chapter."""
    rows = _chosen(figure_name, values)
    rival = RIVALS[values["rival"]]
    counts = {word: sum(row["covered"] == word for row in rows) for word in WORDS}
    texts = [f"Of {len(rows)} ranges of 90 %, ", *(f"{counts[word]} {WORDS[word]}" for word in WORDS if counts[word])]
    pairs = [(row["crps"], row[f"crps_{values['rival']}"]) for row in rows]
    both = [(ours, theirs) for ours, theirs in pairs if pd.notna(ours) and pd.notna(theirs)]
    if not both:
        return [*texts, f"There is nothing here to set beside “{rival}”"]
    return [*texts, f"Beside “{rival}” {sum(ours < theirs for ours, theirs in both)} of {len(both)} scored better"]


def bars(figure_name: str, values: dict[str, Any]) -> int:
    """Return how many bars must be seen: an inner range for each forecast that is kept."""
    return len(_chosen(figure_name, values))


def _chosen(figure_name: str, values: dict[str, Any]) -> list[dict[str, Any]]:
    if figure_name != "fig-what-came":
        raise KeyError(figure_name)
    return [row for row in _scored() if values["kind"] in ("all", row["group"])]


@lru_cache
def _scored() -> list[dict[str, Any]]:
    return forecasts.scored().to_dict("records")
