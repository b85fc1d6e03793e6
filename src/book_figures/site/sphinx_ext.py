"""The Sphinx extension of the book: charts become figures, scripts come from here, numbers are quoted with care.

- the chart renderer (a myst-nb plugin): a numbered figure with caption, alt text, data table and CSV link;
- scripts and fonts staged once from installed packages, so that no page asks another host for anything;
- roles: `said` quotes a number of the article and checks it against data/claims.csv, `chapter` leads to a chapter;
- directives: `figure-from` shows a notebook's figure on another page, `sources` lists data/sources.csv, `ledger` and
  `verdict-strip` show every verdict.
"""

import json
import posixpath
import re
import shutil
from collections.abc import Iterable
from functools import lru_cache
from html import escape
from importlib.metadata import files
from pathlib import Path, PurePosixPath
from typing import Any, ClassVar, Final

import pandas as pd
import vl_convert
from docutils import nodes
from docutils.statemachine import StringList
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.environment import BuildEnvironment
from sphinx.errors import ExtensionError
from sphinx.util.docutils import ReferenceRole, SphinxDirective, SphinxRole

from book_figures import html, numbers
from book_figures.ledger_table import LEDGER, both_days, strip_html, table_html
from book_figures.site.chart_tools import tools_html
from book_figures.texts import tr
from book_figures.theme import MIME
from book_figures.what_was_claimed import CHAPTERS
from compute_scaling import data

STATIC: Final = Path(__file__).parent / "static"
TEMPLATES: Final = Path(__file__).parent / "templates"
VEGA: Final = "vega.js"
VEGA_LITE: Final = "6.4"
MATHJAX: Final = ("mathjax/tex-chtml-full.js", "mathjax/output/chtml/fonts/")
CHART: Final = '<div class="chart"'
TABLE: Final = 'class="table-scroll"'
CHAPTER: Final = re.compile(r"notebooks/(\d\d)_\w+")
LEDGER_PAGE: Final = "notebooks/16_the_ledger"
UNWANTED: Final = re.compile(r"thebe|require\.min\.js|^https?://")
NEEDED_BY: Final = {
    "mathjax": 'class="math',
    "design": r'class="[^"]*\bsd-',
    "clipboard|copybutton": 'class="highlight',
    "toggle": r'class="[^"]*\b(?:toggle|dropdown)\b',
    "exercise": r'class="[^"]*\b(?:exercise|solution)\b',
    "mystnb": r'class="[^"]*\b(?:cell|pasted-text)\b',
}  # scripts and styles of other packages -> what on a page needs them
THEBE: Final = re.compile(
    r'<script type="text/x-thebe-config">.*?</script>\s*<script>kernelName = .*?</script>', re.DOTALL
)


# ------------------------------------------------------------------------------------------------------------- charts


def figure_html(spec: dict[str, Any]) -> str:
    """Return the HTML of a chart: its specification, a place for controls and readout, and a place to draw."""
    about = spec["usermeta"]["figure"]
    text = json.dumps(spec, separators=(",", ":"), ensure_ascii=False).replace("</", "<\\/")
    readout = '<output class="chart-readout" aria-live="polite"></output>' if "readout" in about else ""
    return (
        f'{CHART} data-figure="{about["name"]}"><script type="application/json">{text}</script>'
        f'<div class="chart-controls"></div>{readout}<div class="chart-view"></div>{tools_html()}'
        f"<noscript>{tr('This chart needs JavaScript. Its chapter has its data in a table.')}</noscript></div>"
    )


def legend_html(spec: dict[str, Any], sources_page: str) -> str:
    """Return the fold-out data table of a chart, with its CSV link."""
    about = spec["usermeta"]["figure"]
    columns, rows = about["table"]["columns"], about["table"]["rows"]
    return html.folded(tr("Show the data"), columns, rows, about["name"], sources=sources_page)


def figure_node(spec: dict[str, Any], document: nodes.document, parse: Any) -> nodes.figure:
    """Return a docutils figure: the chart, its caption (parsed as text of the page) and its data."""
    about = spec["usermeta"]["figure"]
    figure = nodes.figure(classes=["chart-figure"], names=[about["name"]], align="default")
    document.note_explicit_target(figure, figure)
    figure += nodes.raw("", figure_html(spec), format="html")
    figure += nodes.caption("", "", *parse(about["caption"]))
    figure += nodes.legend("", nodes.raw("", legend_html(spec, html.SOURCES_PAGE), format="html"))
    return figure


class ChartRenderer:
    """The myst-nb plugin that turns a chart output into a figure."""

    mime_priority_overrides: ClassVar = [("*", MIME, 1)]

    @staticmethod
    def handle_mime(renderer: Any, mime: Any, inline: bool) -> list[nodes.Element] | None:
        """Return the figure for a chart output, None for any other."""
        if mime.mime_type != MIME or inline:
            return None
        if "figure" not in mime.content.get("usermeta", {}):
            raise ExtensionError(f"{renderer.source}: a chart that is no book_figures.figure")
        return [figure_node(mime.content, renderer.renderer.document, lambda text: _parsed(renderer, text))]


