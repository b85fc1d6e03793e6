"""Uncertainty: a range as a distribution, and what it does to a result.

A range (low, high) at a level, such as 90 %, says that the true value falls below `low` and above `high` equally
rarely. `between` turns it into a distribution, `sample` draws from several at once by quasi-random (scrambled Sobol)
points, `interval` turns draws back into low, mid and high. Inputs are independent unless said otherwise.
"""

from typing import Any, Literal

import numpy as np
import scipy  # its parts load at first use: the core stays quick to import
from numpy.typing import ArrayLike

from compute_scaling.checks import Floats, positive, within

Shape = Literal["lognormal", "normal", "uniform"]


def between(low: float, high: float, *, level: float = 0.9, shape: Shape = "lognormal") -> Any:
    """Return a frozen SciPy distribution with `level` of its mass from `low` to `high`, the rest split evenly.

    Raises ValueError where low is not below high, a lognormal's low is not above 0, or the level is not inside 0 to 1.

    >>> tail = between(2.0, 8.0).cdf([2.0, 4.0, 8.0])
    >>> tail.round(3)
    array([0.05, 0.5 , 0.95])
    """
    within("level", level, 0, 1, open_low=True, open_high=True)
    within("low", low, -np.inf, np.inf, open_low=True, open_high=True)
    within("high", high, low, np.inf, open_low=True, open_high=True)
    reach = scipy.stats.norm.ppf((1 + level) / 2)
    if shape == "lognormal":
        positive("low", low)
        return scipy.stats.lognorm(s=np.log(high / low) / (2 * reach), scale=np.sqrt(low * high))
    if shape == "normal":
        return scipy.stats.norm((low + high) / 2, (high - low) / (2 * reach))
    if shape == "uniform":
        margin = (high - low) * (1 - level) / (2 * level)
        return scipy.stats.uniform(low - margin, high - low + 2 * margin)
    raise ValueError(f"shape = {shape!r}; expected lognormal, normal or uniform")


def sample(inputs: dict[str, Any], *, draws: int, seed: int) -> dict[str, Floats]:
    """Return `draws` joint quasi-random draws of independent inputs, an array a name.

    inputs: distributions with `ppf`, such as `between` gives. draws: best a power of 2. Same seed, same draws.

    >>> draws = sample({"price": between(20_000, 40_000)}, draws=1024, seed=0)
    >>> round(float(np.median(draws["price"])), -2)
    28300.0
    """
    if draws != int(positive("draws", draws)):
        raise ValueError(f"draws = {draws}; expected a whole number above 0")
    power = int(np.ceil(np.log2(draws)))
    points = scipy.stats.qmc.Sobol(len(inputs), rng=np.random.default_rng(seed)).random_base2(power)[:draws]
    return {name: dist.ppf(column) for (name, dist), column in zip(inputs.items(), points.T, strict=True)}


def interval(values: ArrayLike, *, level: float = 0.9) -> tuple[float, float, float]:
    """Return low, mid and high of draws: the quantiles that leave out half of 1 - level on either side, and the median.

    Raises ValueError where there is no draw, or one that is not a finite number.

    >>> [round(quantile, 6) for quantile in interval(np.arange(101))]
    [5.0, 50.0, 95.0]
    """
    within("level", level, 0, 1, open_low=True, open_high=True)
    draws = within("values", values, -np.inf, np.inf, open_low=True, open_high=True)
    if not draws.size:
        raise ValueError("values = []; expected at least one draw")
    low, mid, high = np.quantile(draws, [(1 - level) / 2, 0.5, (1 + level) / 2])
    return float(low), float(mid), float(high)
