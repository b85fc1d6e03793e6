"""What more compute buys by each published law, and how far fits of a law can be told apart.

A law is published as five coefficients. What readers want of it are two numbers at a compute nobody has tried: how many
tokens a parameter should see, and how much loss a step in compute takes off. `by_law` has both for every law, `cloud`
for a law fitted again to resampled losses: of the public runs that we have (`open_runs`), or of runs drawn from a known
law, as many as Hoffmann et al. (2022) show in their figure 4 (`simulated_runs`), where the truth is known.
"""

from typing import Final

import numpy as np
import pandas as pd

from compute_scaling import data
from compute_scaling.checks import positive
from compute_scaling.scaling_laws.fitting import COLUMNS, bootstrap
from compute_scaling.scaling_laws.laws import (
    FLOP_PER_PARAMETER_AND_TOKEN,
    TOKEN_LAWS,
    ParametricLaw,
    coefficients,
    optimal_tokens,
    published,
)
from compute_scaling.scaling_laws.optima import compute_step

ADDITIVE: Final = (  # laws of loss from parameters and tokens, each of its own data or its own fit
    "hoffmann-2022-approach-3",
    "hoffmann-2022-approach-3-unrounded",
    "besiroglu-2024",
    "besiroglu-2024-all-points",
    "muennighoff-2023",
    "sardana-2023-up-to-10000",
    "krajewski-2024-dense",
)
OPEN: Final = ("Cerebras-GPT", "Pythia")
OPEN_SOURCE: Final = "cerebras-modelzoo-cerebras-gpt"
SHOWN_RUNS: Final = 240  # points of figure 4 of Hoffmann et al. that Besiroglu et al. use
SHOWN_FLOP: Final = (6e18, 3e21)  # of those runs, about
SHOWN_PARAMETERS: Final = (5e7, 1.6e10)
SCATTER: Final = 0.01  # judgement: of log loss; gives errors of the coefficients two thirds of the printed ones


def by_law(*, training_flop: float, factor: float = 5.0) -> pd.DataFrame:
    """Return what each published law says at a compute, a row a law.

    Columns: `law`, `parameters`, `tokens`, `tokens_per_parameter` (all three at the optimum), `loss` there, `gain`:
    what the step up to this compute, from `factor` times less, takes off the loss, `share`: the same as a share of the
    loss above the law's floor before the step; `known_on`, `source_id`. Laws of the tokens alone have no loss. Raises
    ValueError for a compute or factor not above 0.

    >>> by_law(training_flop=5.88e23).set_index("law")["tokens_per_parameter"].round(1).head(3).tolist()
    [92.8, 59.2, 18.4]
    """
    rows = []
    for name in (*ADDITIVE, *TOKEN_LAWS):
        row = {column: coefficients(name)[column].iloc[0] for column in ("known_on", "source_id")}
        if name in ADDITIVE:
            law = published(name)
            parameters, tokens = law.optimum(training_flop)
            step = compute_step(law, training_flop=float(training_flop / positive("factor", factor)), factor=factor)
            gain = step.loss_before - step.loss_after
            row |= {"loss": step.loss_after, "gain": gain, "share": gain / (step.loss_before - law.E)}
        else:
            tokens = optimal_tokens(name, training_flop)
            parameters = training_flop / (FLOP_PER_PARAMETER_AND_TOKEN * tokens)
        ratio = {"parameters": parameters, "tokens": tokens, "tokens_per_parameter": tokens / parameters}
        rows.append({"law": name} | ratio | row)
    numbers = ["parameters", "tokens", "tokens_per_parameter", "loss", "gain", "share"]
    return pd.DataFrame(rows)[["law", *numbers, "known_on", "source_id"]].astype(dict.fromkeys(numbers, float))


def open_runs() -> pd.DataFrame:
    """Return the public models whose losses one source has measured: `model`, `parameters`, `tokens`, `loss`.

    Two families: Cerebras-GPT has one ratio of tokens to parameters, Pythia one number of tokens; only together do
    they tell the two apart.

    >>> len(open_runs())
    15
    """
    rows = data.load("losses").query("family in @OPEN and source_id == @OPEN_SOURCE and for_fits")
    return rows[["model", "family", "parameters", "tokens", "loss", "source_id"]].reset_index(drop=True)


def simulated_runs(law: ParametricLaw, *, seed: int, runs: int = SHOWN_RUNS, scatter: float = SCATTER) -> pd.DataFrame:
    """Return runs drawn from a law: `parameters`, `tokens`, `loss`; compute and parameters uniform in their logarithms.

    runs: how many. scatter: standard deviation of log loss. Raises ValueError for one not above 0.

    >>> from compute_scaling.scaling_laws.laws import published
    >>> len(simulated_runs(published("besiroglu-2024"), seed=0))
    240
    """
    rng = np.random.default_rng(seed)
    flop, parameters = (
        np.exp(rng.uniform(np.log(low), np.log(high), runs)) for low, high in (SHOWN_FLOP, SHOWN_PARAMETERS)
    )
    tokens = flop / (FLOP_PER_PARAMETER_AND_TOKEN * parameters)
    noise = np.exp(positive("scatter", scatter) * rng.standard_normal(runs))
    return pd.DataFrame({"parameters": parameters, "tokens": tokens, "loss": law.loss(parameters, tokens) * noise})


def cloud(runs: pd.DataFrame, *, training_flop: float, factor: float, resamples: int, seed: int) -> pd.DataFrame:
    """Return what laws fitted to resampled losses say at a compute, a row a law: `tokens_per_parameter`, `gain`.

    runs: `parameters`, `tokens`, `loss`. The other arguments: as for `by_law` and `fitting.bootstrap`. Resamples whose
    fit did not converge are left out.

    >>> rows = cloud(open_runs(), training_flop=1e24, factor=5, resamples=50, seed=0)
    >>> rows.columns.tolist(), bool((rows > 0).all(axis=None))
    (['tokens_per_parameter', 'gain'], True)
    """
    laws = bootstrap(runs["parameters"], runs["tokens"], runs["loss"], resamples, seed=seed)
    law = ParametricLaw(*(laws.loc[laws["converged"], name].to_numpy() for name in COLUMNS))
    parameters, tokens = law.optimum(training_flop)
    step = compute_step(law, training_flop=float(training_flop / positive("factor", factor)), factor=factor)
    return pd.DataFrame({"tokens_per_parameter": tokens / parameters, "gain": step.loss_before - step.loss_after})
