"""The frontier: the largest AI machine that had ever existed by each day, as far as its owner had confirmed it by then.

Each day uses only what was public on that day itself, so that a series up to a day is what a reader of that day had. A
machine that was split up or lost stays the record.
"""

from typing import Final

import pandas as pd

from compute_scaling import census, data
from compute_scaling.trends import Growth, fit_growth, records

EVERYONE: Final[tuple[str, ...]] = ()  # no owner is left out
SCOPE: Final = "fabric"
EVIDENCE: Final = "confirmed"


def largest_by(days: pd.DatetimeIndex, unit: census.Unit, *, without: tuple[str, ...] = EVERYONE) -> pd.DataFrame:
    """Return the record on each day: `date`, `value`, `sources` (of the record, joined by commas).

    unit: as in `census`, by count of chips or in H100-equivalents by dense 16-bit peak. without: owners left out.

    >>> largest_by(pd.DatetimeIndex(["2024-05-31"]), "any")["value"].tolist()
    [24576.0]
    """
    definition = census.Definition(scope=SCOPE, evidence=EVIDENCE, unit=unit)
    machines = census.standing(days, without=without, scopes=(SCOPE,), evidence=(EVIDENCE,), units=(unit,))
    largest = census.select(census.largest(machines), definition)
    largest = largest.rename(columns={"on": "date", "mid": "value"})
    is_record = largest["date"].isin(records(largest["date"], largest["value"])["date"])
    record = largest[["value", "sources"]].where(is_record).ffill()
    return record.assign(date=largest["date"])[["date", "value", "sources"]]


def record_machines(unit: census.Unit, as_of: data.Day = None, *, without: tuple[str, ...] = EVERYONE) -> pd.DataFrame:
    """Return each record once, on the first day it could be known: `date`, `value`, `sources`.

    unit, without: as in `largest_by`.

    >>> record_machines("any", "2024-05-31")["value"].is_monotonic_increasing
    True
    >>> record_machines("H100e", without=("xAI",))["value"].iloc[-1]
    np.float64(100000.0)
    """
    clusters = data.load("clusters", as_of=as_of)
    confirmed = clusters["evidence"].isin(census.RANK_OF_EVIDENCE) & (clusters["scope"] == SCOPE)
    clusters = clusters[confirmed & (clusters["purpose"] == "ai")]  # others set no record, on no day
    began = clusters["first_operational"].dropna()
    days = {*clusters["known_on"], *(began if as_of is None else began[began <= pd.Timestamp(as_of)])}
    return largest_by(pd.DatetimeIndex(sorted(days)), unit, without=without).drop_duplicates("value", ignore_index=True)


def growth(unit: census.Unit, as_of: data.Day = None) -> Growth:
    """Return the exponential fitted to the records known by a day.

    >>> round(growth("H100e", "2024-05-31").factor_per_year, 1)
    2.1
    """
    found = record_machines(unit, as_of)
    return fit_growth(found["date"], found["value"])
