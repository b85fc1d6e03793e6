"""The finder on the search page: terms, claims, figures and headings by name or words, each at its own anchor.

Sphinx's search below it knows whole pages. The list stands in the page, so that it works from a file too.
"""

import json
from collections.abc import Iterator
from html import escape
from itertools import groupby
from typing import Any, Final, NamedTuple

from docutils import nodes
from sphinx.application import Sphinx

from book_figures.site.places import claims, places_of
from book_figures.site.sphinx_ext import LEDGER_PAGE
from book_figures.texts import tr

PAGE: Final = "search"


class Entry(NamedTuple):
    """Something to be found: what it is, its name, its words as HTML, where it is, and other names that it goes by."""

    kind: str
    label: str
    text: str
    address: str
    names: str = ""


def entries(app: Sphinx) -> Iterator[Entry]:
    """Yield everything to be found, in the order of the book's chapters."""
    for page in sorted(
        app.env.found_docs, key=lambda page: (app.env.toc_secnumbers.get(page, {}).get("") or (99,), page)
    ):
        address = app.builder.get_relative_uri(PAGE, page)
        for (kind, text), group in groupby(
            places_of(app.env, page).items(), lambda place: (place[1].kind, place[1].text)
        ):
            anchors, labels = zip(*((anchor, place.label) for anchor, place in group), strict=True)
            names = labels[1:] if kind == "term" else anchors
            yield Entry(kind, labels[0], text, f"{address}#{anchors[0]}", " ".join(names))
        yield from headings(app, page, address)
    ledger = app.builder.get_relative_uri(PAGE, LEDGER_PAGE)
    for anchor, place in claims().items():
        yield Entry(place.kind, place.label, place.text, f"{ledger}#{anchor}")


def headings(app: Sphinx, page: str, address: str) -> Iterator[Entry]:
    """Yield a page's title and its headings, the page's title beside each."""
    numbers, title = app.env.toc_secnumbers.get(page, {}), escape(app.env.titles[page].astext())
    for link in app.env.tocs[page].findall(nodes.reference):
        anchor = link["anchorname"]
        number = ".".join(map(str, numbers.get(anchor) or ()))
        if anchor:
            yield Entry("heading", link.astext(), title, f"{address}{anchor}")
        else:
            yield Entry("page", f"{number}. {link.astext()}" if number else link.astext(), "", address)


def finder_html(found: list[Entry]) -> str:
    """Return the list for the script, and the place where it shows what was found."""
    kinds = {
        "term": tr("Terms"), "claim": tr("Claims"), "figure": tr("Figures"), "page": tr("Chapters and pages"),
        "heading": tr("Headings"),
    }  # fmt: skip
    about = {"kinds": kinds, "entries": found}
    text = json.dumps(about, ensure_ascii=False, separators=(",", ":")).replace("</", "<\\/")
    count = escape(tr("Places found: {count}", count="{count}"))
    return f'<div class="finder" data-count="{count}" hidden><script type="application/json">{text}</script></div>'


def add(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    """Give the search page its finder."""
    if page == PAGE:
        context["finder"] = finder_html(list(entries(app)))
        app.add_js_file("finder.js")


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the finder with Sphinx."""
    app.connect("html-page-context", add)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
