"""The look of all charts, and how Altair writes them down.

Colours of marks pass 3:1 on white and on the dark page; text, grid and background are left to the page, whose style
sheet knows whether it is dark (static/chart.js).
"""

from typing import Any, Final

import altair as alt
import pandas as pd

from compute_scaling.texts import LANGUAGE, SOURCE

MIME: Final = "application/vnd.vegalite.v5+json"
SIGNIFICANT_DIGITS: Final = 9

BLUE, ORANGE, GREEN, PINK = "#0072B2", "#D55E00", "#009E73", "#CC79A7"
GREY: Final = "#767676"
COLOURS: Final = (BLUE, ORANGE, GREEN, PINK)
ARTICLE: Final = ORANGE  # the article's value, in every chart that has one
OWNERS: Final = {"Meta": BLUE, "Microsoft": GREEN, "Google": PINK, "xAI": ORANGE}  # all others grey

FONT: Final = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"
LOCALES: Final[dict[str, dict[str, Any]]] = {  # as numbers and days are written in the text
    "en": {"number": {"decimal": ".", "thousands": ",", "grouping": [3], "currency": ["$", ""], "percent": "\u00a0%"}},
    "fr": {
        "number": {
            "decimal": ",", "thousands": "\u202f", "grouping": [3], "currency": ["", "\u202f$"], "percent": "\u202f%",
        },
        "time": {
            "dateTime": "%A %e %B %Y à %X", "date": "%d/%m/%Y", "time": "%H:%M:%S", "periods": ["AM", "PM"],
            "days": ["dimanche", "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi"],
            "shortDays": ["dim.", "lun.", "mar.", "mer.", "jeu.", "ven.", "sam."],
            "months": [
                "janvier", "février", "mars", "avril", "mai", "juin",
                "juillet", "août", "septembre", "octobre", "novembre", "décembre",
            ],
            "shortMonths": [
                "janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."
            ],
        },
    },
}  # fmt: skip
WIDTH, HEIGHT = 640, 320


def book_theme() -> Any:
    """Return the chart theme: fonts of 12 px or more, few grid lines, no frame, direct labels."""
    text: dict[str, Any] = {"labelFontSize": 12, "titleFontSize": 13, "titleFontWeight": "normal"}
    return {
        "config": {
            "font": FONT,
            "locale": LOCALES.get(LANGUAGE, LOCALES[SOURCE]),
            "view": {"stroke": None, "continuousWidth": WIDTH, "continuousHeight": HEIGHT},
            "axis": {**text, "labelLimit": 260, "domain": False, "tickSize": 4},
            "legend": {**text, "orient": "top", "symbolStrokeWidth": 2, "labelLimit": 300, "columns": 2},
            "header": text,
            "text": {"fontSize": 12},
            "range": {"category": list(COLOURS)},
            "bar": {"color": BLUE},
            "line": {"color": BLUE, "strokeWidth": 2},
            "point": {"color": BLUE, "size": 60, "filled": True},
        }
    }


def rounded(data: Any) -> Any:
    """Return a chart's data with floats at 9 significant digits, so that another processor writes the same chart."""
    if isinstance(data, pd.DataFrame):
        floats = data.select_dtypes("float").columns
        data = data.assign(**{name: [_round(value) for value in data[name]] for name in floats})
    return alt.to_values(data)


def _round(value: float) -> float:
    return float(f"{value:.{SIGNIFICANT_DIGITS - 1}e}")


def described(spec: dict[str, Any], **_: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Render a chart as its specification beside its description; refuse a chart without one."""
    if not spec.get("description"):
        raise ValueError("chart without a description; use book_figures.figure, or chart.properties(description=...)")
    return {MIME: spec, "text/plain": spec["description"]}, {}


def enable() -> None:
    """Make this the look and the renderer of all Altair charts of the session."""
    alt.theme.register("book", enable=True)(book_theme)
    alt.data_transformers.register("rounded", rounded)
    alt.data_transformers.enable("rounded")
    alt.renderers.register("described", described)
    alt.renderers.enable("described")
