"""The book's lasting anchors: what others may have linked to, listed in anchors.txt, one address a line.

`make anchors` adds what is new. An address is taken off by hand only, and then a link somewhere breaks: a heading that
changes its words keeps its old anchor by a `(old-anchor)=` on the line before it.
"""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import built

LIST: Final = Path(__file__).with_name("anchors.txt")
CONTENT: Final = ".bd-article :is(section, span, figure, dt, tbody, div)[id]"
# Numbered by the machine, the same in every exercise, or an API name, which a test of the API reference keeps.
PASSING: Final = re.compile(
    r"(?:id|index-|preview-|codecell)?\d+|(?:exercise|solution)-content|.*/.*|mjx-.*|MathJax.*|(?:module-)?compute_scaling.*"
)


def lasting(anchor: str) -> bool:
    """Return whether an anchor means something, so that it can be kept.

    >>> lasting("fig-four-times"), lasting("C23"), lasting("id12")
    (True, True, False)
    """
    return not PASSING.fullmatch(anchor)


def addresses(root: Path, names: Iterable[str]) -> set[str]:
    """Return the addresses of pages, and of their lasting anchors."""
    found = set()
    for name in names:
        anchors = {element["id"] for element in built.parsed(root / name).select(CONTENT)}
        found |= {name, *(f"{name}#{anchor}" for anchor in anchors if lasting(anchor))}
    return found


def problems(listed: Iterable[str], there: set[str]) -> list[str]:
    """Listed addresses that the book no longer has, and addresses that nobody listed."""
    kept = set(listed)
    gone = [f"{address} is gone: give it back, with (anchor)= before its heading" for address in sorted(kept - there)]
    return gone + [f"{address} is not listed: make anchors" for address in sorted(there - kept)]


if __name__ == "__main__":
    known = set(LIST.read_text(encoding="utf-8").split()) if LIST.exists() else set()
    new = addresses(built.HTML, built.pages()) - known
    LIST.write_text("\n".join(sorted(known | new)) + "\n", encoding="utf-8")
    print(f"== {len(new)} new anchors, {len(known | new)} in all: {LIST}")
