"""What the readouts of chapter 13 must say, read again from the raw tables for each setting of the controls."""

import csv
from typing import Any

import pandas as pd

from compute_scaling import data

MONTHS = pd.date_range("2023-03-31", "2026-06-30", freq="ME").strftime("%Y-%m-%d")
CARDS = {  # billions of dollars, H100-equivalents of the largest machine
    ("then", "running"): (24, 20_000),
    ("then", "with plans"): (24, 100_000),
    ("now", "running"): (250, 440_000 * 2_500 / 989.5),
    ("now", "with plans"): (250, 440_000 * 2_500 / 989.5),
}


def expected(figure_name: str, values: dict[str, Any]) -> list[str]:
    """Return texts that must occur in the readout. Raises KeyError for a figure of another chapter."""
    return {"fig-valuations": _month, "fig-dollars-per-h100": _dollars}[figure_name](values)


def _month(values: dict[str, Any]) -> list[str]:
    by = MONTHS[values["month"]]
    prices = {name: _newest(name, by) for name in ("xAI", "OpenAI")}
    if not any(prices.values()):
        return ["No deal of xAI or OpenAI was known"]
    if not prices["xAI"]:
        return ["xAI had no price yet"]
    (low, high), (least, most) = ((min(found), max(found)) for found in prices.values())
    ends = list(dict.fromkeys([f"{low / most:.2f}", f"{high / least:.2f}"]))
    return [f"xAI is {' to '.join(ends)} of OpenAI", f"${low / 1e9:.0f} billion", f"${most / 1e9:.0f} billion"]


def _newest(company: str, by: str) -> list[float]:
    """Return the prices of the newest deal that was closed or announced, and public, by a day."""
    names = {"xAI": ("xAI", "xAI with X")}.get(company, (company,))
    with (data.FOLDER / "valuations.csv").open(encoding="utf-8", newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if row["company"] in names and row["kind"].startswith("valuation")]
    rows = [row for row in rows if row["status"] in ("closed", "announced") and row["known_on"] <= by]
    rows = [row for row in rows if row["dated_on"] <= by]
    if not rows:
        return []
    newest = max(rows, key=lambda row: row["dated_on"])["deal"]
    of_deal = [row for row in rows if row["deal"] == newest]
    alone = [row for row in of_deal if row["company"] == company]
    return [float(row["amount_usd"]) for row in alone or of_deal]


def _dollars(values: dict[str, Any]) -> list[str]:
    billions, chips = CARDS[values["day"], values["basis"]]
    each = billions * 1e9 / chips
    return [
        f"xAI: ${billions} billion",
        f"${each / 1e6:.3g} million" if each >= 1e6 else f"${float(f'{each:.3g}'):,.0f}",
    ]
