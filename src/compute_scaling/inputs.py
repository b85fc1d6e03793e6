"""Inputs with ranges, for power, energy and cost: the lowest and highest published value of each.

The two ends are taken as a lognormal's 90 % range, inputs independent. A single published value has no range.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
import scipy  # its parts load at first use: the core stays quick to import
from numpy.typing import ArrayLike

from compute_scaling import data
from compute_scaling.checks import Floats, array
from compute_scaling.energy import input_range, server_factor
from compute_scaling.uncertainty import sample

LEVEL: Final = 0.9  # of the mass between two published ends
LIMITS: Final[dict[str, tuple[float, float]]] = {
    "PUE": (1, np.inf),
    "draw share": (0, 1),
}  # what a draw of the quantity cannot pass
OF_A_SERVER: Final = "derived"  # the evidence of a server's price divided by its accelerators
WHOLE_SYSTEM: Final = "drivetesla-dojo-2024"  # has the network in it: not the price of a server
FAMILIES: Final = ("V100", "A100", "H100")  # chips whose servers have a price; their versions differ little in it


@dataclass(frozen=True)
class Published:
    """A distribution with 90 % between two published ends: lognormal above a floor, cut at a ceiling."""

    low: float
    high: float
    floor: float = 0
    ceiling: float = np.inf

    def ppf(self, level: Floats) -> Floats:
        """Return the value at each quantile."""
        above = lognormal_at(level, self.low - self.floor, self.high - self.floor)[0]
        return array(np.minimum(self.floor + above, self.ceiling))


def published(quantity: str, as_of: data.Day = None) -> Published:
    """Return the distribution of a quantity of `data/machine_inputs.csv`, to draw from with `uncertainty.sample`.

    >>> published("PUE", "2024-05-31").ppf(np.array([0.05, 0.5, 0.95])).round(2)
    array([1.08, 1.15, 1.3 ])
    """
    return Published(*input_range(quantity, as_of), *LIMITS.get(quantity, ()))


def drawn_inputs(wanted: dict[str, str], as_of: data.Day = None, *, draws: int, seed: int) -> dict[str, Floats]:
    """Return draws of inputs by their quantity in `data/machine_inputs.csv`; "level" besides, uniform from 0 to 1.

    >>> pue = drawn_inputs({"pue": "PUE"}, "2024-05-31", draws=256, seed=0)["pue"]
    >>> np.quantile(pue, [0.05, 0.5, 0.95]).round(2)
    array([1.08, 1.15, 1.3 ])
    """
    inputs = {name: published(quantity, as_of) for name, quantity in wanted.items()}
    return sample({**inputs, "level": scipy.stats.uniform()}, draws=draws, seed=seed)


def lognormal_at(level: Floats, low: ArrayLike, high: ArrayLike) -> Floats:
    """Return, a row for each range, the quantiles at `level` of the lognormal with 90 % between its ends.

    >>> lognormal_at(np.array([0.05, 0.5, 0.95]), [2, 3], [8, 3]).round(6)
    array([[2., 4., 8.],
           [3., 3., 3.]])
    """
    middle, half = np.log(np.multiply(low, high)) / 2, np.log(np.divide(high, low)) / 2
    steps = scipy.special.ndtri(level) / scipy.special.ndtri((1 + LEVEL) / 2)
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
    prices = server_prices(as_of).groupby("family")
    low, high = prices["price_usd_low"].min(), prices["price_usd_high"].max()
    return lognormal_at(level, family(names).map(low), family(names).map(high))


def server_prices(as_of: data.Day = None) -> pd.DataFrame:
    """Return the published prices of servers divided by their accelerators, with the family of the chip.

    >>> sorted(server_prices("2022-12-31")["family"].unique())
    ['A100', 'H100', 'P100', 'V100']
    """
    prices = data.load("accelerator_prices", as_of=as_of)
    prices = prices[(prices["evidence"] == OF_A_SERVER) & (prices["source_id"] != WHOLE_SYSTEM)]
    return prices.assign(family=family(prices["accelerator"]))
