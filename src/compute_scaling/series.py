"""Series: dated values of what the book forecasts, as far as a reader of a day knows them.

Each function takes a reader and returns one row a dated value: `date`, `value`, `sources`. Growth fitted to them is
`trends.fit_growth`.
"""

from collections.abc import Callable
from typing import Final, Literal

import numpy as np
import pandas as pd

from compute_scaling import frontier
from compute_scaling.accelerator import h100_equivalents
from compute_scaling.reader import Reader
from compute_scaling.trends import records

COLUMNS: Final = ["date", "value", "sources"]
MONTHS_OF_QUARTER: Final = 3
CLOUDS: Final = ("Alphabet", "Amazon", "Meta", "Microsoft")
NOT_A_RUN: Final = "GPT-MoE 1.8T (NVIDIA)"  # a keynote's example


def largest_cluster(reader: Reader) -> pd.DataFrame:
    """Return the records of confirmed machines for AI on one network, in H100-equivalents.

    >>> largest_cluster(Reader(pd.Timestamp("2024-05-31")))["value"].iloc[-1]
    np.float64(24576.0)
    """
    return frontier.record_machines("H100e", reader.as_of)


def largest_site(reader: Reader, unit: Literal["any", "H100e"] = "H100e") -> pd.DataFrame:
    """Return the records of running sites for AI, by anyone's word, on the day they began.

    unit: "H100e", by 16-bit peak where the chips are known, else as the source counts them; or "any", where each
    accelerator counts as one.

    >>> largest_site(Reader(pd.Timestamp("2024-05-31")), "any")["value"].tolist()
    [10000.0, 25000.0, 32768.0, 50944.0]
    """
    rows, told = _sites(reader), reader.table("accelerators").dropna(subset=["bf16_flop_per_s"])["accelerator"]
    if unit == "any":
        return records_of(rows.assign(value=rows["count"].astype(float), date=rows["first_operational"]))
    known = rows["count"].notna() & rows["accelerator"].isin(told)
    peak = pd.Series(np.nan, rows.index)
    peak[known] = h100_equivalents(rows.loc[known, "count"].astype(float), rows.loc[known, "accelerator"])
    return records_of(rows.assign(value=peak.fillna(rows["h100e_8bit"]), date=rows["first_operational"]))


def largest_power(reader: Reader) -> pd.DataFrame:
    """Return the records of the power of running sites for AI in MW, by anyone's word, on the day they began."""
    rows = _sites(reader)
    return records_of(rows.assign(value=rows["power_mw"], date=rows["first_operational"]))


def largest_run(reader: Reader) -> pd.DataFrame:
    """Return the records of training compute in FLOP, by the day of release; of several estimates the geometric mean.

    >>> round(largest_run(Reader(pd.Timestamp("2024-05-31")))["value"].iloc[-1] / 1e25, 1)
    np.float64(6.1)
    """
    rows = reader.table("compute_estimates").dropna(subset=["training_flop"])
    rows = rows[(rows["model"] != NOT_A_RUN) & (rows["released_on"] <= reader.as_of)]
    models = rows.assign(log=np.log(rows["training_flop"])).groupby("model", as_index=False)
    models = models.agg(date=("released_on", "first"), log=("log", "mean"), source_id=("source_id", _joined))
    return records_of(models.assign(value=np.exp(models["log"])))


def nvidia_quarters(reader: Reader) -> pd.DataFrame:
    """Return Nvidia's data-centre revenue in dollars, a quarter each, at the end of the quarter."""
    rows = _accounts(reader, "data-centre revenue")
    rows = rows[(rows["company"] == "Nvidia") & (rows["months"] == MONTHS_OF_QUARTER)]
    rows = rows.rename(columns={"period_end": "date", "value_usd": "value", "source_id": "sources"})
    return rows.sort_values("date", ignore_index=True)[COLUMNS]


def capital_spending(reader: Reader) -> pd.DataFrame:
    """Return the capital spending of the four largest clouds in dollars, a calendar quarter each, cash paid.

    >>> spent = capital_spending(Reader(pd.Timestamp("2024-05-31")))
    >>> round(spent["value"].iloc[-1] / 1e9, 1)
    np.float64(44.3)
    """
    rows = _accounts(reader, "capital spending")
    rows = rows[rows["company"].isin(CLOUDS) & (rows["months"] == MONTHS_OF_QUARTER) & (rows["basis"] == "cash paid")]
    sums = rows.groupby("period_end", as_index=False).agg(
        value=("value_usd", "sum"),
        companies=("company", "nunique"),
        sources=("source_id", lambda ids: ", ".join(set(ids))),
    )
    return sums[sums["companies"] == len(CLOUDS)].rename(columns={"period_end": "date"}).reset_index(drop=True)[COLUMNS]


SERIES: Final[dict[str, Callable[[Reader], pd.DataFrame]]] = {
    "largest AI cluster": largest_cluster,
    "largest AI site": largest_site,
    "power of the largest AI site": largest_power,
    "largest training run": largest_run,
    "Nvidia's data-centre revenue in a quarter": nvidia_quarters,
    "capital spending of four clouds in a quarter": capital_spending,
}
RECORDS: Final = tuple(name for name in SERIES if "largest" in name)  # values that cannot fall


def _sites(reader: Reader) -> pd.DataFrame:
    rows = reader.table("clusters").dropna(subset=["first_operational"])
    runs = (rows["status"] == "operational") & (rows["purpose"] == "ai") & rows["scope"].isin(["fabric", "sites"])
    return rows[runs & (rows["first_operational"] <= reader.as_of)]


def _joined(ids: "pd.Series[str]") -> str:
    return ", ".join(sorted(set(ids)))


def records_of(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows that set a record: `date`, `value`, `sources`.

    rows: `date`, `value` and `source_id`, in any order; those without a value are left out.
    """
    rows = rows.dropna(subset=["value"]).rename(columns={"source_id": "sources"})
    best = rows.sort_values("value").drop_duplicates("date", keep="last")
    if best.empty:
        return best[COLUMNS]
    return records(best["date"], best["value"]).merge(best[COLUMNS], on=["date", "value"])


def _accounts(reader: Reader, quantity: str) -> pd.DataFrame:
    rows = reader.table("company_quarters")
    return rows[(rows["quantity"] == quantity) & ~rows["is_plan"].astype(bool)].dropna(subset=["value_usd"])
