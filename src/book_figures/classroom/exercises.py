"""A chapter's parts as a class needs them: text, code and exercises, each with its solution apart from its question.

A notebook of the book has its exercises as directives in the text. A solution with code runs over several cells, from
`solution-start` to `solution-end`; `parts` gathers it behind its question, in the order of the notebook.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from book_figures.theme import MIME

FENCE: Final = re.compile(r"^(?P<mark>`{3,}|:{3,})(?:\{(?P<name>[\w:-]+)\})?(?P<title>.*)$")
OPTION: Final = re.compile(r"^:(?P<name>[\w-]+):\s*(?P<value>.*)$")


@dataclass(frozen=True)
class Directive:
    """A fenced block with a name in braces; a plain block of code is one without a name.

    title: the words behind the name. options: the lines `:name: value` at its head. body: what it holds.
    """

    name: str
    title: str
    options: Mapping[str, str]
    body: str
    mark: str = "```"


@dataclass(frozen=True)
class Text:
    """Text between two blocks, as the notebook has it."""

    source: str


@dataclass(frozen=True)
class Code:
    """A code cell. figures: name and caption of each figure in its outputs."""

    source: str
    tags: Sequence[str] = ()
    figures: Sequence[tuple[str, str]] = ()


@dataclass
class Exercise:
    """An exercise. kind: Recall, Compute or Argue. code, prose: the solution's cells and its words."""

    label: str
    kind: str
    question: str
    code: list[str] = field(default_factory=list)
    prose: list[str] = field(default_factory=list)


Part = Text | Directive | Code | Exercise


def blocks(text: str) -> Iterator[Text | Directive]:
    r"""Yield the text and the fenced blocks of a piece of MyST Markdown, in order; blocks inside blocks stay in them.

    Raises ValueError for a block without an end.

    >>> [type(block).__name__ for block in blocks("One.\n\n```{exercise} Recall\n:label: ex-1\nWhy?\n```\nTwo.")]
    ['Text', 'Directive', 'Text']
    """
    lines: list[str] = []
    inside: re.Match[str] | None = None
    for line in text.split("\n"):
        fence = FENCE.match(line)
        if inside is None and fence:
            yield from _text(lines)
            inside, lines = fence, []
        elif inside is not None and line.rstrip() == inside["mark"]:
            yield _directive(inside, lines)
            inside, lines = None, []
        else:
            lines.append(line)
    if inside is not None:
        raise ValueError(f"{inside[0]!r} has no end; expected a line {inside['mark']}")
    yield from _text(lines)


def _text(lines: list[str]) -> Iterator[Text]:
    text = "\n".join(lines).strip("\n")
    if text.strip():
        yield Text(text)


def _directive(fence: re.Match[str], lines: list[str]) -> Directive:
    options = {}
    if fence["name"]:
        while lines and (option := OPTION.match(lines[0])):
            options[option["name"]] = option["value"].strip()
            lines = lines[1:]
    return Directive(fence["name"] or "", fence["title"].strip(), options, "\n".join(lines).strip("\n"), fence["mark"])


def parts(notebook: Mapping[str, Any]) -> list[Part]:
    """Return a notebook's text, code and exercises in order, each exercise with its solution.

    notebook: as nbformat has it, with its outputs. A solution's cells that only hand numbers to the text (tagged
    remove-cell) are no part of it.

    Raises ValueError for a solution whose exercise does not stand before it, or one that does not end.
    """
    found: list[Part] = []
    exercises: dict[str, Exercise] = {}
    solved: Exercise | None = None
    for cell in notebook["cells"]:
        for part in _parts_of(cell):
            if isinstance(part, Directive) and part.name == "exercise":
                exercise = Exercise(part.options["label"], part.title, part.body)
                exercises[exercise.label] = exercise
                found.append(exercise)
            elif isinstance(part, Directive) and part.name in ("solution", "solution-start"):
                if part.title not in exercises:
                    raise ValueError(f"a solution to {part.title!r}; expected one of {', '.join(exercises) or 'none'}")
                solved = exercises[part.title]
                if part.name == "solution":
                    solved.prose.append(part.body)
                    solved = None
            elif isinstance(part, Directive) and part.name == "solution-end":
                solved = None
            elif solved is None:
                found.append(part)
            elif isinstance(part, Text):
                solved.prose.append(part.source)
            elif isinstance(part, Code) and "remove-cell" not in part.tags:
                solved.code.append(part.source)
    if solved is not None:
        raise ValueError(f"the solution to {solved.label} has no end; expected {{solution-end}}")
    return found


def _parts_of(cell: Mapping[str, Any]) -> Iterator[Text | Directive | Code]:
    source = "".join(cell["source"])
    if cell["cell_type"] == "markdown":
        yield from blocks(source)
        return
    specs = [output["data"][MIME] for output in cell["outputs"] if MIME in output.get("data", {})]
    figures = [spec["usermeta"]["figure"] for spec in specs]
    named = [(figure["name"], figure["caption"]) for figure in figures]
    yield Code(source, tuple(cell["metadata"].get("tags", ())), tuple(named))


def handed_over(notebook: Mapping[str, Any]) -> dict[str, str]:
    """Return the texts that a notebook hands to its prose (`book_figures.say`), by name."""
    outputs = [output for cell in notebook["cells"] for output in cell.get("outputs", ())]
    records = [output for output in outputs if "scrapbook" in output.get("metadata", {})]
    return {
        record["metadata"]["scrapbook"]["name"]: "".join(next(iter(record["data"].values())))[1:-1]
        for record in records
    }
