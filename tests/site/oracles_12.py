"""What the readouts of chapter 12 must say, worked out again from the raw tables for each setting of the controls."""

import csv
import statistics
from typing import Any

import pandas as pd

from book_figures.numbers import usd
from compute_scaling import data
from compute_scaling.trends import fit_growth

BOUGHT = {  # chips of Nvidia: Microsoft and Meta, Musk's companies
    "2023": (300_000, 15_000),
    "2024": (709_000, 200_000),
}
NAMED = {"2023": 650_000, "2024": 1_734_000}  # the sum of the buyers known by name


def expected(figure_name: str, values: dict[str, Any]) -> list[str]:
    """Return texts that must occur in the readout. Raises KeyError for a figure of another chapter."""
    return {"fig-nvidia-revenue": _revenue, "fig-who-bought": _shares}[figure_name](values)


def raw(name: str) -> list[dict[str, str]]:
    """Return the rows of a table as they stand in the file."""
    with (data.FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def _revenue(values: dict[str, Any]) -> list[str]:
    rows = [row for row in raw("company_quarters") if row["company"] == "Nvidia" and row["months"] == "3"]
    rows = sorted((row for row in rows if row["quantity"] == "data-centre revenue"), key=lambda row: row["period_end"])
    count = 8 + values["day"]
    known, later = rows[:count], rows[count:]
    fitted = known if values["quarters"] == "all" else known[-4:]
    days = pd.to_datetime([row["period_end"] for row in fitted])
    growth = fit_growth(days, [float(row["value_usd"]) for row in fitted])
    low, mid, high = growth.predict(pd.to_datetime([row["period_end"] for row in later]))
    came = [float(row["value_usd"]) for row in later]
    inside = sum(a <= b <= c for a, b, c in zip(low, came, high, strict=True))
    return [
        f"{growth.factor_per_year:.2f} times a year",
        f"{inside} of {len(later)}",
        f"says {usd(mid[-1])}; {usd(came[-1])} came",
    ]


def _shares(values: dict[str, Any]) -> list[str]:
    year = values["year"]
    rows = [row for row in raw("chip_purchases") if row["buyer"] == "all" and row["period"] == year]
    ends = [[float(row[name]) for name in ("value_low", "value", "value_high") if row[name]] for row in rows]
    totals = [NAMED[year], *(statistics.mean([min(found), max(found)]) for found in ends)]
    spread = {"low": min([*map(min, ends), NAMED[year]]), "mid": statistics.median(totals), "high": max(map(max, ends))}
    total, (groups, musk) = spread[values["total"]], BOUGHT[year]
    return [f"Of {total:,.0f} chips", f"took {100 * groups / total:.2g}", f"companies {100 * musk / total:.2g}"]


def bars(figure_name: str, values: dict[str, Any]) -> int:
    """Return how many bars must be seen: one a buyer."""
    return {"2023": 12, "2024": 7}[values["year"]] if figure_name == "fig-who-bought" else 0
