"""The minimum of Hoffmann et al.'s objective, for many starts or many data sets at once.

A law of K inputs says log L = log(E + A_1 exp(-alpha_1 x_1) + ...), with x_k the logarithm of an input. In the
coefficients z = (log E, log A_1, alpha_1, ...) that is a log-sum-exp of terms linear in z (Hoffmann et al. 2022,
appendix D.3), so slopes and curvature are sums over the terms' shares of the loss. The objective is the *sum* of
Huber losses of the residuals of log L, as Besiroglu et al. (2024, https://arxiv.org/abs/2404.10102) use; with a mean,
an optimiser's usual tolerance stops too early.

Newton's method, damped. With most residuals beyond the Huber bound the objective is nearly a sum of absolute values and
its true curvature rests on the few points inside; points beyond it enter with the curvature of iterated weighted least
squares, delta over its size, times the damping. Damping 1 is that safe method, damping 0 is Newton's.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from compute_scaling.checks import Floats

STEPS: Final = 120
FIRST_DAMPING: Final = 0.3
DAMPING_FACTOR: Final = 3  # down after a step that helped, up after one that did not
NO_DAMPING: Final = 1e-6  # below this, none
RIDGE: Final = 1e-3  # of the scaled curvature, times the damping
TINY: Final = 1e-13  # ridge that keeps a singular system solvable
LONGEST_STEP: Final = 1.0  # in a logarithm or an exponent
TOLERANCE: Final = 1e-10  # of the objective: what a Newton step may still promise at the minimum
ROUNDING: Final = 1e-12  # of the objective: lost in its sum
SMALLEST: Final = np.finfo(float).tiny
EXACT: Final = 1e-26  # the same for data without scatter
EXPONENTS: Final = (1e-3, 5.0)  # outside this range, an exponent is not looked for


Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Minima:
    """Coefficients (starts x coefficients), objective and whether it is a minimum, for each start."""

    coefficients: Floats
    objective: Floats
    converged: Flags


def minimise(log_loss: Floats, inputs: Floats, start: Floats, huber_delta: float) -> Minima:
    """Return the minimum of the sum of Huber losses that each start leads to.

    log_loss: starts (or 1) x points. inputs: K x points, logarithms about their mean. start: starts x (1 + 2 K).
    A start has converged when an undamped Newton step promises less than 1e-10 of the objective; one that has not
    after 120 steps, or that would need an exponent out of bounds, is left as far as it came.
    """
    best, lowest = start.copy(), np.full(len(start), np.inf)
    converged = np.zeros(len(start), dtype=bool)
    active, z = np.arange(len(start)), start.copy()
    target = np.broadcast_to(log_loss, (len(start), log_loss.shape[-1]))
    damping = np.full(len(start), FIRST_DAMPING)
    objective, residual, shares = _evaluate(z, target, inputs, huber_delta)
    for _ in range(STEPS):
        gradient, curvature = _derivatives(residual, shares, inputs, damping, huber_delta)
        step, promise = _step(gradient, curvature, damping)
        trial = z + step
        now, trial_residual, trial_shares = _evaluate(trial, target, inputs, huber_delta)
        better = (now <= objective * (1 + ROUNDING) + EXACT) & _inside(trial)
        finished = (promise <= TOLERANCE * objective + EXACT) & (promise >= 0) & (damping <= FIRST_DAMPING) & better
        z[better], objective[better] = trial[better], now[better]
        residual[better], shares[:, better] = trial_residual[better], trial_shares[:, better]
        less = np.where(damping > NO_DAMPING, damping / DAMPING_FACTOR, 0)
        damping = np.where(better, less, np.maximum(damping, NO_DAMPING) * DAMPING_FACTOR)
        best[active], lowest[active], converged[active] = z, objective, finished
        if finished.any():
            keep = ~finished
            active, z, target, damping = active[keep], z[keep], target[keep], damping[keep]
            objective, residual, shares = objective[keep], residual[keep], shares[:, keep]
        if not active.size:
            break
    return Minima(best, lowest, converged)


def log_law(z: Floats, inputs: Floats) -> tuple[Floats, Floats]:
    """Return log L (starts x points) and each term's share of L (terms x starts x points)."""
    terms = np.empty((len(inputs) + 1, len(z), inputs.shape[1]))
    terms[0] = z[:, :1]
    for k, x in enumerate(inputs):
        terms[k + 1] = z[:, 1 + 2 * k, None] - z[:, 2 + 2 * k, None] * x
    largest = terms.max(axis=0)
    shares = np.exp(terms - largest)
    total = shares.sum(axis=0)
    return largest + np.log(total), shares / total


