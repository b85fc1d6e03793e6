"""The built book as one HTML document for paper: every page's article in the order of the contents, nothing to click.

Anchors and links carry the name of their page, so that none collides and each leads inside the document. What paper
cannot show is left out (controls, folded code and data, of which the web edition has all), solutions go to the end of
their chapter, and a figure with controls says what it is set to.
"""

import json
import posixpath
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from bs4 import BeautifulSoup, Tag

from book_figures.texts import tr
from compute_scaling import data

STATIC: Final = "_static"
STYLES: Final = ("pygments.css", "book.css", "paper.css")
SCRIPTS: Final = ("vega.js", "chart.js", "mathjax/tex-chtml-full.js", "paper.js")
CONTENTS: Final = "contents"
LEFT_OUT: Final = (
    ".headerlink, script:not([type='application/json']), style, noscript, .toctree-wrapper, .chapter-slides, "
    "details.chart-data, details.above-input, .ledger-controls, .ledger-more, a.csv"
)
MATHEMATICS: Final = '<script>window.MathJax = { options: { processHtmlClass: "math" } };</script>'
HEADINGS: Final = ("h1", "h2", "h3", "h4")
PARSER: Final = "html.parser"


@dataclass(frozen=True)
class Entry:
    """A page of the book: its address from the root of the built book, its title, and the part that it opens.

    depth: 0 for the first page, 1 for a chapter of a part, 2 for a page under a chapter.
    """

    address: str
    title: str
    opens: str = ""
    depth: int = 1

    @property
    def anchor(self) -> str:
        """Return the page's name among the anchors of the document."""
        return self.address.removesuffix(".html").replace("/", "-")

    @property
    def part_anchor(self) -> str:
        """Return the anchor of the part that the page opens."""
        return f"part-{self.anchor}"


def entries(root: Path) -> list[Entry]:
    """Return the pages of a built book in the order of its contents, the first page first."""
    refresh = _parsed(root / "index.html").find("meta", attrs={"http-equiv": "Refresh"})
    assert isinstance(refresh, Tag), f"{root} holds no built book"
    first = str(refresh["content"]).partition("url=")[2]
    page = _parsed(root / first)
    heading = page.select_one("article h1")
    assert heading is not None
    found = [Entry(first, _text(heading).rstrip("#"), depth=0)]
    part = ""
    for element in page.select("nav.bd-links p.caption, nav.bd-links li > a"):
        if element.name == "p":
            part = _text(element)
        else:
            depth = len(element.find_parents("ul"))
            found.append(Entry(_resolved(first, str(element["href"]))[0], _text(element), part, depth))
            part = ""
    return found


def document(root: Path, chosen: Sequence[Entry]) -> str:
    """Return the document of the chosen pages of the book built in a folder; it belongs beside that folder.

    The numbers of pages in its contents are empty: `<span class="page-number" data-target="anchor">`.
    """
    bodies = {entry.address: _body(root, entry, number) for number, entry in enumerate(chosen)}
    anchors = {str(tag["id"]) for body in bodies.values() for tag in body.select("[id]")}
    for address, body in bodies.items():
        _lead_inside(body, address, {entry.address: entry for entry in chosen}, anchors)
    first = _parsed(root / chosen[0].address).html
    language = first["lang"] if first else ""
    static = f"{root.name}/{STATIC}"
    styles = "".join(f'<link rel="stylesheet" href="{static}/{name}"/>' for name in STYLES)
    scripts = "".join(f'<script defer src="{static}/{name}"></script>' for name in SCRIPTS)
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8"/><title>{escape(chosen[0].title)}</title>'
        f"{styles}<style>{_running_heads(chosen)}</style>{MATHEMATICS}{scripts}</head>"
        '<body class="mathjax_ignore">'
        f"{_title_page(chosen[0].title)}{_contents(chosen)}{''.join(map(str, bodies.values()))}</body></html>\n"
    )


# ---------------------------------------------------------------------------------------------------- before the pages


def _title_page(title: str) -> str:
    day = f"{data.updated_on():%Y-%m-%d}"
    lines = [
        tr("One news article on a planned supercomputer, with every claim computed twice."),
        tr("As the data stood on {day}. Text and tables are under CC BY 4.0, code is under the MIT licence.", day=day),
        tr(
            "This is the paper edition of a book made for the web. Solutions stand at the end of each chapter. "
            "A figure that moves on the web is shown as it is first set, with its settings above it. Left out are the "
            "tables of data under the figures, the code that draws them and the details of each line of the ledger: "
            "the web edition has them, with every table as a file."
        ),
    ]
    words = "".join(f"<p>{escape(line)}</p>" for line in lines)
    return f'<header class="title-page"><p class="book-title">{escape(title)}</p>{words}</header>'


def _contents(chosen: Sequence[Entry]) -> str:
    """Return the table of contents, page numbers still empty."""
    rows = []
    for entry in chosen:
        if entry.opens:
            rows.append(f'<li class="contents-part">{_contents_line(entry.part_anchor, entry.opens)}</li>')
        rows.append(f'<li class="contents-{entry.depth}">{_contents_line(entry.anchor, entry.title)}</li>')
    heading = f'<h1 id="{CONTENTS}">{escape(tr("Contents"))}</h1>'
    return f'<nav class="contents" aria-labelledby="{CONTENTS}">{heading}<ul>{"".join(rows)}</ul></nav>'


