"""Optima of the additive law beyond the plain one: one step up, with inference to pay for, with text running out.

Sardana et al. (2023, https://arxiv.org/abs/2401.00448, equation 3) add the cost of serving the model; Muennighoff et
al. (2023, https://arxiv.org/abs/2305.16264, equations 5 and 6) let repeated tokens, and parameters in excess of what
they can teach, count for less and less.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from compute_scaling.checks import Floats, positive, within
from compute_scaling.scaling_laws.laws import FLOP_PER_PARAMETER_AND_TOKEN, ParametricLaw, coefficients

MUENNIGHOFF: Final = "muennighoff-2023"
INFERENCE_SHARE: Final = 1 / 3  # 2 N FLOP to read or write a token against 6 N to train on it
HALVINGS: Final = 60  # of an interval of share: past the last digit of a float
SEARCH_FACTOR: Final = 1e3  # how far from the plain optimum the data-constrained one is looked for, either way
SEARCH_POINTS: Final = 61
SEARCH_ROUNDS: Final = 6  # each narrows the bracket 30 times


@dataclass(frozen=True)
class ComputeStep:
    """What more training compute buys at the optimum: factors of parameters and tokens, loss before and after."""

    parameters_factor: Floats
    tokens_factor: Floats
    loss_before: Floats
    loss_after: Floats


def compute_step(law: ParametricLaw, *, training_flop: ArrayLike, factor: ArrayLike) -> ComputeStep:
    """Return what `factor` times the training compute buys, spent optimally before and after; arguments broadcast.

    The loss above E falls by factor^-gamma, at any compute. Raises ValueError for a compute or factor not above 0.

    >>> from compute_scaling.scaling_laws import BESIROGLU_2024
    >>> step = compute_step(BESIROGLU_2024, training_flop=3e25, factor=5)
    >>> step.parameters_factor.round(2), (step.loss_before - step.loss_after).round(3)
    (np.float64(2.28), np.float64(0.019))
    """
    before = law.optimum(training_flop)
    after = law.optimum(np.multiply(training_flop, positive("factor", factor)))
    return ComputeStep(
        parameters_factor=after[0] / before[0],
        tokens_factor=after[1] / before[1],
        loss_before=law.loss(*before),
        loss_after=law.loss(*after),
    )


def inference_optimum(law: ParametricLaw, *, loss: ArrayLike, inference_tokens: ArrayLike) -> tuple[Floats, Floats]:
    """Return the parameters and training tokens that reach a loss at the least FLOP of training and inference together.

    loss: nats per token, above the law's E. inference_tokens: tokens read or written over the model's life.
    Minimises 6 N D + 2 N D_inf where L(N, D) = loss. With s the share of the loss above E that is due to N, the optimum
    has alpha s / (beta (1 - s)) = 1 + D_inf / (3 D): the left side rises with s and the right side falls, so halving an
    interval of s finds it. Raises ValueError for a loss not above E, or negative tokens.

    >>> from compute_scaling.scaling_laws import published
    >>> law = published("sardana-2023-hoffmann")
    >>> target = law.loss(*law.optimum(5.9e23))
    >>> parameters, tokens = inference_optimum(law, loss=target, inference_tokens=[0, 1e13])
    >>> (parameters / 1e9).round(1)
    array([42.2, 21.4])
    """
    above = within("loss", loss, float(np.max(law.E)), np.inf, open_low=True, open_high=True) - law.E
    served = within("inference_tokens", inference_tokens, 0, np.inf, open_high=True)
    shape = np.broadcast_shapes(above.shape, served.shape, np.shape(law.alpha))
    low, high = np.zeros(shape), np.ones(shape)
    for _ in range(HALVINGS):
        share = (low + high) / 2
        tokens = (law.B / (above * (1 - share))) ** (1 / law.beta)
        elasticity = law.alpha / law.beta * share / (1 - share)
        too_small = elasticity < 1 + INFERENCE_SHARE * served / tokens
        low, high = np.where(too_small, share, low), np.where(too_small, high, share)
    return (law.A / (above * share)) ** (1 / law.alpha), tokens


def data_constrained_loss(
    law: ParametricLaw, parameters: ArrayLike, tokens: ArrayLike, *, unique_tokens: ArrayLike
) -> Floats:
    """Return the loss when `tokens` are drawn from only so many unique ones, repeated as often as needed.

    Repeated tokens and excess parameters count with a return that decays exponentially (equations 5 and 6, fitted
    R_D* and R_N* of Muennighoff et al. from the table). Parameters are in excess of the compute-optimal number for the
    unique tokens. Equals the plain loss while tokens and parameters stay within these. Arguments broadcast.

    >>> from compute_scaling.scaling_laws import MUENNIGHOFF_2023
    >>> MUENNIGHOFF_2023.loss(7e9, 4e11).round(3)
    np.float64(2.165)
    >>> data_constrained_loss(MUENNIGHOFF_2023, 7e9, 4e11, unique_tokens=1e11).round(3)
    np.float64(2.169)
    """
    tokens, parameters = positive("tokens", tokens), positive("parameters", parameters)
    unique = np.minimum(positive("unique_tokens", unique_tokens), tokens)
    matched = np.minimum(law.optimal_parameters(unique), parameters)
    decay = coefficients(MUENNIGHOFF)["value"]
    return law.loss(_worth(parameters, matched, decay["R_N"]), _worth(tokens, unique, decay["R_D"]))


def data_constrained_optimum(
    law: ParametricLaw, *, training_flop: ArrayLike, unique_tokens: ArrayLike
) -> tuple[Floats, Floats]:
    """Return the parameters and tokens (repeats counted) of least loss at a compute, with so many unique tokens.

    A grid of parameters about the plain optimum, narrowed round by round about its best point. Arguments broadcast.

    >>> from compute_scaling.scaling_laws import MUENNIGHOFF_2023
    >>> parameters, tokens = data_constrained_optimum(MUENNIGHOFF_2023, training_flop=9.3e21, unique_tokens=25e9)
    >>> (parameters / 1e9).round(1), (tokens / 25e9).round(1)
    (np.float64(6.8), np.float64(9.1))
    """
    pairs = positive("training_flop", training_flop) / FLOP_PER_PARAMETER_AND_TOKEN
    centre = np.broadcast_arrays(np.log(law.optimum(training_flop)[0]), positive("unique_tokens", unique_tokens))[0]
    reach = np.log(SEARCH_FACTOR)
    grid = np.linspace(-1, 1, SEARCH_POINTS).reshape(-1, *np.ones(centre.ndim, dtype=int))
    for _ in range(SEARCH_ROUNDS):
        parameters = np.exp(centre + reach * grid)
        losses = data_constrained_loss(law, parameters, pairs / parameters, unique_tokens=unique_tokens)
        best = np.argmin(losses, axis=0)[np.newaxis]
        centre = np.log(np.take_along_axis(parameters, best, axis=0)[0])
        reach *= 2 / (SEARCH_POINTS - 1)
    return np.exp(centre), pairs / np.exp(centre)


def single_epoch_loss(law: ParametricLaw, *, training_flop: ArrayLike, unique_tokens: ArrayLike) -> Floats:
    """Return the least loss at a compute when no token may be read twice; arguments broadcast.

    Once the plain optimum needs more than the unique tokens, all further compute goes into parameters.

    >>> from compute_scaling.scaling_laws import MUENNIGHOFF_2023
    >>> single_epoch_loss(MUENNIGHOFF_2023, training_flop=[1e24, 1e27], unique_tokens=1e13).round(3)
    array([2.011, 1.919])
    """
    tokens = np.minimum(law.optimum(training_flop)[1], positive("unique_tokens", unique_tokens))
    return law.loss(positive("training_flop", training_flop) / (FLOP_PER_PARAMETER_AND_TOKEN * tokens), tokens)


def data_constrained_step(
    law: ParametricLaw, *, training_flop: ArrayLike, factor: ArrayLike, unique_tokens: ArrayLike
) -> Floats:
    """Return what `factor` times the training compute takes off the loss, with only so many unique tokens to repeat.

    The loss at the data-constrained optimum before, less that after; with ample tokens the difference of
    `compute_step`. Arguments broadcast.

    >>> from compute_scaling.scaling_laws import BESIROGLU_2024
    >>> data_constrained_step(BESIROGLU_2024, training_flop=3e25, factor=5, unique_tokens=[1e12, 1e15]).round(3)
    array([0.01 , 0.019])
    """
    first, last = (np.multiply(training_flop, times) for times in (1.0, positive("factor", factor)))
    before, after = (
        data_constrained_loss(
            law,
            *data_constrained_optimum(law, training_flop=flop, unique_tokens=unique_tokens),
            unique_tokens=unique_tokens,
        )
        for flop in (first, last)
    )
    return before - after


def _worth(total: Floats, unique: Floats, decay: float) -> Floats:
    """Return U + U R* (1 - exp(-R / R*)): what a total counts for when R = total / U - 1 of it is repeated."""
    repeats = total / unique - 1
    return unique * (1 + decay * -np.expm1(-repeats / decay))
