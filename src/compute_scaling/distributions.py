"""Distributions: a range, or several sources' values, as a distribution to draw from.

A range (low, high) at a level, such as 90 %, says that the true value falls below `low` and above `high` equally
rarely; `between` finds the distribution of a shape that does so. `one_of` draws from single values.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
import pandas as pd
import scipy  # its parts load at first use: the core stays quick to import
from numpy.typing import ArrayLike

from compute_scaling.checks import Floats, positive, within

Shape = Literal["lognormal", "normal", "uniform", "loguniform", "triangular", "beta"]

SMALLEST_SPREAD: Final = 1e-6  # of a logarithm: no value in this book is known to a millionth
SMALLEST_START: Final = 0.2  # for the sum of a beta's parameters, where a normal of the same range is too wide


def between(low: float, high: float, *, level: float = 0.9, shape: Shape = "lognormal") -> Any:
    """Return a frozen SciPy distribution with `level` of its mass from `low` to `high`, the rest split evenly.

    shape: "lognormal" (factors; the default), "normal", "uniform", "loguniform", "triangular" (symmetric), or "beta",
    for a share, which stays between 0 and 1.
    Raises ValueError where low is not below high, where a lognormal's or loguniform's low is not above 0, where a
    share's range is not inside 0 to 1, or the level is not.

    >>> tail = between(2.0, 8.0).cdf([2.0, 4.0, 8.0])
    >>> tail.round(3)
    array([0.05, 0.5 , 0.95])
    >>> between(0.3, 0.5, shape="beta").cdf([0.0, 0.3, 0.5, 1.0]).round(3)
    array([0.  , 0.05, 0.95, 1.  ])
    """
    within("level", level, 0, 1, open_low=True, open_high=True)
    within("low", low, -np.inf, np.inf, open_low=True, open_high=True)
    within("high", high, low, np.inf, open_low=True, open_high=True)
    if shape not in SHAPES:
        raise ValueError(f"shape = {shape!r}; expected one of {', '.join(SHAPES)}")
    return SHAPES[shape](low, high, (1 - level) / 2)


@dataclass(frozen=True, eq=False)
class Choice:
    """A distribution over single values, such as `one_of` gives; `values` rise, `weights` sum to 1."""

    values: Floats
    weights: Floats

    def ppf(self, quantile: ArrayLike) -> Floats:
        """Return the value at each quantile."""
        steps = np.cumsum(self.weights[:-1])
        return np.asarray(self.values[np.searchsorted(steps, quantile)])


def one_of(values: ArrayLike, weights: ArrayLike | None = None) -> Choice:
    """Return the distribution over several values, such as those of sources that conflict, or a model's own draws.

    weights: how much each counts, not below 0; all the same unless given. Raises ValueError for values that are not
    finite numbers, or weights that do not fit them.

    >>> one_of([3.8e9, 4.7e9, 5.3e9], weights=[1, 2, 1]).ppf([0.1, 0.5, 0.9])
    array([3.8e+09, 4.7e+09, 5.3e+09])
    """
    numbers = within("values", np.atleast_1d(values), -np.inf, np.inf, open_low=True, open_high=True)
    shares = within("weights", np.ones(numbers.size) if weights is None else weights, 0, np.inf, open_high=True)
    if shares.shape != numbers.shape or numbers.ndim != 1 or not shares.sum():
        raise ValueError(f"weights = {shares.size} for {numbers.size} values; expected one a value, not all 0")
    order = np.argsort(numbers, kind="stable")
    return Choice(numbers[order], shares[order] / shares.sum())


@dataclass(frozen=True, eq=False)
class Cut:
    """A distribution without what lies outside of a range; what is left is raised in proportion."""

    whole: Any
    low: float
    high: float

    def ppf(self, quantile: ArrayLike) -> Floats:
        """Return the value at each quantile.

        >>> Cut(scipy.stats.norm(), -1, 1).ppf([0.0, 0.5, 1.0]).round(6)
        array([-1.,  0.,  1.])
        """
        below, above = self.whole.cdf([self.low, self.high])
        return np.asarray(self.whole.ppf(below + np.asarray(quantile) * (above - below)))


def of_new_group(values: "pd.Series[float]", groups: "pd.Series[str]") -> Any:
    """Return the frozen SciPy distribution of one value of a group not among these, such as a new site or family.

    Groups are draws from a normal distribution, values draws around the mean of their group; Student's t, for there are
    few groups. values: best logarithms of what is positive. Raises ValueError for fewer than two groups.

    >>> logs, sites = pd.Series([0.1, 0.3, 0.5]), pd.Series(["a", "a", "b"])
    >>> of_new_group(logs, sites).ppf([0.05, 0.5, 0.95]).round(2)
    array([-1.52,  0.35,  2.22])
    """
    means = values.groupby(groups).mean()
    if len(means) < 2:
        raise ValueError(f"groups = {len(means)}; expected 2 or more")
    around = values - values.groupby(groups).transform("mean")
    within2 = (around**2).sum() / max(1, len(values) - len(means))
    spread = max(SMALLEST_SPREAD, np.sqrt(means.var(ddof=1) * (1 + 1 / len(means)) + within2))
    return scipy.stats.t(len(means) - 1, means.mean(), spread)


def _lognormal(low: float, high: float, tail: float) -> Any:
    positive("low", low)
    return scipy.stats.lognorm(s=np.log(high / low) / (-2 * scipy.special.ndtri(tail)), scale=np.sqrt(low * high))


def _normal(low: float, high: float, tail: float) -> Any:
    return scipy.stats.norm((low + high) / 2, (high - low) / (-2 * scipy.special.ndtri(tail)))


def _uniform(low: float, high: float, tail: float) -> Any:
    width = (high - low) / (1 - 2 * tail)
    return scipy.stats.uniform(low - tail * width, width)


def _loguniform(low: float, high: float, tail: float) -> Any:
    positive("low", low)
    margin = (high / low) ** (tail / (1 - 2 * tail))
    return scipy.stats.loguniform(low / margin, high * margin)


def _triangular(low: float, high: float, tail: float) -> Any:
    margin = np.sqrt(tail / 2)  # of the whole width: the tail is a triangle similar to half of the whole
    width = (high - low) / (1 - 2 * margin)
    return scipy.stats.triang(0.5, low - margin * width, width)


def _beta(low: float, high: float, tail: float) -> Any:
    """Solve for the two parameters on the scale of normal scores, from a normal's moments."""
    ends = np.array([positive("low", low), within("high", high, 0, 1, open_high=True)])
    scores = scipy.special.ndtri([tail, 1 - tail])
    mean, deviation = ends.mean(), (high - low) / (scores[1] - scores[0])
    size = max(mean * (1 - mean) / deviation**2 - 1, SMALLEST_START)

    def excess(logs: Floats) -> Floats:
        below, above = scipy.special.betainc(*np.exp(logs), ends), scipy.special.betaincc(*np.exp(logs), ends)
        return np.asarray(np.where(below < above, scipy.special.ndtri(below), -scipy.special.ndtri(above)) - scores)

    solution = scipy.optimize.root(excess, np.log([mean * size, (1 - mean) * size]))
    return scipy.stats.beta(*np.exp(solution.x))


SHAPES: Final[dict[str, Callable[[float, float, float], Any]]] = {
    "lognormal": _lognormal,
    "normal": _normal,
    "uniform": _uniform,
    "loguniform": _loguniform,
    "triangular": _triangular,
    "beta": _beta,
}