def _contents_line(anchor: str, title: str) -> str:
    return (
        f'<a href="#{anchor}"><span class="contents-title">{escape(title)}</span>'
        f'<span class="page-number" data-target="{anchor}"></span></a>'
    )


def _running_heads(chosen: Sequence[Entry]) -> str:
    """Return the styles that put each page's title at the head of its sheets."""
    return "".join(
        f'@page sheet-{number} {{ @top-left {{ content: {json.dumps(entry.title, ensure_ascii=False)}; }} }}'
        f"#sheet-{number} {{ page: sheet-{number}; }}"
        for number, entry in enumerate(chosen)
    )  # fmt: skip


# ---------------------------------------------------------------------------------------------------------- the pages


def _body(root: Path, entry: Entry, number: int) -> Tag:
    """Return a page's article: stripped, its anchors named after the page, its headings under those of its part.

    number: its place in the document.
    """
    soup = _parsed(root / entry.address)
    article = soup.select_one("article.bd-article")
    assert article is not None, f"{entry.address} has no article"
    for tag in article.select(LEFT_OUT):
        tag.decompose()
    for tools in article.select(".chart-tools"):
        tools.clear()
    for tag in article.select("details"):
        tag["open"] = ""
    for tag in article.select("[tabindex]"):
        del tag["tabindex"]
    _gather_solutions(soup, article)
    _flatten(article)
    for chart in article.select(".chart"):
        _say_settings(soup, chart)
    _name_anchors(article, entry)
    article["id"] = f"sheet-{number}"
    _lower_headings(article, entry.depth)
    if entry.opens:
        part = soup.new_tag("h1", attrs={"id": entry.part_anchor, "class": "part"})
        part.string = entry.opens
        article.insert(0, part)
    return article


def _gather_solutions(soup: BeautifulSoup, article: Tag) -> None:
    """Move the solutions of a chapter to its end."""
    solutions = article.select(".solution")
    if not solutions:
        return
    heading = soup.new_tag("h2", attrs={"id": "solutions"})
    heading.string = tr("Solutions")
    article.extend([heading, *(solution.extract() for solution in solutions)])


def _flatten(article: Tag) -> None:
    """Take the sections away and give their anchors to their headings: in sections, headings stay at a sheet's foot."""
    for section in article.select("section"):
        heading = section.find(HEADINGS, recursive=False)
        if isinstance(heading, Tag) and "id" in section.attrs:
            heading["id"] = section["id"]
        section.unwrap()


def _say_settings(soup: BeautifulSoup, chart: Tag) -> None:
    """Write above a chart what its controls are set to, in place of the controls."""
    script = chart.select_one("script")
    assert script is not None
    spec = json.loads(script.string or "{}")
    starts = {parameter["name"]: parameter for parameter in spec.get("params", []) if "bind" in parameter}
    said = [_setting(control, starts[control["name"]]) for control in spec["usermeta"]["figure"].get("controls", [])]
    if said:
        line = soup.new_tag("p", attrs={"class": "chart-settings"})
        line.string = " · ".join(said)
        chart.insert(0, line)


def _setting(control: dict[str, Any], parameter: dict[str, Any]) -> str:
    """Return a control's name and first choice in words."""
    start = parameter["value"]
    place = start if control["slider"] else parameter["bind"]["options"].index(start)
    return tr("{control}: {setting}", control=control["label"], setting=control["labels"][place])


def _name_anchors(article: Tag, entry: Entry) -> None:
    """Put the page's name before each anchor; of two alike on a page the second goes."""
    seen = set()
    for tag in article.select("[id]"):
        name = f"{entry.anchor}--{tag['id']}"
        if name in seen:
            del tag["id"]
        else:
            tag["id"] = name
        seen.add(name)
    heading = article.select_one("h1")
    assert heading is not None, f"{entry.address} has no title"
    heading["id"] = entry.anchor


def _lower_headings(article: Tag, depth: int) -> None:
    for heading in article.select(", ".join(HEADINGS)):
        heading.name = f"h{int(heading.name[1]) + depth}"


def _lead_inside(article: Tag, address: str, entries: Mapping[str, Entry], anchors: set[str]) -> None:
    """Turn links between pages into links inside the document; what leads to a page that is not in it is text."""
    for link in article.select("a[href]"):
        href = str(link["href"])
        if urlsplit(href).scheme:
            continue
        page, fragment = _resolved(address, href)
        if page not in entries:
            link.unwrap()
            continue
        entry = entries[page]
        anchor = f"{entry.anchor}--{fragment}"
        link["href"] = f"#{anchor if anchor in anchors else entry.anchor}"


def _resolved(page: str, href: str) -> tuple[str, str]:
    """Return the address, from the book's root, and the anchor that a link on a page leads to.

    >>> _resolved("notebooks/03_four_times.html", "../book/glossary.html#term-GPU")
    ('book/glossary.html', 'term-GPU')
    >>> _resolved("book/index.html", "#the-story")
    ('book/index.html', 'the-story')
    """
    parts = urlsplit(href)
    path = posixpath.normpath(posixpath.join(posixpath.dirname(page), unquote(parts.path))) if parts.path else page
    return path, unquote(parts.fragment)


def _parsed(path: Path) -> BeautifulSoup:
    return BeautifulSoup(path.read_text(encoding="utf-8"), PARSER)


def _text(tag: Tag) -> str:
    return " ".join(tag.get_text().split())
