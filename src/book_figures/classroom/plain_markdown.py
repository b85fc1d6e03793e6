"""The book's text as plain Markdown, which every notebook program draws.

JupyterLab knows nothing of the roles and blocks that the book's pages are written with. Here each becomes words: a
number handed over by code is written out, a term or a chapter is named, a figure is named by its number in the book, a
block becomes a quotation under its title. With the address of a published book, pages and terms are links to it.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Final

from pybtex.database import Entry, parse_file

from book_figures.classroom.exercises import Directive, Text, blocks, handed_over
from book_figures.texts import tr

ROLE: Final = re.compile(r"\{(?P<name>[a-z]+(?::[a-z]+)?)\}`(?P<content>[^`]+)`")
EXPLICIT: Final = re.compile(r"(?P<words>.*?)\s*<(?P<target>[^<>]+)>", re.S)
SPECIAL: Final = re.compile(r"([\\`*_$<\[\]])")
NO_WORD: Final = re.compile(r"\W+")
FORMULA: Final = re.compile(r"\$\$.+?\$\$", re.S)  # JupyterLab reads it before it reads the marks of a quotation
ENTRY: Final = re.compile(r"(?P<names>(?:^(?! |`)\S.*\n)+)  (?P<meaning>\S.*)", re.M)
LEFT_OVER: Final = re.compile(r"\{[a-z:-]+\}`|^[`:]{3,}\{|^:::|^:[a-z]+:|^\(.*\)=$", re.M)


@dataclass(frozen=True)
class Words:
    """What roles stand for in one chapter.

    handed: name -> text, as `exercises.handed_over` gives it. figures: name -> number ("3.2"). said: claim -> the
    article's words. root: the folder of the project, for titles, glossary and bibliography. book: the address of the
    published book with its closing slash, empty for none.
    """

    handed: Mapping[str, str] = field(default_factory=dict)
    figures: Mapping[str, str] = field(default_factory=dict)
    said: Mapping[str, str] = field(default_factory=dict)
    root: Path = Path()
    book: str = ""

    def link(self, words: str, page: str) -> str:
        """Return words, linked to a page of the published book if there is one."""
        return f"[{words}]({self.book}{page})" if self.book else words


def escaped(text: str) -> str:
    r"""Return a text with every mark that Markdown would read as its own written literally.

    >>> escaped("$6 billion")
    '\\$6 billion'
    """
    return SPECIAL.sub(r"\\\1", text)


def plain(text: str, words: Words) -> str:
    r"""Return MyST Markdown as plain Markdown.

    Raises KeyError for a role or a block that has no plain form, and for a name that nothing stands behind.

    >>> plain("So {glue:text}`n` {term}`GPUs`, as in {numref}`fig-x`.", Words({"n": "24,576"}, {"fig-x": "3.2"}))
    'So 24,576 GPUs, as in Fig. 3.2.'
    >>> plain(":::{admonition} Guess first\n:class: hint\nHow many?\n:::", Words())
    '> **Guess first**\n>\n> How many?'
    """
    return "\n\n".join(
        _roles(block.source, words) if isinstance(block, Text) else _block(block, words) for block in blocks(text)
    )


def left_over(text: str) -> list[str]:
    """Return what is still MyST in a text that should be plain."""
    return [match[0].strip() for match in LEFT_OVER.finditer(text)]


def _block(block: Directive, words: Words) -> str:
    if not block.name:
        return f"{block.mark}{block.title}\n{block.body}\n{block.mark}"
    if block.name == "ledger":
        page = words.link(tr("the book's page of the ledger"), "notebooks/16_the_ledger.html")
        return tr("(The table of all claims stands on {page}.)", page=page)
    if block.name not in ("admonition", "dropdown"):
        raise KeyError(f"{block.name!r} has no plain form; expected admonition, dropdown or ledger")
    one_line = FORMULA.sub(lambda formula: " ".join(formula[0].split()), plain(block.body, words))
    quoted = "\n".join(f"> {line}".rstrip() for line in one_line.split("\n"))
    return f"> **{block.title}**\n>\n{quoted}"


def _roles(text: str, words: Words) -> str:
    return ROLE.sub(lambda match: FORMS[match["name"]](match["content"], words), text)


def _split(content: str) -> tuple[str, str]:
    """Return the words and the target of a role; the words are empty where the role has only a target."""
    explicit = EXPLICIT.fullmatch(content)
    return (explicit["words"], explicit["target"]) if explicit else ("", content)


def _glue(content: str, words: Words) -> str:
    notebook, _, name = content.rpartition("::")
    if not notebook:
        return escaped(words.handed[content])
    return escaped(handed_by(words.root / "notebooks" / notebook)[name.partition(":")[0]])


@lru_cache
def handed_by(path: Path) -> dict[str, str]:
    """Return the texts that another notebook hands to its prose, by name."""
    return handed_over(json.loads(path.read_text(encoding="utf-8")))


def _said(content: str, words: Words) -> str:
    return escaped(words.said[content])


def _term(content: str, words: Words) -> str:
    title, target = _split(content)
    return words.link(title or target, f"book/glossary.html#term-{NO_WORD.sub('-', target)}")


def _chapter(content: str, words: Words) -> str:
    title, target = _split(content)
    page = next((words.root / "notebooks").glob(f"{int(target):02d}_*.ipynb")).stem
    return words.link(title or tr("chapter {number}", number=target), f"notebooks/{page}.html")


def _numref(content: str, words: Words) -> str:
    return tr("Fig. {number}", number=words.figures[content])


def _doc(content: str, words: Words) -> str:
    title, target = _split(content)
    path = target.lstrip("/") if target.startswith("/") else f"notebooks/{target}"
    return words.link(title or f"*{page_title(words.root / path)}*", f"{path}.html")


@lru_cache
def page_title(path: Path) -> str:
    """Return the first heading of a page or a notebook of the book; path: without its ending."""
    ending = ".md" if path.with_name(f"{path.name}.md").exists() else ".ipynb"
    heading = re.search(r"(?:^|\")# (.+?)(?:\\n)?\"?,?$", path.with_name(path.name + ending).read_text("utf-8"), re.M)
    if heading is None:
        raise ValueError(f"{path.name}{ending} has no heading")
    return heading[1]


def _cite_text(content: str, words: Words) -> str:
    return ", ".join(_cited(key.strip(), words, "{author} ({year})") for key in content.split(","))


def _cite(content: str, words: Words) -> str:
    return f"({'; '.join(_cited(key.strip(), words, '{author}, {year}') for key in content.split(','))})"


def _cited(key: str, words: Words, form: str) -> str:
    entry = bibliography(words.root / "book" / "references.bib")[key]
    text = form.format(author=authors(entry), year=entry.fields["year"])
    doi = entry.fields.get("doi")
    address = f"https://doi.org/{doi}" if doi else entry.fields.get("url")
    return f"[{text}]({address})" if address else text


@lru_cache
def bibliography(path: Path) -> Mapping[str, Entry]:
    """Return the entries of the bibliography by key."""
    return dict(parse_file(str(path)).entries.items())


def authors(entry: Entry) -> str:
    """Return how a text names the authors of an entry: one, two, or the first and the rest."""
    people = entry.persons["author"]
    names = [" ".join(map(str, [*person.rich_prelast_names, *person.rich_last_names])) for person in people]
    if len(names) > 2:
        return tr("{first} et al.", first=names[0])
    return tr("{first} and {second}", first=names[0], second=names[1]) if len(names) == 2 else names[0]


def glossary(path: Path) -> dict[str, tuple[str, str]]:
    """Return each name of the glossary with the entry's first name and its meaning, as MyST."""
    inside = path.read_text("utf-8").partition("```{glossary}\n")[2].partition("\n```")[0]
    found: dict[str, tuple[str, str]] = {}
    for entry in ENTRY.finditer(inside):
        names = entry["names"].strip().split("\n")
        found |= {name.lower(): (names[0], entry["meaning"]) for name in names}
    return found


def terms(text: str) -> list[str]:
    """Return the terms that a text links, in the order of their first links.

    >>> terms("Many {term}`GPUs` in a {term}`room <cluster>`; more {term}`GPUs`.")
    ['GPUs', 'cluster']
    """
    linked = [_split(match["content"])[1] for match in ROLE.finditer(text) if match["name"] == "term"]
    return list(dict.fromkeys(linked))


FORMS: Final = {
    "glue:text": _glue,
    "said": _said,
    "term": _term,
    "chapter": _chapter,
    "numref": _numref,
    "doc": _doc,
    "cite:t": _cite_text,
    "cite:p": _cite,
}
