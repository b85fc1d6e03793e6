"""The parts of a whole, one row each: every bar begins where the last one ended, and all together are the whole."""

from typing import Any

import altair as alt
import pandas as pd

from book_figures.charts import BAR_HEIGHT, marked_line, row_axis, row_labels
from book_figures.charts_claims import MARK_OFFSET
from book_figures.texts import tr

BAR = 11  # pixels, the height of a bar


def parts_of_whole(
    table: pd.DataFrame,
    *,
    value_title: str,
    colours: dict[str, str],
    keep: str = "true",
    line: tuple[float, str] | None = None,
    axis_format: str = "%",
) -> Any:
    """Return a row a part, in the order of `row`, each bar from `from` to `to`, with its label above it.

    table: `row` (0, 1, ...), `from`, `to`, `series`, `label`, and the columns that `keep` names, a Vega expression over
    the controls. colours: series -> colour, in the legend's order. line: a value with its label.
    """
    base, rows = alt.Chart(table).transform_filter(keep), int(table["row"].max()) + 1
    y = row_axis("row", scale=alt.Scale(domain=list(range(rows))))
    x = alt.X(
        "from:Q", title=tr(value_title), scale=alt.Scale(domain=[0, float(table["to"].max())], nice=False),
        axis=alt.Axis(format=axis_format, tickCount=5),
    )  # fmt: skip
    bars = base.mark_bar(height=BAR, yOffset=MARK_OFFSET).encode(
        y=y, x=x, x2="to:Q",
        color=alt.Color(
            "series:N", title=None, scale=alt.Scale(domain=list(colours), range=list(colours.values())),
            legend=alt.Legend(columns=1),
        ),
        tooltip=["label:N", "series:N"],
    )  # fmt: skip
    labels = row_labels(base, y, limit=alt.ExprRef("width"))
    marks = [marked_line(*line)] if line else []
    return alt.layer(*marks, bars, labels).properties(height=rows * BAR_HEIGHT).configure_legend(offset=20)
