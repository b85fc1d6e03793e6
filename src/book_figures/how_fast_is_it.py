"""The page on speed: what `make bench` measured, how cost grows with size, and what other tools take.

The measurements stand in book/speed.csv, a row a case and size, with the machine in its first line.
"""

from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from book_figures import numbers
from book_figures.cards import Card, table_card
from book_figures.charts_curves import curves
from book_figures.figure import Figure, figure
from book_figures.texts import tr
from book_figures.what_was_claimed import CHAPTERS

MEASURED: Final = Path(__file__).resolve().parents[2] / "book" / "speed.csv"
GROWING: Final = {  # case -> what is counted
    "step time of plans": "plans timed",
    "draws through six inputs": "draws of a Monte Carlo",
    "ledger of 49 claims": "draws of the ledger",
    "bootstrap of a scaling law": "resamples of a fit",
}
PEERS: Final = {
    "beside llm-analysis": "training time of one plan",
    "beside llm-analysis, a million plans at once": "the same, each of a million plans",
    "beside chinchilla": "fit of a scaling law to 240 runs",
    "beside squigglepy": "100,000 draws of a product of six ranges",
}
GOALS: Final = (  # case, size, in words, seconds at most
    ("step time of plans", 1_000_000, "step times of a million plans", 1.0),
    ("best plan that divides a machine", 100_000, "best plan of 100,000 GPUs that divides them", 1.0),
    ("best use of a machine", 100_000, "best plan of 100,000 GPUs that may leave some idle", 1.0),
    ("fit of a scaling law, 240 runs", 1, "fit of a scaling law", 0.005),
    ("bootstrap of a scaling law", 4_000, "4,000 resamples of it", 2.0),
    ("ledger of 49 claims", 100_000, "ledger with 100,000 draws", 1.0),
    ("import compute_scaling.throughput", 1, "import of the step model, with Python's start", 0.3),
    ("import compute_scaling.claims", 1, "import of the ledger, with Python's start", 0.3),
    ("make book, one page changed", 1, "building the book again", 15.0),
    ("make book, nothing built yet", 1, "building it from nothing", 60.0),
)
LAZY: Final = (  # what, case with all draws at once, case block by block
    ("draws of a Monte Carlo", "draws through six inputs", "the same, block by block with Dask"),
    ("draws of the ledger", "ledger of 49 claims", "ledger, block by block with Dask"),
)
MANY: Final = 1_000_000
SLIDER, FIRST_CHART, NOTEBOOK = "move of the first slider: ", "first chart: ", "notebook executed again: "
UPPER: Final = 0.5  # of the sizes of a case: to these its slope is fitted, where fixed costs no longer count


@lru_cache
def measured() -> pd.DataFrame:
    """Return the measurements: `case`, `n`, `seconds`, `megabytes`, `peer_seconds`, `kilobytes`.

    >>> measured()["seconds"].min() > 0
    np.True_
    """
    return pd.read_csv(MEASURED, comment="#")


def machine() -> str:
    """Return the day, the machine and the Python of the run, as the file has them."""
    with MEASURED.open(encoding="utf-8") as lines:
        return next(lines).lstrip("# ").strip()


def seconds(case: str, n: int = 1) -> float:
    """Return the seconds of a case and size. Raises KeyError for one that was not measured."""
    return float(measured().set_index(["case", "n"])["seconds"].loc[(case, n)])


def duration(value: float) -> str:
    r"""Return seconds as people read them.

    >>> duration(2.5), duration(0.0034), duration(2.9e-7)
    ('2.5\xa0s', '3.4\xa0ms', '0.29\xa0µs')
    """
    for unit, size in (("s", 1.0), ("ms", 1e-3)):
        if value >= size:
            return f"{numbers.significant(value / size, 2)}{numbers.NO_BREAK}{unit}"
    return f"{numbers.significant(value / 1e-6, 2)}{numbers.NO_BREAK}µs"


def growth() -> pd.DataFrame:
    """Return the cases whose size grows, a row each: `case`, the range of `n`, `slope` of seconds and of megabytes.

    A slope is the power of n with which the cost grows, fitted to the larger half of the sizes.
    """
    rows = []
    for case in GROWING:
        table = measured().query("case == @case").sort_values("n")
        upper = table.iloc[int(len(table) * UPPER) :]
        slopes = [np.polyfit(np.log(upper["n"]), np.log(upper[name]), 1)[0] for name in ("seconds", "megabytes")]
        rows.append((case, table["n"].min(), table["n"].max(), *slopes))
    return pd.DataFrame(rows, columns=["case", "least", "most", "slope", "memory_slope"])


