"""What a chapter assumed, and which of its assumptions turns the verdict: one table, as a tornado and as a card.

A chapter gives its inputs (`Input`: low, mid, high, as the reader sees them and where they come from), the function
that turns them into the result, and what word a result deserves. The rest follows.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from book_figures import numbers
from book_figures.charts_claims import Styles
from book_figures.charts_sensitivity import tornado
from book_figures.figure import Figure, figure
from book_figures.texts import tr
from book_figures.theme import BLUE, GREEN, GREY, PINK
from compute_scaling.uncertainty import swings

Writer = Callable[[float], str]
STYLES: Final[Styles] = {
    "holds": ("circle", GREEN),
    "holds if": ("diamond", PINK),
    "does not hold": ("cross", BLUE),
    "cannot be checked": ("square", GREY),
}


@dataclass(frozen=True)
class Input:
    """An assumption: its name in the function, what the reader calls it, its range, its look and its sources.

    sources: ids of `data/sources.csv`, joined by commas. A judgement of ours says so in the label.
    """

    name: str
    label: str
    low: float
    mid: float
    high: float
    write: Writer
    sources: str


def moved(
    function: Callable[..., Any],
    inputs: Sequence[Input],
    *,
    word: Callable[[float], str],
    threshold: float | None = None,
) -> pd.DataFrame:
    """Return the inputs, the widest swing first: `compute_scaling.uncertainty.swings` with words, labels and sources.

    word: the verdict word of a result. Columns besides those of `swings`: `label`, `range`, `flips` (texts),
    `word_low`, `word_mid`, `word_high`, `sources`.
    """
    by_name = {given.name: given for given in inputs}
    ends = {given.name: (given.low, given.mid, given.high) for given in inputs}
    table = swings(function, ends, threshold=threshold)
    given = [by_name[name] for name in table["input"]]
    ranges = [numbers.span(one.write(one.low), one.write(one.high)) for one in given]
    flips = ["–" if np.isnan(at) else one.write(at) for one, at in zip(given, table["flips_at"], strict=True)]
    words = {f"word_{end}": [word(value) for value in table[f"at_{end}"]] for end in ("low", "mid", "high")}
    return table.assign(
        label=[tr(one.label) for one in given], range=ranges, flips=flips, **words,
        **{f"{end}_text": [one.write(getattr(one, end)) for one in given] for end in ("low", "mid", "high")},
        sources=[one.sources for one in given],
    )  # fmt: skip


def tornado_figure(
    table: pd.DataFrame,
    *,
    name: str,
    what: str,
    caption: str,
    value_title: str,
    write: Writer,
    line: tuple[float, str] | None = None,
    log: bool = False,
    axis_format: str = "~g",
) -> Figure:
    """Return the tornado of `moved`: which assumption, moved through its range, changes the result and its word.

    what: the result in words, for the alt text. write: the look of a result. line: the value that decides.
    """
    rows = pd.DataFrame(
        {
            "label": [f"{label}: {span}" for label, span in zip(table["label"], table["range"], strict=True)],
            "at_low": table["at_low"],
            "at_high": table["at_high"],
            **{f"series_{end}": table[f"word_{end}"].map(tr) for end in ("low", "high")},
            **{
                f"text_{end}": [
                    f"{label} {given}: {write(value)}"
                    for label, given, value in zip(
                        table["label"], table[f"{end}_text"], table[f"at_{end}"], strict=True
                    )
                ]
                for end in ("low", "high")
            },
        }
    )
    found = [*dict.fromkeys([*table["word_low"], *table["word_high"]])]
    styles = {tr(word): style for word, style in STYLES.items() if word in found}
    return figure(
        tornado(
            rows, mid=float(table["at_mid"].iloc[0]), value_title=value_title, styles=styles, line=line, log=log,
            axis_format=axis_format,
        ),
        name=name,
        caption=caption,
        alt_text=_alt_text(table, what, write),
        table=shown(table, write),
    )  # fmt: skip


def shown(table: pd.DataFrame, write: Writer) -> pd.DataFrame:
    """Return the assumptions as the reader sees them: range, what each end gives, where the word turns, sources."""
    names = {"label": "assumption", "low_text": "low", "mid_text": "mid", "high_text": "high"}
    results = {f"result at {end}": table[f"at_{end}"].map(write) for end in ("low", "mid", "high")}
    words = {f"verdict at {end}": table[f"word_{end}"].map(tr) for end in ("low", "high")}
    rows = table[list(names)].rename(columns=names)  # chosen first: the numbers have these names too
    return rows.assign(**results, **words, **{"verdict turns at": table["flips"], "sources": table["sources"]})


def assumptions(table: pd.DataFrame, write: Writer) -> pd.DataFrame:
    """Return the short table of what was assumed: each input with its range, what it does to the result, sources."""
    effect = [
        numbers.span(*(write(value) for value in sorted(pair)))
        for pair in zip(table["at_low"], table["at_high"], strict=True)
    ]
    verdict = [
        tr(low) if low == mid == high else "; ".join(map(tr, (low, mid, high) if low == high else (low, high)))
        for low, mid, high in table[["word_low", "word_mid", "word_high"]].itertuples(index=False)
    ]
    names = {"label": "assumption", "low_text": "low", "mid_text": "mid", "high_text": "high"}
    rows = table[list(names)].rename(columns=names)  # chosen first: the numbers have these names too
    return rows.assign(result=effect, **{"verdict from low to high": verdict, "sources": table["sources"]})


def _alt_text(table: pd.DataFrame, what: str, write: Writer) -> str:
    widest = table.iloc[0]
    ends = table[["word_low", "word_high"]]
    turning = table.loc[ends.ne(table["word_mid"], axis=0).any(axis=1), "label"]
    turns = tr("The verdict turns with: {names}.", names=", ".join(turning)) if len(turning) else tr(
        "No input alone turns the verdict."
    )  # fmt: skip
    return tr(
        "Tornado chart of {what} over {count} assumptions. With all in the middle it is {mid}; {label} moves it most, "
        "from {low} to {high}. {turns}",
        what=tr(what), count=len(table), mid=write(widest["at_mid"]), label=widest["label"],
        low=write(min(widest["at_low"], widest["at_high"])), high=write(max(widest["at_low"], widest["at_high"])),
        turns=turns,
    )  # fmt: skip
