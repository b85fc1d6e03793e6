"""Catalogues (.po files): what is to be translated, what has been, and what is missing.

Texts of code are found in two ways: those written in a call of `tr` are read from the source; those that reach it by a
variable are heard while every notebook runs in the language `xx`. Texts of pages are read from the pages (`blocks`).
Catalogues have no dates and no line numbers, so that they change only when a text does.
"""

import ast
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import yaml
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from sphinx_external_toc.parsing import parse_toc_yaml

from book_figures.edition.blocks import messages
from compute_scaling import data
from compute_scaling.texts import MARKS

ROOT: Final = Path(__file__).parents[3]
SOURCES: Final = ROOT / "src"
PAGES: Final = ROOT / "book" / "locale"
TOC: Final = ROOT / "book" / "_toc.yml"
NAVIGATION: Final = "navigation"
CORE, FIGURES = "compute_scaling", "book_figures"
BUTTONS: Final = {
    "nb_code_prompt_show": "Show code cell {type}",
    "nb_code_prompt_hide": "Hide code cell {type}",
}  # settings whose texts the theme does not translate, as they are without us
THEME: Final = (
    "Main",
    "Page",
    "Search...",
    "Toggle hidden content",
    "Toggle primary sidebar",
    "Toggle secondary sidebar",
)  # names of controls that the theme leaves in English
TABLE_TEXTS: Final = {
    "claims": ("claim", "attributed_to", "as_quoted", "kind", "theme"),
    "readings": ("why", "condition", "hinges_on", "would_change"),
}  # columns in which every text is shown
HEADER: Final = """msgid ""
msgstr ""
"Language: {language}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"

"""
WIDTH: Final = 100

Texts = Mapping[str, Iterable[str]]  # a text -> where it stands


@dataclass(frozen=True)
class Count:
    """How many texts of a catalogue are translated, in doubt (fuzzy) or missing."""

    translated: int
    fuzzy: int
    missing: int

    @property
    def share(self) -> float:
        """The share that is translated, 1 where there is nothing to translate."""
        total = self.translated + self.fuzzy + self.missing
        return self.translated / total if total else 1.0


# -------------------------------------------------------------------------------------------------------------- places


def code_catalogue(package: str, language: str) -> Path:
    """Return where a package's catalogue is."""
    return SOURCES / package / "locale" / language / "LC_MESSAGES" / f"{package}.po"


def languages() -> list[str]:
    """Return the languages that have catalogues of code.

    >>> languages()
    ['fr']
    """
    return sorted(path.parents[1].name for path in code_catalogue(CORE, "*").parents[2].glob(f"*/*/{CORE}.po"))


def page_catalogue(page: str, language: str) -> Path:
    """Return where a page's catalogue is; a page without one is not translated.

    >>> page_catalogue("book/index", "fr").relative_to(ROOT).as_posix()
    'book/locale/fr/book/index.po'
    """
    return PAGES / language / f"{page}.po"


def pages(toc: Path = TOC) -> list[str]:
    """Return the pages of a table of contents on all its levels, in the order of reading.

    >>> pages()[0]
    'book/index'
    """
    return list(parse_toc_yaml(toc))


def translated_pages(language: str) -> list[str]:
    """Return the pages that have a catalogue.

    >>> "book/index" in translated_pages("fr")
    True
    """
    return [page for page in pages() if page_catalogue(page, language).exists()]


def source_of(page: str) -> Path:
    """Return the file of a page, a notebook or Markdown."""
    return next(path for ending in (".ipynb", ".md") if (path := ROOT / f"{page}{ending}").exists())


# ---------------------------------------------------------------------------------------------------------- extraction


def texts_of_page(page: str) -> Texts:
    """Return the texts of a page's prose."""
    path = source_of(page)
    return {text: [] for part in markdown(path) for text in messages(part)}


def markdown(path: Path) -> list[str]:
    """Return the Markdown of a page: its text, or the texts of a notebook's cells."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".md":
        return [text]
    return ["".join(cell["source"]) for cell in json.loads(text)["cells"] if cell["cell_type"] == "markdown"]


def title(page: str) -> str:
    """Return the title of a page.

    >>> title("notebooks/03_four_times_larger")
    'Is it really four times larger?'
    """
    return next(iter(texts_of_page(page)))


def texts_of_navigation() -> Texts:
    """Return the names of the book, of its parts, of the theme's controls and of the pages."""
    toc = yaml.safe_load(TOC.read_text(encoding="utf-8"))
    config = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    footer = config["sphinx"]["config"]["html_theme_options"]["extra_footer"]
    names = [config["title"], config["author"], footer, *(part["caption"] for part in toc["parts"]), *BUTTONS.values()]
    return {text: [] for text in [*names, *THEME, *map(title, pages())]}


