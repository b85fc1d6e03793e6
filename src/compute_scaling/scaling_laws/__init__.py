"""Scaling laws: the loss of a language model from its parameters, tokens and compute, and what is best at a budget.

`laws` has the laws and the published coefficients, `optima` what they say is best, `fitting` new ones from measured
losses with their uncertainty, by the method of `solver`.
"""

from compute_scaling.scaling_laws import laws
from compute_scaling.scaling_laws.fitting import Fit, PowerFit, bootstrap, fit, fit_power_law
from compute_scaling.scaling_laws.laws import (
    TOKEN_LAWS,
    ParametricLaw,
    PowerLaw,
    coefficients,
    optimal_tokens,
    published,
    published_power_law,
)
from compute_scaling.scaling_laws.optima import (
    ComputeStep,
    compute_step,
    data_constrained_loss,
    data_constrained_optimum,
    data_constrained_step,
    inference_optimum,
    single_epoch_loss,
)

__all__ = [
    "TOKEN_LAWS",
    "ComputeStep",
    "Fit",
    "ParametricLaw",
    "PowerFit",
    "PowerLaw",
    "bootstrap",
    "coefficients",
    "compute_step",
    "data_constrained_loss",
    "data_constrained_optimum",
    "data_constrained_step",
    "fit",
    "fit_power_law",
    "inference_optimum",
    "optimal_tokens",
    "published",
    "published_power_law",
    "single_epoch_loss",
]


def __getattr__(name: str) -> ParametricLaw:
    """Return a published law by the name of its constant, such as BESIROGLU_2024, when it is first asked for."""
    law: ParametricLaw = getattr(laws, name)
    return law
