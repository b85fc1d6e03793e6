"""Uncertainty: a range as a distribution, what ranges do to a result, and which of them matters most.

A range (low, high) at a level, such as 90 %, says that the true value falls below `low` and above `high` equally
rarely. `between` turns it into a distribution, `one_of` several sources' values. `sample` draws from several at once by
quasi-random (scrambled Sobol) points, `propagate` puts the draws through a function, `interval` turns draws back into
low, mid and high, `sensitivity` divides the result's variance among the inputs, and `swings` moves one at a time.

Inputs are independent unless correlations are given: pairs of names, each with the correlation of the two inputs'
normal scores (a Gaussian copula). For normal inputs that is their own correlation, for lognormal ones that of their
logarithms.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, TypeAlias

import numpy as np
import pandas as pd
import scipy  # its parts load at first use: the core stays quick to import
from numpy.typing import ArrayLike

from compute_scaling.checks import Floats, finite, positive, within
from compute_scaling.distributions import Choice, Shape, between, one_of
from compute_scaling.lazy import drawn, quantiles

__all__ = [
    "Choice", "Propagation", "Shape", "between", "interval", "one_of", "propagate", "sample", "sensitivity", "swings",
]  # fmt: skip

Inputs: TypeAlias = Mapping[str, Any]
Correlations: TypeAlias = Mapping[tuple[str, str], float]
Ends: TypeAlias = Mapping[str, tuple[float, float, float]]

BLOCK: Final = 2**17  # draws of one random stream
CHUNK: Final = 2**20  # draws of one block of a lazy array
SOBOL_BITS: Final = 30  # SciPy's points are whole multiples of 2^-30, from 0
DRAWS: Final = 2**14
DRAWS_OF_SENSITIVITY: Final = 2**12  # each costs as many calls as there are inputs, and two


def sample(
    inputs: Inputs, *, draws: int, seed: int, correlations: Correlations | None = None, lazy: bool = False
) -> dict[str, Any]:
    """Return `draws` joint quasi-random draws of the inputs, an array a name; same seed, same draws.

    inputs: distributions with `ppf`, such as `between` gives, and fixed numbers. draws: best a power of 2, for which
    Sobol points are balanced; other numbers take the beginning of the next power's points. Every `BLOCK` draws have a
    random stream of their own, spawned from the seed. correlations: pairs of names, each with a number between -1 and
    1; pairs left out are 0. lazy: give Dask arrays, whose draws are the same and are made when they are needed, on any
    number of machines.
    Raises ValueError for wrong draws or numbers, for a pair that is not two random inputs, or for correlations that
    no numbers can have together, with the pair that fits least.

    >>> draws = sample({"price": between(20_000, 40_000)}, draws=1024, seed=0)
    >>> round(float(np.median(draws["price"])), -2)
    28300.0
    """
    random, fixed = _divided(inputs)
    factor: Any = np.linalg.cholesky(_correlation_matrix(list(random), correlations)) if correlations else None
    block = partial(_drawn, list(random.values()), size=BLOCK, factor=factor, seed=seed)
    rows = drawn(block, rows=len(random), draws=_whole(draws), size=CHUNK) if lazy else block(0, _whole(draws))
    values = dict(zip(random, rows, strict=True))
    return {name: values[name] if name in values else np.full_like(rows[0], fixed[name]) for name in inputs}


@dataclass(frozen=True, eq=False)
class Propagation:
    """Draws of the inputs, an array a name, and the value that each draw gives."""

    inputs: dict[str, Floats]
    values: Floats

    def interval(self, level: float = 0.9, *, progress: bool = False) -> tuple[float, float, float]:
        """Return low, mid and high of the values."""
        return interval(self.values, level=level, progress=progress)


def propagate(
    function: Callable[..., ArrayLike],
    inputs: Inputs,
    *,
    seed: int,
    draws: int = DRAWS,
    correlations: Correlations | None = None,
    lazy: bool = False,
) -> Propagation:
    """Return what ranges of the inputs do to a function's result.

    function: is called once, with every input as an array by its name, and returns an array of a number a draw. inputs,
    draws, correlations, lazy: as for `sample`. Raises ValueError as `sample` does, or for a result of
    another shape or that is not a finite number.

    >>> ranges = {"accelerators": 100_000, "price_usd": between(25_000, 40_000)}
    >>> low, mid, high = propagate(lambda accelerators, price_usd: accelerators * price_usd, ranges, seed=0).interval()
    >>> [round(end / 1e9, 2) for end in (low, mid, high)]
    [2.5, 3.16, 4.0]
    """
    values = sample(inputs, draws=draws, seed=seed, correlations=correlations, lazy=lazy)
    return Propagation(values, _called(function, values, draws))


def sensitivity(
    function: Callable[..., ArrayLike], inputs: Inputs, *, seed: int, draws: int = DRAWS_OF_SENSITIVITY
) -> pd.DataFrame:
    """Return how much of the result's variance each input explains, a row an input, the most important first.

    function, inputs: as for `propagate`, independent; fixed numbers have no row. draws: a power of 2.

    `first_order` is the share that would go if the input were known, `total` the share that would stay if all others
    were (Sobol indices, estimated after Saltelli et al. 2010 by SciPy: small ones can come out a little below 0). For
    a product of factors, give the logarithm: shares of a long tail's variance say little.
    Raises ValueError for wrong draws or numbers, or a result of another shape, not finite, or that does not vary.

    >>> ranges = {"a": between(-1, 1, shape="normal"), "b": between(-2, 2, shape="normal")}
    >>> sensitivity(lambda a, b: a + b, ranges, seed=0).round(2).values.tolist()
    [['b', 0.8, 0.8], ['a', 0.2, 0.2]]
    """
    random, fixed = _divided(inputs)
    if _whole(draws) & (draws - 1):
        raise ValueError(f"draws = {draws}; expected a power of 2")

    def result(rows: Floats) -> Floats:
        values = _called(function, dict(zip(random, rows, strict=True)) | fixed, rows.shape[1])
        return np.tile(values, (2, 1))  # twice, as SciPy 1.17 fails on one input with one result

    found = scipy.stats.sobol_indices(
        func=result, n=draws, dists=list(random.values()), rng=np.random.default_rng(seed)
    )
    if not np.any(found.total_order):
        raise ValueError("function = a constant; expected a result that varies with its inputs")
    shares = {"first_order": np.atleast_1d(found.first_order[0]), "total": np.atleast_1d(found.total_order[0])}
    table = pd.DataFrame({"input": list(random)} | shares)
    return table.sort_values("total", ascending=False, kind="stable", ignore_index=True)


def swings(function: Callable[..., ArrayLike], ends: Ends, *, threshold: float | None = None) -> pd.DataFrame:
    """Return what each input does to a result when it alone moves through its range, the widest swing first.

    function: as for `propagate`. ends: low, mid and high of each input. Columns: `input`, its `low`, `mid` and `high`,
    the results `at_low`, `at_mid`, `at_high`, and `flips_at`: the input's value at which the result crosses the
    threshold, NaN where it does not within the range, or where none is given.
    Raises ValueError for ends out of order, or a result of another shape or that is not finite.

    >>> power = lambda chips, watts, pue: chips * watts * pue / 1e6
    >>> ends = {"chips": (100_000, 100_000, 100_000), "watts": (900, 1300, 1500), "pue": (1.1, 1.2, 1.5)}
    >>> swings(power, ends, threshold=150)[["input", "at_low", "at_high", "flips_at"]].round(1).values.tolist()
    [['watts', 108.0, 180.0, 1250.0], ['pue', 143.0, 195.0, 1.2], ['chips', 156.0, 156.0, nan]]
    """
    names, points = list(ends), finite("ends", list(ends.values()))
    unordered = ~((points[:, 0] <= points[:, 1]) & (points[:, 1] <= points[:, 2]))
    if unordered.any():
        name = names[int(unordered.argmax())]
        raise ValueError(f"{name} = {ends[name]}; expected low, mid and high in this order")
    count = len(names)
    rows = np.tile(points[:, 1:2], (1, 2 * count + 1))
    rows[np.arange(count), np.arange(count)] = points[:, 0]
    rows[np.arange(count), np.arange(count, 2 * count)] = points[:, 2]
    values = _called(function, dict(zip(names, rows, strict=True)), 2 * count + 1)
    table = pd.DataFrame({"input": names} | dict(zip(("low", "mid", "high"), points.T, strict=True)))
    table = table.assign(at_low=values[:count], at_mid=values[-1], at_high=values[count:-1])
    crossings = [np.nan if threshold is None else _crossing(function, ends, name, threshold) for name in names]
    table = table.assign(flips_at=crossings, swing=(table["at_high"] - table["at_low"]).abs())
    return table.sort_values("swing", ascending=False, kind="stable", ignore_index=True).drop(columns="swing")


def _crossing(function: Callable[..., ArrayLike], ends: Ends, name: str, threshold: float) -> float:
    """Return where the result crosses a threshold while one input moves from low to high, or NaN."""
    middles = {other: np.array([mid]) for other, (_, mid, _) in ends.items()}

    def above(value: float) -> float:
        return float(_called(function, middles | {name: np.array([value])}, 1)[0]) - threshold

    low, _, high = ends[name]
    if low == high or np.sign(above(low)) == np.sign(above(high)):
        return np.nan
    return float(scipy.optimize.brentq(above, low, high))


def interval(values: ArrayLike, *, level: float = 0.9, progress: bool = False) -> tuple[float, float, float]:
    """Return low, mid and high of draws: the quantiles that leave out half of 1 - level on either side, and the median.

    progress: show how far lazy draws are. Raises ValueError where there is no draw, or one that is not a finite number.

    >>> [round(quantile, 6) for quantile in interval(np.arange(101))]
    [5.0, 50.0, 95.0]
    """
    within("level", level, 0, 1, open_low=True, open_high=True)
    draws = finite("values", values)
    if not draws.size:
        raise ValueError("values = []; expected at least one draw")
    low, mid, high = quantiles(draws, [(1 - level) / 2, 0.5, (1 + level) / 2], progress=progress)
    return float(low), float(mid), float(high)


def _divided(inputs: Inputs) -> tuple[dict[str, Any], dict[str, float]]:
    """Return the inputs that vary and those that are fixed numbers."""
    random = {name: dist for name, dist in inputs.items() if hasattr(dist, "ppf")}
    others = {name: finite(name, value) for name, value in inputs.items() if name not in random}
    for name, value in others.items():
        if value.ndim:
            raise ValueError(f"{name} = an array; expected a distribution or one number")
    if not random:
        raise ValueError("inputs = fixed numbers only; expected at least one distribution")
    return random, {name: float(value) for name, value in others.items()}


def _whole(draws: int) -> int:
    if draws != int(positive("draws", draws)):
        raise ValueError(f"draws = {draws}; expected a whole number above 0")
    return int(draws)


def _drawn(dists: list[Any], first: int, count: int, *, size: int, factor: Floats | None, seed: int) -> Floats:
    """Return draws from the `first` on, inputs x `count`, in blocks of a size; the first is the beginning of one."""
    starts = range(first, first + count, size)
    blocks = [_drawn_block(dists, start // size, min(size, first + count - start), factor, seed) for start in starts]
    return np.concatenate(blocks, axis=1) if len(blocks) > 1 else blocks[0]


def _drawn_block(dists: list[Any], block: int, count: int, factor: Floats | None, seed: int) -> Floats:
    """Return the first draws of a block, inputs x `count`: scrambled Sobol points of a random stream of its own."""
    stream = np.random.SeedSequence(seed, spawn_key=(block,) if block else ())
    sobol = scipy.stats.qmc.Sobol(len(dists), bits=SOBOL_BITS, rng=np.random.default_rng(stream))
    points = sobol.random_base2(int(np.ceil(np.log2(count))))[:count].T
    points = points + 0.5 / 2**SOBOL_BITS  # in the middle of their cells: never 0 or 1
    if factor is not None:
        points = scipy.special.ndtr(factor @ scipy.special.ndtri(points))
    return np.stack([dist.ppf(row) for dist, row in zip(dists, points, strict=True)])


def _correlation_matrix(names: list[str], correlations: Correlations) -> Floats:
    matrix = np.eye(len(names))
    for pair, value in correlations.items():
        if len(set(pair)) != 2 or not set(pair) <= set(names):
            raise ValueError(f"correlations = {pair}; expected pairs of {', '.join(names)}")
        first, second = map(names.index, pair)
        if matrix[first, second]:
            raise ValueError(f"correlations = {pair}; expected each pair once")
        field = f"correlation of {pair[0]} and {pair[1]}"
        matrix[first, second] = within(field, value, -1, 1, open_low=True, open_high=True)
        matrix[second, first] = value
    sizes, directions = np.linalg.eigh(matrix)
    if sizes[0] <= len(names) * np.finfo(float).eps:
        parts = matrix * np.outer(directions[:, 0], directions[:, 0])  # of a sum's variance, which would not be above 0
        one, other = np.divmod(parts.argmin(), len(names))
        field = f"correlation of {names[one]} and {names[other]}"
        raise ValueError(f"{field} = {matrix[one, other]:g}; expected one that the others allow")
    return matrix


def _called(function: Callable[..., ArrayLike], inputs: Mapping[str, Any], draws: int) -> Floats:
    values = finite("function", function(**inputs))
    if values.shape != (draws,):
        raise ValueError(f"function = an array of shape {values.shape}; expected {(draws,)}, a number a draw")
    return values
