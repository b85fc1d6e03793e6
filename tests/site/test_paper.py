"""The paper edition, printed from three pages of the book, and for each check a PDF that is broken on purpose."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path

import built
import paper_checks
import pytest
from playwright.sync_api import BrowserContext
from pypdf import PdfReader, PdfWriter
from pypdf.generic import NameObject
from test_gates_close import objects
from test_site import none

from book_figures.site import one_document, paper
from book_figures.site.one_document import Entry

THREE = ("book-index", "notebooks-03_four_times_larger", "book-glossary")
TALLEST = "notebooks-15_what_happened"
Paper = tuple[Path, PdfReader]


def write_pdf(path: Path, entries: list[Entry]) -> int:
    """Print in a thread of its own: this one's may hold the browser of other tests, and there may be one a thread."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(paper.write_pdf, built.HTML, path, entries).result()


@pytest.fixture(scope="module")
def entries() -> list[Entry]:
    assert built.HTML.is_dir(), "no book to print: run make book first"
    return [entry for entry in one_document.entries(built.HTML) if entry.anchor in THREE]


@pytest.fixture(scope="module")
def printed(entries: list[Entry], tmp_path_factory: pytest.TempPathFactory) -> Paper:
    """Return the PDF of three pages."""
    built.chromium()
    path = tmp_path_factory.mktemp("paper") / "three.pdf"
    count = write_pdf(path, entries)
    reader = PdfReader(path)
    assert count == len(reader.pages) > len(entries)
    return path, reader


def figure_count(entries: list[Entry]) -> int:
    return sum(len(built.figures(built.HTML / entry.address)) for entry in entries)


# ----------------------------------------------------------------------------------------------------------- the pages


def test_the_entries_are_the_table_of_contents() -> None:
    assert [entry.address for entry in one_document.entries(built.HTML)] == built.toc_pages()


def test_contents_outline_and_links(printed: Paper, entries: list[Entry]) -> None:
    none(paper_checks.dead_links(printed[1]))
    none(paper_checks.wrong_contents(printed[1], entries))
    none(paper_checks.wrong_outline(printed[1], entries))


def test_paper_is_drawn_with_lines_and_text(printed: Paper) -> None:
    none(paper_checks.bitmaps(printed[1]))
    none(paper_checks.loose_fonts(printed[1]))
    none(paper_checks.cut_off(printed[1]))


def test_screen_readers_find_their_way_on_paper(printed: Paper, entries: list[Entry]) -> None:
    none(paper_checks.untagged(printed[1], figure_count(entries)))


def test_paper_has_the_words_of_the_pages(printed: Paper) -> None:
    words = [
        "Takeaway",
        "Exercise 3.2 (Compute)",
        "Solution to Exercise 3.2 (Compute)",
        "The largest is an H100 machine",
    ]
    none(paper_checks.missing_words(printed[1], words))
    text = "".join(page.extract_text() for page in printed[1].pages)
    assert text.rindex("Solution to") > text.index("Sources and next"), "solutions come after the chapter"


def test_a_figure_says_what_it_is_set_to(printed: Paper) -> None:
    (figure,) = (
        each for each in built.figures(built.HTML / "notebooks" / "03_four_times_larger.html") if each.controls
    )
    set_to = [f"{control.label}: {control.texts[control.values.index(control.default)]}" for control in figure.controls]
    none(paper_checks.missing_words(printed[1], set_to))


def test_the_tallest_figure_can_be_read(tmp_path: Path) -> None:
    (tallest,) = (entry for entry in one_document.entries(built.HTML) if entry.anchor == TALLEST)
    write_pdf(tmp_path / "one.pdf", [tallest])
    none(paper_checks.tiny_text(PdfReader(tmp_path / "one.pdf")))


