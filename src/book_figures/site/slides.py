"""The Sphinx extension that makes a deck of slides from each chapter: `slides/NN.html` beside the book.

Nothing is written twice: every slide is a piece of the chapter's own doctree (claim, goals, guess, figures, takeaway,
verdicts, questions of the exercises), drawn by the same writer and the same chart script. The claim's verdict is kept
for the end, so that a class can guess first; with the claim once more. Charts have larger text than in the chapter.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from html import escape
from typing import Any, Final

from docutils import nodes
from sphinx.application import Sphinx

from book_figures.charts import LINE_HEIGHT
from book_figures.charts_sites import WIDE
from book_figures.site.sphinx_ext import CHAPTER, CHART, NEEDED_BY
from book_figures.texts import named, tr
from book_figures.what_was_claimed import CHAPTERS
from compute_scaling import data

FOLDER: Final = "slides"
TEMPLATE: Final = "slides.html"
CLAIM: Final = '<div class="card-claim"'
VERDICT: Final = re.compile(r'<div class="card-claim card-verdict" data-claim="(?P<claim_id>\w+)"')
LARGER: Final = 4 / 3  # the text of charts; static/slides.js knows it too
LARGER_TOO: Final = re.compile(r'(?P<name>"(?:fontSize|\w+FontSize|labelLimit)":|\bwidth < )(?P<pixels>\d+)')
MORE_ROOM: Final = {  # for such text: between lines, in legends, under legends
    f"{LINE_HEIGHT} * (length(": "18 * (length(",
    f'"lineHeight":{LINE_HEIGHT}': '"lineHeight":18',
    f"width > {WIDE} ? 3": f"width > {WIDE} ? 2",  # columns of a legend
    '"legend":{"columns":2,': '"legend":{"offset":22,"columns":2,',
}
SENTENCE_END: Final = re.compile(r"(?<=[.?])\s+(?=\S)")
BOXES: Final = {"hint": "guess", "tip": "goals", "important": "takeaway", "exercise": "exercise"}
BOX: Final = re.compile(r'<div[^>]*>\s*<p class="admonition-title">(?P<title>.*?)</p>(?P<body>.*)</div>', re.DOTALL)
BESIDE: Final = re.compile(r"(?!\w+:|\.\./|/|#)")  # an address in the chapter's own folder

Draw = Callable[[nodes.Element], str]


@dataclass(frozen=True)
class Slide:
    """One slide: its kind (a style), its heading and its body, both as HTML."""

    kind: str
    heading: str
    body: str


@dataclass(frozen=True)
class Deck:
    """The slides of a chapter; `page` is the chapter's own page, as seen from the deck."""

    number: int
    title: str
    page: str
    slides: list[Slide]


def address(number: int) -> str:
    """Return the page name of a chapter's slides.

    >>> address(3)
    'slides/03'
    """
    return f"{FOLDER}/{number:02d}"


def deck(number: int, docname: str, doctree: nodes.document, draw: Draw) -> Deck:
    """Return the deck of a chapter, in the chapter's order.

    draw: writes a piece of the doctree as HTML.
    """
    page = f"../{docname}.html"
    slides: list[Slide] = []
    for slide in filter(None, (_slide(node, page, draw) for node in doctree.findall(nodes.Element))):
        last = slide.kind == "verdict" and any(before.kind == "takeaway" for before in slides)
        slides.append(replace(slide, heading=escape(tr("The verdict"))) if last else slide)
    return Deck(number, next(doctree.findall(nodes.title)).astext(), page, slides)


def _slide(node: nodes.Element, page: str, draw: Draw) -> Slide | None:
    """Return the slide that a node makes, if it makes one."""
    classes: list[str] = node.get("classes", [])
    if isinstance(node, nodes.raw) and (verdict := VERDICT.match(node.astext())):
        return Slide("verdict", escape(_section_title(node)), _with_claim(node.astext(), verdict["claim_id"]))
    if isinstance(node, nodes.raw) and node.astext().startswith(CLAIM):
        return Slide("claim", escape(tr("The claim")), node.astext())
    if isinstance(node, nodes.figure) and "chart-figure" in classes:
        return Slide("figure", escape(_section_title(node)), larger(draw(_with_short_caption(_moved(node, page)))))
    if isinstance(node, nodes.Admonition):
        kind = next((BOXES[name] for name in classes if name in BOXES), None)
        drawn = BOX.fullmatch(draw(_moved(node, page)).strip()) if kind else None
        return Slide(kind, drawn["title"], drawn["body"]) if kind and drawn else None
    return None


