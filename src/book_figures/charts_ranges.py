"""Ranges on an axis of powers of ten: a row a thing, its range a line, its middle a mark, its name above."""

import math
from typing import Any

import altair as alt
import pandas as pd

from book_figures.charts import (
    SCIENTIFIC,
    broken_labels,
    marked_line,
    number_labels,
    row_axis,
    row_labels,
    rows_height,
)
from book_figures.charts_claims import MARK_OFFSET, Styles, styled
from book_figures.texts import tr

SIZE = 100
WIDTH = 3  # pixels, of a range


def ranges(
    table: pd.DataFrame,
    *,
    value_title: str,
    styles: Styles,
    keep: str = "true",
    line: tuple[float, str] | None = None,
    line_align: Any = "left",
    every: int = 1,
) -> Any:
    """Return rows of ranges with a mark each, the rows in the order of `row`.

    table: `row`, `label`, `series`, `low`, `mid`, `high` (a mark without a range has all three alike), `text`. keep: a
    Vega expression that selects rows by the controls. styles: of the series. line: a marked value. every: how many
    powers of ten from one tick to the next. The scale covers all rows, so that settings can be compared.
    """
    first, last = math.floor(math.log10(table["low"].min())), math.ceil(math.log10(table["high"].max()))
    scale = alt.Scale(type="log", domain=[10.0**first, 10.0**last], nice=False)
    ticks = [10.0**power for power in range(first, last + 1, every)]
    axis = alt.Axis(values=ticks, labelOverlap=True, **number_labels(SCIENTIFIC))
    labels, lift = broken_labels(table["label"])
    offset = MARK_OFFSET + lift
    base = alt.Chart(table.assign(label=labels)).transform_filter(keep)
    y = row_axis("row", scale=alt.Scale(domain=sorted(table["row"].unique())))
    colour = styled(styles)["color"]
    spans = base.mark_rule(yOffset=offset, strokeWidth=WIDTH).encode(
        y=y, x=alt.X("low:Q", title=tr(value_title), scale=scale, axis=axis), x2="high:Q", color=colour
    )
    marks = base.mark_point(filled=True, size=SIZE, opacity=1, yOffset=offset).encode(
        y=y, x=alt.X("mid:Q", scale=scale), **styled(styles), tooltip=["text:N", "series:N"]
    )
    lines = [marked_line(*line, align=line_align)] if line else []
    names = row_labels(base, y, lift=lift, limit=alt.ExprRef("width"))
    height = rows_height(table["row"].nunique(), lift)
    return alt.layer(*lines, spans, marks, names).properties(height=height).configure_legend(offset=20)
