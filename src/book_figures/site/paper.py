"""`python -m book_figures.site.paper`: the whole book as one PDF, printed by Chromium from the built pages.

The document of `one_document` is printed twice: the first print says on which page each chapter begins, the second has
those numbers in its contents. Chromium sets the text, the vector charts, the tags and the outline; what it stamps with
the time of the day is replaced by the day of the data, so that two prints are the same.
"""

import argparse
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Final

from playwright.sync_api import Page, sync_playwright
from pypdf import PdfReader, PdfWriter

from book_figures.site import one_document
from book_figures.site.one_document import Entry
from book_figures.texts import tr
from compute_scaling import data

BROWSERS: Final = ("chromium", "chromium-browser", "google-chrome")
QUIET: Final = ("--no-sandbox", "--no-first-run", "--disable-background-networking", "--disable-component-update")
COLUMN_PX: Final = 643  # the width of the text on the sheet: what charts are drawn for
SHEET_PX: Final = 963  # the height of the text
FIGURE_PX: Final = 890  # that of the largest figure: the sheet less a heading
PATIENCE_MS: Final = 120_000
MOST_PRINTS: Final = 3


class NoBrowserError(RuntimeError):
    """No browser to print with on this machine."""


def browser_path() -> str:
    """Return where Chromium is. Raises NoBrowserError, which says how to get it, when there is none."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        raise NoBrowserError(
            tr("The PDF is printed by Chromium, which this machine lacks; on Debian: apt-get install chromium")
        )
    return found


def write_pdf(root: Path, target: Path, chosen: Sequence[Entry] | None = None) -> int:
    """Print the book built in a folder, or the chosen pages of it, into one PDF; return the number of its pages.

    Raises NoBrowserError without Chromium, RuntimeError when a chart cannot be drawn.
    """
    browser = browser_path()
    source = root.parent / f"{target.stem}.html"
    source.write_text(one_document.document(root, chosen or one_document.entries(root)), encoding="utf-8")
    try:
        with _opened(source, browser) as page:
            numbers: dict[str, int] = {}
            for _ in range(MOST_PRINTS):
                page.evaluate("(numbers) => paper.number(numbers)", numbers)
                reader = PdfReader(BytesIO(page.pdf(prefer_css_page_size=True, outline=True, tagged=True)))
                before, numbers = numbers, page_numbers(reader)
                if numbers == before:
                    break
    finally:
        source.unlink()
    _finish(reader, target)
    return len(reader.pages)


def page_numbers(reader: PdfReader) -> dict[str, int]:
    """Return the page, counted from one, of every anchor that a link of the PDF leads to."""
    found = {}
    for name, destination in reader.named_destinations.items():
        number = reader.get_destination_page_number(destination)
        if number is not None:
            found[name.removeprefix("/")] = number + 1
    return found


@contextmanager
def _opened(source: Path, browser: str) -> Iterator[Page]:
    """Open the document in the browser, cut off from any network, and wait until all of it is drawn."""
    with (
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=browser, args=QUIET) as chromium,
        chromium.new_context(viewport={"width": COLUMN_PX, "height": 900}, offline=True) as context,
    ):
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.emulate_media(media="print", color_scheme="light")
        page.goto(source.resolve().as_uri())
        undrawn = page.evaluate("paper.ready()")
        if undrawn:
            raise RuntimeError(f"not drawn: {', '.join(undrawn)}")
        page.evaluate("(height) => paper.fit(height)", FIGURE_PX)
        page.evaluate("([width, height]) => paper.fill(width, height)", [COLUMN_PX, SHEET_PX])
        yield page


def _finish(reader: PdfReader, target: Path) -> None:
    """Save a print with the day of the data in place of the time of the day."""
    writer = PdfWriter(clone_from=reader)
    writer.pdf_header = reader.pdf_header
    stamp = f"D:{data.updated_on():%Y%m%d}000000Z"
    writer.add_metadata({"/CreationDate": stamp, "/ModDate": stamp})
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("wb") as file:
        writer.write(file)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the book from the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m book_figures.site.paper", description=tr("Print the book as one PDF.")
    )
    parser.add_argument("root", type=Path, nargs="?", default=Path("_build/html"), help=tr("the built book"))
    parser.add_argument("target", type=Path, nargs="?", default=Path("_build/compute-for-ai-checked.pdf"))
    given = parser.parse_args(arguments)
    try:
        count = write_pdf(given.root, given.target)
    except NoBrowserError as error:
        print(error, file=sys.stderr)
        return 1
    print(tr("{file}: {count} pages", file=given.target, count=count))
    return 0


if __name__ == "__main__":
    sys.exit(main())
