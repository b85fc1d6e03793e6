"""Curves: values over a quantity that a reader can move, with bands, a moving mark and marked lines."""

from collections.abc import Sequence
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from book_figures import theme
from book_figures.charts import log_ticks, marked_line, number_labels
from book_figures.texts import tr

DASHES = ([1, 0], [6, 3], [2, 2], [8, 3, 2, 3])
BAND = 0.18  # opacity
UNDER = -1.4  # lines of text: `line_row` of a label that stands under its line
FEW_POWERS = 3  # of ten: up to so many, an axis has ticks between them


def curves(
    table: pd.DataFrame,
    *,
    x_title: str,
    y_title: str,
    keep: str = "true",
    points: pd.DataFrame | None = None,
    keep_points: str = "true",
    line: tuple[float, str] | None = None,
    line_axis: str = "y",
    line_row: float = 0,
    x_log: bool = False,
    y_log: bool = False,
    x_format: str = "~s",
    y_format: str = "~s",
    colours: Sequence[str] = theme.COLOURS,
) -> Any:
    """Return one curve a series, each with its band where it has one, and points on them.

    table: `x`, `y`, `series` (four at the most, in order), optional `low` and `high` of a band, and the columns that
    `keep` names, a Vega expression over the controls. points: `x`, `y`, `label`, `side` of
    the label ("left" or "right"; by its place, if left out), and what `keep_points` names. line: a
    value with its label, on the axis `line_axis`; line_row: how many lines of text the label is lifted. Scales cover
    all rows, so that curves can be compared as they move.
    """
    names = [*dict.fromkeys(table["series"])]
    reach = pd.concat([table[name] for name in ("y", "low", "high") if name in table])
    x_axis, y_axis = _axis(x_log, table["x"], x_format), _axis(y_log, reach, y_format)
    x = alt.X("x:Q", title=tr(x_title), scale=_scale(x_log), axis=x_axis)
    y_scale = _scale(y_log, reach)
    y = alt.Y("y:Q", title=tr(y_title), scale=y_scale, axis=y_axis)
    domain = alt.Scale(domain=names, range=list(colours[: len(names)]))
    legend = (
        alt.Legend(columns=1, symbolType="stroke", symbolOpacity=1, symbolStrokeWidth=3) if len(names) > 1 else None
    )
    colour = alt.Color("series:N", title=None, scale=domain, legend=legend)
    base = alt.Chart(table).transform_filter(keep)
    layers = []
    if "low" in table:
        band = base.mark_area(opacity=BAND).encode(x=x, y=alt.Y("low:Q", scale=y_scale), y2="high:Q", color=colour)
        layers.append(band)
    dash = alt.StrokeDash("series:N", title=None, scale=alt.Scale(domain=names, range=list(DASHES[: len(names)])))
    tips = ["series:N", alt.Tooltip("x:Q", format=".3~s"), alt.Tooltip("y:Q", format=".3~s")]
    layers.append(base.mark_line().encode(x=x, y=y, color=colour, strokeDash=dash, tooltip=tips))
    layers += [marked_line(*line, axis=line_axis, row=line_row)] if line else []
    if points is not None:
        sided = points if "side" in points else points.assign(side=_sides(points["x"], table["x"], x_log))
        spots = alt.Chart(sided).transform_filter(keep_points)
        spots = spots.encode(x=x, y=y)
        layers.append(spots.mark_point(size=140, opacity=1, color=theme.ORANGE, shape="diamond"))
        align, aside = (f"datum.side === 'left' ? {left} : {right}" for left, right in (("'right'", "'left'"), (-9, 9)))
        names_of = spots.mark_text(align=alt.ExprRef(align), dx=alt.ExprRef(aside), dy=-9)
        layers.append(names_of.encode(text="label:N"))
    return alt.layer(*layers)


def _sides(x: "pd.Series[float]", reach: "pd.Series[float]", log: bool) -> Any:
    """Return on which side of each point its label stands, so that it stays on the chart."""
    (places, ends) = (np.log(x), np.log(reach)) if log else (x, reach)
    return np.where(places > ends.min() + 0.6 * (ends.max() - ends.min()), "left", "right")


def _axis(log: bool, values: "pd.Series[float]", number_format: str) -> Any:
    """Return an axis; a logarithmic one has as many ticks in a power of ten as have room on a phone."""
    if not log:
        return alt.Axis(**number_labels(number_format), tickCount=6)
    powers = np.log10(values.max() / values.min())
    steps = (1,) if powers > FEW_POWERS else (1, 3) if powers > FEW_POWERS / 2 else (1, 2, 5)
    return alt.Axis(**number_labels(number_format), values=log_ticks(values.min(), values.max(), steps))


def _scale(log: bool, values: "pd.Series[float] | None" = None) -> Any:
    domain: dict[str, Any] = {} if values is None else {"domain": [float(values.min()), float(values.max())]}
    return alt.Scale(type="log", nice=False, **domain) if log else alt.Scale(zero=False, nice=True, **domain)
