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
    axis_format: str = "~g",
) -> Any:
    """Return a row a step, from the top: a bar from `start` to `end`, a mark at its end, and the range of that end.

    table: `row` (its place), `label`, `start`, `end`, `low`, `high`, `series`, `text`, and the columns that `keep`, a
    Vega expression over the controls, names. A part starts where the one before it ends, a sum at 0, and a value
    without a bar at its own end. styles: of the series. line: the value that the sum is held against.
    """
    x = alt.X(
        "end:Q",
        title=tr(value_title),
        scale=alt.Scale(zero=True, nice=True),
        axis=alt.Axis(format=axis_format, tickCount=6),
    )
    base, y = alt.Chart(table).transform_filter(keep), row_axis("row")
    bars = base.mark_bar(height=BAR, yOffset=MARK_OFFSET, opacity=SOLID).encode(
        y=y, x=alt.X("start:Q"), x2="end:Q", color=styled(styles)["color"]
    )
    ranges = base.mark_rule(yOffset=MARK_OFFSET, strokeWidth=2).encode(y=y, x="low:Q", x2="high:Q")
    marks = base.mark_point(filled=True, size=90, opacity=1, yOffset=MARK_OFFSET).encode(
        y=y, x=x, **styled(styles), tooltip=["text:N"]
    )
    middle = table[["start", "end", "low", "high"]].max(axis=None) / 2
    lines = [marked_line(*line, align="right" if line[0] > middle else "left")] if line else []
    labels = row_labels(base, y, limit=alt.ExprRef("width"))
    chart = alt.layer(*lines, bars, ranges, marks, labels).properties(height=table["row"].nunique() * BAR_HEIGHT)
    return chart.configure_legend(offset=LEGEND_LIFT, symbolStrokeColor=theme.GREY)
