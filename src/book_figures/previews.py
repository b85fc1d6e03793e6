"""Previews: what a link to a term, a figure, a citation or a claim leads to, shown beside it (static/previews.js).

A page opened as a file can fetch nothing, so each page holds the texts of its own links, written as it is built.
"""

import posixpath
import re
from functools import lru_cache
from html import escape, unescape
from typing import Any, Final

from docutils import nodes
from sphinx.application import Sphinx

from book_figures.texts import tr
from compute_scaling import data

LINK: Final = re.compile(r'<a (?![^>]*headerlink)[^>]*href="([^"#]*)#((?:term-|fig-|cite-|C\d\d\b)[^"]*)"([^>]*)>')
TITLE: Final = re.compile(r'title="([^"]*)"')
POWER: Final = re.compile(r"\^\{?(\w+)\}?")


class Previews:
    """The previews of one build; each page that links lead to is read once."""

    def __init__(self) -> None:
        """Start without any page."""
        self._pages: dict[str, dict[str, str]] = {}

    def add(self, app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: Any) -> None:
        """Append to a page's body the previews of its links, if it has any."""
        body = context.get("body", "")
        texts: dict[str, str] = {}
        for path, anchor, rest in LINK.findall(body) if doctree is not None else ():
            title = TITLE.search(rest)
            text = escape(unescape(title[1])) if title else self._text(app, target(page, path), anchor)
            if text:
                texts.setdefault(f"{path}#{anchor}", text)
        if texts:
            context["body"] = body + previews_html(texts)
            app.add_js_file("previews.js", loading_method="defer")

    def _text(self, app: Sphinx, page: str, anchor: str) -> str:
        if anchor in claims():
            return escape(claims()[anchor])
        if page not in self._pages:
            self._pages[page] = texts_of(app.env.get_doctree(page), app.env.toc_fignumbers.get(page, {}), app)
        return self._pages[page].get(anchor, "")


def target(page: str, path: str) -> str:
    """Return the name of the page that a path leads to, as seen from another.

    >>> target("notebooks/03_four_times", "../book/glossary.html"), target("book/index", "")
    ('book/glossary', 'book/index')
    """
    there = posixpath.normpath(posixpath.join(posixpath.dirname(page), path)) if path else page
    return there.removesuffix(".html")


def texts_of(doctree: nodes.document, numbered: dict[str, dict[str, tuple[int, ...]]], app: Sphinx) -> dict[str, str]:
    """Return the previews of a page's terms and figures, by anchor, as HTML.

    numbered: kind of thing -> anchor -> its number, as Sphinx keeps them.
    """
    texts: dict[str, str] = {}
    for item in doctree.findall(nodes.definition_list_item):
        for term in item.findall(nodes.term):
            texts |= dict.fromkeys(term["ids"], plain(item[-1].astext()))
    for figure in doctree.findall(nodes.figure):
        for name in figure["ids"]:
            number = ".".join(map(str, numbered.get("figure", {}).get(name, ())))
            label = app.config.numfig_format["figure"] % number if number else ""
            captions = [plain(caption.astext()) for caption in figure.findall(nodes.caption)]
            texts[name] = " ".join(filter(None, [f"<strong>{escape(label)}</strong>" if label else "", *captions]))
    return texts


def plain(text: str) -> str:
    """Return a text as HTML, its powers of ten raised.

    >>> plain("some 10^{25} of them")
    'some 10<sup>25</sup> of them'
    """
    return POWER.sub(r"<sup>\1</sup>", escape(text))


def previews_html(texts: dict[str, str]) -> str:
    """Return the previews of a page, hidden until a link asks for one.

    texts: address of the link as it stands on the page -> what to show, as HTML.
    """
    items = (
        f'<div class="preview" role="tooltip" id="preview-{number}" data-for="{escape(address)}" hidden>{text}</div>'
        for number, (address, text) in enumerate(texts.items(), start=1)
    )
    return f'<div class="previews">{"".join(items)}</div>'


@lru_cache
def claims() -> dict[str, str]:
    """Return every claim in our words, by its id."""
    return {claim: tr(text) for claim, text in data.load("claims").set_index("claim_id")["claim"].items()}


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the previews with Sphinx."""
    app.connect("html-page-context", Previews().add)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
