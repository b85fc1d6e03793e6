"""A chart for estimates that differ: rows of marks and ranges on one axis, and a line that follows the controls."""

from typing import Any

import altair as alt
import pandas as pd

from book_figures import theme
from book_figures.charts import LABEL_LIFT, row_axis, row_labels
from book_figures.charts_claims import MARK_OFFSET, Styles, styled
from book_figures.charts_scores import BAR, DOT, LEGEND_LIFT, named_line
from book_figures.texts import tr

ROW_HEIGHT = 38  # pixels: a label and its marks


def estimates(
    points: pd.DataFrame,
    bars: pd.DataFrame,
    labels: pd.DataFrame,
    *,
    value_title: str,
    styles: Styles,
    scale: Any,
    axis: Any,
    keep: str = "true",
    line: tuple[float, str] | None = None,
    moving: pd.DataFrame | None = None,
    keep_moving: str = "true",
) -> Any:
    """Return rows of marks over their ranges; rows keep their places while a Vega expression chooses what they hold.

    points: `row` (its place), `value`, `series`, `text`. bars: `row`, `low`, `high`, where there is a range. labels:
    `row`, `label`. All three have the columns that `keep` names. styles: of the series. line: a value and its label.
    moving: `value`, `label`, `side` (where the label stands: "left" or "right") and what `keep_moving` names, of which
    it leaves one row.
    """
    y = row_axis("row", scale=alt.Scale(domain=sorted(int(row) for row in labels["row"].unique())))
    x = alt.X("value:Q", title=tr(value_title), scale=scale, axis=axis)
    spans = alt.Chart(bars).transform_filter(keep)
    ranges = spans.mark_rule(yOffset=MARK_OFFSET, strokeWidth=5, color=theme.GREY, opacity=BAR).encode(
        y=y, x=alt.X("low:Q", scale=scale), x2="high:Q"
    )
    marks = (
        alt.Chart(points)
        .transform_filter(keep)
        .mark_point(filled=True, size=2 * DOT, opacity=1, yOffset=MARK_OFFSET)
        .encode(y=y, x=x, **styled(styles), tooltip=["text:N", "series:N", alt.Tooltip("value:Q", format=".3~g")])
    )
    names = row_labels(alt.Chart(labels).transform_filter(keep), y, limit=alt.ExprRef("width"))
    fixed = [] if line is None else named_line(x, *line)
    moved = [] if moving is None else _moving(moving, x, keep_moving)
    chart = alt.layer(*fixed, *moved, ranges, marks, names).properties(height=labels["row"].nunique() * ROW_HEIGHT)
    return chart.configure_legend(offset=LEGEND_LIFT)


def _moving(table: pd.DataFrame, x: Any, keep: str) -> list[Any]:
    """Return the line of the reader's own value, with its label above it."""
    base = alt.Chart(table).transform_filter(keep).encode(x=x)
    text: dict[str, Any] = {"color": theme.ARTICLE, "dy": -LABEL_LIFT, "baseline": "bottom"}
    places: list[tuple[str, Any, int]] = [("right", "left", -2), ("left", "right", 2)]
    sides = [
        base.transform_filter(f"datum.side === '{side}'").mark_text(align=align, dx=dx, **text).encode(
            y=alt.value(0), text="label:N"
        )
        for side, align, dx in places
    ]  # fmt: skip
    return [base.mark_rule(color=theme.ARTICLE, strokeWidth=3), *sides]
