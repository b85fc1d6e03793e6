"""Charts of a plane of two logarithmic quantities: lines of equal value over it, and clouds of points in it."""

from collections.abc import Sequence
from typing import Any

import altair as alt
import pandas as pd

from book_figures import theme
from book_figures.charts_claims import Styles, styled
from book_figures.texts import tr

FAINT = 0.8  # opacity of the lines behind
CLOUD = 0.35  # opacity of points that lie on one another
MAP_HEIGHT = 440
BILLIONS = "replace(replace(datum.label, 'G', 'B'), /^1P$/, '1000T')"  # the prefixes of metric units, as people count


def iso_map(
    contours: pd.DataFrame,
    diagonals: pd.DataFrame,
    paths: pd.DataFrame,
    things: pd.DataFrame,
    optima: pd.DataFrame,
    *,
    x_title: str,
    y_title: str,
    x_ticks: Sequence[float],
    y_ticks: Sequence[float],
    keep: str,
    keep_optimum: str,
    styles: Styles,
) -> Any:
    """Return lines of equal value over a plane, other lines of equal value that cross them, a path, and marks.

    contours: `x`, `y`, `line` (one number a line), `label`, a line's rows in order; the label stands at its last row.
    diagonals: the same, each line labelled at its first row. paths: `x`, `y`. things: `x`, `y`, `label`, `series`,
    `side` ("left" or "right", where the label stands). optima: `x`, `y`, `label`. keep: a Vega expression over the
    controls for contours and paths; keep_optimum: for the optimum that is marked. The axes reach from the first to the
    last of their ticks, in billions and trillions. styles: of the series of things.
    """
    x = alt.X("x:Q", title=tr(x_title), **_between(x_ticks, "~s", BILLIONS))
    y = alt.Y("y:Q", title=tr(y_title), **_between(y_ticks, "~s", BILLIONS))
    equal = alt.Chart(contours).transform_filter(keep)
    lines = equal.mark_line(clip=True, color=theme.BLUE, opacity=FAINT, strokeWidth=1.5).encode(
        x=x, y=y, detail="line:N", tooltip=["label:N"]
    )
    ends = alt.Chart(contours.groupby("line", sort=False).tail(1)).transform_filter(keep)
    values = ends.mark_text(align="right", baseline="bottom", dx=-2, dy=-2).encode(x=x, y=y, text="label:N")
    across = alt.Chart(diagonals).mark_line(clip=True, color=theme.GREY, strokeDash=[2, 3], strokeWidth=1)
    starts = alt.Chart(diagonals.groupby("line", sort=False).head(1))
    sizes = starts.mark_text(align="left", baseline="top", dx=8, dy=6).encode(x=x, y=y, text="label:N")
    path = alt.Chart(paths).transform_filter(keep).mark_line(clip=True, color=theme.GREEN, strokeWidth=3)
    marks = alt.Chart(things).mark_point(filled=True, size=70, opacity=1).encode(
        x=x, y=y, **styled(styles), tooltip=["label:N", "series:N"]
    )  # fmt: skip
    names = _names(things, x, y, aside=7)
    best = alt.Chart(optima).transform_filter(f"{keep} && {keep_optimum}")
    chosen = best.mark_point(filled=True, size=170, opacity=1, color=theme.ORANGE, shape="diamond").encode(
        x=x, y=y, tooltip=["label:N"]
    )
    layers = [across.encode(x=x, y=y, detail="line:N"), lines, path.encode(x=x, y=y), values, sizes, marks, *names]
    return alt.layer(*layers, chosen).properties(height=MAP_HEIGHT)


def cloud(
    points: pd.DataFrame,
    marks: pd.DataFrame,
    *,
    x_title: str,
    y_title: str,
    x_ticks: Sequence[float],
    y_ticks: Sequence[float],
    keep: str = "true",
    styles: Styles,
) -> Any:
    """Return a cloud of points on two logarithmic axes, with named marks over it.

    points: `x`, `y` and what `keep` names, a Vega expression over the controls. marks: `x`, `y`, `label` (may be
    empty), `text`, `series`, `side`. The axes reach from the first to the last of their ticks; points beyond stand at
    the edge. styles: of the series of marks.
    """
    x, y = (
        alt.X("x:Q", title=tr(x_title), **_between(x_ticks, ",.9~g")),
        alt.Y("y:Q", title=tr(y_title), **_between(y_ticks, "~g")),
    )
    dots = alt.Chart(points).transform_filter(keep).mark_circle(size=26, opacity=CLOUD, color=theme.GREY)
    named = alt.Chart(marks).mark_point(filled=True, size=110, opacity=1).encode(
        x=x, y=y, **styled(styles), tooltip=["text:N", "series:N"]
    )  # fmt: skip
    return alt.layer(dots.encode(x=x, y=y), named, *_names(marks, x, y, aside=9))


def _names(points: pd.DataFrame, x: Any, y: Any, *, aside: int) -> list[Any]:
    """Return the labels of points on their `side`, so many pixels from them."""
    return [
        alt.Chart(points[points["side"] == side])
        .mark_text(align="right" if side == "left" else "left", dx=-aside if side == "left" else aside)
        .encode(x=x, y=y, text="label:N")
        for side in ("left", "right")
    ]


def _between(ticks: Sequence[float], form: str, label: str | None = None) -> dict[str, Any]:
    """Return scale and axis of a logarithmic axis from its first tick to its last; label: an expression for its labels.

    Where the labels are an expression, what lies beyond the axis is cut off; else it stands at the edge.
    """
    scale = alt.Scale(type="log", domain=[ticks[0], ticks[-1]], nice=False, clamp=label is None)
    words: dict[str, Any] = {} if label is None else {"labelExpr": label}
    return {"scale": scale, "axis": alt.Axis(values=list(ticks), format=form, **words)}
