"""Previews: what a link to a term, a figure, a citation or a claim leads to, shown beside it (static/previews.js).

A page opened as a file can fetch nothing, so each page holds the texts of its own links, written as it is built.
"""

import posixpath
import re
from collections.abc import Mapping
from html import escape, unescape
from typing import Any, Final

from sphinx.application import Sphinx

from book_figures.site.places import claims, places_of

LINK: Final = re.compile(r'<a (?![^>]*headerlink)[^>]*href="([^"#]*)#((?:term-|fig-|cite-|C\d\d\b)[^"]*)"([^>]*)>')
TITLE: Final = re.compile(r'title="([^"]*)"')


def add(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    """Append to a page's body the previews of its links, if it has any, and the script that shows them."""
    body = context.get("body", "")
    texts: dict[str, str] = {}
    for path, anchor, rest in LINK.findall(body) if doctree is not None else ():
        title = TITLE.search(rest)
        text = escape(unescape(title[1])) if title else _text(app, target(page, path), anchor)
        if text:
            texts.setdefault(f"{path}#{anchor}", text)
    if texts:
        context["body"] = body + previews_html(texts)
        app.add_js_file("previews.js", loading_method="defer")


def _text(app: Sphinx, page: str, anchor: str) -> str:
    place = claims().get(anchor) or places_of(app.env, page).get(anchor)
    if place is None:
        return ""
    return f"<strong>{escape(place.label)}</strong> {place.text}" if place.kind == "figure" else place.text


def target(page: str, path: str) -> str:
    """Return the name of the page that a path leads to, as seen from another.

    >>> target("notebooks/03_four_times", "../book/glossary.html"), target("book/index", "")
    ('book/glossary', 'book/index')
    """
    there = posixpath.normpath(posixpath.join(posixpath.dirname(page), path)) if path else page
    return there.removesuffix(".html")


def previews_html(texts: Mapping[str, str]) -> str:
    """Return the previews of a page, hidden until a link asks for one.

    texts: address of the link as it stands on the page -> what to show, as HTML.
    """
    items = (
        f'<div class="preview" role="tooltip" id="preview-{number}" data-for="{escape(address)}" hidden>{text}</div>'
        for number, (address, text) in enumerate(texts.items(), start=1)
    )
    return '<div class="previews">' + "".join(items) + "</div>"


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the previews with Sphinx."""
    app.connect("html-page-context", add)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
