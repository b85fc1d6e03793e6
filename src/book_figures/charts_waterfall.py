"""The waterfall: parts that add up to a sum, one after another, and other values to hold the sum against."""

from typing import Any

import altair as alt
import pandas as pd

from book_figures import theme
from book_figures.charts import BAR_HEIGHT, marked_line, row_axis, row_labels
from book_figures.charts_claims import MARK_OFFSET, Styles, styled
from book_figures.texts import tr

BAR = 10  # pixels, the height of a bar
SOLID = 0.55  # opacity of bars, on which the ranges must show
LEGEND_LIFT = 24  # pixels, over the line's label


def waterfall(
    table: pd.DataFrame,
    *,
    value_title: str,
    styles: Styles,
    keep: str = "true",
    line: tuple[float, str] | None = None,
    axis_format: str = ",~f",
) -> Any:
    """Return a row a step, from the top: its label, and a bar from `start` to `end`.

    table: `row` (its place), `label`, `start`, `end`, `series`, `text`, and the columns that `keep`, a Vega expression
    over the controls, names; with `low` and `high`, the range of the end is drawn too, and a mark on the end. A part
    starts where the one before it ends, a sum at 0, and a value without a bar at its own end. styles: of the series, in
    the legend's order. line: the value that the sum is held against.
    """
    ends = [name for name in ("start", "end", "low", "high") if name in table]
    most = float(table[ends].max(axis=None))
    base, y = alt.Chart(table).transform_filter(keep), row_axis("row")
    x = alt.X(
        "start:Q",
        title=tr(value_title),
        scale=alt.Scale(domain=[0, most], nice=True),
        axis=alt.Axis(format=axis_format, tickCount=6),
    )
    look, tooltip = styled(styles), ["text:N"]
    ranged = "low" in table
    bars = base.mark_bar(height=BAR, yOffset=MARK_OFFSET, opacity=SOLID if ranged else 1).encode(
        y=y, x=x, x2="end:Q", color=look["color"], tooltip=tooltip
    )
    layers = [marked_line(*line, align="right" if line[0] > most / 2 else "left")] if line else []
    layers.append(bars)
    if ranged:
        unsure = base.transform_filter("datum.low < datum.high")
        layers.append(unsure.mark_rule(yOffset=MARK_OFFSET, strokeWidth=2).encode(y=y, x="low:Q", x2="high:Q"))
        marks = base.mark_point(filled=True, size=90, opacity=1, yOffset=MARK_OFFSET)
        layers.append(marks.encode(y=y, x="end:Q", **look, tooltip=tooltip))
    layers.append(row_labels(base, y, limit=alt.ExprRef("width")))
    chart = alt.layer(*layers).properties(height=table["row"].nunique() * BAR_HEIGHT)
    return chart.configure_legend(offset=LEGEND_LIFT, symbolStrokeColor=theme.GREY)
