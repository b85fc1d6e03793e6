"""Charts for forecasts with ranges: over what came, beside a naive forecast; or, while open, over the value now.

A menu, the parameter `kind`, keeps some of the rows, and the chart is as high as they need. The ranges are two: the
outer one a line, the inner one a bar. What lies outside an axis is drawn at its edge.
"""

import json
from typing import Any

import altair as alt
import pandas as pd

from book_figures.charts import row_axis, row_labels
from book_figures.charts_claims import MARK_OFFSET, Styles, styled
from book_figures.charts_scores import BAR, LEGEND_LIFT, named_line
from book_figures.texts import tr

OVER_OUTCOME = (0.03, 40.0)
OVER_NOW = (0.05, 100.0)
TICKS = [0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50]
OWN_RANGE_OFFSET = MARK_OFFSET + 8  # pixels: the outcome's range lies under that of the forecast
ROW_HEIGHT = 40  # pixels: a label, the ranges of the forecast, that of the outcome
HEADING_OFFSET = 14  # pixels: nearer to the row below than to the one above
SIZE = 110
DECIMALS = 4
INNER = 9  # pixels, the height of the inner range
KEPT = "kind === 'all' || datum.kind === kind"
CHOSEN = "datum.rival === '' || datum.rival === rival"


def ranges_over_outcome(
    rows: pd.DataFrame, marks: pd.DataFrame, headings: pd.DataFrame, *, value_title: str, line: str, styles: Styles
) -> Any:
    """Return a row a forecast, under headings: its ranges, marks on them, and the range of the outcome below.

    All values are over the outcome, which is the line at 1. The menus are `kind`, with the choice `all`, and `rival`.

    rows: `row` (its place), `kind`, `label`, `series`, `low`, `low_inner`, `high_inner`, `high`, `came_low`,
    `came_high`, `text`. marks: `row`, `kind`, `rival` (empty: always), `value`, `series`, `text`. headings: `row`,
    `kind`, `label`. styles: of the series.
    """
    x, y = _axis(value_title, OVER_OUTCOME), row_axis("row")
    base = alt.Chart(_inside(rows, OVER_OUTCOME)).transform_filter(KEPT)
    unsure = base.transform_filter("datum.came_low < datum.came_high")
    came = unsure.mark_rule(yOffset=OWN_RANGE_OFFSET, strokeWidth=3).encode(y=y, x=_of(x, "came_low"), x2="came_high:Q")
    dots = alt.Chart(_inside(marks, OVER_OUTCOME)).transform_filter(KEPT).transform_filter(CHOSEN)
    titles = row_labels(
        alt.Chart(headings).transform_filter(KEPT), y, fontWeight="bold", fontSize=14, yOffset=HEADING_OFFSET
    )
    layers = [*named_line(_of(x, "value"), 1, line), *_ranges(base, x, styles), came, _dots(dots, x, styles), titles]
    return _as_high_as(layers, pd.concat([rows["kind"], headings["kind"]]))


def ranges_over_now(rows: pd.DataFrame, *, value_title: str, line: str, styles: Styles) -> Any:
    """Return a row an open forecast: its ranges and its middle, over the value now, which is the line at 1.

    rows: `row` (its place), `kind`, `label`, `series`, `low`, `low_inner`, `value`, `high_inner`, `high`, `text`.
    styles: of the series.
    """
    x = _axis(value_title, OVER_NOW)
    base = alt.Chart(_inside(rows, OVER_NOW)).transform_filter(KEPT)
    layers = [*named_line(_of(x, "value"), 1, line), *_ranges(base, x, styles), _dots(base, x, styles)]
    return _as_high_as(layers, rows["kind"])


def _axis(title: str, domain: tuple[float, float]) -> Any:
    ticks = [tick for tick in TICKS if domain[0] <= tick <= domain[1] / 2]
    scale = alt.Scale(type="log", domain=domain, nice=False)
    return alt.X(title=tr(title), scale=scale, axis=alt.Axis(values=ticks, format="~g"))


def _of(x: Any, field: str) -> Any:
    """Return an axis as that of one field."""
    encoded = x.copy()
    encoded.shorthand = f"{field}:Q"
    return encoded


def _ranges(base: Any, x: Any, styles: Styles) -> list[Any]:
    """Return the outer range, the inner range, and the label of each row."""
    y, colour = row_axis("row"), styled(styles)["color"]
    outer = base.mark_rule(yOffset=MARK_OFFSET, strokeWidth=2).encode(y=y, x=_of(x, "low"), x2="high:Q", color=colour)
    inner = base.mark_bar(yOffset=MARK_OFFSET, height=INNER, opacity=BAR).encode(
        y=y, x=_of(x, "low_inner"), x2="high_inner:Q", color=colour, tooltip=["text:N"]
    )
    return [outer, inner, row_labels(base, y, limit=alt.ExprRef("width"))]


def _dots(base: Any, x: Any, styles: Styles) -> Any:
    dots = base.mark_point(filled=True, size=SIZE, opacity=1, yOffset=MARK_OFFSET)
    return dots.encode(y=row_axis("row"), x=_of(x, "value"), **styled(styles), tooltip=["text:N"])


def _as_high_as(layers: list[Any], kinds: "pd.Series[str]") -> Any:
    """Return the layers in a chart whose height is a signal of the menu: that of the rows which are kept.

    A step in place of a height would do the same, with a warning, in a chart that takes the width of its place.
    """
    heights = {str(kind): ROW_HEIGHT * number for kind, number in kinds.value_counts(sort=False).items()}
    total = sum(heights.values())
    kept = alt.param(name="height", expr=f"({json.dumps({'all': total, **heights})})[kind]")
    chart = alt.layer(*layers).properties(height=total).add_params(kept)
    return chart.configure_legend(offset=LEGEND_LIFT, symbolOpacity=1)


def _inside(table: pd.DataFrame, domain: tuple[float, float]) -> pd.DataFrame:
    """Return a table with its numbers moved to the edge of the axis where they lie outside, as exact as can be seen."""
    numbers = table.select_dtypes("float").columns
    return table.assign(**{name: table[name].clip(*domain).round(DECIMALS) for name in numbers})
