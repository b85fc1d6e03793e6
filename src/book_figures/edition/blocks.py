"""A page's Markdown as messages: headings, paragraphs, items of lists and titles of boxes, each a text to translate.

What is not prose is left alone: code, options of directives, mathematics, labels. A paragraph is one line in a
catalogue, however it is broken in the page.
"""

import re
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

FENCE: Final = re.compile(r"(?P<fence>\s*(?P<marks>`{3,}|:{3,}|~{3,}))(?:\{(?P<name>[\w:-]+)\})?(?P<title>.*)")
TITLED: Final = {"admonition", "card", "dropdown", "exercise", "grid-item-card", "tab-item"}  # their argument is a text
PROSE: Final = TITLED | {
    "exercise-start", "grid", "important", "note", "solution", "solution-start", "tab-set", "tip", "warning"
}  # fmt: skip
PREFIX: Final = re.compile(r"\s*(?:#{1,6}\s+|[-*+]\s+|\d+[.)]\s+|>\s+|:\s+)?")
OPTION: Final = re.compile(r"\s*:[\w-]+:")
ALONE: Final = re.compile(r"\s*(?:\(.+\)=|%.*|\+\+\+.*|---)$")
LETTERS: Final = re.compile(r"[^\W\d_]{2}")
ROLE: Final = re.compile(r"\{[\w:.-]+\}`[^`]*`")


class Block(NamedTuple):
    """A piece of a page: lines as they stand and, where they are prose, what comes before their text, and the text."""

    lines: list[str]
    prefix: str = ""
    text: str = ""


def messages(page: str) -> list[str]:
    """Return the texts of a page, in order, each once.

    >>> messages("# Title\\n\\nA paragraph\\nof two lines.\\n\\n- an item\\n\\n```python\\ncode()\\n```")
    ['Title', 'A paragraph of two lines.', 'an item']
    """
    return list(dict.fromkeys(block.text for block in blocks(page) if block.text))


def translated(page: str, translate: Callable[[str], str]) -> str:
    """Return a page with each of its texts translated; where there is no translation ("") it stays as it was.

    >>> translated("- an item\\n  of a list", {"an item of a list": "un point d'une liste"}.__getitem__)
    "- un point d'une liste"
    """
    lines: list[str] = []
    for block in blocks(page):
        words = translate(block.text) if block.text else ""
        lines += [block.prefix + words] if words else block.lines
    return "\n".join(lines)


def blocks(page: str) -> Iterator[Block]:
    """Yield the pieces of a page, in order; their lines together are the page."""
    lines, at = page.split("\n"), 0
    opened: list[str] = []  # the fences of boxes whose inside is prose
    while at < len(lines):
        start, fence = at, FENCE.match(lines[at])
        if not fence:
            at = _end_of_text(lines, start)
            yield _text(lines[start:at])
        elif fence["name"] in PROSE:
            opened.append(fence["marks"])
            at = _after_options(lines, start + 1)
            yield from _head(lines[start:at], fence)
        elif fence["marks"] in opened and not fence["title"].strip():
            opened.remove(fence["marks"])
            at += 1
            yield Block(lines[start:at])
        else:
            at = _after_fence(lines, start + 1, fence["marks"])
            yield Block(lines[start:at])


def _end_of_text(lines: list[str], start: int) -> int:
    """Return where the piece ends that starts at a line without a fence."""
    first = lines[start]
    if first.startswith("$$") and "$$" not in first[2:]:
        return next((at + 1 for at in range(start + 1, len(lines)) if "$$" in lines[at]), len(lines))
    if not first.strip() or ALONE.match(first):
        return start + 1
    return next((at for at in range(start + 1, len(lines)) if _begins(lines[at])), len(lines))


def _begins(line: str) -> bool:
    """Whether a line begins a new piece."""
    mark = PREFIX.match(line)
    if not line.strip() or (mark and mark[0].strip()):
        return True
    return bool(FENCE.match(line) or ALONE.match(line)) or line.startswith(("|", "$$"))


def _after_fence(lines: list[str], start: int, marks: str) -> int:
    return next((at + 1 for at in range(start, len(lines)) if lines[at].strip() == marks), len(lines))


def _after_options(lines: list[str], start: int) -> int:
    return next((at for at in range(start, len(lines)) if not OPTION.match(lines[at])), len(lines))


def _head(lines: list[str], fence: "re.Match[str]") -> Iterator[Block]:
    """Yield the first line of a box, with its title where that is a text, and its options."""
    title = fence["title"].strip()
    if fence["name"] in TITLED and LETTERS.search(title):
        yield Block(lines[:1], f"{fence['fence']}{{{fence['name']}}} ", title)
        lines = lines[1:]
    if lines:
        yield Block(lines)


def _text(lines: list[str]) -> Block:
    """Return lines without a fence as a block, with their text where they are prose."""
    mark = PREFIX.match(lines[0])
    prefix = mark[0] if mark else ""
    text = " ".join(line.strip() for line in [lines[0][len(prefix) :], *lines[1:]])
    is_prose = LETTERS.search(ROLE.sub("", text)) and not ALONE.match(lines[0]) and not lines[0].startswith("$$")
    return Block(lines, prefix, text) if is_prose else Block(lines)
