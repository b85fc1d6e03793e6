"""What the readouts of chapter 14 must say, asked of the core again for each setting of the controls."""

from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from book_figures import numbers
from compute_scaling import data, scaleup, walls
from compute_scaling.reader import Reader

WORDS = {"power": "power of one site", "chips": "a share of all chips sold", "text": "public text",
         "latency": "delay of messages"}  # fmt: skip
DAYS = {"then": pd.Timestamp("2024-05-31"), "now": data.updated_on()}
FIRST_YEAR = 2024
HALVED = {8: ["65,536 with 17", "262,144 with 67", "1,048,576 with 268"],
          64: ["262,144 with 17", "2,097,152 with 67", "8,388,608 or more with 268"]}  # fmt: skip


def expected(figure_name: str, values: dict[str, Any]) -> list[str]:
    """Return texts that must occur in the readout. Raises KeyError for a figure of another chapter."""
    return {"fig-four-walls": _walls, "fig-where-time-goes": _step, "fig-more-chips": _more}[figure_name](values)


@lru_cache
def _reader(known: str) -> Reader:
    return Reader(DAYS[known])


def _walls(values: dict[str, Any]) -> list[str]:
    reader, year = _reader(values["known"]), FIRST_YEAR + values["year"]
    heights = walls.allowed(**walls.inputs_on(reader, f"{year}-12-31"))
    stacked = pd.DataFrame({name: np.broadcast_to(flop, (reader.draws,)) for name, flop in heights.items()})
    low, mid, high = stacked.min(axis=1).quantile([0.05, 0.5, 0.95])
    first = stacked.idxmin(axis=1).value_counts(normalize=True)
    trend = float(np.median(walls.wanted(reader, f"{year}-12-31", fading=False)))
    return [
        f"End of {year}: the walls allow {numbers.power_of_ten(mid)} FLOP",
        f"90 % range {numbers.power_of_ten(low)} to {numbers.power_of_ten(high)}",
        f"The lowest is {WORDS[str(first.index[0])]} in",
        f"growth reaches {numbers.power_of_ten(trend)} FLOP and {'passes it' if trend > mid else 'stays below'}",
    ]


@lru_cache
def _machine(size: int, batch: int, node: int) -> "pd.Series[Any]":
    table = scaleup.steps([scaleup.COUNTS[size]], batches=[batch // scaleup.SEQUENCE], nodes=[node])
    return scaleup.machines(_reader("now"), table).iloc[0]


def _step(values: dict[str, Any]) -> list[str]:
    row = _machine(values["size"], int(values["batch"]), int(values["servers"]))
    return [
        f"{int(row['accelerators']):,} H100s use {numbers.percent(row['mfu'])} of their peak",
        f"{numbers.percent(row['mfu_low'])} to {numbers.percent(row['mfu_high'])}",
        f"90 days give {numbers.power_of_ten(row['flop'])} FLOP",
        f"the chips cost {numbers.usd(row['capital_usd'])} and the run {numbers.usd(row['bill_usd'])}",
    ]


def _more(values: dict[str, Any]) -> list[str]:
    return HALVED[int(values["links"])]
