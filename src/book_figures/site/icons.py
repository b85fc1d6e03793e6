"""The theme's icons, cut down to those that the book shows: its font holds two thousand, 150 kB on every page."""

from importlib.metadata import files
from pathlib import Path
from typing import Final

from fontTools import subset
from sphinx.application import Sphinx

FONT: Final = "vendor/fontawesome/webfonts/fa-solid-900"
SCRIPT: Final = "scripts/fontawesome.js"  # half a megabyte to draw icons that the theme's font draws as well
SHOWN: Final = (
    "angle-down", "angle-left", "angle-right", "arrow-up", "bars", "chevron-down", "circle-check", "circle-exclamation",
    "circle-half-stroke", "circle-info", "circle-xmark", "download", "expand", "file", "file-pdf", "lightbulb", "list",
    "magnifying-glass", "moon", "pencil", "sun", "triangle-exclamation", "up-right-from-square", "xmark",
)  # fmt: skip


def stage(app: Sphinx) -> None:
    """Put the font with the icons that are shown, and no script, in the place of the theme's own."""
    staged = Path(app.doctreedir).parent / ".staged"
    (staged / SCRIPT).parent.mkdir(parents=True, exist_ok=True)
    (staged / SCRIPT).write_text("/* The theme's font draws the icons. */\n", encoding="utf-8")
    font = staged / f"{FONT}.woff2"
    font.parent.mkdir(parents=True, exist_ok=True)
    write(theme_font(), font)


def theme_font() -> Path:
    """Return the theme's font with all icons."""
    found = [file for file in files("pydata-sphinx-theme") or [] if str(file).endswith(f"{FONT}.ttf")]
    return Path(str(found[0].locate()))


def write(source: Path, target: Path, icons: tuple[str, ...] = SHOWN) -> None:
    """Write a font that holds some of the icons of another, by the names of their glyphs.

    Raises subset.Subsetter.MissingGlyphsSubsettingError for an icon that the other font does not have.
    """
    options = subset.Options(flavor="woff2", notdef_outline=True)
    with subset.load_font(str(source), options) as font:
        cut = subset.Subsetter(options)
        cut.populate(glyphs=icons)
        cut.subset(font)
        subset.save_font(font, str(target), options)


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the icons with Sphinx."""
    app.connect("builder-inited", stage)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