def _parsed(renderer: Any, text: str) -> list[nodes.Node]:
    holder = nodes.paragraph()
    with renderer.renderer.current_node_context(holder):
        renderer.renderer.nested_render_text(text, 0, inline=True)
    return holder.children


def notebook_figures(path: Path) -> dict[str, dict[str, Any]]:
    """Return the chart specifications in a notebook's committed outputs, by figure name."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    outputs = [output.get("data", {}) for cell in cells for output in cell.get("outputs", [])]
    specs = [output[MIME] for output in outputs if MIME in output]
    return {spec["usermeta"]["figure"]["name"]: spec for spec in specs}


class FigureFrom(SphinxDirective):
    """`{figure-from} notebooks/03_four_times fig-name`: show a notebook's figure on another page."""

    required_arguments = 2

    def run(self) -> list[nodes.Node]:
        """Return the chart with its caption and a link to where it stands with its data; it has no number here."""
        notebook, name = self.arguments
        path = Path(self.env.srcdir) / f"{notebook}.ipynb"
        self.env.note_dependency(str(path))
        found = notebook_figures(path)
        if name not in found:
            raise self.error(f"{notebook} has no figure {name}; it has {', '.join(found)}")
        chart = nodes.raw("", figure_html(found[name]), format="html")
        text = f"{found[name]['usermeta']['figure']['caption']} ({{numref}}`{name}`)"
        holder = nodes.container(classes=["chart-figure"])
        holder += chart
        self.state.nested_parse(StringList([text], source=str(path)), self.content_offset, holder)
        return [holder]


# -------------------------------------------------------------------------------------------- quoted numbers, sources


class Said(SphinxRole):
    """`` {said}`C24` `` : a number as the article has it, from data/claims.csv."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Return the quoted words of the claim."""
        claims = data.load("claims").set_index("claim_id")["as_quoted"]
        quoted = claims.get(self.text)
        if not isinstance(quoted, str):
            message = self.inliner.reporter.error(f"said: {self.text!r} is no claim with a number to quote")
            return [], [message]
        return [nodes.inline(self.text, tr(quoted), classes=["said"])], []


class Chapter(ReferenceRole):
    """`` {chapter}`4` `` : "chapter 4", linked to it once it is written; `` {chapter}`words <4>` `` has other words."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Return the words, linked where the chapter is in the table of contents."""
        number = int(self.target) if self.target.isdecimal() else 0
        if number not in CHAPTERS:
            return [], [self.inliner.reporter.error(f"chapter: {self.target!r}; expected 1 to {len(CHAPTERS)}")]
        usual = tr("chapter {number}", number=number).replace(" ", numbers.NO_BREAK)
        words = nodes.inline("", self.title if self.has_explicit_title else usual)
        found = [doc for doc in self.env.found_docs if (match := CHAPTER.fullmatch(doc)) and int(match[1]) == number]
        if not found:
            return [words], []
        reference = pending_xref(
            "", words, refdomain="std", reftype="doc", reftarget=f"/{found[0]}", refdoc=self.env.docname,
            refexplicit=True, refwarn=True,
        )  # fmt: skip
        return [reference], []


class Sources(SphinxDirective):
    """`{sources}`: the list of all sources, each row an anchor that tables and cards link to."""

    def run(self) -> list[nodes.Node]:
        """Return a section-less list, sorted by id."""
        self.env.note_dependency(str(data.FOLDER / "sources.csv"))
        items = [_source_item(row) for row in data.load("sources").to_dict("records")]
        return [nodes.raw("", f'<dl class="sources">{"".join(items)}</dl>', format="html")]


def _source_item(row: dict[Any, Any]) -> str:
    published = "" if pd.isna(row["published_on"]) else f", {row['published_on']:%Y-%m-%d}"
    title = escape(row["title"])
    link = title if pd.isna(row["url"]) else f'<a href="{escape(row["url"])}">{title}</a>'
    note = "" if pd.isna(row["note"]) else " " + escape(tr("Note: {note}.", note=row["note"]))
    read = tr("Read {day}; licence: {licence}.", day=f"{row['accessed_on']:%Y-%m-%d}", licence=row["licence"])
    return (
        f'<dt id="source-{row["source_id"]}">{row["source_id"]}</dt>'
        f"<dd>{escape(row['producer'])}{published}: {link}. {escape(read)}{note}</dd>"
    )


