"""The tornado: what each input does to a result when it alone moves through its range."""

from typing import Any, Literal, Required, TypedDict, Unpack

import altair as alt
import pandas as pd

from book_figures import theme
from book_figures.charts import broken_labels, marked_line, number_labels, row_axis, row_labels, rows_height
from book_figures.charts_claims import MARK_OFFSET, Styles, styled
from book_figures.texts import tr

BAR = 9  # pixels, the height of a bar


class ResultAxis(TypedDict, total=False):
    """The axis of the results: its title, a value to hold them against with its label, and whether it is logarithmic.

    line: the article's value, or the one that decides. axis_format: of d3, or `charts.SCIENTIFIC`; ",~f" if left out.
    """

    value_title: Required[str]
    line: tuple[float, str] | None
    log: bool
    axis_format: str


def tornado(table: pd.DataFrame, *, mid: float, styles: Styles, **about: Unpack[ResultAxis]) -> Any:
    """Return a row an input, in the table's order: a bar between what its two ends give, and a mark at each end.

    table: `label`, `at_low`, `at_high` (results), `series_low`, `series_high` (of the marks), `text_low`, `text_high`.
    mid: the result with every input in the middle, a thin line. styles: of the series. about: the axis.
    """
    labels, lift = broken_labels(table["label"])
    rows = table.assign(row=range(len(table)), mid=mid, label=labels)
    is_log, line, offset = about.get("log", False), about.get("line"), MARK_OFFSET + lift
    scale = alt.Scale(type="log", nice=False, padding=14) if is_log else alt.Scale(zero=False, nice=True, padding=14)
    y, base = row_axis("row"), alt.Chart(rows)
    axis = alt.Axis(**number_labels(about.get("axis_format", ",~f")), tickCount=5)
    bars = base.mark_bar(height=BAR, yOffset=offset, color=theme.GREY, opacity=0.45).encode(
        y=y, x=alt.X("at_low:Q", title=tr(about["value_title"]), scale=scale, axis=axis), x2="at_high:Q"
    )
    middle = alt.Chart(rows.head(1)).mark_rule(color=theme.GREY).encode(x=alt.X("mid:Q", scale=scale))
    ends = pd.concat(
        [
            rows[["row"]].assign(value=rows[f"at_{end}"], series=rows[f"series_{end}"], text=rows[f"text_{end}"])
            for end in ("low", "high")
        ]
    )
    marks = (
        alt.Chart(ends)
        .mark_point(filled=True, size=90, opacity=1, yOffset=offset)
        .encode(y=y, x=alt.X("value:Q", scale=scale), **styled(styles), tooltip=["text:N", "series:N"])
    )
    lines = [marked_line(*line, align=_side(line[0], ends["value"]))] if line else []
    names = row_labels(base, y, lift=lift, limit=alt.ExprRef("width"))
    chart = alt.layer(middle, *lines, bars, marks, names).properties(height=rows_height(len(rows), lift))
    return chart.configure_legend(offset=20)


def _side(value: float, results: "pd.Series[float]") -> Literal["left", "right"]:
    """Return how the label of a line is aligned so that it stays on the chart."""
    middle = (min(results.min(), value) + max(results.max(), value)) / 2
    return "right" if value > middle else "left"
