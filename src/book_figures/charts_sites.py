"""Known cases beside a model's lines, on two logarithmic axes: the lines move with the controls, the cases stay."""

from typing import Any, Final

import altair as alt
import pandas as pd

from book_figures import theme
from book_figures.charts_claims import Styles, styled
from book_figures.texts import tr

DOT = 95
MARGIN = 1.25  # room beyond the outermost values
FOOT = 2.0  # room under the lowest value, for the name of the second line
WIDE = 500  # pixels of a chart from which on its legend has three columns
DASHES = ([1, 0], [6, 3])
NAMED_AT: Final[tuple[dict[str, Any], ...]] = (  # the first line over its right end, the second under its left end
    {"align": "right", "dy": -13},
    {"align": "left", "dy": 22},
)
TICKS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000]


def cases_on_lines(
    lines: pd.DataFrame,
    cases: pd.DataFrame,
    *,
    x_title: str,
    y_title: str,
    styles: Styles,
    keep: str,
    keep_cases: str,
) -> Any:
    """Return up to two lines, told apart by their dashes, and the cases that are known, by colour and shape.

    lines: `x`, `y`, `line` (its name), the higher first, and the columns that `keep`, a Vega expression over the
    controls, names. cases: `name`, `x`, `y`, `series`, `label` (may be empty: it stands left of the dot), and what
    `keep_cases` names. styles: of the series of the cases. The axes cover all rows, whatever is kept.
    """
    names = [*dict.fromkeys(lines["line"])]
    scales = {axis: _log(pd.concat([lines[axis], cases[axis]]), foot) for axis, foot in (("x", MARGIN), ("y", FOOT))}
    x = alt.X("x:Q", title=tr(x_title), scale=scales["x"], axis=alt.Axis(format="~s", tickCount=4, labelOverlap=True))
    y = alt.Y("y:Q", title=tr(y_title), scale=scales["y"], axis=alt.Axis(format=",~g", values=TICKS))
    dash = alt.StrokeDash("line:N", legend=None, scale=alt.Scale(domain=names, range=list(DASHES[: len(names)])))
    moving = alt.Chart(lines).transform_filter(keep).encode(x=x, y=y)
    model = moving.mark_line(color=theme.GREY).encode(strokeDash=dash)
    ends = zip(names, NAMED_AT, (lines["x"].max(), lines["x"].min()), strict=False)
    named = [
        alt.Chart(lines[(lines["line"] == name) & (lines["x"] == end)])
        .transform_filter(keep)
        .mark_text(**place)
        .encode(x=x, y=y, text="line:N")
        for name, place, end in ends
    ]
    kept = alt.Chart(cases).transform_filter(keep_cases)
    dots = kept.mark_point(filled=True, size=DOT, opacity=1).encode(
        x=x, y=y, **styled(styles), tooltip=["name:N", "series:N", alt.Tooltip("y:Q", format=",.4~g")]
    )
    labels = kept.mark_text(align="right", dx=-9).encode(x=x, y=y, text="label:N")
    return alt.layer(model, *named, dots, labels).configure_legend(columns=alt.ExprRef(f"width > {WIDE} ? 3 : 1"))


def _log(values: "pd.Series[float]", foot: float) -> Any:
    return alt.Scale(type="log", nice=False, domain=[values.min() / foot, values.max() * MARGIN])
