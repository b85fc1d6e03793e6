"""Every text that a reader sees in a figure passes through `tr`, so that a second language needs no second chart."""

from collections.abc import Mapping
from typing import Final, TypeVar

Key = TypeVar("Key", bound=str)

CATALOGUE: Final[Mapping[str, str]] = {}


def tr_all(texts: Mapping[Key, str]) -> dict[str, str]:
    """Return a menu's choices with their texts in the book's language.

    >>> tr_all({"ai": "built for AI"})
    {'ai': 'built for AI'}
    """
    return {key: tr(text) for key, text in texts.items()}


def tr(text: str, /, **values: object) -> str:
    """Return a text in the book's language with its {placeholders} filled in.

    >>> tr("{count} times larger", count="4.07")
    '4.07 times larger'
    """
    return CATALOGUE.get(text, text).format(**values)
