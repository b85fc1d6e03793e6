"""The kinds of charts of the book, each a function from a table to a chart.

The columns that a builder expects are in its docstring; texts arrive ready for the reader. Where the article has a
value, it is one marked line (`marked_line`).
"""

from collections.abc import Sequence
from typing import Any

import altair as alt
import pandas as pd

from book_figures import theme
from book_figures.texts import tr

BAR_HEIGHT = 34


def marked_line(value: float, label: str, *, axis: str = "x", colour: str = theme.ARTICLE, lift: int = -6) -> Any:
    """Return a dashed line at a value with its label: the article's figure, in every chart that has one."""
    data = pd.DataFrame({"value": [value], "label": [tr(label)]})
    line = alt.Chart(data).mark_rule(color=colour, strokeDash=[6, 3], strokeWidth=2)
    if axis == "x":
        text = alt.Chart(data).mark_text(color=colour, align="left", dx=4, dy=lift, baseline="bottom")
        return line.encode(x="value:Q") + text.encode(x="value:Q", y=alt.value(0), text="label:N")
    text = alt.Chart(data).mark_text(color=colour, align="left", dx=4, dy=lift, baseline="bottom")
    return line.encode(y="value:Q") + text.encode(y="value:Q", x=alt.value(0), text="label:N")


def ranked_bars(
    table: pd.DataFrame, *, value_title: str, lines: Sequence[tuple[float, str]] = (), rows: int = 6, keep: str = "true"
) -> Any:
    """Return horizontal bars, largest first, with ranges and direct labels.

    Columns: `entity`, `owner`, `low`, `mid`, `high`, `label`. keep: a Vega expression that selects rows by the
    controls. lines: (value, label) of marked lines.
    """
    table = table.assign(colour=table["owner"].map(theme.OWNERS).fillna(theme.GREY))
    base = alt.Chart(table).transform_filter(keep)
    y = alt.Y(
        "entity:N", sort=alt.SortField("mid", order="descending"), title=None, axis=alt.Axis(labels=False, ticks=False)
    )
    bars = base.mark_bar(height=10, yOffset=6).encode(
        y=y,
        x=alt.X("mid:Q", title=tr(value_title), axis=alt.Axis(format="~s", tickCount=5)),
        color=alt.Color("colour:N", scale=None),
        tooltip=["entity:N", "owner:N", "label:N", "sources:N"],
    )
    ranges = (
        base.transform_filter("datum.low < datum.high")
        .mark_rule(yOffset=6, strokeWidth=2)
        .encode(y=y, x="low:Q", x2="high:Q")
    )
    labels = base.mark_text(align="left", baseline="bottom", dx=2, dy=-1).encode(y=y, x=alt.value(0), text="label:N")
    marks = [marked_line(value, label, lift=-4 - 15 * index) for index, (value, label) in enumerate(lines)]
    return alt.layer(bars, ranges, labels, *marks).properties(height=rows * BAR_HEIGHT)


