"""Inputs with ranges, for predictions of power, energy and cost: the lowest and highest published value of each.

The two ends are taken as a lognormal's 90 % range, inputs independent. A single published value has no range.
"""

from typing import Any, Final

import numpy as np
import pandas as pd
import scipy  # its parts load at first use: the core stays quick to import
from numpy.typing import ArrayLike

from compute_scaling import data
from compute_scaling.checks import Floats
from compute_scaling.energy import input_range, server_factor
from compute_scaling.uncertainty import sample
from compute_scaling.validation.board import GIVEN, LEVEL, median_of_others

LIMITS: Final = {"PUE": (1, np.inf), "draw share": (0, 1)}  # what a draw of the quantity cannot pass
OF_A_SERVER: Final = "derived"  # the evidence of a server's price divided by its accelerators
WHOLE_SYSTEM: Final = "drivetesla-dojo-2024"  # has the network in it: not the price of a server
FAMILIES: Final = ("V100", "A100", "H100")  # chips whose servers have a price; their versions differ little in it


def drawn_inputs(wanted: dict[str, str], as_of: data.Day = None, *, draws: int, seed: int) -> dict[str, Floats]:
    """Return draws of inputs by their quantity in `data/machine_inputs.csv`; "level" besides, uniform from 0 to 1.

    >>> pue = drawn_inputs({"pue": "PUE"}, "2024-05-31", draws=256, seed=0)["pue"]
    >>> np.quantile(pue, [0.05, 0.5, 0.95]).round(2)
    array([1.08, 1.15, 1.3 ])
    """
    level = sample({name: scipy.stats.uniform() for name in (*wanted, "level")}, draws=draws, seed=seed)
    for name, quantity in wanted.items():
        low, high = input_range(quantity, as_of)
        floor, ceiling = LIMITS.get(quantity, (0, np.inf))
        level[name] = np.minimum(floor + lognormal_at(level[name], low - floor, high - floor)[0], ceiling)
    return level


def lognormal_at(level: Floats, low: ArrayLike, high: ArrayLike) -> Floats:
    """Return, a row for each range, the quantiles at `level` of the lognormal with 90 % between its ends.

    >>> lognormal_at(np.array([0.05, 0.5, 0.95]), [2, 3], [8, 3]).round(6)
    array([[2., 4., 8.],
           [3., 3., 3.]])
    """
    middle, half = np.log(np.multiply(low, high)) / 2, np.log(np.divide(high, low)) / 2
    steps = scipy.stats.norm.ppf(level) / scipy.stats.norm.ppf((1 + LEVEL) / 2)
    return np.exp(np.reshape(middle, (-1, 1)) + np.reshape(half, (-1, 1)) * steps)


def column(values: ArrayLike) -> Floats:
    """Return one number a row as a column, to broadcast against draws.

    >>> column([1, 2]).shape
    (2, 1)
    """
    return np.asarray(values, dtype=float).reshape(-1, 1)


def family(names: "pd.Series[str]") -> "pd.Series[str]":
    """Return the family of each chip, the first word of its name.

    >>> family(pd.Series(["H100 SXM"])).tolist()
    ['H100']
    """
    return names.str.split().str[0]


def chips(as_of: data.Day = None) -> pd.DataFrame:
    """Return rated power and server factor of the chips whose server is known, by name.

    >>> chips().loc["H100 SXM"].round(3).tolist()
    [700.0, 1.821]
    """
    rated = data.load("accelerators", as_of=as_of).set_index("accelerator")["tdp_w"]
    names = rated.index.intersection(data.load("servers", as_of=as_of)["accelerator"])
    return pd.DataFrame({"tdp_w": rated[names], "factor": [server_factor(name, as_of) for name in names]}, index=names)


def server_usd(names: "pd.Series[str]", as_of: data.Day = None, *, level: Floats) -> Floats:
    """Return the price of one accelerator with its share of a server at quantiles of its published range, a row a name.

    >>> server_usd(pd.Series(["H100 SXM"]), "2024-05-31", level=np.array([0.05, 0.95])).round()
    array([[33750., 44490.]])
    """
    prices = data.load("accelerator_prices", as_of=as_of)
    prices = prices[(prices["evidence"] == OF_A_SERVER) & (prices["source_id"] != WHOLE_SYSTEM)]
    low = prices.groupby(family(prices["accelerator"]))["price_usd_low"].min()
    high = prices.groupby(family(prices["accelerator"]))["price_usd_high"].max()
    return lognormal_at(level, family(names).map(low), family(names).map(high))


def predictions(published: pd.DataFrame, draws: Floats, *, measured: str, per: str, **words: object) -> pd.DataFrame:
    """Return rows for the board: the median and 90 % range of draws beside a published figure.

    published: one row a figure, with `row`, `source_id`, the figure under `measured` and the size it goes with, such as
    the count of accelerators, under `per`. draws: a row for each. words: the other columns. The baseline is the median
    of the other rows' figure for one of `per`, times `per`, within a table.
    """
    low, mid, high = np.quantile(draws, [(1 - LEVEL) / 2, 0.5, (1 + LEVEL) / 2], axis=1)
    found = published[["row", "source_id"]].assign(predicted=mid, low=low, high=high, sample="held out", **words)
    size = published[per].astype(float)
    found["measured"] = published[measured].astype(float)
    guess: Any = (found["measured"] / size).groupby(found["table"]).transform(median_of_others) * size
    return found.assign(baseline=guess)[[*GIVEN, "baseline"]]
