"""Charts of claims: one mark a claim, and claims with the days on which facts about them came.

Marks are told apart by colour and by shape at once (`Styles`: name -> shape, colour).
"""

from collections.abc import Mapping
from typing import Any

import altair as alt
import pandas as pd

from book_figures import theme
from book_figures.charts import ARTICLE_LINE, BAR_HEIGHT, LABEL_LIFT, row_axis, row_labels
from book_figures.texts import tr

Styles = Mapping[str, tuple[str, str]]

MARK_SIZE = 75
EDGE = 8  # pixels kept free left and right of the outermost marks
MARK_OFFSET = 8  # pixels under the middle of a row, whose label stands above


def unit_rows(table: pd.DataFrame, labels: pd.DataFrame, *, styles: Styles, keep: str, keep_label: str) -> Any:
    """Return rows of marks, one mark a thing, packed from the left in the order of the styles.

    table: `row`, `thing`, `series`, `text`. labels: `row`, `label`. keep, keep_label: Vega expressions that select
    marks and labels by the controls. styles: in order; every series of the table has one.
    """
    ranked = table.assign(order=table["series"].map(list(styles).index))
    longest = int(table.groupby("row").size().max())
    y = row_axis("row", scale=alt.Scale(domain=sorted(labels["row"].unique())))
    marks = (
        alt.Chart(ranked)
        .transform_filter(keep)
        .transform_window(place="row_number()", groupby=["row"], sort=[alt.SortField("order"), alt.SortField("thing")])
        .mark_point(filled=True, size=MARK_SIZE, opacity=1, yOffset=MARK_OFFSET)
        .encode(
            y=y,
            x=alt.X("place:Q", axis=None, scale=alt.Scale(domain=[0.5, longest + 0.5], nice=False, zero=False)),
            **styled(styles),
            tooltip=[alt.Tooltip("thing:N", title=tr("claim")), alt.Tooltip("text:N", title=tr("in our words"))],
        )
    )
    names = row_labels(alt.Chart(labels).transform_filter(keep_label), y)
    return alt.layer(marks, names).properties(height=labels["row"].nunique() * BAR_HEIGHT)


def timeline(table: pd.DataFrame, *, styles: Styles, line: tuple[pd.Timestamp, str], months: int = 6) -> Any:
    """Return rows of dated marks under their labels, each row threaded, with one marked day.

    table: `row`, `label`, `date`, `series`, `text`. line: the day and its label. months: between two ticks.
    """
    rows = table[["row", "label"]].drop_duplicates("row")
    y = row_axis("row", scale=alt.Scale(domain=sorted(rows["row"])))
    scale = alt.Scale(padding=EDGE)
    axis = alt.Axis(format="%b %Y", tickCount=alt.TimeIntervalStep(interval="month", step=months))
    x = alt.X("date:T", title=None, scale=scale, axis=axis)
    ends = table.groupby("row", as_index=False).agg(first=("date", "min"), last=("date", "max"))
    threads = (
        alt.Chart(ends)
        .mark_rule(color=theme.GREY, yOffset=MARK_OFFSET)
        .encode(y=y, x=alt.X("first:T", title=None, scale=scale), x2="last:T")
    )
    marks = (
        alt.Chart(table)
        .mark_point(filled=True, size=MARK_SIZE, opacity=1, yOffset=MARK_OFFSET)
        .encode(
            y=y,
            x=x,
            **styled(styles),
            tooltip=[
                alt.Tooltip("date:T", title=tr("day"), format="%Y-%m-%d"),
                alt.Tooltip("text:N", title=tr("fact")),
            ],
        )
    )
    height = len(rows) * BAR_HEIGHT
    return alt.layer(_marked_day(*line), threads, marks, row_labels(alt.Chart(rows), y)).properties(height=height)


def styled(styles: Styles) -> dict[str, Any]:
    """Return colour and shape by series, in one legend."""
    shapes, colours = ([style[part] for style in styles.values()] for part in (0, 1))
    return {
        "color": alt.Color("series:N", title=None, scale=alt.Scale(domain=list(styles), range=colours)),
        "shape": alt.Shape("series:N", title=None, scale=alt.Scale(domain=list(styles), range=shapes)),
    }


def _marked_day(day: pd.Timestamp, label: str) -> Any:
    """Return the article's day as the dashed line that it has in every chart."""
    base = alt.Chart(pd.DataFrame({"date": [day], "label": [label]})).encode(x="date:T")
    text = base.mark_text(color=theme.ARTICLE, align="left", dx=4, dy=-LABEL_LIFT, baseline="bottom")
    return base.mark_rule(**ARTICLE_LINE) + text.encode(y=alt.value(0), text="label:N")
