"""What the readout of chapter 1 must say, counted again from the lines of data/claims.csv."""

import csv
from typing import Any

from compute_scaling import data

WORDS = {
    "all": "all themes",
    "machine": "the machine",
    "models": "the models",
    "market": "the market",
    "money": "the money",
}


def expected(figure_name: str, values: dict[str, Any]) -> list[str]:
    """Return texts that must occur in the readout. Raises KeyError for a figure of another chapter."""
    chosen = _chosen(figure_name, values)
    numbers = sum(claim["value"] != "" for claim in chosen)
    predictions = sum(claim["kind"] == "prediction" for claim in chosen)
    nothing = sum(not (claim["value"] or claim["value_date"] or claim["quantity"]) for claim in chosen)
    return [
        f"Of the {len(chosen)} claims on {WORDS[values['theme']]}, ",
        {0: "none carries a number", 1: "1 carries a number"}.get(numbers, f"{numbers} carry a number"),
        {0: "none is a prediction", 1: "1 is a prediction"}.get(predictions, f"{predictions} are predictions"),
        {0: "None has nothing", 1: "1 has nothing"}.get(nothing, f"{nothing} have nothing"),
    ]


def _chosen(figure_name: str, values: dict[str, Any]) -> list[dict[str, str]]:
    if figure_name != "fig-claims":
        raise KeyError(figure_name)
    with (data.FOLDER / "claims.csv").open(encoding="utf-8", newline="") as lines:
        return [claim for claim in csv.DictReader(lines) if values["theme"] in ("all", claim["theme"])]