def _with_claim(card: str, claim_id: str) -> str:
    """Return the card of a verdict with the claim as its first line."""
    claim = tr(data.load("claims").set_index("claim_id").loc[claim_id, "claim"])
    return card.replace("<dl>", f"<dl><dt>{escape(tr('Claim'))}</dt><dd>{escape(named(claim_id, claim))}</dd>", 1)


def larger(chart: str) -> str:
    """Return a chart's HTML with larger text, and with long labels of rows broken where that would not fit.

    >>> larger('{"labelFontSize":12,"titleFontSize":13}')
    '{"labelFontSize":16,"titleFontSize":17}'
    """
    chart = LARGER_TOO.sub(lambda found: f"{found['name']}{round(int(found['pixels']) * LARGER)}", chart)
    for usual, more in MORE_ROOM.items():
        chart = chart.replace(usual, more)
    return chart


def _moved(node: nodes.Element, page: str) -> nodes.Element:
    """Return a copy of a node with its links as they are from the folder of slides."""
    copy = node.deepcopy()
    for part in copy.findall(nodes.section):
        part["ids"] = []  # the same in every exercise
    for link in copy.findall(nodes.reference):
        if "refid" in link:
            link["refuri"] = f"{page}#{link.attributes.pop('refid')}"
        elif BESIDE.match(link["refuri"]):
            link["refuri"] = f"{page.rpartition('/')[0]}/{link['refuri']}"
    return copy


def _with_short_caption(figure: nodes.Element) -> nodes.Element:
    """Return a figure with the first sentence of its caption and without its data table."""
    for legend in list(figure.findall(nodes.legend)):
        legend.parent.remove(legend)
    caption = next(figure.findall(nodes.caption))
    for position, part in enumerate(caption):
        first, *more = SENTENCE_END.split(part.astext(), maxsplit=1)
        if isinstance(part, nodes.Text) and more:
            caption[position:] = [nodes.Text(first)]
            break
    return figure


def _section_title(node: nodes.Node) -> str:
    while not isinstance(node, nodes.section):
        node = node.parent
    return next(node.findall(nodes.title)).astext()


# ------------------------------------------------------------------------------------------------------- the builder


def _chapter(page: str) -> int:
    number = int(match[1]) if (match := CHAPTER.fullmatch(page)) else 0
    return number if number in CHAPTERS else 0


def _drawn(app: Sphinx, page: str, doctree: nodes.document, node: nodes.Element) -> str:
    """Return the HTML of a piece of a page, as the page's own writer has it: set up as in Sphinx's write_doc."""
    builder: Any = app.builder
    doctree.settings = builder.docsettings
    builder.secnumbers = app.env.toc_secnumbers.get(page, {})
    builder.fignumbers = app.env.toc_fignumbers.get(page, {})
    writer: Any = builder.create_translator(doctree, builder)
    node.walkabout(writer)
    return "".join(writer.body)


def add_link(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    """Lead from the end of a chapter to its slides."""
    if number := _chapter(page):
        link = f'<a href="{context["pathto"](address(number))}">{escape(tr("Slides of this chapter"))}</a>'
        context["body"] += f'<p class="chapter-slides">{link}</p>'


class Decks:
    """The chapters of one build as they were resolved, whatever process writes them, and the decks made of them."""

    def __init__(self) -> None:
        self.chapters: dict[int, tuple[str, nodes.document]] = {}

    def gather(self, app: Sphinx, doctree: nodes.document, page: str) -> None:
        """Keep a chapter."""
        if number := _chapter(page):
            self.chapters[number] = page, doctree

    def pages(self, app: Sphinx) -> Iterator[tuple[str, dict[str, Any], str]]:
        """Yield the pages of slides for Sphinx to write."""
        for number, (page, doctree) in sorted(self.chapters.items()):
            made = deck(number, page, doctree, partial(_drawn, app, page, doctree))
            bodies = "".join(slide.body for slide in made.slides)
            about = {
                "deck": made,
                "chapter": tr("Chapter {number} of {book}", number=number, book=app.config.html_title),
                "licence": app.config.html_theme_options["extra_footer"],
                "slides": tr("Slides"),
                "back": tr("The chapter, with its data and sources"),
                "previous": tr("Previous slide"),
                "next": tr("Next slide"),
                "theme": tr("Light or dark"),
                "charts": CHART in bodies,
                "mathematics": NEEDED_BY["mathjax"] in bodies,
            }
            yield address(number), about, TEMPLATE


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the extension with Sphinx."""
    decks = Decks()
    app.connect("doctree-resolved", decks.gather)
    app.connect("html-page-context", add_link, priority=800)
    app.connect("html-collect-pages", decks.pages)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
