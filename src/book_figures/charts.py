"""The kinds of charts of the book, each a function from a table to a chart.

The columns that a builder expects are in its docstring; texts arrive ready for the reader. Where the article has a
value, it is one marked line (`marked_line`).
"""

import math
import textwrap
from collections.abc import Iterable, Sequence
from typing import Any, Literal

import altair as alt
import pandas as pd

from book_figures import theme
from book_figures.texts import tr
from compute_scaling.units import SUPERSCRIPTS

BAR_HEIGHT = 34
TICKS = [0.1, 0.2, 0.3, 0.5, 1, 2, 3, 4, 5, 7, 10, 20, 30, 50, 100, 200, 300, 500, 1000]
LABEL_LIFT = 4
LINE_HEIGHT = 15
LABEL_WIDTH = 110  # of most labels of lines
LABEL_LETTERS = 52  # of a row's label in one line on a phone
PHONE = 480  # pixels: on narrower charts long labels break
SCIENTIFIC = ".0e"
ARTICLE_LINE: dict[str, Any] = {"color": theme.ARTICLE, "strokeDash": [6, 3], "strokeWidth": 2}


def row_axis(field: str, **more: Any) -> Any:
    """Return the axis of rows, which have their labels above their marks instead of beside them (`row_labels`)."""
    return alt.Y(f"{field}:O", title=None, axis=alt.Axis(labels=False, ticks=False), **more)


def row_labels(base: Any, y: Any, *, lift: int = 0, **more: Any) -> Any:
    """Return the labels of rows, at the left above their marks; base has the column `label`.

    lift: what `broken_labels` returns with the labels, if these may be long.
    """
    place = {"align": "left", "baseline": "bottom", "dx": 2} | more
    if not lift:
        return base.mark_text(dy=-1, **place).encode(y=y, x=alt.value(0), text="label:N")
    lines, whole = "split(datum.label, '\\n')", "replace(datum.label, /\\n/g, ' ')"
    text = base.mark_text(  # lines of a text run down from its place
        text=alt.ExprRef(f"width < {PHONE} ? {lines} : {whole}"),
        dy=alt.ExprRef(f"{lift - 1} - (width < {PHONE} ? {LINE_HEIGHT} * (length({lines}) - 1) : 0)"),
        lineHeight=LINE_HEIGHT, **place,
    )  # fmt: skip
    return text.encode(y=y, x=alt.value(0))


def broken_labels(labels: Iterable[str]) -> tuple[list[str], int]:
    """Return labels with a line break where they are too long for a phone, and by how much their marks move down.

    The rows of a chart with such labels are higher by twice that (`row_labels`, `rows_height`).

    >>> broken_labels(["short"])
    (['short'], 0)
    >>> broken_labels(["one label that is too long to fit on a phone: 50 to 60 %"])
    (['one label that is too long to fit on a phone:\\n50 to 60 %'], 8)
    >>> broken_labels(["one label without any number that is too long to fit on a phone"])
    (['one label without any number that\\nis too long to fit on a phone'], 8)
    """
    broken = [_broken(label) for label in labels]
    return broken, max(label.count("\n") for label in broken) * math.ceil(LINE_HEIGHT / 2)


