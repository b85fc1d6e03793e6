"""Numbers for sentences: a notebook says what it computed, and its prose takes the words from there.

A code cell has `say(multiple=times(4.069))`, and the text around it has `` {glue:text}`multiple` ``.
"""

from myst_nb import glue

APOSTROPHE = "\N{RIGHT SINGLE QUOTATION MARK}"  # a straight one would end the quoted text


class Words(str):
    """A text that a notebook shows letter for letter, between quotes: Python would write a no-break space as \\xa0."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"'{self}'"


def say(**texts: str) -> None:
    """Hand formatted numbers to the text of the page, each under a name; raise TypeError for what is not text yet."""
    for name, text in texts.items():
        if not isinstance(text, str):
            raise TypeError(f"{name} = {text!r}; expected a text, formatted by book_figures.numbers")
        glue(name, Words(text.replace("'", APOSTROPHE)), display=False)
