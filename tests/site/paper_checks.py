"""What must be true of the paper edition. Each check returns the problems it sees, in words; none is good.

`test_paper.py` runs them on a PDF of a few pages, and shows each of them one that is broken on purpose.
"""

import math
from collections.abc import Iterator, Sequence

from pypdf import PageObject, PdfReader
from pypdf.generic import Destination

from book_figures.site.one_document import Entry
from book_figures.site.paper import page_numbers

FRAME_PT = 28  # a centimetre that stays white around everything
LEAST_PT = 5.9  # type for the eye at arm's length, less what rounding takes


def dead_links(reader: PdfReader) -> list[str]:
    """Links inside the PDF that lead to no page of it."""
    numbers = page_numbers(reader)
    found = []
    for number, page in enumerate(reader.pages, start=1):
        for link in _links(page):
            name = str(link.get("/Dest", "")).removeprefix("/")
            if name and name not in numbers:
                found.append(f"page {number}: {name} is nowhere")
            address = str(link.get("/A", {}).get("/URI", ""))
            if address.startswith("file:"):
                found.append(f"page {number}: {address} leads to this machine")
    return found


def _links(page: PageObject) -> Iterator[dict[str, object]]:
    for annotation in page.get("/Annots", []):
        link = annotation.get_object()
        if link.get("/Subtype") == "/Link":
            yield link


def wrong_contents(reader: PdfReader, entries: Sequence[Entry]) -> list[str]:
    """Chapters whose number in the contents is not that of the page on which their title stands."""
    lines = [line.strip() for page in reader.pages[1:3] for line in page.extract_text().splitlines()]
    found = []
    for entry in entries:
        number = page_numbers(reader).get(entry.anchor, 0)
        start = _bare(reader.pages[number - 1].extract_text()) if number else ""
        if _bare(entry.title) not in start:
            found.append(f"{entry.title}: its page {number} does not have the title")
        if not any(_bare(line) == _bare(f"{entry.title}{number}") for line in lines):
            found.append(f"{entry.title}: no line with page {number} in the contents")
    return found


def wrong_outline(reader: PdfReader, entries: Sequence[Entry]) -> list[str]:
    """Parts and chapters that the outline lacks, has at another level, or leads to another page."""
    wanted = [(0, entry.opens) for entry in entries if entry.opens]
    wanted += [(entry.depth, entry.title) for entry in entries]
    places = {(level, _bare(item.title)): reader.get_destination_page_number(item) for level, item in
              _outline(reader.outline)}  # fmt: skip
    found = [f"{title!r} is not at level {level}" for level, title in wanted if (level, _bare(title)) not in places]
    for entry in entries:
        place = places.get((entry.depth, _bare(entry.title)))
        if place is not None and place + 1 != page_numbers(reader).get(entry.anchor):
            found.append(f"{entry.title!r} leads to page {place + 1}")
    return found


def _outline(items: Sequence[object], level: int = 0) -> Iterator[tuple[int, Destination]]:
    for item in items:
        if isinstance(item, list):
            yield from _outline(item, level + 1)
        else:
            yield level, item


def bitmaps(reader: PdfReader) -> list[str]:
    """Pages with pictures of points: every chart should be drawn with lines."""
    pictures = [sum(_pictures(page["/Resources"])) for page in reader.pages]
    return [f"page {number} has {count} bitmaps" for number, count in enumerate(pictures, start=1) if count]


def _pictures(resources: dict[str, object]) -> Iterator[int]:
    for item in resources.get("/XObject", {}).values():
        drawn = item.get_object()
        yield int(drawn["/Subtype"] == "/Image")
        yield from _pictures(drawn.get("/Resources", {}))


def missing_words(reader: PdfReader, words: Sequence[str]) -> list[str]:
    """Words that the text of the PDF lacks."""
    text = _bare("".join(page.extract_text() for page in reader.pages))
    return [f"no {word!r}" for word in words if _bare(word) not in text]


def loose_fonts(reader: PdfReader) -> list[str]:
    """Fonts that are not inside the PDF."""
    found = set()
    for page in reader.pages:
        for font in page["/Resources"].get("/Font", {}).values():
            inner = font.get_object()
            inner = inner["/DescendantFonts"][0].get_object() if "/DescendantFonts" in inner else inner
            about = inner.get("/FontDescriptor", {})
            if "/CharProcs" not in inner and not {"/FontFile", "/FontFile2", "/FontFile3"} & set(about):
                found.add(f"{inner.get('/BaseFont')} is not embedded")
    return sorted(found)


def untagged(reader: PdfReader, figures: int, language: str = "en") -> list[str]:
    """What a screen reader lacks: tags, the language, the title, a description of each figure."""
    root = reader.trailer["/Root"]
    found = [] if root.get("/MarkInfo", {}).get("/Marked") else ["no tags"]
    found += [] if root.get("/Lang") == language else [f"the language is {root.get('/Lang')}"]
    found += [] if reader.metadata and reader.metadata.title else ["no title"]
    described = sum(1 for tag in _tags(root.get("/StructTreeRoot")) if tag.get("/S") == "/Figure" and tag.get("/Alt"))
    return found + ([] if described >= figures else [f"{described} figures of {figures} are described"])


def _tags(node: object) -> Iterator[dict[str, object]]:
    stack, seen = [node], set()
    while stack:
        item = stack.pop()
        item = item.get_object() if hasattr(item, "get_object") else item
        if isinstance(item, list):
            stack.extend(item)
        elif isinstance(item, dict) and id(item) not in seen:
            seen.add(id(item))
            yield item
            stack.append(item.get("/K"))


def cut_off(reader: PdfReader) -> list[str]:
    """Pages with text that reaches into the margin, where a sheet may be cut."""
    found = []
    for number, page in enumerate(reader.pages, start=1):
        places: list[float] = []
        page.extract_text(visitor_text=lambda text, cm, tm, *_: places.append(_x(cm, tm)) if text.strip() else None)  # noqa: B023
        right = float(page.mediabox.width) - FRAME_PT
        if places and (min(places) < FRAME_PT or max(places) > right):
            found.append(f"page {number}: text begins at {min(places):.0f} to {max(places):.0f} pt")
    return found


def tiny_text(reader: PdfReader) -> list[str]:
    """Pages with text too small to read on paper, such as that of a figure which was shrunk too far."""
    found = []
    for number, page in enumerate(reader.pages, start=1):
        sizes: list[float] = []
        page.extract_text(visitor_text=lambda text, *about: sizes.append(_size(*about)) if text.strip() else None)  # noqa: B023
        if sizes and min(sizes) < LEAST_PT:
            found.append(f"page {number}: text of {min(sizes):.1f} pt")
    return found


def _size(cm: Sequence[float], tm: Sequence[float], _: object, size: float) -> float:
    return size * math.hypot(tm[2], tm[3]) * math.hypot(cm[2], cm[3])


def _x(cm: Sequence[float], tm: Sequence[float]) -> float:
    return tm[4] * cm[0] + tm[5] * cm[2] + cm[4]


def _bare(text: str) -> str:
    return "".join(text.split())