def range_dots(
    table: pd.DataFrame,
    *,
    value_title: str,
    line: tuple[float, str] | None = None,
    log: bool = True,
    band: tuple[float, float] | None = None,
) -> Any:
    """Return dots with ranges, one row a label, in the table's order.

    Columns: `name`, `low`, `mid`, `high`, `label`, `verdict`. band: values that count as the article's.
    """  # fmt: skip
    scale = alt.Scale(type="log", nice=False) if log else alt.Scale(zero=False)
    base = alt.Chart(table)
    y = alt.Y("name:N", sort=None, title=None, axis=alt.Axis(labels=False, ticks=False))
    x = alt.X("mid:Q", title=tr(value_title), scale=scale, axis=alt.Axis(tickCount=6, format="~g"))
    shapes = {"holds": "circle", "holds if": "diamond", "does not hold": "cross"}
    dots = base.mark_point(size=110, yOffset=7).encode(
        y=y,
        x=x,
        shape=alt.Shape("verdict:N", legend=None, scale=alt.Scale(domain=[*shapes], range=[*shapes.values()])),
        color=alt.Color(
            "verdict:N",
            title=tr("verdict"),
            scale=alt.Scale(domain=[*shapes], range=[theme.GREEN, theme.PINK, theme.BLUE]),
            legend=None,
        ),
        tooltip=["name:N", "label:N", "verdict:N"],
    )
    ranges = (
        base.transform_filter("datum.low < datum.high")
        .mark_rule(yOffset=7, strokeWidth=2)
        .encode(y=y, x=alt.X("low:Q", scale=scale), x2="high:Q")
    )
    labels = base.mark_text(align="left", baseline="bottom", dx=2, dy=-1).encode(
        y=y, x=alt.value(0), text=alt.Text("label:N")
    )
    layers: list[Any] = []
    if band:
        shade = pd.DataFrame({"from": [band[0]], "to": [band[1]]})
        layers.append(alt.Chart(shade).mark_rect(opacity=0.15, color=theme.ARTICLE).encode(x="from:Q", x2="to:Q"))
    layers += [ranges, dots, labels]
    if line:
        layers.append(marked_line(*line))
    return alt.layer(*layers).properties(height=len(table) * BAR_HEIGHT)


def lines_over_time(
    table: pd.DataFrame, *, value_title: str, log: bool = True, line: tuple[float, str] | None = None, step: bool = True
) -> Any:
    """Return one line a series over time, labelled at its end.

    Columns: `date`, `value`, `series`.
    """
    scale = alt.Scale(type="log") if log else alt.Scale(zero=False)
    colour = alt.Color("series:N", title=None, legend=alt.Legend(columns=1, symbolType="stroke"))
    base = alt.Chart(table)
    curves = base.mark_line(interpolate="step-after" if step else "linear").encode(
        x=alt.X("date:T", title=None, axis=alt.Axis(format="%Y", tickCount="year")),
        y=alt.Y("value:Q", title=tr(value_title), scale=scale, axis=alt.Axis(format="~g", tickCount=6)),
        color=colour,
        strokeDash=alt.StrokeDash("series:N", title=None),
        tooltip=["series:N", alt.Tooltip("date:T", format="%B %Y"), alt.Tooltip("value:Q", format=".3g")],
    )
    return alt.layer(curves, *([marked_line(*line, axis="y")] if line else []))


def growth(
    points: pd.DataFrame, band: pd.DataFrame, *, value_title: str, label: str = "label", series: str | None = None
) -> Any:
    """Return dated points on a log axis with a fitted line and its prediction band.

    points: `date`, `value`, and the label's column. band: `date`, `low`, `mid`, `high`.
    """
    x = alt.X("date:T", title=None, axis=alt.Axis(format="%Y", tickCount="year", labelOverlap=True))
    scale = alt.Scale(type="log")
    area = (
        alt.Chart(band)
        .mark_area(opacity=0.18)
        .encode(x=x, y=alt.Y("low:Q", scale=scale, title=tr(value_title)), y2="high:Q")
    )
    middle = alt.Chart(band).mark_line().encode(x=x, y=alt.Y("mid:Q", scale=scale))
    encoding: dict[str, Any] = {"color": alt.Color(f"{series}:N", title=None)} if series else {}
    dots = (
        alt.Chart(points)
        .mark_point()
        .encode(
            x=x,
            y=alt.Y("value:Q", scale=scale, axis=alt.Axis(format="~s", tickCount=6)),
            tooltip=[f"{label}:N", alt.Tooltip("date:T", format="%B %Y"), alt.Tooltip("value:Q", format=".3s")],
            **encoding,
        )
    )
    names = (
        alt.Chart(points)
        .mark_text(align="left", dx=7, dy=-4)
        .encode(x=x, y=alt.Y("value:Q", scale=scale), text=f"{label}:N")
    )
    return alt.layer(area, middle, dots, names)
