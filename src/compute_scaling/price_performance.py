"""Price-performance: dense FLOP/s for a dollar, from dated prices of new chips, and its trend.

A price counts while a chip is new: for `NEW_FOR_YEARS` after it could first be bought. Prices of one chip conflict; a
chip is then one point with the range of its prices, mid at their geometric mean. Its rate is the dense 16-bit peak, or
the 32-bit peak of chips from before 16-bit units. Prices of servers, divided by their GPUs, are part of the range: they
include processors and network, a bare chip's price does not.
"""

from typing import Final, Literal, get_args

import numpy as np
import pandas as pd

from compute_scaling import data
from compute_scaling.trends import Growth, fit_growth
from compute_scaling.units import DAYS_PER_YEAR

Rate = Literal["16-bit", "32-bit", "best"]
RATES: Final = get_args(Rate)
NEW_FOR_YEARS: Final = 2
NOT_A_PRICE: Final = "equivalent price"  # chips that are not sold: a cost, worked out by others
OF_A_SERVER: Final = "derived"  # the evidence of a server's price divided by its GPUs
DAYS_TO_MIDDLE: Final = {"day": 0, "month": 15, "quarter": 45, "year": 182}
PEAKS: Final = ("fp32_flop_per_s", "tf32_flop_per_s", "bf16_flop_per_s", "fp8_flop_per_s", "fp4_flop_per_s")


def facts(as_of: data.Day = None, *, rate: Rate = "16-bit", servers: bool = True) -> pd.DataFrame:
    """Return the prices of new chips, one a row, with what a dollar buys at each.

    as_of: only prices and peaks known by that day, of chips that could be bought by it. rate: "16-bit", "32-bit" (the
    ordinary cores), or "best", the highest dense peak a chip has at any precision. servers: False leaves out prices of
    servers divided by their GPUs.

    Columns: `accelerator`, `date` (when that chip could be bought at that price), `price_usd_low`, `price_usd_high`,
    `peak_flop_per_s`, `source_id` (of the price), `source_id_chip`, `evidence`, `known_on`.
    Raises ValueError for an unknown rate.

    >>> rows = facts("2024-05-31")
    >>> bool((rows["date"] <= "2024-05-31").all())
    True
    """
    prices = data.load("accelerator_prices", as_of=as_of)
    prices = prices[prices["basis"] != NOT_A_PRICE]
    if not servers:
        prices = prices[prices["evidence"] != OF_A_SERVER]
    rows = prices.merge(_chips(as_of, rate), on="accelerator", suffixes=("", "_chip"))
    middle = rows["priced_on"] + pd.to_timedelta(rows["priced_on_precision"].map(DAYS_TO_MIDDLE), unit="D")
    rows["date"] = np.maximum(np.minimum(middle, rows["known_on"]), rows["sold_from"])
    rows["known_on"] = np.maximum(rows["known_on"], rows["known_on_chip"])
    is_new = rows["date"] - rows["sold_from"] <= pd.Timedelta(days=NEW_FOR_YEARS * DAYS_PER_YEAR)
    in_time = True if as_of is None else rows["date"] <= pd.Timestamp(as_of)
    columns = [
        "accelerator", "date", "price_usd_low", "price_usd_high", "peak_flop_per_s",
        "source_id", "source_id_chip", "evidence", "known_on",
    ]  # fmt: skip
    return rows.loc[is_new & in_time, columns].reset_index(drop=True)


def by_chip(rows: pd.DataFrame) -> pd.DataFrame:
    """Return `facts` with one row a chip, oldest first: FLOP/s for a dollar as `low`, `mid`, `high`.

    `low` is at the highest price, `high` at the lowest, `mid` at the geometric mean of all; `date` is the mean date of
    the prices, `prices` their number, `known_on` the day the last of them was public.

    >>> chips = by_chip(facts("2024-05-31")).set_index("accelerator")
    >>> round(chips.at["K80", "high"] / 1e9, 2)  # 8.73 TFLOP/s at 32 bits for 3,700 dollars
    np.float64(2.36)
    """
    log_price = (np.log(rows["price_usd_low"]) + np.log(rows["price_usd_high"])) / 2
    groups = rows.assign(log_price=log_price).groupby("accelerator", as_index=False)
    chips = groups.agg(
        date=("date", "mean"),
        peak_flop_per_s=("peak_flop_per_s", "first"),
        price_usd_low=("price_usd_low", "min"),
        price_usd_high=("price_usd_high", "max"),
        log_price=("log_price", "mean"),
        prices=("log_price", "size"),
        known_on=("known_on", "max"),
        source_id_chip=("source_id_chip", "first"),
        sources=("source_id", lambda ids: ", ".join(sorted(set(ids)))),
    )
    chips["sources"] = chips["sources"] + ", " + chips.pop("source_id_chip")
    chips["date"] = chips["date"].dt.normalize()
    chips["low"] = chips["peak_flop_per_s"] / chips["price_usd_high"]
    chips["mid"] = chips["peak_flop_per_s"] / np.exp(chips["log_price"])
    chips["high"] = chips["peak_flop_per_s"] / chips["price_usd_low"]
    return chips.drop(columns="log_price").sort_values(["date", "accelerator"], ignore_index=True)


def trend(chips: pd.DataFrame) -> Growth:
    """Return the exponential growth fitted to the `mid` of each chip of `by_chip`.

    >>> round(trend(by_chip(facts("2024-05-31"))).factor_per_year, 2) > 1
    True
    """
    return fit_growth(chips["date"], chips["mid"])


def later(as_of: data.Day, *, rate: Rate = "16-bit") -> pd.DataFrame:
    """Return the chips of `by_chip`, as known today, that had no price yet when `facts(as_of)` was asked.

    >>> "B200 SXM" in set(later("2024-05-31")["accelerator"])
    True
    """
    chips = by_chip(facts(rate=rate))
    return chips[~chips["accelerator"].isin(facts(as_of, rate=rate)["accelerator"])].reset_index(drop=True)


def price_range_usd(name: str, as_of: data.Day = None, *, servers: bool) -> tuple[float, float]:
    """Return the lowest and the highest price of a new chip: with its share of a server, or as a bare chip.

    Raises ValueError where no such price is known.

    >>> price_range_usd("H100 SXM", "2024-05-31", servers=False)
    (25000.0, 40000.0)
    """
    rows = facts(as_of)
    rows = rows[(rows["accelerator"] == name) & ((rows["evidence"] == OF_A_SERVER) == servers)]
    if rows.empty:
        raise ValueError(f"name = {name!r}; expected a chip with a price{' of a server' if servers else ''}")
    return float(rows["price_usd_low"].min()), float(rows["price_usd_high"].max())


def _chips(as_of: data.Day, rate: Rate) -> pd.DataFrame:
    """Return the chips that are sold: from when, and their peak at the rate."""
    if rate not in RATES:
        raise ValueError(f"rate = {rate!r}; expected one of {', '.join(RATES)}")
    chips = data.load("accelerators", as_of=as_of)
    chips = chips[chips["status"] == "available"]
    peaks = {
        "16-bit": chips["bf16_flop_per_s"].fillna(chips["fp32_flop_per_s"]),
        "32-bit": chips["fp32_flop_per_s"],
        "best": chips[list(PEAKS)].max(axis=1),
    }
    sold_from = chips["available_on"].fillna(chips["announced_on"])
    chips = chips.assign(peak_flop_per_s=peaks[rate], sold_from=sold_from)
    columns = ["accelerator", "peak_flop_per_s", "sold_from", "source_id", "known_on"]
    return chips.dropna(subset=["peak_flop_per_s"])[columns]