def texts_of_tables() -> Texts:
    """Return the texts of data tables that the ledger shows."""
    found: dict[str, list[str]] = {}
    for table, columns in TABLE_TEXTS.items():
        for column in columns:
            for text in data.load(table)[column].dropna():
                found.setdefault(text, [f"data/{table}.csv"])
    return found


def texts_in_source(package: str) -> Texts:
    """Return the texts written in calls of `tr` in a package's source."""
    found: dict[str, list[str]] = {}
    for path in sorted((SOURCES / package).rglob("*.py")):
        where = path.relative_to(SOURCES).as_posix()
        for text in _called(ast.parse(path.read_text(encoding="utf-8"))):
            found.setdefault(text, []).append(where)
    return found


def _called(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and getattr(node.func, "id", getattr(node.func, "attr", "")) == "tr"
            and node.args
        ):
            first = node.args[0]
            if isinstance(first, ast.Constant) and isinstance(first.value, str) and first.value:
                yield first.value


def sorted_out(heard: Mapping[str, Iterable[str]]) -> dict[str, Texts]:
    """Return the texts of each package: those written in its source, those of tables, and those heard in a run.

    heard: by package (`heard.Heard.texts`). A text that both packages use is the core's; one that comes marked was
    translated before.
    """
    core: dict[str, Iterable[str]] = {**texts_of_tables(), **texts_in_source(CORE)}
    core |= {text: [] for text in heard[CORE] if text not in core}
    figures: dict[str, Iterable[str]] = {text: [] for text in heard[FIGURES] if MARKS[0] not in text}
    figures |= texts_in_source(FIGURES)
    return {CORE: core, FIGURES: {text: where for text, where in figures.items() if text not in core}}


# ---------------------------------------------------------------------------------------------------------------- files


def read(path: Path) -> dict[str, Message]:
    """Return the messages of a catalogue by their texts; none where there is no file."""
    if not path.exists():
        return {}
    with path.open("rb") as file:
        return {str(message.id): message for message in read_po(file) if message.id}


def translations(path: Path) -> dict[str, str]:
    """Return what a catalogue has translated; what is in doubt does not count."""
    return {text: str(found.string) for text, found in read(path).items() if found.string and not found.fuzzy}


def write(
    path: Path, texts: Texts, language: str, *, in_order: bool = False, known: Mapping[str, Message] | None = None
) -> None:
    """Write a catalogue of texts with the translations that are known; texts that are gone are dropped.

    in_order: as they stand in the page; else by the place where they stand, and by the text. known: the messages that
    may be reused; without it, those of the file.
    """
    old, catalog = read(path) if known is None else known, Catalog(language)
    texts = texts if in_order else dict(sorted(texts.items()))
    for text, where in texts.items():
        had = old.get(text)
        catalog.add(
            text,
            had.string if had else "",
            locations=[(place, 0) for place in sorted(set(where))],
            flags=had.flags if had else (),
            user_comments=had.user_comments if had else (),
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.write(HEADER.format(language=language).encode())
        write_po(
            file, catalog, width=WIDTH, omit_header=True, include_lineno=False, sort_by_file=not in_order,
        )  # fmt: skip


def compiled(path: Path) -> Path:
    """Compile a catalogue to the .mo file beside it, which Python's gettext reads, and return that file.

    Apostrophes are curled, as Sphinx curls those of prose.
    """
    target = path.with_suffix(".mo")
    with path.open("rb") as source:
        catalog = read_po(source)
    for message in catalog:
        message.string = curled(str(message.string))
    with target.open("wb") as file:
        write_mo(file, catalog)
    return target


def curled(text: str) -> str:
    """Return a text with typographic apostrophes.

    >>> curled("l'IA")
    'l’IA'
    """
    return text.replace("'", "’")


def count(path: Path, texts: Iterable[str]) -> Count:
    """Return how many of some texts a catalogue has."""
    messages = read(path)
    found = [messages.get(text) for text in texts]
    fuzzy = sum(1 for message in found if message and message.string and message.fuzzy)
    done = sum(1 for message in found if message and message.string and not message.fuzzy)
    return Count(done, fuzzy, len(found) - fuzzy - done)
