"""Runs, predicted: days from a measured speed, and accelerator-hours from FLOP alone.

Days: Narayanan et al. 2021 print a speed per GPU and the days it means. That is arithmetic on both sides, so the check
is of the conventions (recompute counted, attention and vocabulary included), not a forecast; it has no range.

Accelerator-hours: 6 N D over peak x campaign utilisation. The utilisation of a run is drawn from those of all other
families of models: log-normal, with the scatter between families and the scatter inside them
(`board.new_group_interval`, the rule for step times too). Nothing else is used. Chip generation, memory
bandwidth for the peak, mixture of experts and size were tried as conditions on the same held-out families; none lowers
the error by more than a hundredth, so none was kept. The model is then on a par with the median of the other rows; what
it adds is a range. Runs whose hours are called anomalous by a rule that looks at the outcome are shown and not fitted.

What may enter a fit: rows with time stated by those who trained, not circular, not left out by a rule of the table.
"""

from typing import Final

import numpy as np
import pandas as pd

from compute_scaling import data
from compute_scaling.checks import Floats
from compute_scaling.training import (
    campaign_utilisation,
    days_at,
    gpu_hours,
    hardware_flop,
    model_flop,
)
from compute_scaling.transformer import architecture
from compute_scaling.units import HOURS_PER_DAY
from compute_scaling.validation.board import board, median_of_others, new_group_interval

STATED: Final = ("measured", "count x days")
DAYS_TABLE: Final = "Narayanan 2021, Table 2"
HOURS_TABLE: Final = "Training runs"


def rows() -> pd.DataFrame:
    """Return the predictions of days and of accelerator-hours: the columns of `board`.

    All are held out: nothing is fitted for the days, and no family takes part in the fit for its own hours.

    >>> rows().groupby("quantity").size().to_dict()["days, equation 3"]
    12
    """
    return board(pd.concat([days_of_table_2(), hours_of_runs()], ignore_index=True))


def days_of_table_2() -> pd.DataFrame:
    """Return the days of Narayanan et al. 2021, Table 2, from its speeds: by equation 3, and by the shorter equation 4.

    Equation 3 counts every matrix product, those of the layers once more; equation 4 is 8 T P / (n X). The baseline
    takes the median speed of the other rows for the row's own.
    """
    table = data.load("step_times")
    table = table[table["run_days"].notna()].reset_index(drop=True)
    models = {name: architecture(name) for name in table["architecture"].unique()}
    per_token = {name: float(m.training_flop_per_token() + m.layers_flop_per_token()) for name, m in models.items()}
    parameters = table["architecture"].map({name: float(m.parameters) for name, m in models.items()})
    tokens, speed = table["run_tokens"], table["achieved_flop_per_s"]
    executed = {
        "days, equation 3": table["architecture"].map(per_token) * tokens,
        "days, equation 4": hardware_flop(model_flop(parameters, tokens=tokens)),
    }
    count = table["accelerators"].astype(float)
    parts = [
        pd.DataFrame(
            {
                "table": DAYS_TABLE,
                "row": table["measurement_id"],
                "quantity": quantity,
                "unit": "days",
                "sample": "held out",
                "predicted": days_at(flop, accelerators=count, achieved_flop_per_s=speed),
                "low": np.nan,
                "high": np.nan,
                "measured": table["run_days"],
                "source_id": table["source_id"],
                "baseline": days_at(flop, accelerators=count, achieved_flop_per_s=median_of_others(speed)),
            }
        )
        for quantity, flop in executed.items()
    ]
    return pd.concat(parts, ignore_index=True)


def runs_with_time(as_of: data.Day = None) -> pd.DataFrame:
    """Return the runs whose 6 N D, accelerator and time are known and not worked out from one another.

    Adds `flop` (6 N D of the active parameters), `peak_flop_per_s` (dense, 16 bit), `hours` (accelerator-hours),
    `utilisation` (of the campaign) and `kind`: `stated` rows may enter a fit; `assumed` and `left out` ones never do.

    >>> float(runs_with_time().set_index("run_id").at["llama-3-1-405b", "utilisation"].round(3))
    0.346
    """
    runs = data.load("training_runs", as_of=as_of)
    peaks = data.load("accelerators").set_index("accelerator")["bf16_flop_per_s"]
    counted = (runs["accelerator_count"] * runs["training_days"] * HOURS_PER_DAY).astype(float)
    runs = runs.assign(
        active=runs["active_parameters"].fillna(runs["parameters"]),
        hours=runs["gpu_hours"].fillna(counted),
        peak_flop_per_s=runs["accelerator"].map(peaks),
        kind=np.where(runs["hours_basis"].isin(STATED), "stated", "assumed"),
    )
    runs["kind"] = runs["kind"].mask(runs["left_out"].notna(), "left out")
    known = runs[["active", "tokens", "hours", "peak_flop_per_s"]].notna().all(axis=1) & ~runs["circular"]
    runs = runs[known].reset_index(drop=True)
    runs["flop"] = model_flop(runs["active"], tokens=runs["tokens"])
    shares = campaign_utilisation(runs["flop"], peak_flop_per_s=runs["peak_flop_per_s"], gpu_hours=runs["hours"])
    return runs.assign(utilisation=shares)


def utilisation_range(runs: pd.DataFrame) -> Floats:
    """Return low, mid and high of the campaign utilisation of a run of a new family.

    runs: `family` and `utilisation` of runs that are known.

    >>> known = pd.DataFrame({"family": ["a", "b", "c", "c"], "utilisation": [0.2, 0.4, 0.3, 0.3]})
    >>> utilisation_range(known).round(2)
    array([0.09, 0.29, 0.93])
    """
    return np.exp(new_group_interval(np.log(runs["utilisation"]), runs["family"]))


def hours_of_runs() -> pd.DataFrame:
    """Return the accelerator-hours of every run with time, each from the utilisations of the other families alone.

    The baseline is the median utilisation of the other rows that may enter a fit, the row's own family among them.
    """
    runs = runs_with_time()
    stated = runs["kind"] == "stated"
    fitted = runs[stated]
    ranges = {name: utilisation_range(fitted[fitted["family"] != name]) for name in runs["family"].unique()}
    low, mid, high = np.array([ranges[name] for name in runs["family"]]).T
    guess = pd.Series(fitted["utilisation"].median(), runs.index)
    guess[stated] = median_of_others(fitted["utilisation"])

    def hours(share: Floats) -> Floats:
        return gpu_hours(runs["flop"], peak_flop_per_s=runs["peak_flop_per_s"], campaign_utilisation=share)

    return pd.DataFrame(
        {
            "table": HOURS_TABLE,
            "row": runs["run_id"],
            "quantity": "accelerator-hours, " + runs["kind"],
            "unit": "hours",
            "sample": "held out",
            "predicted": hours(mid),
            "low": hours(high),
            "high": hours(low),
            "measured": runs["hours"],
            "source_id": runs["source_id"],
            "baseline": hours(guess.to_numpy()),
        }
    )
