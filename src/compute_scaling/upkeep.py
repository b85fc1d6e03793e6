"""Upkeep: what a maintainer looks at each month, as lists made from the tables themselves.

A table in which nothing was added for long may have missed something: `tables` says how old its newest fact is and
whose publications its rows come from, which is where the next one is likely to appear. A forecast of the register whose
day has passed waits for its outcome: `due` lists those. `make due` prints both.
"""

import sys
from typing import Final

import pandas as pd

from compute_scaling import data, register

NO_FACTS: Final = ("claims", "sources")  # what is asked, and where the rest comes from
DAYS_PER_MONTH: Final = 365.25 / 12
PRODUCERS: Final = 3  # of a table, to be named


def tables(day: data.Day = None) -> pd.DataFrame:
    """Return the tables of facts, the one without news for longest first.

    day: the day of the look; without one, that of the tables' last update. Columns: `table`; `rows`; `newest`, the day
    on which its newest fact became public; `months` from then to the day; `producers`, the three who published most of
    its rows.

    >>> set(tables()["table"]) == set(data.tables()) - set(NO_FACTS)
    True
    """
    found = [_row(name, _day(day)) for name in data.tables() if name not in NO_FACTS]
    return pd.DataFrame(found).sort_values(["newest", "table"], ignore_index=True)


def _row(table: str, day: pd.Timestamp) -> dict[str, object]:
    rows = data.load(table).sort_values("known_on", ascending=False, kind="stable")
    newest = rows["known_on"].iloc[0]
    producers = rows["source_id"].map(data.load("sources").set_index("source_id")["producer"])
    return {
        "table": table,
        "rows": len(rows),
        "newest": newest,
        "months": round((day - newest) / pd.Timedelta(days=DAYS_PER_MONTH), 1),
        "producers": "; ".join(producers.value_counts().index[:PRODUCERS]),
    }


def due(day: data.Day = None) -> pd.DataFrame:
    """Return the forecasts of the register whose day has come and that have no outcome yet, the oldest day first.

    day: as in `tables`. An outcome is a row of the resolutions with the forecast's `quantity` and `target_on`. Columns:
    `forecast_id`, `quantity`, `target_on`, `low_90`, `mid`, `high_90`, `unit` and `resolved_by`, where to look it up.

    >>> due("2026-11-23").empty
    True
    """
    asked = ["quantity", "target_on"]
    rows = register.read()
    has_outcome = pd.MultiIndex.from_frame(rows[asked]).isin(pd.MultiIndex.from_frame(data.load("resolutions")[asked]))
    came = rows[(rows["target_on"] <= _day(day)) & ~has_outcome]
    columns = ["forecast_id", *asked, "low_90", "mid", "high_90", "unit", "resolved_by"]
    return came[columns].sort_values("target_on", kind="stable", ignore_index=True)


def _day(day: data.Day) -> pd.Timestamp:
    """Return the day of the look; raise ValueError where it is none."""
    found = data.updated_on() if day is None else pd.to_datetime(day, format="%Y-%m-%d", errors="coerce")
    if pd.isna(found):
        raise ValueError(f"day = {day!r}; expected a day as YYYY-MM-DD")
    return pd.Timestamp(found)


def report(day: data.Day = None) -> str:
    """Return both lists as text for a terminal.

    >>> report("2026-11-23").splitlines()[-1]
    'No forecast is due.'
    """
    lines = [f"{'table':<20} {'rows':>5}  {'newest':<10}  months  mostly published by"]
    for name, rows, newest, months, producers in tables(day).itertuples(index=False):
        lines.append(f"{name:<20} {rows:>5}  {newest:%Y-%m-%d}  {months:>6}  {producers}")
    waiting = due(day)
    lines += ["", "Forecasts that are due:" if len(waiting) else "No forecast is due."]
    for name, quantity, on, low, mid, high, unit, resolved_by in waiting.itertuples(index=False):
        lines.append(f"{name} {on:%Y-%m-%d}, {quantity}: {low:.3g} to {high:.3g}, middle {mid:.3g} {unit}")
        lines.append(f"     look at: {resolved_by}")
    return "\n".join(lines)


if __name__ == "__main__":
    try:
        print(report(*sys.argv[1:2]))
    except ValueError as error:
        sys.exit(str(error))