def test_nothing_to_click_is_left() -> None:
    chosen = [entry for entry in one_document.entries(built.HTML) if entry.anchor in THREE]
    document = one_document.document(built.HTML, chosen)
    assert not re.search(r"<button|<input|<select|class=\"headerlink|Download as CSV|Slides of this chapter", document)
    ids = re.findall(r' id="([^"]+)"', document)
    assert len(ids) == len(set(ids)), "two anchors of one name"
    assert set(re.findall(r'href="#([^"]+)"', document)) <= set(ids)


def test_two_prints_are_the_same(printed: Paper, entries: list[Entry], tmp_path: Path) -> None:
    again = tmp_path / printed[0].name
    write_pdf(again, entries)
    assert again.read_bytes() == printed[0].read_bytes()


def test_without_a_browser_it_says_how_to_get_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    monkeypatch.setattr(paper, "BROWSERS", ("no-such-browser",))
    assert paper.main([str(built.HTML), "unused.pdf"]) == 1
    assert "apt-get install chromium" in capsys.readouterr().err
    assert not Path("unused.pdf").exists()


# -------------------------------------------------------------------------------------------------------- broken papers


def broken(reader: PdfReader, change: Callable[[PdfWriter], object]) -> PdfReader:
    """Return a PDF with a fault."""
    writer = PdfWriter(clone_from=reader)
    change(writer)
    file = BytesIO()
    writer.write(file)
    return PdfReader(file)


def without(name: str) -> Callable[[PdfWriter], object]:
    return lambda writer: writer.root_object.pop(NameObject(name), None)


def test_dead_links_and_wrong_numbers_are_seen(printed: Paper, entries: list[Entry]) -> None:
    blank = broken(printed[1], lambda writer: writer.insert_blank_page(index=3))
    objects(paper_checks.wrong_contents(blank, entries), "no line with page")
    objects(paper_checks.wrong_contents(printed[1], [Entry("a/b.html", "A chapter")]), "does not have the title")
    objects(paper_checks.dead_links(broken(printed[1], without("/Dests"))), "is nowhere")
    objects(paper_checks.wrong_outline(broken(printed[1], without("/Outlines")), entries), "is not at level 1")
    objects(paper_checks.missing_words(printed[1], ["no such words"]), "no such words")


def test_missing_tags_are_seen(printed: Paper, entries: list[Entry]) -> None:
    objects(paper_checks.untagged(broken(printed[1], without("/MarkInfo")), 0), "no tags")
    objects(paper_checks.untagged(broken(printed[1], without("/Lang")), 0), "the language is None")
    objects(paper_checks.untagged(printed[1], figure_count(entries) + 1), "are described")


def test_bitmaps_loose_fonts_cut_and_tiny_text_are_seen(context: BrowserContext) -> None:
    with context.new_page() as page:
        page.set_content(
            f'<img src="data:image/svg+xml,{SVG}" style="filter: blur(1px)"><canvas></canvas><p>{WORDS}</p>'
        )
        page.evaluate("document.querySelector('canvas').getContext('2d').fillRect(0, 0, 50, 50)")
        reader = PdfReader(BytesIO(page.pdf(margin={"left": "0"})))
    objects(paper_checks.bitmaps(reader), "bitmaps")
    objects(paper_checks.cut_off(reader), "text begins at")
    objects(paper_checks.tiny_text(reader), "text of 5.2 pt")
    fonts = broken(reader, lambda writer: [_loosen(font) for font in writer.pages[0]["/Resources"]["/Font"].values()])
    objects(paper_checks.loose_fonts(fonts), "is not embedded")


WORDS = "Words <small style='font-size: 7px'>few</small>"
SVG = "<svg xmlns='http://www.w3.org/2000/svg' width='40' height='40'><circle r='20'/></svg>"


def _loosen(font: object) -> None:
    inner = font.get_object()
    inner = inner["/DescendantFonts"][0].get_object() if "/DescendantFonts" in inner else inner
    inner.pop("/CharProcs", None)
    inner.pop("/FontDescriptor", None)
