"""Charts for chips: pairs of values on one line, rooflines, ranked dots, and growth with ranges and a band.

As in `charts`, each is a function from a table to a chart; texts arrive ready for the reader.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import altair as alt
import pandas as pd

from book_figures import theme
from book_figures.charts import ARTICLE_LINE, BAR_HEIGHT, log_ticks, marked_line, ranked, row_axis, row_labels
from book_figures.texts import tr

SHAPES = ("circle", "diamond")
DROP = 7  # dots stand so far below their label's line
DOT = 110
STEPS = (1, 2, 5)  # ticks in each decade of a logarithmic axis
DECADES = (1,)
MARGIN = 1.3  # room on a logarithmic axis beyond the outermost values


def pairs(table: pd.DataFrame, *, value_title: str, log: bool = False, zero: bool = True, keep: str = "true") -> Any:
    """Return two values a name, as dots of two colours and shapes joined by a line, in the table's order.

    Columns: `name`, `series` (two kinds, in order of appearance), `value`, `label` (the same for both rows of a name),
    and those that `keep`, a Vega expression over the controls, names. zero: whether an axis that is not logarithmic
    starts there; else it holds all values of the table, whichever are kept.
    """
    names, kinds = list(dict.fromkeys(table["name"])), list(dict.fromkeys(table["series"]))
    base = alt.Chart(table.assign(row=[names.index(name) for name in table["name"]])).transform_filter(keep)
    reach = [float(table["value"].min()), float(table["value"].max())]
    linear = alt.Scale(zero=True) if zero else alt.Scale(domain=reach, nice=True, zero=False)
    scale = _log(table["value"]) if log else linear
    ticks: dict[str, Any] = {"values": _ticks(table["value"])} if log else {"tickCount": 6}
    y = row_axis("row")
    x = alt.X("value:Q", title=tr(value_title), scale=scale, axis=alt.Axis(format=",d", **ticks))
    joins = base.mark_rule(yOffset=DROP, strokeWidth=2).encode(
        y=y, x=alt.X("min(value):Q", scale=scale), x2="max(value):Q"
    )
    dots = base.mark_point(size=DOT, yOffset=DROP, opacity=1).encode(
        y=y,
        x=x,
        color=alt.Color("series:N", title=None, scale=alt.Scale(domain=kinds, range=[theme.BLUE, theme.ORANGE])),
        shape=alt.Shape("series:N", title=None, scale=alt.Scale(domain=kinds, range=list(SHAPES))),
        tooltip=["name:N", "series:N", alt.Tooltip("value:Q", format=",.4~g")],
    )
    return alt.layer(joins, dots, row_labels(base, y)).properties(height=len(names) * BAR_HEIGHT)


def ranked_dots(
    table: pd.DataFrame,
    *,
    value_title: str,
    rows: int,
    keep: str = "true",
    line: tuple[float, str] | None = None,
    axis_format: str = "~s",
) -> Any:
    """Return dots on a logarithmic axis, largest first, each with its label above it.

    Columns: `entity`, `value`, `label`, and those that `keep`, a Vega expression over the controls, names. line: a
    value with its label; the axis holds it too.
    """
    base, y = ranked(table, "value", keep), row_axis("rank")
    reach = pd.Series([*table["value"], *([line[0]] if line else [])])
    scale, ticks = _log(reach), _ticks(reach)
    dots = base.mark_point(size=DOT, yOffset=DROP, opacity=1).encode(
        y=y,
        x=alt.X("value:Q", title=tr(value_title), scale=scale, axis=alt.Axis(format=axis_format, values=ticks)),
        tooltip=["entity:N", alt.Tooltip("value:Q", format=",.0f")],
    )
    marks = [marked_line(*line)] if line else []
    return alt.layer(*marks, dots, row_labels(base, y)).properties(height=rows * BAR_HEIGHT)


def rooflines(lines: pd.DataFrame, points: pd.DataFrame, levels: pd.DataFrame, *, chosen: str, at: str) -> Any:
    """Return rooflines on two logarithmic axes: all in grey, the chosen one in colour with its point and its level.

    lines: `name`, `intensity`, `rate`. points: `name`, `step`, `intensity`, `rate`, `label`. levels: `name`, `from`,
    `to` (intensities), `rate`, `label`. chosen, at: Vega expressions that select the roofline, and the point on it.
    """
    x = alt.X(
        "intensity:Q", title=tr("FLOP for each byte moved (log scale)"), scale=alt.Scale(type="log", nice=False),
        axis=alt.Axis(format="~s", values=_ticks(lines["intensity"], DECADES)),
    )  # fmt: skip
    y = alt.Y(
        "rate:Q", title=tr("TFLOP/s at most (log scale)"),
        scale=_log(lines["rate"]),
        axis=alt.Axis(format=",~g", values=_ticks(lines["rate"], DECADES)),
    )  # fmt: skip
    others = alt.Chart(lines).mark_line(color=theme.GREY, strokeWidth=1, opacity=0.5).encode(x=x, y=y, detail="name:N")
    roof = alt.Chart(lines).transform_filter(chosen).mark_line(color=theme.BLUE, strokeWidth=3).encode(x=x, y=y)
    level = alt.Chart(levels).transform_filter(chosen)
    dashes = level.mark_rule(color=theme.GREEN, strokeDash=[2, 3], strokeWidth=2).encode(x="from:Q", x2="to:Q", y=y)
    names = level.mark_text(align="right", baseline="top", dy=5).encode(x="to:Q", y=y, text="label:N")
    point = alt.Chart(points).transform_filter(f"{chosen} && {at}")
    dot = point.mark_point(size=160, opacity=1, color=theme.ORANGE, shape="diamond").encode(
        x=x, y=y, tooltip=["name:N", "label:N", alt.Tooltip("rate:Q", format=",.3~g")]
    )
    size = point.mark_text(align="center", baseline="bottom", dy=-9).encode(x=x, y=y, text="label:N")
    return alt.layer(others, roof, dashes, names, dot, size)


def growth_with_ranges(
    points: pd.DataFrame, band: pd.DataFrame, *, value_title: str, kinds: Sequence[str], until: pd.Timestamp, day: str
) -> Any:
    """Return dated dots with ranges on a log axis, the trend of the first kind and its prediction band.

    points: `name`, `date`, `low`, `mid`, `high`, `series` (one of the two kinds), `label` (may be empty), `side` (of
    the dot, "left" or "right", where the label stands). band: `date`, `low`, `mid`, `high`. until: the
    day up to which the trend was fitted, a line labelled `day`.
    """
    x = alt.X("date:T", title=None, axis=alt.Axis(format="%Y", tickCount="year", labelOverlap=True))
    reach = pd.concat([points["low"], points["high"], band["low"], band["high"]])
    scale = _log(reach)
    area = (
        alt.Chart(band)
        .mark_area(opacity=0.18, color=theme.BLUE)
        .encode(x=x, y=alt.Y("low:Q", scale=scale, title=tr(value_title)), y2="high:Q")
    )
    middle = alt.Chart(band).mark_line().encode(x=x, y=alt.Y("mid:Q", scale=scale))
    fitted = pd.DataFrame({"date": [until], "label": [tr(day)]})
    rule = alt.Chart(fitted).mark_rule(**ARTICLE_LINE).encode(x=x)
    text = alt.Chart(fitted).mark_text(color=theme.ARTICLE, align="right", dx=-4, baseline="top")
    base = alt.Chart(points)
    ranges = base.mark_rule(strokeWidth=2).encode(x=x, y=alt.Y("low:Q", scale=scale), y2="high:Q")
    dots = base.mark_point(size=DOT, opacity=1).encode(
        x=x,
        y=alt.Y("mid:Q", scale=scale, axis=alt.Axis(format=",~g", values=_ticks(reach))),
        color=alt.Color("series:N", title=None, scale=alt.Scale(domain=kinds, range=[theme.BLUE, theme.PINK])),
        shape=alt.Shape("series:N", title=None, scale=alt.Scale(domain=kinds, range=list(SHAPES))),
        tooltip=["name:N", alt.Tooltip("date:T", format="%B %Y"), alt.Tooltip("mid:Q", format=".3~g")],
    )
    left = base.transform_filter("datum.side === 'left'").mark_text(align="right", dx=-8)
    right = base.transform_filter("datum.side === 'right'").mark_text(align="left", dx=8)
    names = [side.encode(x=x, y=alt.Y("mid:Q", scale=scale), text="label:N") for side in (left, right)]
    named = text.encode(x=x, y=alt.value(0), text="label:N")
    return alt.layer(area, middle, rule, named, ranges, dots, *names)


def _log(values: "pd.Series[float]") -> Any:
    """Return a logarithmic scale that holds the values with some room."""
    return alt.Scale(type="log", domain=[values.min() / MARGIN, values.max() * MARGIN], nice=False)


def _ticks(values: "pd.Series[float]", steps: Iterable[int] = STEPS) -> list[float]:
    """Return the ticks of a logarithmic axis that fall on its scale, so many in each decade."""
    return log_ticks(values.min() / MARGIN, values.max() * MARGIN, steps)
