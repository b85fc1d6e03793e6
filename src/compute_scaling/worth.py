"""What a company is worth beside another one, and beside its machines, as known on a day.

A value is the price of the newest deal in shares that was closed or announced, not of one talked about; where sources
of one deal differ, or give it before and after the new money, they are its ends. xAI took X over in March 2025; values
of later deals contain X.

The machine of a company is the largest that it was known to own or use, in H100-equivalents by dense 16-bit peak; with
plans, also what it had bought, announced or planned. It is what was known, not what there was: the true number of chips
is higher, and so the dollars for each of them lower.
"""

from typing import Final

import numpy as np
import pandas as pd

from compute_scaling.accelerator import h100_equivalents
from compute_scaling.claims.money import POST, VALUES, deals
from compute_scaling.claims.verdict import cited
from compute_scaling.data import DataError
from compute_scaling.reader import Reader

NAMES: Final = {"xAI": ("xAI", "xAI with X")}
COMPANIES: Final = ("xAI", "OpenAI", "Anthropic", "CoreWeave", "Inflection AI")
RUNNING, WITH_PLANS = "running", "with plans"
ENDS: Final = ["low", "mid", "high"]
SIGNED: Final = ("closed", "announced")
FRESH: Final = pd.Timedelta(days=365)  # an older price is not set beside the machines of the day


def priced(reader: Reader, company: str) -> pd.DataFrame:
    """Return the rows of a company's newest deal that was closed or announced by the reader's day, with `usd`, or none.

    >>> priced(Reader(pd.Timestamp("2024-05-31")), "xAI")["usd"].map(float).tolist()
    [24000000000.0, 18000000000.0]
    """
    rows = pd.concat([deals(reader, name, VALUES) for name in NAMES.get(company, (company,))])
    rows = rows[rows["status"].isin(SIGNED) & (rows["dated_on"] <= reader.as_of)]
    newest = rows[rows["deal"] == rows.sort_values("dated_on", kind="stable")["deal"].iloc[-1]] if len(rows) else rows
    alone = newest["company"] == company  # of the merger with X the value of xAI alone
    return newest[alone] if alone.any() else newest


def value_usd(reader: Reader, company: str) -> tuple[float, float, float]:
    """Return low, mid and high of a company's value in dollars; the middle is after the new money where that is known.

    Raises DataError where the reader knows of no such deal.

    >>> value_usd(Reader(pd.Timestamp("2024-05-31")), "xAI")
    (18000000000.0, 24000000000.0, 24000000000.0)
    """
    rows = priced(reader, company)
    if rows.empty:
        raise DataError("valuations", f"a deal of {company} that was public by {reader.as_of:%Y-%m-%d}")
    post = rows.loc[rows["kind"] == POST, "usd"]
    mid = post.median() if len(post) else rows["usd"].median()
    return float(rows["usd"].min()), float(mid), float(rows["usd"].max())


def ratios(days: pd.DatetimeIndex, company: str = "xAI", other: str = "OpenAI") -> pd.DataFrame:
    """Return the value of a company over that of another, on each day as it was known then.

    Columns: `date`, `low`, `mid`, `high`, `sources`; days on which one of them had no such deal are left out.

    >>> ratios(pd.DatetimeIndex(["2024-05-31"]))[["low", "mid", "high"]].round(2).values.tolist()
    [[0.21, 0.29, 0.3]]
    """
    rows = []
    for day in days:
        reader = Reader(day)
        both = [priced(reader, name) for name in (company, other)]
        if any(part.empty for part in both):
            continue
        (low, mid, high), (least, middle, most) = value_usd(reader, company), value_usd(reader, other)
        sources = ", ".join(cited(*(part["source_id"] for part in both)))
        rows.append((day, low / most, mid / middle, high / least, sources))
    return pd.DataFrame(rows, columns=["date", *ENDS, "sources"])


def largest_machine(reader: Reader, company: str) -> pd.DataFrame:
    """Return the largest machine that a company was known to own or use, a row a basis: `h100e`, `entity`, `sources`.

    >>> largest_machine(Reader(pd.Timestamp("2024-05-31")), "xAI").set_index("basis")["h100e"].to_dict()
    {'running': 20000.0, 'with plans': 100000.0}
    """
    rows = reader.table("clusters").query("owner == @company or user == @company")
    known = rows["count"].notna() & rows["accelerator"].notna()
    peak = pd.Series(np.nan, rows.index)
    peak[known] = h100_equivalents(rows.loc[known, "count"].astype(float), rows.loc[known, "accelerator"])
    rows = rows.assign(h100e=peak.fillna(rows["h100e_8bit"])).dropna(subset="h100e")
    runs = rows[(rows["status"] == "operational") & (rows["first_operational"] <= reader.as_of)]
    parts = {RUNNING: runs, WITH_PLANS: rows}
    largest = [part.nlargest(1, "h100e").assign(basis=basis) for basis, part in parts.items()]
    table = pd.concat(largest).rename(columns={"name": "entity", "source_id": "sources"})
    return table[["basis", "h100e", "entity", "sources"]].reset_index(drop=True)


def usd_per_h100(reader: Reader) -> pd.DataFrame:
    """Return what investors paid for each H100-equivalent of a company's largest machine, a row a company and basis.

    Columns: `company`, `basis`, `usd`, `h100e`, `usd_per_h100`, `entity`, `dated_on` of the deal, `sources`. Companies
    without a deal in the year before, or without a known machine, are left out.

    >>> table = usd_per_h100(Reader(pd.Timestamp("2024-05-31"))).set_index(["company", "basis"])
    >>> table["usd_per_h100"].round(-3).map(float).loc["xAI"].to_dict()
    {'running': 1200000.0, 'with plans': 240000.0}
    """
    parts = []
    for company in COMPANIES:
        deal = priced(reader, company)
        if len(deal) and deal["dated_on"].max() > reader.as_of - FRESH:
            parts.append(
                largest_machine(reader, company).assign(
                    company=company,
                    usd=value_usd(reader, company)[1],
                    dated_on=deal["dated_on"].max(),
                    of_deal=", ".join(cited(deal["source_id"])),
                )
            )
    table = pd.concat(parts, ignore_index=True)
    table["usd_per_h100"] = table["usd"] / table["h100e"]
    table["sources"] = table["sources"] + ", " + table["of_deal"]
    return table[["company", "basis", "usd", "h100e", "usd_per_h100", "entity", "dated_on", "sources"]]