def slopes(shares: Floats, inputs: Floats) -> Floats:
    """Return the derivatives of log L by each coefficient (starts x coefficients x points)."""
    terms, starts, points = shares.shape
    by = np.empty((starts, 2 * terms - 1, points))
    by[:, 0] = shares[0]
    for k, x in enumerate(inputs):
        by[:, 1 + 2 * k] = shares[k + 1]
        by[:, 2 + 2 * k] = shares[k + 1] * -x
    return by


def _evaluate(z: Floats, target: Floats, inputs: Floats, delta: float) -> tuple[Floats, Floats, Floats]:
    """Return the objective of each start, its residuals and the shares of the terms."""
    predicted, shares = log_law(z, inputs)
    residual = target - predicted
    bounded = _bounded(residual, delta)
    return np.einsum("ij,ij->i", bounded, residual - bounded / 2), residual, shares


def _derivatives(
    residual: Floats, shares: Floats, inputs: Floats, damping: Floats, delta: float
) -> tuple[Floats, Floats]:
    """Return the objective's gradient and its curvature, damped towards iterated weighted least squares."""
    by = slopes(shares, inputs)
    pull = _bounded(residual, delta)
    safe = np.minimum(damping, 1)[:, None]
    size = np.abs(residual)
    weight = np.where(size <= delta, 1, safe * delta / np.maximum(size, delta))
    newton = 1 - safe  # share of the curvature of log L itself
    curvature = (by * (weight + newton * pull)[:, None]) @ by.transpose(0, 2, 1)
    downhill = np.einsum("ijk,ik->ij", by, pull)
    own = newton * downhill
    curvature[:, 0, 0] -= own[:, 0]
    for k, x in enumerate(inputs):
        a, b = 1 + 2 * k, 2 + 2 * k
        curvature[:, a, a] -= own[:, a]
        curvature[:, a, b] -= own[:, b]
        curvature[:, b, a] -= own[:, b]
        curvature[:, b, b] += newton[:, 0] * np.einsum("ij,ij,j->i", by[:, b], pull, x)
    return -downhill, curvature


def _bounded(residual: Floats, delta: float) -> Floats:
    """Return the slope of Huber's loss: the residual, within the bound on either side."""
    return np.minimum(np.maximum(residual, -delta), delta)


def _step(gradient: Floats, curvature: Floats, damping: Floats) -> tuple[Floats, Floats]:
    """Return the damped Newton step and the decrease it promises (negative where the curvature is)."""
    diagonal = np.abs(curvature.diagonal(axis1=1, axis2=2))
    scale = 1 / np.sqrt(np.maximum(diagonal, TINY * diagonal.max(axis=1, keepdims=True)) + SMALLEST)
    scaled = curvature * scale[:, :, None] * scale[:, None, :]
    ridge = (RIDGE * damping + TINY)[:, None, None] * np.eye(gradient.shape[1])
    step = -scale * np.linalg.solve(scaled + ridge, (scale * gradient)[:, :, None])[:, :, 0]
    promise = -np.einsum("ij,ij->i", gradient, step)
    longest = np.abs(step).max(axis=1, keepdims=True)
    return step * np.minimum(1, LONGEST_STEP / np.maximum(longest, LONGEST_STEP)), promise


def _inside(z: Floats) -> Flags:
    """Return whether all exponents of each start are within `EXPONENTS`."""
    low, high = EXPONENTS
    exponents = z[:, 2::2]
    inside: Flags = np.all((exponents >= low) & (exponents <= high), axis=1)
    return inside
