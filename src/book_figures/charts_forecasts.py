"""A chart for forecasts with ranges: each over what came, with the naive forecast that it has to beat."""

from typing import Any

import altair as alt
import pandas as pd

from book_figures.charts import row_axis, row_labels
from book_figures.charts_claims import MARK_OFFSET, Styles, styled
from book_figures.charts_scores import BAR, LEGEND_LIFT, named_line
from book_figures.texts import tr

DOMAIN = (0.03, 40.0)
TICKS = [0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20]
OWN_RANGE_OFFSET = MARK_OFFSET + 8  # pixels: the outcome's range lies under that of the forecast
FIT: Any = {"type": "fit-x", "contains": "padding"}  # the height follows the rows that are kept
ROW_HEIGHT = 40  # pixels: a label, the ranges of the forecast, that of the outcome
SIZE = 110
INNER = 9  # pixels, the height of the inner range


def ranges_over_outcome(
    rows: pd.DataFrame, marks: pd.DataFrame, headings: pd.DataFrame, *, value_title: str, line: str, styles: Styles
) -> Any:
    """Return a row a forecast: outer range as a line, inner range as a bar, marks on them, the outcome's range below.

    All values are over the outcome, which is the line at 1; what lies outside `DOMAIN` is drawn at its edge. Rows under
    headings are kept by the parameter `kind`, marks by `kind` and `rival`, both menus.

    rows: `row` (its place), `kind`, `label`, `series`, `low`, `low_inner`, `high_inner`, `high`, `came_low`,
    `came_high`, `text`. marks: `row`, `kind`, `rival` (empty: always), `value`, `series`, `text`. headings: `row`,
    `kind`, `label`. styles: of the series.
    """
    kept = "kind === 'all' || datum.kind === kind"
    scale = alt.Scale(type="log", domain=DOMAIN, nice=False)
    y, x = row_axis("row"), alt.X(title=tr(value_title), scale=scale, axis=alt.Axis(values=TICKS, format="~g"))
    base = alt.Chart(_inside(rows)).transform_filter(kept)
    colour = styled(styles)["color"]
    outer = base.mark_rule(yOffset=MARK_OFFSET, strokeWidth=2).encode(y=y, x=_at(x, "low"), x2="high:Q", color=colour)
    inner = base.mark_bar(yOffset=MARK_OFFSET, height=INNER, opacity=BAR).encode(
        y=y, x=_at(x, "low_inner"), x2="high_inner:Q", color=colour, tooltip=["text:N"]
    )
    came = base.transform_filter("datum.came_low < datum.came_high").mark_rule(yOffset=OWN_RANGE_OFFSET, strokeWidth=3)
    points = (
        alt.Chart(_inside(marks)).transform_filter(kept).transform_filter("datum.rival === '' || datum.rival === rival")
    )
    dots = points.mark_point(filled=True, size=SIZE, opacity=1, yOffset=MARK_OFFSET).encode(
        y=y, x=_at(x, "value"), **styled(styles), tooltip=["text:N"]
    )
    names = row_labels(base, y, limit=alt.ExprRef("width"))
    titles = row_labels(alt.Chart(headings).transform_filter(kept), y, fontWeight="bold", fontSize=14)
    layers = [
        *named_line(_at(x, "value"), 1, line),
        outer,
        inner,
        came.encode(y=y, x=_at(x, "came_low"), x2="came_high:Q"),
        dots,
        names,
        titles,
    ]
    return (
        alt.layer(*layers)
        .properties(height=alt.Step(ROW_HEIGHT), autosize=FIT)
        .configure_legend(offset=LEGEND_LIFT, symbolOpacity=1)
    )


def _at(x: Any, field: str) -> Any:
    encoded = x.copy()
    encoded.shorthand = f"{field}:Q"
    return encoded


def _inside(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table with its numbers moved to the edge of the axis where they lie outside."""
    numbers = table.select_dtypes("float").columns
    return table.assign(**{name: table[name].clip(*DOMAIN) for name in numbers})
