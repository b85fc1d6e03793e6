"""Every text that a reader sees passes through `tr`, so that a second language needs no second code.

The language is that of the environment variable BOOK_LANGUAGE, read once; without it, English. A text is a template
with {placeholders}, in English, and its own key in the catalogue (gettext). A number in a placeholder is written as its
language writes numbers. The language `xx` marks every text that came through here, so that a test finds those that did
not.
"""

import gettext
import os
import string
from collections.abc import Iterable
from numbers import Number
from pathlib import Path
from typing import Any, Final

import pandas as pd

SOURCE: Final = "en"
PSEUDO: Final = "xx"
LANGUAGE: Final = os.environ.get("BOOK_LANGUAGE") or SOURCE
MARKS: Final = ("\N{MATHEMATICAL LEFT WHITE SQUARE BRACKET}", "\N{MATHEMATICAL RIGHT WHITE SQUARE BRACKET}")
NO_BREAK: Final = "\N{NO-BREAK SPACE}"
NARROW: Final = "\N{NARROW NO-BREAK SPACE}"
SEPARATORS: Final = {"fr": str.maketrans({",": NARROW, ".": ","})}  # of thousands and of decimals, from English
PERCENT: Final = {"fr": f"{NARROW}%"}
FIRST_OF_MONTH: Final = {"fr": "1er"}


class Marked(gettext.NullTranslations):
    """The catalogue of the language `xx`: each text between marks; `seen` is told of every one."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: dict[str, None] = {}

    def gettext(self, message: str) -> str:
        """Return the text between marks."""
        self.seen[message] = None
        return message.join(MARKS)


def catalogue(domain: str, folder: Path, language: str = LANGUAGE) -> gettext.NullTranslations:
    """Return the catalogue of a package's texts in a language, compiled (.mo) from its .po.

    domain: the name of the file, that of the package. folder: with a folder for each language, as gettext has them.
    Raises FileNotFoundError for a language without a compiled catalogue, with those that have one.

    >>> catalogue("compute_scaling", FOLDER, "en").gettext("holds")
    'holds'
    """
    if language == SOURCE:
        return gettext.NullTranslations()
    if language == PSEUDO:
        return Marked()
    if gettext.find(domain, folder, [language]) is None:
        known = [SOURCE, *sorted(path.parents[1].name for path in folder.glob(f"*/LC_MESSAGES/{domain}.mo"))]
        raise FileNotFoundError(
            f"BOOK_LANGUAGE: no compiled texts of {domain} in {language!r}; expected one of {', '.join(known)}. "
            f"`make book LANGUAGE={language}` compiles {language}/LC_MESSAGES/{domain}.po in {folder}"
        )
    return gettext.translation(domain, folder, [language])


FOLDER: Final = Path(__file__).parent / "locale"
CATALOGUE: Final = catalogue("compute_scaling", FOLDER)


class _Formatter(string.Formatter):
    """Fills in placeholders; numbers are written as the language writes them."""

    def format_field(self, value: Any, format_spec: str) -> str:
        text = format(value, format_spec)
        return number(text) if isinstance(value, Number) else text


FORMATTER: Final = _Formatter()


def tr(text: str, /, **values: object) -> str:
    """Return a text in the reader's language with its {placeholders} filled in.

    >>> tr("{size:,.0f} H100, {times:.2f} times as many", size=100_000, times=4.069)
    '100,000 H100, 4.07 times as many'
    """
    return filled(CATALOGUE, text, values)


def filled(found_in: gettext.NullTranslations, text: str, values: dict[str, object]) -> str:
    """Return the text that a catalogue has for a template, with its placeholders filled in; an empty one stays empty.

    >>> filled(gettext.NullTranslations(), "{count} claims", {"count": 49})
    '49 claims'
    """
    return FORMATTER.vformat(found_in.gettext(text), (), values) if text else ""


def number(text: str, language: str = LANGUAGE) -> str:
    """Return a number that Python has written as the language writes it.

    >>> number("24,576.5"), number("24,576.5", "fr")
    ('24,576.5', '24\u202f576,5')
    """
    return text.translate(SEPARATORS[language]) if language in SEPARATORS else text


def percent(text: str, language: str = LANGUAGE) -> str:
    """Return a number, already written, as a percentage; the space before the sign does not break.

    >>> percent("40"), percent("40", "fr")
    ('40\xa0%', '40\u202f%')
    """
    return text + PERCENT.get(language, f"{NO_BREAK}%")


def day(value: pd.Timestamp) -> str:
    """Return a date as a reader writes it.

    >>> day(pd.Timestamp("2024-05-31"))
    '31 May 2024'
    """
    number_of_day = FIRST_OF_MONTH.get(LANGUAGE, value.day) if value.day == 1 else value.day
    return tr("{day} {month} {year}", day=number_of_day, month=tr(value.strftime("%B")), year=value.year)


def month(value: pd.Timestamp) -> str:
    """Return a month as a reader writes it.

    >>> month(pd.Timestamp("2024-05-01"))
    'May 2024'
    """
    return tr("{month} {year}", month=tr(value.strftime("%B")), year=value.year)


def both(names: Iterable[str]) -> str:
    """Return names as one phrase.

    >>> both(["compute", "power"])
    'compute and power'
    """
    return f" {tr('and')} ".join(names)
