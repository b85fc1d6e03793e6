"""What a chapter assumed, and which of its assumptions turns the verdict: one table, as a tornado and as a card.

A chapter gives its inputs (`Input`: low, mid, high, as the reader sees them and where they come from), the function
that turns them into the result, and what word a result deserves. The rest follows.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Unpack

import numpy as np
import pandas as pd

from book_figures import numbers
from book_figures.charts_claims import Styles
from book_figures.charts_sensitivity import ResultAxis, tornado
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
    write: Writer,
    **about: Unpack[ResultAxis],
) -> Figure:
    """Return the tornado of `moved`: which assumption, moved through its range, changes the result and its word.

    what: the result in words, for the alt text. write: the look of a result. about: the axis of the results.
    """
    return figure(
        tornado_chart(table, STYLES, write, **about),
        name=name,
        caption=tr(caption),
        alt_text=_alt_text(table, what, write),
        table=shown(table, write),
    )


def tornado_chart(table: pd.DataFrame, styles: Styles, write: Writer, **about: Unpack[ResultAxis]) -> Any:
    """Return the tornado of a table with the columns of `moved` besides `flips` and `sources`.

    styles: of all words that a result may have; those that no end has are left out. write: the look of a result.
    """
    spans = [numbers.span(*pair) for pair in zip(table["low_text"], table["high_text"], strict=True)]
    rows = pd.DataFrame({"label": [f"{label}: {span}" for label, span in zip(table["label"], spans, strict=True)]})
    ends = ("low", "high")
    rows = rows.assign(
        **{f"at_{end}": table[f"at_{end}"] for end in ends},
        **{f"series_{end}": table[f"word_{end}"].map(tr) for end in ends},
        **{f"text_{end}": _texts(table, end, write) for end in ends},
    )
    found = {*table["word_low"], *table["word_high"]}
    used = {tr(word): style for word, style in styles.items() if word in found}
    return tornado(rows, mid=float(table["at_mid"].iloc[0]), styles=used, **about)


def _texts(table: pd.DataFrame, end: str, write: Writer) -> list[str]:
    """Return what the marks of an end say: the input, its value, the result."""
    columns = (table[name] for name in ("label", f"{end}_text", f"at_{end}"))
    return [f"{label} {given}: {write(value)}" for label, given, value in zip(*columns, strict=True)]


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
