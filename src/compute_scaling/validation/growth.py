"""Growth: what a fitted exponential said of the next year, for each series of the book, beside "as it is now".

Rolling origin (`trends.backtest`): each value is forecast from the values of a year or more before it, none is in the
fit. The baseline is the newest value known then. Sizes of clusters are what was known and confirmed on each day; prices
of chips are as known today, so that a price made public late counts from the day it was paid.

There are few points. The largest machine has been outgrown about ten times since 2020, and forecasts of neighbouring
quarters share nearly all that they know, so that their number promises more than they say. The range takes the points
for independent and the growth for steady; where it covers less than 90 %, one of the two was wrong.
"""

from collections.abc import Callable
from typing import Final

import pandas as pd

from compute_scaling import census, data, price_performance
from compute_scaling.frontier import largest_by, record_machines
from compute_scaling.trends import backtest
from compute_scaling.validation.board import board

FEWEST: Final = 4  # earlier points of a forecast: with three, a range spans factors of hundreds
FIRST_QUARTER: Final = "2020-06-30"  # the first with a confirmed machine for AI


def rows(*, horizon_years: float = 1.0) -> pd.DataFrame:
    """Return the forecasts of each series, a row a forecast, in the columns of the scoreboard (`validation.board`).

    >>> found = rows()
    >>> (found["sample"] == "held out").all()
    np.True_
    """
    return board(pd.concat([_forecasts(name, horizon_years) for name in SERIES], ignore_index=True))


def _each_quarter(unit: census.Unit) -> pd.DataFrame:
    return _cited_once(largest_by(pd.date_range(FIRST_QUARTER, data.updated_on(), freq="QE"), unit))


def _each_record(unit: census.Unit) -> pd.DataFrame:
    return _cited_once(record_machines(unit))


def _cited_once(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows with the first of their sources as `source_id`."""
    return rows.assign(source_id=rows["sources"].str.split(", ").str[0])


def _chips() -> pd.DataFrame:
    chips = price_performance.by_chip(price_performance.facts())
    return _cited_once(chips.assign(value=chips["mid"]))


COUNT: Final = ("size of the largest AI cluster", "accelerators")
PEAK: Final = ("16-bit peak of the largest AI cluster", "H100e")
SERIES: Final[dict[str, tuple[tuple[str, str], Callable[[], pd.DataFrame]]]] = {
    "Largest cluster by count, each quarter": (COUNT, lambda: _each_quarter("any")),
    "Largest cluster by peak, each quarter": (PEAK, lambda: _each_quarter("H100e")),
    "Largest cluster by peak, each record": (PEAK, lambda: _each_record("H100e")),
    "New chips, price-performance": (("16-bit peak for a dollar", "FLOP/s/USD"), _chips),
}


def _forecasts(name: str, horizon_years: float) -> pd.DataFrame:
    (quantity, unit), read = SERIES[name]
    series = read()
    found = backtest(series["date"], series["value"], horizon_years=horizon_years, fewest=FEWEST)
    sources = series.drop_duplicates(["date", "value"])[["date", "value", "source_id"]]
    found = found.rename(columns={"actual": "value"}).merge(sources, on=["date", "value"], how="left")
    found["row"] = found["date"].dt.strftime("%Y-%m-%d") + " from " + found["origin"].dt.strftime("%Y-%m-%d")
    found = found.rename(columns={"mid": "predicted", "value": "measured", "naive": "baseline"})
    columns = ["row", "predicted", "low", "high", "measured", "baseline", "source_id"]
    return found[columns].assign(table=name, quantity=quantity, unit=unit, sample="held out")
