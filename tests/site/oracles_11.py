"""What the readout of chapter 11 must say, counted again in the raw table of scores for each opponent."""

import csv
import math
from typing import Any

from compute_scaling import data

BY = {"at once, May 2024": "2024-05-31", "at once, before GPT-4o": "2024-05-12", "at once, August 2024": "2024-08-31"}


def expected(figure_name: str, values: dict[str, Any]) -> list[str]:
    """Return texts that must occur in the readout. Raises KeyError for a figure of another chapter."""
    return {"fig-wins": _wins}[figure_name](values)


def raw(name: str) -> list[dict[str, str]]:
    """Return the rows of a table as they stand in the file."""
    with (data.FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def _wins(values: dict[str, Any]) -> list[str]:
    rows = [row for row in raw("benchmarks") if row["table_id"] == "grok-2" and row["score_percent"]]
    sizes = {row["benchmark"]: int(row["questions"]) for row in raw("benchmark_sizes")}
    ours = {row["benchmark"]: float(row["score_percent"]) for row in rows if row["model"] == "Grok-2"}
    opponent, best = values["opponent"], {}
    for row in rows:
        joint = opponent in BY and row["developer"] != "xAI" and row["model_released_on"] <= BY[opponent]
        if joint or row["model"] == opponent:
            best[row["benchmark"]] = max(best.get(row["benchmark"], 0.0), float(row["score_percent"]))
    led = [name for name, score in best.items() if ours[name] > score]
    surely = [name for name in led if _chance(ours[name] / 100, best[name] / 100, sizes[name]) >= 0.9]
    return [f"ahead on {len(led)} of {len(best)} benchmarks", f"leads that are no accident: {len(surely)}."]


def _chance(p: float, q: float, n: int) -> float:
    z = (p - q) / math.sqrt((p * (1 - p) + q * (1 - q)) / n)
    return 0.5 * (1 + math.erf(z / math.sqrt(2)))
