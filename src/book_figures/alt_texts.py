"""Alt texts: what a chart shows, for people who cannot see it, from the very table that its marks come from.

Each says the kind of chart, what it counts, its range and its main comparison; a test holds every number in an alt text
against the figure's data table.
"""

from collections.abc import Callable

import pandas as pd

from book_figures import numbers
from book_figures.texts import named, tr

Writer = Callable[[float], str]


def of_values(kind: str, what: str, names: "pd.Series[str]", values: "pd.Series[float]", write: Writer) -> str:
    """Return the alt text of a chart with a value a name: how many, the smallest and the largest, with their names.

    >>> of_values("Dot plot", "speed", pd.Series(["a", "b"]), pd.Series([1.0, 2.5]), numbers.times)
    'Dot plot of speed, 2 values: from 1.00 (a) to 2.50 (b).'
    """
    least, most = values.idxmin(), values.idxmax()
    return tr(
        "{kind} of {what}, {count} values: from {low} ({first}) to {high} ({last}).",
        kind=tr(kind), what=tr(what), count=len(values), low=write(values[least]), first=names[least],
        high=write(values[most]), last=names[most],
    )  # fmt: skip


def of_lines(what: str, table: pd.DataFrame, write: Writer) -> str:
    """Return the alt text of lines over time (`date`, `value`, `series`): the first and the last value of each.

    >>> days = pd.to_datetime(["2023-01-31", "2024-01-31"])
    >>> of_lines("size", pd.DataFrame({"date": days, "value": [4.0, 2.0], "series": "x"}), numbers.times)
    'Line chart of size over time. x: 4.00 in January 2023, 2.00 in January 2024.'
    """
    parts = []
    for series, rows in table.sort_values("date").groupby("series", sort=False):
        ends = [
            f"{write(row['value'])} {tr('in')} {numbers.month(row['date'])}" for _, row in rows.iloc[[0, -1]].iterrows()
        ]
        parts.append(named(series, f"{', '.join(ends)}."))
    return " ".join([tr("Line chart of {what} over time.", what=tr(what)), *parts])
