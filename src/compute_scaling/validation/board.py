"""The scoreboard: predicted, measured, error and baseline, row by row and table by table.

A prediction is only worth something beside a guess that needs no model: here the median of the *other* measured rows
of the same table. Rows that a constant was fitted on are `fitted`; only rows `held out` say how good the model is.
"""

from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from compute_scaling.checks import Floats, positive
from compute_scaling.distributions import of_new_group

GIVEN: Final = ("table", "row", "quantity", "unit", "sample", "predicted", "low", "high", "measured", "source_id")
SAMPLES: Final = ("fitted", "held out")
LEVEL: Final = 0.9  # of the ranges on the scoreboard


def median_of_others(values: ArrayLike) -> Floats:
    """Return, for each of several positive values, the median of the others; NaN where there is no other.

    >>> median_of_others([0.38, 0.41, 0.43])
    array([0.42 , 0.405, 0.395])
    """
    numbers = positive("values", np.atleast_1d(values))
    if numbers.size < 2:
        return np.full(numbers.size, np.nan)
    others = np.broadcast_to(numbers, (numbers.size, numbers.size))[~np.eye(numbers.size, dtype=bool)]
    return np.asarray(np.median(others.reshape(numbers.size, -1), axis=1))


def new_group_interval(values: "pd.Series[float]", groups: "pd.Series[str]", level: float = LEVEL) -> Floats:
    """Return low, mid and high for one value of a group not among these (a new table, a new family of models).

    The quantiles of `distributions.of_new_group`, which says what is assumed and raised.

    >>> logs, sites = pd.Series([0.1, 0.3, 0.5]), pd.Series(["a", "a", "b"])
    >>> new_group_interval(logs, sites).round(2)
    array([-1.52,  0.35,  2.22])
    """
    return np.asarray(of_new_group(values, groups).ppf([(1 - level) / 2, 0.5, (1 + level) / 2]))


def board(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of predictions with their errors, the baseline and whether the range covers.

    rows: the columns of `GIVEN`, one prediction a row: `predicted` with its 90 % range `low` to `high` (NaN where the
    model gives none), `measured` in the same unit, `sample` one of `SAMPLES`; and perhaps `baseline`, where the guess
    is not the median of the other measured values of the table. Adds `error` and `baseline_error` (predicted over
    measured, less 1) and `covered` (missing without a range). Raises ValueError for a wrong or missing column.

    >>> row = {"table": "t", "quantity": "days", "unit": "d", "sample": "held out", "low": 8.0, "high": 12.0,
    ...        "source_id": "s"}
    >>> rows = pd.DataFrame([row | {"row": "a", "predicted": 9.0, "measured": 10.0},
    ...                      row | {"row": "b", "predicted": 11.0, "measured": 20.0}])
    >>> board(rows)[["error", "baseline", "covered"]].round(6).values.tolist()
    [[-0.1, 20.0, True], [-0.45, 10.0, False]]
    """
    missing = [name for name in GIVEN if name not in rows]
    if missing:
        raise ValueError(f"column = {missing[0]!r}; expected in the rows of predictions")
    wrong = rows.loc[~rows["sample"].isin(SAMPLES), "sample"]
    if len(wrong):
        raise ValueError(f"sample = {wrong.iloc[0]!r}; expected one of {', '.join(SAMPLES)}")
    positive("predicted", rows["predicted"])
    scored = rows.assign(error=rows["predicted"] / positive("measured", rows["measured"]) - 1)
    if "baseline" not in scored:
        scored["baseline"] = scored.groupby(["table", "quantity"])["measured"].transform(median_of_others)
    scored["baseline_error"] = scored["baseline"] / scored["measured"] - 1
    inside = (scored["low"] <= scored["measured"]) & (scored["measured"] <= scored["high"])
    scored["covered"] = inside.astype("boolean").mask(scored["low"].isna() | scored["high"].isna())
    return scored.reset_index(drop=True)


def summary(scored: pd.DataFrame) -> pd.DataFrame:
    """Return one row a table, quantity and sample: median absolute error of model and baseline, coverage, who wins.

    scored: what `board` returns, of one or more subjects. `winner` is `model`, `baseline`, or missing where there is no
    baseline. `coverage` is the share of ranges that hold the measured value, of the `ranged` rows that have a range.
    """
    groups = scored.assign(
        model_error=scored["error"].abs(), baseline_error=scored["baseline_error"].abs(), hits=scored["covered"]
    ).groupby(["table", "quantity", "sample"], sort=False)
    table = groups.agg(
        rows=("row", "size"),
        median_abs_error=("model_error", "median"),
        baseline_median_abs_error=("baseline_error", "median"),
        ranged=("hits", "count"),
        coverage=("hits", "mean"),
    ).reset_index()
    model, baseline = table["median_abs_error"], table["baseline_median_abs_error"]
    winner = pd.Series(np.where(model <= baseline, "model", "baseline"), dtype="string").mask(baseline.isna())
    return table.assign(winner=winner)


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
