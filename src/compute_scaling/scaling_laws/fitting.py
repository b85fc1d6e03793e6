"""Fits: a law's coefficients from measured losses, and how far they are to be trusted.

`fit` minimises the objective of Hoffmann et al. (2022, equation 3 and appendix D.3), Huber's loss of the residuals of
log L. Exponents on a grid leave a linear problem in E, A and B; the best of those solutions start the minimisation.

`bootstrap` fits again, all resamples at once, to the fitted losses with each point's own residual under a random sign:
the wild bootstrap, valid for absolute deviations (Feng, He and Hu 2011, https://doi.org/10.1093/biomet/asr052), which
the fit nearly is at a small Huber bound, and for squares, where scatter differs from point to point. Residuals are
divided by 1 - leverage (the HC3 of MacKinnon and White 1985), and those that the fit has pulled to zero, as many as it
has coefficients, are replaced by others. They are smoothed with a kernel, then shrunk back to their own scale
(Silverman and Young 1987, https://doi.org/10.1093/biomet/74.3.469), for absolute deviations depend on the density at
zero. Drawing whole points, as Besiroglu et al. (2024) do, gives intervals that are too wide for such a fit.
"""

from dataclasses import dataclass
from itertools import product
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from compute_scaling.checks import Floats, positive
from compute_scaling.scaling_laws.laws import ParametricLaw, PowerLaw
from compute_scaling.scaling_laws.solver import EXACT, TINY, Minima, log_law, minimise, slopes

GRID: Final = np.geomspace(0.05, 2, 6)  # exponents to start from
FEW: Final = 2  # starts minimised first
MANY: Final = 30  # starts minimised where the few do not agree
RIDGE: Final = 1e-9  # that keeps the linear problem solvable
REWEIGHTINGS: Final = 2
SMALLEST_SHARE: Final = 1e-3  # of the mean loss, for a term that the linear problem would make negative
SAME: Final = 1e-6  # objectives closer than this are one minimum
SEPARABLE: Final = 1e-4  # least variance of log tokens, and least share of it that log parameters leave unexplained
KERNEL: Final = 1.06  # bandwidth over scatter x points^(-1/5): Silverman (1986), equation 3.28
NORMAL_MAD: Final = 1.4826  # standard deviation over median absolute deviation, of a normal distribution
MOST_LEVERAGE: Final = 0.9  # a point that has a coefficient to itself has 1
CHUNK: Final = 125  # resamples at a time: as much as the processor's cache holds
COLUMNS: Final = ("E", "A", "B", "alpha", "beta")


@dataclass(frozen=True)
class Fit:
    """A fitted law, its objective (sum of Huber losses of log L) and whether it is to be relied on.

    `converged` is True where the objective's minimum was found and the design tells parameters from tokens. Where all
    runs have one ratio of tokens to parameters, or one number of tokens, it is False: the law then describes those
    runs, and only the sum of its terms along them means anything.
    """

    law: ParametricLaw
    objective: float
    converged: bool


@dataclass(frozen=True)
class PowerFit:
    """A fitted law of one quantity, its objective and whether the minimum was found."""

    law: PowerLaw
    objective: float
    converged: bool


def fit(parameters: ArrayLike, tokens: ArrayLike, loss: ArrayLike, huber_delta: float = 1e-3) -> Fit:
    """Return the additive law fitted to measured losses.

    parameters, tokens, loss: one value a run, six runs or more; loss in nats per token. huber_delta: residuals of log L
    beyond it count by their size, not their square; 1e-3 as Hoffmann et al., a large one (1) is least squares.
    Raises ValueError for too few runs, unequal lengths or values not above 0.

    >>> from compute_scaling.scaling_laws import BESIROGLU_2024
    >>> parameters, tokens = np.meshgrid(np.geomspace(1e8, 1e10, 4), np.geomspace(2e9, 2e11, 4))
    >>> result = fit(parameters.ravel(), tokens.ravel(), BESIROGLU_2024.loss(parameters, tokens).ravel())
    >>> result.converged, result.law.alpha.round(6)
    (True, np.float64(0.3478))
    """
    logs, centres, log_loss = _logs({"parameters": parameters, "tokens": tokens}, loss)
    minimum = _best(log_loss, logs, float(positive("huber_delta", huber_delta)))
    law = ParametricLaw(*(column[0] for column in _columns(minimum.coefficients, centres)))
    return Fit(law, float(minimum.objective[0]), bool(minimum.converged[0]) and _separable(logs))


