"""Dated marks on a logarithmic axis: one mark a fact, colour for who, shape for what kind of fact."""

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import pandas as pd

from book_figures.charts import marked_line
from book_figures.texts import tr


def dated_marks(
    table: pd.DataFrame,
    *,
    value_title: str,
    colours: Mapping[str, str],
    shapes: Mapping[str, str],
    ticks: Sequence[float],
    lines: Sequence[tuple[float, str]] = (),
    keep: str = "true",
    axis_format: str = "~s",
) -> Any:
    """Return marks over time, with ranges where a fact has one.

    table: `date`, `low`, `mid`, `high`, `who` (a key of colours), `kind` (a key of shapes), `text`, and what `keep`
    names, a Vega expression over the controls. Axes cover all rows, so that marks stay in place as rows come and go.
    lines: (value, label) of the article's values.
    """
    scale = alt.Scale(
        type="log", nice=False, domain=[float(table["low"].min()) / 1.3, float(table["high"].max()) * 1.3]
    )
    days = alt.Scale(domain=[f"{end:%Y-%m-%d}" for end in (table["date"].min(), table["date"].max())], padding=8)
    x = alt.X("date:T", title=None, scale=days, axis=alt.Axis(format="%Y", tickCount="year"))
    y = alt.Y("mid:Q", title=tr(value_title), scale=scale, axis=alt.Axis(format=axis_format, values=list(ticks)))
    base = alt.Chart(table).transform_filter(keep)
    colour = alt.Color(
        "who:N", title=None, scale=alt.Scale(domain=list(colours), range=list(colours.values())),
        legend=alt.Legend(columns=1, symbolType="square"),
    )  # fmt: skip
    shape = alt.Shape(
        "kind:N", title=None, scale=alt.Scale(domain=list(shapes), range=list(shapes.values())),
        legend=alt.Legend(columns=1),
    )  # fmt: skip
    ranges = base.mark_rule(strokeWidth=2).encode(x=x, y=alt.Y("low:Q", scale=scale), y2="high:Q", color=colour)
    marks = base.mark_point(filled=False, size=80, strokeWidth=2.5, opacity=1).encode(
        x=x, y=y, color=colour, shape=shape, tooltip=["text:N", alt.Tooltip("date:T", format="%B %Y")]
    )
    articles = [marked_line(value, label, axis="y", align="right") for value, label in lines]
    return alt.layer(ranges, marks, *articles)
