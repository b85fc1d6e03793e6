"""Growth as it was known: dated points, the trend through those of a chosen day, and what came later beside them."""

import json
from typing import Any, Literal

import altair as alt
import pandas as pd

from book_figures import theme
from book_figures.charts import marked_line
from book_figures.charts_claims import Styles, styled
from book_figures.texts import tr

BAND = 0.18  # opacity
DOT, SMALL = 110, 40  # areas of marks: those of the day cover those of later where they agree
GOAL = 170  # area of the mark of the goal
LATE = 0.75  # of the time shown: the label of a later day stands to its left


def growth_as_known(
    points: pd.DataFrame,
    bands: pd.DataFrame,
    days: pd.DataFrame,
    *,
    value_title: str,
    styles: Styles,
    keep: str,
    keep_day: str,
    size: tuple[float, str],
    goal: tuple[pd.Timestamp, str],
    domain: tuple[float, float],
) -> Any:
    """Return dots over time on a log axis, the trend with its band, and the day up to which data count, as chosen.

    points: `date`, `value`, `series`, `text`. bands: `date`, `low`, `mid`, `high`. days: `date`, `label`. keep: a Vega
    expression over the controls that selects points and bands; keep_day the one that selects a day. styles: of the
    two series, the one known on the day first. size: the article's value and its label, a line; goal: the day for which
    it was meant, a mark on the line.
    domain: of the values; a trend may run out of it, a point may not. The time shown is that of the bands.
    """
    low, high = domain
    ticks = [tick for tick in (10.0**power for power in range(12)) if low <= tick <= high]
    scale = alt.Scale(type="log", domain=[low, high], nice=False)
    span = [bands["date"].min(), bands["date"].max()]
    x = alt.X(
        "date:T", title=None, scale=alt.Scale(domain=[str(day.date()) for day in span], nice=False),
        axis=alt.Axis(format="%Y", tickCount="year", labelOverlap=True),
    )  # fmt: skip
    y = alt.Y("value:Q", title=tr(value_title), scale=scale, axis=alt.Axis(format=",~g", values=ticks))
    trend = alt.Chart(bands).transform_filter(keep)
    area = trend.mark_area(opacity=BAND, color=theme.BLUE, clip=True)
    area = area.encode(x=x, y=alt.Y("low:Q", scale=scale), y2="high:Q")
    middle = trend.mark_line(clip=True).encode(x=x, y=alt.Y("mid:Q", scale=scale))
    kept = alt.Chart(points).transform_filter(keep)
    dots = [
        kept.transform_filter(f"datum.series === {json.dumps(name)}")
        .mark_point(filled=True, size=area_of, opacity=1)
        .encode(x=x, y=y, **styled(styles), tooltip=["text:N", "series:N"])
        for name, area_of in zip([*styles][::-1], (SMALL, DOT), strict=True)
    ]
    until = alt.Chart(days).transform_filter(keep_day).encode(x=x)
    rule = until.mark_rule(color=theme.GREY, strokeWidth=2)
    late = span[0] + LATE * (span[1] - span[0])
    sides: dict[Literal["center", "right"], pd.DataFrame] = {
        "center": days[days["date"] < late],
        "right": days[days["date"] >= late],
    }  # so that no label is cut off
    named = [
        alt.Chart(part).transform_filter(keep_day).mark_text(align=align, baseline="bottom", dy=-4)
        .encode(x=x, y=alt.value(0), text="label:N")
        for align, part in sides.items()
    ]  # fmt: skip
    meant = alt.Chart(pd.DataFrame({"date": [goal[0]], "value": [size[0]], "label": [tr(goal[1])]})).encode(x=x, y=y)
    mark = meant.mark_point(filled=True, shape="diamond", size=GOAL, opacity=1, color=theme.ARTICLE)
    text = meant.mark_text(color=theme.ARTICLE, baseline="top", dy=9).encode(text="label:N")
    layers = [area, middle, rule, *named, marked_line(*size, axis="y"), mark.encode(tooltip=["label:N"]), text, *dots]
    return alt.layer(*layers).configure_legend(offset=22)