def fit_power_law(quantity: ArrayLike, loss: ArrayLike, huber_delta: float = 1e-3) -> PowerFit:
    """Return L = floor + (scale / x)^exponent fitted to measured losses; for runs that vary in one quantity alone.

    quantity: parameters, tokens or FLOP, one value a run, four runs or more. huber_delta, errors: as `fit`.

    >>> compute = np.geomspace(1e18, 1e22, 6)
    >>> result = fit_power_law(compute, 0.5 + (6e22 / compute) ** 0.07)
    >>> result.converged, result.law.exponent.round(6)
    (True, np.float64(0.07))
    """
    logs, centres, log_loss = _logs({"quantity": quantity}, loss)
    minimum = _best(log_loss, logs, float(positive("huber_delta", huber_delta)))
    floor, coefficient, exponent = minimum.coefficients[0]
    scale = np.exp(coefficient / exponent + centres[0])
    return PowerFit(PowerLaw(np.exp(floor), scale, exponent), float(minimum.objective[0]), bool(minimum.converged[0]))


def bootstrap(
    parameters: ArrayLike,
    tokens: ArrayLike,
    loss: ArrayLike,
    resamples: int = 4000,
    *,
    seed: int,
    huber_delta: float = 1e-3,
) -> pd.DataFrame:
    """Return laws fitted to resampled losses, one a row: E, A, B, alpha, beta, and whether the fit `converged`.

    The spread of a column, or of anything computed from the rows together, is its uncertainty: 90 % of it lies between
    the 5th and 95th percentiles. resamples: how many. seed: same seed, same rows. Otherwise as `fit`, which see for
    `converged`: rows without it mean nothing one by one.

    >>> from compute_scaling.scaling_laws import BESIROGLU_2024
    >>> rng = np.random.default_rng(0)
    >>> parameters, tokens = np.exp(rng.uniform(18, 23, 240)), np.exp(rng.uniform(22, 26, 240))
    >>> loss = BESIROGLU_2024.loss(parameters, tokens) * np.exp(rng.normal(0, 0.005, 240))
    >>> laws = bootstrap(parameters, tokens, loss, 200, seed=1)
    >>> low, high = laws["alpha"].quantile([0.05, 0.95])
    >>> bool(low < BESIROGLU_2024.alpha < high)
    True
    """
    if resamples != int(positive("resamples", resamples)):
        raise ValueError(f"resamples = {resamples}; expected a whole number above 0")
    logs, centres, log_loss = _logs({"parameters": parameters, "tokens": tokens}, loss)
    delta = float(positive("huber_delta", huber_delta))
    centre = _best(log_loss, logs, delta)
    fitted, shares = log_law(centre.coefficients, logs)
    sizes = _sizes((log_loss - fitted)[0], slopes(shares, logs)[0])
    rng = np.random.default_rng(seed)
    parts = []
    for first in range(0, int(resamples), CHUNK):
        count = min(CHUNK, int(resamples) - first)
        losses = fitted + _noise(sizes, centre.coefficients.size, count, rng)
        parts.append(minimise(losses, logs, np.repeat(centre.coefficients, count, axis=0), delta))
    columns = _columns(np.concatenate([part.coefficients for part in parts]), centres)
    converged = np.concatenate([part.converged for part in parts])
    laws = pd.DataFrame(dict(zip(COLUMNS, columns, strict=True)))
    return laws.assign(converged=converged & bool(centre.converged[0]) & _separable(logs))


def _logs(inputs: dict[str, ArrayLike], loss: ArrayLike) -> tuple[Floats, Floats, Floats]:
    """Return logarithms of the inputs about their means (inputs x points), those means, and log loss (1 x points)."""
    log_loss = np.log(positive("loss", np.atleast_1d(loss)))
    columns = [np.log(positive(name, np.atleast_1d(values))) for name, values in inputs.items()]
    for name, column in zip(inputs, columns, strict=True):
        if column.ndim != 1 or column.shape != log_loss.shape:
            raise ValueError(f"{name} = {column.size} values for {log_loss.size} losses; expected one a loss")
    least = 2 * len(columns) + 2
    if log_loss.size < least:
        raise ValueError(f"loss = {log_loss.size} values; expected {least} or more, for {least - 1} coefficients")
    centres = np.array([column.mean() for column in columns])
    return np.array(columns) - centres[:, None], centres, log_loss[None]


