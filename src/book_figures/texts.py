"""Every text that a reader sees passes through `tr`, so that a second language needs no second chart.

The texts of this package have a catalogue of their own; what it lacks is looked up among those of the core.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Final, TypeVar

from compute_scaling import texts

Key = TypeVar("Key", bound=str)

FOLDER: Final = Path(__file__).parent / "locale"
CATALOGUE: Final = texts.catalogue("book_figures", FOLDER)
CATALOGUE.add_fallback(texts.CATALOGUE)


def tr_all(choices: Mapping[Key, str]) -> dict[str, str]:
    """Return a menu's choices with their texts in the book's language.

    >>> tr_all({"ai": "built for AI"})
    {'ai': 'built for AI'}
    """
    return {key: tr(text) for key, text in choices.items()}


def named(name: str, text: str) -> str:
    """Return a text after a name and a colon, before which some languages have a space.

    >>> named("C23", "four times larger")
    'C23: four times larger'
    """
    return tr("{name}: {text}", name=name, text=text)


def tr(text: str, /, **values: object) -> str:
    """Return a text in the book's language with its {placeholders} filled in.

    >>> tr("{count} times larger", count="4.07")
    '4.07 times larger'
    """
    return texts.filled(CATALOGUE, text, values)
