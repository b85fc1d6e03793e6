"""Failure rates: what sites have published, by component, and what a site not yet seen may have.

A rate is failures per GPU-hour: failures counted over accelerators times hours. A count of n has the exact Poisson
interval of Garwood (1936); but sites scatter by far more than counting noise, for they differ in machines, age and
care, and in what they count as a failure. A prediction for another site therefore rests on the scatter between sites.
"""

from typing import Final, Literal

import numpy as np
import pandas as pd
import scipy  # its parts load at first use: the core stays quick to import
from numpy.typing import ArrayLike

from compute_scaling import data
from compute_scaling.checks import Floats, positive, within
from compute_scaling.distributions import of_new_group
from compute_scaling.units import HOURS_PER_DAY

ACCELERATORS_PER_NODE: Final = 8  # of the servers behind failures per node-day (Kokolis et al. 2024, DGX A100)


def failure_rate(failures: ArrayLike, *, gpu_hours: ArrayLike, level: float = 0.9) -> tuple[Floats, Floats, Floats]:
    """Return low, mid and high of the failures per GPU-hour behind a count: the exact Poisson interval.

    failures: counted, 0 or more. gpu_hours: accelerators times hours watched. Counting noise only: how far this one
    machine's rate is known, not what another site's will be. Source: Garwood (1936),
    https://doi.org/10.1093/biomet/28.3-4.437, equal tails. Raises ValueError outside these ranges.

    >>> low, mid, high = failure_rate(419, gpu_hours=54 * 24 * 16_384)
    >>> (1 / (16_384 * np.array([high, mid, low]))).round(2)
    array([2.85, 3.09, 3.36])
    """
    within("level", level, 0, 1, open_low=True, open_high=True)
    count, time = within("failures", failures, 0, np.inf, open_high=True), positive("gpu_hours", gpu_hours)
    low = scipy.stats.gamma.ppf((1 - level) / 2, np.maximum(count, 1)) * (count > 0)
    high = scipy.stats.gamma.ppf((1 + level) / 2, count + 1)
    return low / time, count / time, high / time


def rate_at_new_site(rates: ArrayLike, *, level: float = 0.9) -> tuple[float, float, float]:
    """Return low, mid and high for the failure rate of a site not yet seen, from those of at least two others.

    rates: one a site, any unit. Sites scatter log-normally; the range is the Student t prediction interval of one more.
    Raises ValueError for fewer, or a rate not above 0.

    >>> [round(rate, 1) for rate in rate_at_new_site([2.0, 4.0, 8.0])]
    [0.4, 4.0, 41.4]
    """
    within("level", level, 0, 1, open_low=True, open_high=True)
    logs = np.log(positive("rates", rates))
    if logs.ndim != 1 or logs.size < 2:
        raise ValueError(f"rates = {logs.size} sites; expected 2 or more")
    sites = pd.Series(logs)
    low, mid, high = np.exp(of_new_group(sites, sites.index).ppf([(1 - level) / 2, 0.5, (1 + level) / 2]))
    return float(low), float(mid), float(high)


def published_rates(as_of: data.Day = None) -> pd.DataFrame:
    """Return the failure rates that sites have published, one row a system and way of counting.

    Columns of the table `reliability`, and `failures_per_gpu_hour`: from counts over days, failures per node-day, or
    mean hours to a failure; interruptions counted apart are added up; of a range (1 to 2 a week) its middle is taken.

    >>> rates = published_rates().set_index("system")["failures_per_gpu_hour"]
    >>> float((rates["llama-3-405b"] * 1e6).round(2))
    19.73
    """
    facts = data.load("reliability", as_of)
    facts = facts.assign(value=facts["value"].fillna((facts["value_low"] + facts["value_high"]) / 2))
    facts = facts[facts["quantity"].isin(["interruptions", "failure rate", "mean time to failure"])]
    kept = ["system", "quantity", "accelerators", "site", "generation", "observed_days", "source_id"]
    rows = facts.groupby(kept, dropna=False, as_index=False)["value"].sum(min_count=1)
    count, value = rows["accelerators"].astype(float), rows["value"]
    by_quantity = {
        "interruptions": value / (count * rows["observed_days"] * HOURS_PER_DAY),
        "failure rate": value / (ACCELERATORS_PER_NODE * HOURS_PER_DAY),
        "mean time to failure": 1 / (count * value),
    }
    rate = np.select([rows["quantity"] == name for name in by_quantity], list(by_quantity.values()))
    return rows.assign(failures_per_gpu_hour=rate)


def component_rates(by: Literal["component", "cause"] = "component", *, level: float = 0.9) -> pd.DataFrame:
    """Return the unexpected interruptions of Llama 3 405B by component or cause, most frequent first.

    Columns: failures, share of all, failures_per_gpu_hour with its exact Poisson interval `_low` to `_high`. The shares
    are of the counts: the source prints 148 faulty GPUs of 419 as 30.1 %, but they are 35.3 %.

    >>> component_rates()["share"].round(3).head(2).to_dict()
    {'GPU': 0.64, 'software': 0.134}
    """
    facts = data.load("reliability")
    facts = facts[facts["quantity"] == "interruptions by cause"].rename(columns={"item": "cause"})
    failures = facts.groupby(by)["value"].sum().sort_values(ascending=False, kind="stable")
    gpu_hours = HOURS_PER_DAY * float((facts["accelerators"] * facts["observed_days"]).iloc[0])
    low, mid, high = failure_rate(failures.to_numpy(), gpu_hours=gpu_hours, level=level)
    return pd.DataFrame(
        {
            "failures": failures,
            "share": failures / failures.sum(),
            "failures_per_gpu_hour": mid,
            "failures_per_gpu_hour_low": low,
            "failures_per_gpu_hour_high": high,
        }
    )
