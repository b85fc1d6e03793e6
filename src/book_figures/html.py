"""Small pieces of HTML, escaped: tables in a scroll box or folded away, chips, links to a source's row."""

import base64
import csv
import io
import re
from collections.abc import Iterable, Sequence
from html import escape
from typing import Final

from book_figures.texts import tr

SOURCES_PAGE: Final = "../book/sources.html"
LEDGER_PAGE: Final = "../notebooks/16_the_ledger.html"
CLAIM_ID: Final = re.compile(r"C\d\d")
SHAPES: Final = {"holds": "●", "holds if": "◐", "does not hold": "○", "cannot be checked": "?"}
WINNERS: Final = {"model": "▲", "baseline": "▼", "even": "="}


def table(
    columns: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    classes: str = "",
    sources: str = SOURCES_PAGE,
    chips: bool = False,
) -> str:
    """Return an HTML table in a box that scrolls sideways; sources link to their list, winners are chips.

    chips: verdict words are chips too, which no cell can be that a CSV has to match.

    >>> table(["a"], [["<1>"]])[-58:]
    '<tbody>\\n<tr><td>&lt;1&gt;</td></tr>\\n</tbody></table></div>'
    """
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in columns)
    body = "\n".join(
        "<tr>" + "".join(_cell(name, value, sources, chips) for name, value in zip(columns, row, strict=True)) + "</tr>"
        for row in rows
    )
    return (
        f'<div class="table-scroll" tabindex="0" role="group" aria-label="{escape(tr("Table"))}">'
        f'<table class="table {classes}"><thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody></table></div>'
    )


def _cell(name: str, value: str, sources: str, chips: bool) -> str:
    if name in (tr("sources"), tr("source")):
        return f"<td>{source_links(value, sources)}</td>"
    if (chips and value in SHAPES) or (name == tr("winner") and value in WINNERS):
        return f"<td>{chip(value)}</td>"
    if name == tr("claim") and CLAIM_ID.fullmatch(value):
        return f'<td><a href="{LEDGER_PAGE}#{value}">{value}</a></td>'
    return f"<td>{escape(value)}</td>"


def source_links(ids: str, page: str = SOURCES_PAGE) -> str:
    """Return source ids, comma-separated, each linked to its row in the list of sources.

    >>> source_links("a-1")
    '<a href="../book/sources.html#source-a-1">a-1</a>'
    """
    names = [name.strip() for name in ids.split(",") if name.strip()]
    return ", ".join(f'<a href="{page}#source-{escape(name)}">{escape(name)}</a>' for name in names)


def chip(word: str) -> str:
    """Return a verdict or a winner as a chip: word and shape, so that colour never speaks alone.

    >>> chip("holds")
    '<span class="chip chip-holds"><span aria-hidden="true">●</span> holds</span>'
    """
    return (
        f'<span class="chip {chip_class(word)}">'
        f'<span aria-hidden="true">{(SHAPES | WINNERS)[word]}</span> {escape(tr(word))}</span>'
    )


def chip_class(word: str) -> str:
    """Return the style of a verdict word.

    >>> chip_class("does not hold")
    'chip-does-not-hold'
    """
    return f"chip-{word.replace(' ', '-')}"


def csv_link(columns: Sequence[str], rows: Iterable[Sequence[str]], name: str) -> str:
    """Return a link that saves a table as CSV; the data are in the link, so it works without a network."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([columns, *rows])
    data = base64.b64encode(text.getvalue().encode()).decode()
    return (
        f'<a class="csv" download="{escape(name)}.csv" href="data:text/csv;base64,{data}">{tr("Download as CSV")}</a>'
    )


def folded(
    summary: str,
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    name: str,
    *,
    classes: str = "",
    sources: str = SOURCES_PAGE,
) -> str:
    """Return a table folded away under a summary, with its CSV link.

    >>> folded("Show", ["a"], [["1"]], "fig-x")[:54]
    '<details class="chart-data"><summary>Show</summary><di'
    """
    return (
        f'<details class="chart-data"><summary>{escape(summary)}</summary>'
        f"{table(columns, rows, classes=classes, sources=sources)}{csv_link(columns, rows, name)}</details>"
    )
