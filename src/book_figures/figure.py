"""A figure: a chart with its name, caption, alt text, data table and, where it moves, its controls and readout.

All of it travels in the chart's own specification (`usermeta.figure`), so that the notebook, the book and the tests see
one thing. A control is a Vega parameter; the readout is the sentence that goes with the controls' values, chosen among
rows that the core computed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import altair as alt
import pandas as pd

from book_figures import html, numbers
from book_figures.texts import tr
from book_figures.theme import MIME
from compute_scaling.claims import WORDS
from compute_scaling.texts import LANGUAGE, SOURCE


@dataclass(frozen=True)
class Control:
    """A control that a reader moves: a menu of choices, or a slider over a list of steps.

    name: the chart's parameter. label: what the reader sees. choices: value -> text, in order. A slider's values are
    the whole numbers 0, 1, ... that stand for the choices in turn; its default is given by value like a menu's.
    """

    name: str
    label: str
    choices: Mapping[str, str]
    default: str
    slider: bool = False

    def __post_init__(self) -> None:
        if self.default not in self.choices:
            raise ValueError(f"default = {self.default!r}; expected one of {', '.join(self.choices)}")

    @property
    def start(self) -> str | int:
        """The default as the chart's parameter has it."""
        return list(self.choices).index(self.default) if self.slider else self.default

    def parameter(self) -> alt.Parameter:
        """Return the Altair parameter, bound to a menu or a range input."""
        if self.slider:
            bind: Any = alt.binding_range(min=0, max=len(self.choices) - 1, step=1, name=self.label)
        else:
            bind = alt.binding_select(options=list(self.choices), labels=list(self.choices.values()), name=self.label)
        return alt.param(name=self.name, value=self.start, bind=bind)

    def description(self) -> dict[str, Any]:
        """Return what the page's script needs to announce a slider's value in words."""
        return {"name": self.name, "label": self.label, "slider": self.slider, "labels": list(self.choices.values())}


@dataclass(frozen=True)
class Readout:
    """The sentence under the controls: rows with a column for each control, `text`, and `verdict` (a word or empty).

    A slider's column may be a pair `<name>_from`, `<name>_to` (the row holds from one step up to before the other).
    """

    rows: pd.DataFrame
    otherwise: str = ""

    def description(self) -> dict[str, Any]:
        """Return the rows for the page's script, compact: column names once, then values, and a chip for each word."""
        words = sorted(set(self.rows.get("verdict", ())))
        return {
            "columns": list(self.rows),
            "rows": self.rows.astype(object).to_numpy().tolist(),
            "otherwise": self.otherwise,
            "chips": {word: html.chip(word) for word in words if word},
        }


@dataclass(frozen=True)
class Figure:
    """A chart that is ready for the book; see `figure`."""

    chart: Any
    name: str
    caption: str
    alt_text: str
    table: pd.DataFrame
    controls: Sequence[Control] = field(default=())
    readout: Readout | None = None

    def spec(self) -> dict[str, Any]:
        """Return the Vega-Lite specification, with description and everything the book shows around the chart."""
        spec = self.chart.to_dict()
        if LANGUAGE != SOURCE:
            name_tooltips(spec)
        about: dict[str, Any] = {
            "name": self.name,
            "caption": self.caption,
            "table": {
                "columns": [tr(str(name)) for name in self.table],
                "rows": [[_cell(value) for value in row] for row in self.table.itertuples(index=False)],
            },
        }
        if self.controls:
            about["controls"] = [control.description() for control in self.controls]
        if self.readout is not None:
            about["readout"] = self.readout.description()
        return spec | {"description": self.alt_text, "usermeta": {"figure": about}}

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        return {MIME: self.spec(), "text/plain": self.alt_text}


def _cell(value: Any) -> str:
    """Return a cell's text; a verdict is a word of the reader's language."""
    return tr(value) if isinstance(value, str) and value in WORDS else numbers.cell(value)


def name_tooltips(part: Any) -> None:
    """Give the lines of tooltips the names of their columns in the reader's language; English ones need no title.

    >>> spec = {"encoding": {"tooltip": [{"field": "owner"}]}}
    >>> name_tooltips(spec); spec
    {'encoding': {'tooltip': [{'field': 'owner', 'title': 'owner'}]}}
    """
    if isinstance(part, list):
        for inner in part:
            name_tooltips(inner)
    elif isinstance(part, dict):
        lines = part.get("tooltip", [])
        for line in lines if isinstance(lines, list) else [lines]:
            if "field" in line:
                line.setdefault("title", tr(line["field"]))
        for inner in part.values():
            name_tooltips(inner)


def figure(
    chart: Any,
    *,
    name: str,
    caption: str,
    alt_text: str,
    table: pd.DataFrame,
    controls: Sequence[Control] = (),
    readout: Readout | None = None,
) -> Figure:
    """Return a figure for the book.

    name: "fig-...", the anchor and the name in cross-references. caption: what to see, not what is drawn. alt_text:
    chart type, range and main comparison, computed from the table. table: the rows shown under the chart.

    Raises ValueError for a name that does not start with "fig-", or an empty caption, alt text or table.
    """
    if not name.startswith("fig-"):
        raise ValueError(f"name = {name!r}; expected one that starts with 'fig-'")
    for what, given in {"caption": caption, "alt_text": alt_text}.items():
        if not given.strip():
            raise ValueError(f"{what} = {given!r}; expected a text")
    if table.empty:
        raise ValueError("table has no rows; expected the data behind the chart")
    if controls:
        chart = chart.add_params(*(control.parameter() for control in controls))
    return Figure(chart, name, caption, alt_text, table, tuple(controls), readout)