def _best(log_loss: Floats, logs: Floats, delta: float) -> Minima:
    """Return the lowest minimum that the best starts lead to: a few when they agree, else many."""
    starts = _starts(log_loss[0], logs)
    found = minimise(log_loss, logs, starts[:FEW], delta)
    if not found.converged.all() or np.ptp(found.objective) > SAME * found.objective.min() + EXACT:
        found = minimise(log_loss, logs, starts[:MANY], delta)
    pick = np.argmin(found.objective * (1 + SAME * ~found.converged))
    return Minima(found.coefficients[[pick]], found.objective[[pick]], found.converged[[pick]])


def _starts(log_loss: Floats, logs: Floats) -> Floats:
    """Return coefficients to start from, best first: for exponents on a grid, E, A and B by least absolute residuals.

    Least squares of the loss relative to the measured one, weighted anew by 1 / |residual|.
    """
    exponents = np.array(list(product(GRID, repeat=len(logs))))
    terms = np.exp(-exponents[:, :, None] * logs)
    relative = np.concatenate([np.ones_like(terms[:, :1]), terms], axis=1) / np.exp(log_loss)  # should sum to 1
    weights = np.ones((len(exponents), 1, log_loss.size))
    for _ in range(REWEIGHTINGS):
        weighted = relative * weights
        gram = weighted @ relative.transpose(0, 2, 1) + RIDGE * np.eye(len(logs) + 1)
        sizes = np.linalg.solve(gram, weighted.sum(axis=2)[:, :, None])
        sizes = np.maximum(sizes, SMALLEST_SHARE * np.exp(log_loss.mean()))
        misfit = np.abs(sizes.transpose(0, 2, 1) @ relative - 1)
        weights = 1 / (misfit + misfit.mean(axis=2, keepdims=True))
    starts = np.empty((len(exponents), 1 + 2 * len(logs)))
    starts[:, 0], starts[:, 1::2], starts[:, 2::2] = np.log(sizes[:, 0, 0]), np.log(sizes[:, 1:, 0]), exponents
    return starts[np.argsort(misfit.sum(axis=(1, 2)))]


def _sizes(residuals: Floats, slopes: Floats) -> Floats:
    """Return the size of scatter at each point: its residual's, over 1 - leverage (slopes: coefficients x points)."""
    scale = np.linalg.norm(slopes, axis=1, keepdims=True)
    leverage = (np.linalg.qr((slopes / np.maximum(scale, TINY)).T)[0] ** 2).sum(axis=1)
    return np.abs(residuals) / (1 - np.minimum(leverage, MOST_LEVERAGE))


def _noise(sizes: Floats, coefficients: int, resamples: int, rng: np.random.Generator) -> Floats:
    """Return resampled scatter (resamples x points): its size at each point with either sign, smoothed and shrunk.

    The smallest, as many as there are coefficients, stand for residuals pulled to zero: others are drawn for them.
    """
    order = np.argsort(sizes)
    own, others = order[:coefficients], sizes[order[coefficients:]]
    shape = (resamples, sizes.size)
    drawn = np.broadcast_to(sizes, shape).copy()
    drawn[:, own] = rng.choice(others, (resamples, coefficients))
    width = KERNEL * sizes.size ** (-1 / 5)
    kernel = width * NORMAL_MAD * np.median(others)
    return (drawn * rng.choice([-1, 1], shape) + kernel * rng.standard_normal(shape)) / np.hypot(1, width)


def _columns(z: Floats, centres: Floats) -> tuple[Floats, ...]:
    """Return E, A, B, alpha and beta of the solver's coefficients, for parameters and tokens in their own units."""
    e, a, alpha, b, beta = z.T
    return np.exp(e), np.exp(a + alpha * centres[0]), np.exp(b + beta * centres[1]), alpha, beta


def _separable(logs: Floats) -> bool:
    """Return whether parameters and tokens vary, and not merely together."""
    spread = logs @ logs.T / logs.shape[1]
    own = np.linalg.det(spread) > SEPARABLE * spread[0, 0] * spread[1, 1]
    return bool(own and spread.diagonal().min() > SEPARABLE)