def _broken(label: str) -> str:
    """Return a label broken before what it is given as, or else into the fewest lines, of about the same length.

    Numbers stay in one line.
    """
    if len(label) <= LABEL_LETTERS:
        return label
    name, _, given = label.rpartition(": ")
    if name and max(len(name) + 1, len(given)) <= LABEL_LETTERS:
        return f"{name}:\n{given}"
    ways = [
        textwrap.wrap(label, width, break_long_words=False, break_on_hyphens=False)
        for width in range(LABEL_LETTERS // 2, LABEL_LETTERS + 1)
    ]
    lines = min(ways, key=len)
    return "\n".join(lines)


def rows_height(rows: int, lift: int = 0) -> int:
    """Return the height of a chart of so many rows."""
    return rows * (BAR_HEIGHT + 2 * lift)


def log_ticks(low: float, high: float, steps: Iterable[int] = (1, 2, 5)) -> list[float]:
    """Return the ticks of a logarithmic axis between two values, so many in each decade.

    >>> log_ticks(4.0, 30.0)
    [5.0, 10.0, 20.0]
    """
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    return [tick for decade in decades for step in steps if low <= (tick := step * 10.0**decade) <= high]


def number_labels(form: str) -> dict[str, Any]:
    """Return how an axis writes its numbers: in a format of d3, but `SCIENTIFIC` as in prose, 2 × 10²⁵.

    >>> number_labels("~g")
    {'format': '~g'}
    """
    if form != SCIENTIFIC:
        return {"format": form}
    first, power = (f"split(datum.label, 'e+')[{part}]" for part in (0, 1))
    for digit in "0123456789":
        power = f"replace({power}, /{digit}/g, '{digit.translate(SUPERSCRIPTS)}')"
    written = f"({first} === '1' ? '' : {first} + ' × ') + '10' + {power}"
    return {"format": form, "labelExpr": f"datum.label ? {written} : ''"}


def ranked(table: pd.DataFrame, by: str, keep: str) -> Any:
    """Return a chart of the rows that a Vega expression keeps, with their `rank` by a column, the largest first."""
    order: Any = [alt.SortField(by, order="descending"), alt.SortField("entity")]
    return alt.Chart(table).transform_filter(keep).transform_window(rank="row_number()", sort=order)


def marked_line(
    value: float, label: str, *, axis: str = "x", align: Literal["left", "right"] = "left", row: float = 0
) -> Any:
    """Return a dashed line at a value with its label: the article's figure, in every chart that has one.

    align: "left" puts the label to the right of a vertical line, "right" to its left; that of a horizontal line stands
    over its left or its right end. row: how many lines of text up.
    """
    data = pd.DataFrame({"value": [value], "label": [tr(label)]})
    line = alt.Chart(data).mark_rule(**ARTICLE_LINE)
    place: dict[str, Any] = {"align": align, "dx": 4 if align == "left" else -4}
    if axis == "x" and align == "right":  # unless it would leave the chart
        near = f"scale('x', datum.value) < {LABEL_WIDTH}"
        place = {"align": alt.ExprRef(f"{near} ? 'left' : 'right'"), "dx": alt.ExprRef(f"{near} ? 4 : -4")}
    text = alt.Chart(data).mark_text(
        color=theme.ARTICLE, dy=-LABEL_LIFT - LINE_HEIGHT * row, baseline="bottom", **place
    )
    if axis == "x":
        return line.encode(x="value:Q") + text.encode(x="value:Q", y=alt.value(0), text="label:N")
    side: Any = 0 if align == "left" else "width"
    return line.encode(y="value:Q") + text.encode(y="value:Q", x=alt.value(side), text="label:N")


def ranked_bars(
    table: pd.DataFrame,
    *,
    value_title: str,
    lines: Sequence[tuple[float, str]] = (),
    rows: int = 6,
    keep: str = "true",
    axis_format: str = "~s",
    most: float | None = None,
) -> Any:
    """Return horizontal bars, largest first, with ranges and direct labels.

    Columns: `entity`, `owner`, `low`, `mid`, `high`, `label`. keep: a Vega expression that selects rows by the
    controls. lines: (value, label) of marked lines, from left to right. most: the end of the axis, so that settings can
    be compared; by the longest bar shown if left out.
    """
    scale = alt.Undefined if most is None else alt.Scale(domain=[0, most])
    table = table.assign(colour=table["owner"].map(theme.OWNERS).fillna(theme.GREY))
    base, y = ranked(table, "mid", keep), row_axis("rank")
    bars = base.mark_bar(height=10, yOffset=6).encode(
        y=y,
        x=alt.X("mid:Q", title=tr(value_title), scale=scale, axis=alt.Axis(format=axis_format, tickCount=5)),
        color=alt.Color("colour:N", scale=None),
        tooltip=["entity:N", "owner:N", "label:N", "sources:N"],
    )
    ranges = base.mark_rule(yOffset=6, strokeWidth=2).encode(y=y, x="low:Q", x2="high:Q")
    marks = [
        marked_line(value, label, align="left" if row == 0 else "right", row=row)
        for row, (value, label) in enumerate(lines)
    ]
    return alt.layer(bars, ranges, *marks, row_labels(base, y)).properties(height=rows * BAR_HEIGHT)


def range_dots(
    table: pd.DataFrame,
    *,
    value_title: str,
    line: tuple[float, str] | None = None,
    band: tuple[float, float] | None = None,
) -> Any:
    """Return dots with ranges on a logarithmic axis, one row a label, in the table's order.

    Columns: `name`, `low`, `mid`, `high`, `label`, `verdict`. line: the article's value, to which each dot is tied by a
    thin rule. band: values that count as the article's.
    """
    scale = alt.Scale(type="log", nice=False, padding=14)
    table = table.assign(
        row=range(len(table)), origin=line[0] if line else table["mid"], verdict=table["verdict"].map(tr)
    )
    base = alt.Chart(table)
    y = row_axis("row")
    x = alt.X("mid:Q", title=tr(value_title), scale=scale, axis=alt.Axis(values=TICKS, format=",~g"))
    shapes = {tr("holds"): "circle", tr("holds if"): "diamond", tr("does not hold"): "cross"}
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
    ties = base.mark_rule(yOffset=7, color=theme.GREY).encode(y=y, x=alt.X("origin:Q", scale=scale), x2="mid:Q")
    ranges = base.mark_rule(yOffset=7, strokeWidth=4).encode(y=y, x=alt.X("low:Q", scale=scale), x2="high:Q")
    layers: list[Any] = []
    if band:
        shade = pd.DataFrame({"from": [band[0]], "to": [band[1]]})
        layers.append(alt.Chart(shade).mark_rect(opacity=0.15, color=theme.ARTICLE).encode(x="from:Q", x2="to:Q"))
    layers += [marked_line(*line)] if line else []
    return alt.layer(*layers, ties, ranges, dots, row_labels(base, y)).properties(height=len(table) * BAR_HEIGHT)


def lines_over_time(
    table: pd.DataFrame,
    *,
    value_title: str,
    line: tuple[float, str] | None = None,
    log: bool = True,
    months: int = 12,
) -> Any:
    """Return one stepped line a series over time, three at the most, in the table's order.

    Columns: `date`, `value`, `series`. log: a logarithmic axis, else one from zero. months: between two ticks.
    """
    scale = alt.Scale(type="log") if log else alt.Scale(zero=True)
    ticks: dict[str, Any] = {"values": TICKS, "format": "~g"} if log else {"tickCount": 5, "format": ",.0f"}
    yearly = months % 12 == 0
    step = alt.TimeIntervalStep(interval="month", step=months)
    names = [*dict.fromkeys(table["series"])]
    dashes = [[1, 0], [6, 3], [2, 2]]
    colour = alt.Color(
        "series:N",
        title=None,
        scale=alt.Scale(domain=names, range=[theme.BLUE, theme.GREEN, theme.PINK][: len(names)]),
        legend=alt.Legend(columns=1, symbolType="stroke"),
    )
    base = alt.Chart(table)
    curves = base.mark_line(interpolate="step-after").encode(
        x=alt.X(
            "date:T",
            title=None,
            axis=alt.Axis(format="%Y" if yearly else "%b %Y", tickCount="year" if yearly else step),
        ),
        y=alt.Y("value:Q", title=tr(value_title), scale=scale, axis=alt.Axis(**ticks)),
        color=colour,
        strokeDash=alt.StrokeDash("series:N", title=None, scale=alt.Scale(domain=names, range=dashes[: len(names)])),
        tooltip=["series:N", alt.Tooltip("date:T", format="%B %Y"), alt.Tooltip("value:Q", format=".3g")],
    )
    return alt.layer(curves, *([marked_line(*line, axis="y")] if line else []))