class VerdictStrip(SphinxDirective):
    """`{verdict-strip}`: all verdicts, one mark a claim, each linked to its row in the ledger."""

    def run(self) -> list[nodes.Node]:
        """Return the strip."""
        _depends_on_tables(self.env)
        if LEDGER_PAGE not in self.env.found_docs:
            raise self.error(f"verdict-strip leads to {LEDGER_PAGE}, which is not in the table of contents")
        page = posixpath.relpath(f"{LEDGER_PAGE}.html", PurePosixPath(self.env.docname).parent)
        return [nodes.raw("", strip_html(_verdicts(), page), format="html")]


class LedgerTable(SphinxDirective):
    """`{ledger}`: every claim with both verdicts, as a table to filter and sort; chapters linked where written."""

    def run(self) -> list[nodes.Node]:
        """Return the table."""
        _depends_on_tables(self.env)
        pages = chapter_pages(self.env.found_docs, self.env.docname)
        return [nodes.raw("", table_html(_verdicts(), pages), format="html")]


def chapter_pages(docs: Iterable[str], here: str) -> dict[int, str]:
    """Return the address of each written chapter, as seen from a page: chapters are `notebooks/NN_...`.

    >>> chapter_pages(["book/index", "notebooks/03_four_times"], "book/index")
    {3: '../notebooks/03_four_times.html'}
    """
    found = [match for match in map(CHAPTER.fullmatch, sorted(docs)) if match]
    return {int(match[1]): posixpath.relpath(f"{match[0]}.html", posixpath.dirname(here)) for match in found}


@lru_cache
def _verdicts() -> pd.DataFrame:
    """Return the ledger of both days, computed once a build."""
    return both_days()


def _depends_on_tables(env: BuildEnvironment) -> None:
    for table in data.tables():
        env.note_dependency(str(data.FOLDER / f"{table}.csv"))


# ---------------------------------------------------------------------------------------------------- scripts, styles


def add_templates(app: Sphinx, config: Config) -> None:
    """Let the book's own templates come before the theme's."""
    config.templates_path.append(str(TEMPLATES))


def stage_scripts(app: Sphinx) -> None:
    """Copy scripts, styles and mathematical fonts from installed packages into the book's own folder."""
    staged = Path(app.doctreedir).parent / ".staged"
    staged.mkdir(parents=True, exist_ok=True)
    bundle = staged / VEGA
    if not bundle.exists() or bundle.stat().st_mtime < Path(vl_convert.__file__).stat().st_mtime:
        script = vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;", VEGA_LITE)
        bundle.write_text(f"(() => {{{script}}})();\n", encoding="utf-8")
    for name in (
        "book.css", "chart.js", "chart_tools.js", "finder.js", "ledger.js", "paper.css", "paper.js", "previews.js",
        "slides.css", "slides.js", "tables.js",
    ):  # fmt: skip
        shutil.copyfile(STATIC / name, staged / name)
    for file in files("sphinx-mathjax-offline") or []:
        inside = str(file).partition("/static/")[2]
        if inside.startswith(MATHJAX):
            target = staged / inside
            if not target.exists():
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(str(file.locate()), target)
    app.config.html_static_path.append(str(staged))


def page_scripts(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    """Give a page the scripts of charts and of the ledger only where it has one, and no script of another host."""
    if CHART in context.get("body", ""):
        app.add_js_file(VEGA, loading_method="defer")
        app.add_js_file("chart.js", loading_method="defer")
        app.add_js_file("chart_tools.js", loading_method="defer")
    if LEDGER in context.get("body", ""):
        app.add_js_file("ledger.js", loading_method="defer")
    if TABLE in context.get("body", ""):
        app.add_js_file("tables.js", loading_method="defer")
    # docutils calls the entries a list but not list items, which screen readers then miscount
    body = context.get("body", "").replace('<div role="list" class="citation-list">', '<div class="citation-list">')
    context["body"] = body = THEBE.sub("", body)
    for kind in ("script_files", "css_files"):
        context[kind] = [file for file in context.get(kind, []) if is_needed(_source(file), body)]


def is_needed(source: str, body: str) -> bool:
    """Return whether a page needs a script or style sheet: not one of another host, nor one that nothing uses.

    >>> is_needed("_static/copybutton.js", '<div class="highlight">'), is_needed("_static/copybutton.js", "<p>")
    (True, False)
    """
    wanted = all(re.search(there, body) for file, there in NEEDED_BY.items() if re.search(file, source))
    return wanted and not UNWANTED.search(source)


def _source(file: Any) -> str:
    """Return the address of a script or style sheet, or its text where it stands in the page."""
    return str(getattr(file, "filename", file) or file.attributes.get("body", ""))


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the extension with Sphinx."""
    app.add_role("chapter", Chapter())
    app.add_role("said", Said())
    app.add_directive("figure-from", FigureFrom)
    app.add_directive("ledger", LedgerTable)
    app.add_directive("sources", Sources)
    app.add_directive("verdict-strip", VerdictStrip)
    app.add_css_file("book.css")
    app.connect("config-inited", add_templates)
    app.connect("builder-inited", stage_scripts)
    app.connect("html-page-context", page_scripts, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