def cost_by_size(what: str) -> Figure:
    """Return the figure of time ("seconds") or memory ("megabytes") against size."""
    titles = {"seconds": tr("seconds (log scale)"), "megabytes": tr("peak megabytes (log scale)")}
    captions = {
        "seconds": tr(
            "Flat at the left, where fixed costs count; then straight lines: twice the size, twice the time."
        ),
        "megabytes": tr("Memory of a call at its peak. What is kept for each element makes the slope."),
    }
    table = measured()[measured()["case"].isin(GROWING)].dropna(subset=what)
    table = table.assign(series=table["case"].map({case: tr(name) for case, name in GROWING.items()}))
    shown = table.assign(sources="")[["series", "n", what]]
    largest = shown.sort_values("n").groupby("series", sort=False).last()
    return figure(
        curves(
            table.rename(columns={"n": "x", what: "y"})[["x", "y", "series"]],
            x_title="size n (log scale)", y_title=titles[what], x_log=True, y_log=True, x_format="~s", y_format="~g",
        ),
        name=f"fig-speed-{what}",
        caption=captions[what],
        alt_text=tr(
            "Curves of {what} against size. At the largest size: {ends}.",
            what=tr(what),
            ends="; ".join(f"{name} {numbers.significant(row[what], 3)}" for name, row in largest.iterrows()),
        ),
        table=shown.rename(columns={"series": "what", "n": "size"}),
    )  # fmt: skip


def goals() -> Card:
    """Return the table of goals beside what was measured."""
    rows = [(tr(words), duration(most), duration(seconds(case, n))) for case, n, words, most in GOALS]
    return table_card(pd.DataFrame(rows, columns=["job", "goal", "measured"]))


def peers() -> Card:
    """Return the table of other people's tools beside ours."""
    found = measured().set_index("case")
    rows = []
    for case, words in PEERS.items():
        own, other = float(found.at[case, "seconds"]), float(found.at[case, "peer_seconds"])
        own /= float(found.at[case, "n"])
        tool = case.removeprefix("beside ").partition(",")[0]
        rows.append((tr(words), tool, duration(other), duration(own), numbers.significant(other / own, 2)))
    return table_card(pd.DataFrame(rows, columns=["job", "tool", "the tool", "this book", "times as fast"]))


def growth_table() -> Card:
    """Return the table of how time and memory grow."""
    rows = [
        (
            tr(GROWING[row.case]), numbers.span(numbers.count(row.least), numbers.count(row.most)),
            numbers.significant(row.slope, 2), numbers.significant(row.memory_slope, 2),
        )
        for row in growth().itertuples()
    ]  # fmt: skip
    return table_card(pd.DataFrame(rows, columns=["what", "sizes", "power of time", "power of memory"]))


def lazy_table() -> Card:
    """Return the table of the same draws, kept at once and block by block."""
    rows, many = [], measured().query("n >= @MANY")
    for words, plain, lazy in LAZY:
        for case, way in ((plain, tr("all at once")), (lazy, tr("block by block"))):
            for row in many[many["case"] == case].itertuples():
                megabytes = f"{numbers.significant(row.megabytes, 2)}{numbers.NO_BREAK}MB"
                rows.append((tr(words), numbers.count(row.n), way, duration(row.seconds), megabytes))
    return table_card(pd.DataFrame(rows, columns=["what", "draws", "way", "time", "memory at its peak"]))


def pages() -> pd.DataFrame:
    """Return a row a page: its `kilobytes`, compressed, seconds to its `first` chart, and of a move of its `slider`."""
    table = measured()
    found = {}
    for name, prefix in {"first": FIRST_CHART, "slider": SLIDER, "notebook": NOTEBOOK}.items():
        of = table[table["case"].str.startswith(prefix)]
        found[name] = of.set_index(of["case"].str.removeprefix(prefix))["seconds"]
    of = table[table["case"].str.startswith(FIRST_CHART)]
    found["kilobytes"] = of.set_index(of["case"].str.removeprefix(FIRST_CHART))["kilobytes"]
    return pd.DataFrame(found).sort_index()


def _title(page: str) -> str:
    """Return the number and the title of a chapter; pages about the book go by the name of their file."""
    number, words = int(page[:2]), page[3:].replace("_", " ")
    return f"{number}. {tr(CHAPTERS[number])}" if number in CHAPTERS else words.capitalize()


def page_table() -> Card:
    """Return the table of pages."""
    table = pages()
    rows = [
        (
            _title(str(page)), numbers.count(row["kilobytes"]),
            *(duration(row[name]) if np.isfinite(row[name]) else "–" for name in ("first", "slider", "notebook")),
        )
        for page, row in table.iterrows()
    ]  # fmt: skip
    columns = ["page", "kB, compressed", "first chart after", "a slider's move", "notebook executed again"]
    return table_card(pd.DataFrame(rows, columns=columns))
