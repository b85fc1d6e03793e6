"""A chart of steps: how a total builds up, one part a row, each from where the one before ended."""

from typing import Any

import altair as alt
import pandas as pd

from book_figures import theme
from book_figures.charts import BAR_HEIGHT, marked_line, row_axis, row_labels
from book_figures.charts_claims import MARK_OFFSET
from book_figures.texts import tr

BAR = 10  # pixels, the height of a bar


def steps(table: pd.DataFrame, *, value_title: str, total: str, line: tuple[float, str] | None = None) -> Any:
    """Return floating bars in the table's order, with ranges of where a step ends.

    table: `name`, `label`, `start`, `end`, and `low`, `high` of the end (the same number twice where it has no range).
    total: the name of the row that is the sum, in another colour. line: a value to hold the total against.
    """
    rows = table.assign(
        row=range(len(table)), colour=[theme.GREEN if name == total else theme.BLUE for name in table["name"]]
    )
    y, base = row_axis("row"), alt.Chart(rows)
    axis = alt.Axis(format=",.0f", tickCount=5)
    bars = base.mark_bar(height=BAR, yOffset=MARK_OFFSET).encode(
        y=y,
        x=alt.X("start:Q", title=tr(value_title), axis=axis),
        x2="end:Q",
        color=alt.Color("colour:N", scale=None),
        tooltip=["name:N", "label:N"],
    )
    unsure = base.transform_filter("datum.low < datum.high")
    ranges = unsure.mark_rule(yOffset=MARK_OFFSET, strokeWidth=2).encode(y=y, x="low:Q", x2="high:Q")
    lines = [marked_line(*line, align="right")] if line else []
    labels = row_labels(base, y, limit=alt.ExprRef("width"))
    return alt.layer(*lines, bars, ranges, labels).properties(height=len(rows) * BAR_HEIGHT)
