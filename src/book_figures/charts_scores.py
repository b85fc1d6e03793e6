"""A chart for scores: many dots a row, the range that was given for them, and one value to hold them against."""

from typing import Any

import altair as alt
import pandas as pd

from book_figures import theme
from book_figures.charts import BAR_HEIGHT, LABEL_LIFT, row_axis, row_labels
from book_figures.charts_claims import MARK_OFFSET, Styles, styled
from book_figures.texts import tr

CROWDED = 0.6  # opacity of dots that lie on one another
BAR = 0.45  # opacity of ranges, which may lie on one another too
DOT = 45
LEGEND_LIFT = 20  # pixels, over the line's label
TICK = 20  # pixels, the height of a row's middle


def dots_in_ranges(
    points: pd.DataFrame,
    ranges: pd.DataFrame,
    *,
    value_title: str,
    styles: Styles,
    scale: Any,
    axis: Any,
    line: tuple[float, str] | None = None,
    middles: pd.DataFrame | None = None,
) -> Any:
    """Return rows of dots over their ranges, with a dashed line at one value where there is one.

    points: `name`, `value`, `series`, `text`. ranges: `name`, `label`, `low`, `high`; the first range of a name has its
    label, and names come in this order. middles: `name`, `value`, `series` of a tick a row. styles: of the series.
    line: the value and its label.
    """
    names = list(dict.fromkeys(ranges["name"]))
    y = row_axis("row")
    x = alt.X("value:Q", title=tr(value_title), scale=scale, axis=axis)
    lines = [] if line is None else named_line(x, *line)
    spans = alt.Chart(_placed(ranges, names))
    bars = spans.mark_rule(yOffset=MARK_OFFSET, strokeWidth=5, color=theme.GREY, opacity=BAR).encode(
        y=y, x=alt.X("low:Q", scale=scale), x2="high:Q"
    )
    dots = (
        alt.Chart(_placed(points, names))
        .mark_point(filled=True, size=DOT, opacity=1 if middles is None else CROWDED, yOffset=MARK_OFFSET)
        .encode(y=y, x=x, **styled(styles), tooltip=["text:N", "series:N", alt.Tooltip("value:Q", format=".3~g")])
    )
    ticks = [] if middles is None else [_ticks(_placed(middles, names)).encode(y=y, x=x, **_colour(styles))]
    labels = row_labels(alt.Chart(_placed(ranges.drop_duplicates("name"), names)), y, limit=alt.ExprRef("width"))
    chart = alt.layer(*lines, bars, dots, *ticks, labels).properties(height=len(names) * BAR_HEIGHT)
    return chart.configure_legend(offset=LEGEND_LIFT)


def named_line(x: Any, value: float, label: str) -> list[Any]:
    """Return a dashed line at a value, and its label above it; x: the encoding of the field `value`."""
    base = alt.Chart(pd.DataFrame({"value": [value], "label": [tr(label)]})).encode(x=x)
    rule = base.mark_rule(color=theme.GREY, strokeDash=[2, 3], strokeWidth=2)
    return [rule, base.mark_text(baseline="bottom", dy=-LABEL_LIFT).encode(y=alt.value(0), text="label:N")]


def _placed(table: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    return table.assign(row=table["name"].map(names.index))


def _ticks(table: pd.DataFrame) -> Any:
    return alt.Chart(table).mark_tick(thickness=3, height=TICK, opacity=1, yOffset=MARK_OFFSET)


def _colour(styles: Styles) -> dict[str, Any]:
    return {"color": styled(styles)["color"]}
