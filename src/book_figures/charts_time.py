"""Charts over time on a logarithmic axis: marks of dated facts, and a trend whose last day can be moved."""

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import pandas as pd

from book_figures import theme
from book_figures.charts import ARTICLE_LINE, marked_line
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


def movable_trend(
    points: pd.DataFrame,
    bands: pd.DataFrame,
    days: pd.DataFrame,
    *,
    value_title: str,
    chosen: str,
    known: str,
    names: tuple[str, str],
    ticks: Sequence[float],
    axis_format: str = "~s",
) -> Any:
    """Return dated values, the trend fitted to those known by a chosen day, and its prediction band.

    The axis reaches from the smallest value to the last of its ticks; a trend or band that leaves it is cut off there.

    points: `date`, `value`, `text`, and what `known`, a Vega expression, names: true for a value known by the day.
    bands: `date`, `low`, `mid`, `high`; days: `date`, `label` (the chosen day); both with what `chosen` names. names:
    of values known, and of values that came later.
    """
    scale = alt.Scale(type="log", nice=False, domain=[float(points["value"].min()) / 1.5, float(ticks[-1])])
    x = alt.X("date:T", title=None, axis=alt.Axis(format="%Y", tickCount="year"))
    y = alt.Y("value:Q", title=tr(value_title), scale=scale, axis=alt.Axis(format=axis_format, values=list(ticks)))
    band = alt.Chart(bands).transform_filter(chosen)
    shade = band.mark_area(clip=True, opacity=0.18, color=theme.BLUE)
    area = shade.encode(x=x, y=alt.Y("low:Q", scale=scale), y2="high:Q")
    middle = band.mark_line(clip=True, color=theme.BLUE).encode(x=x, y=alt.Y("mid:Q", scale=scale))
    day = alt.Chart(days).transform_filter(chosen)
    rule = day.mark_rule(**ARTICLE_LINE).encode(x=x)
    label = day.mark_text(color=theme.ARTICLE, align="right", dx=-4, baseline="top").encode(
        x=x, y=alt.value(0), text="label:N"
    )
    kind = f"({known}) ? {names[0]!r} : {names[1]!r}"
    marks = (
        alt.Chart(points)
        .transform_calculate(kind=kind)
        .mark_point(filled=True, size=70, opacity=1)
        .encode(
            x=x,
            y=y,
            color=alt.Color("kind:N", title=None, scale=alt.Scale(domain=list(names), range=[theme.BLUE, theme.PINK])),
            shape=alt.Shape("kind:N", title=None, scale=alt.Scale(domain=list(names), range=["circle", "diamond"])),
            tooltip=["text:N"],
        )
    )
    return alt.layer(area, middle, rule, label, marks)
