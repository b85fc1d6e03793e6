"""Numbers for sentences: a notebook says what it computed, and its prose takes the words from there.

say(multiple=times(4.069))     # in a code cell
{glue:text}`multiple`          # in the text around it
"""

from myst_nb import glue


def say(**texts: str) -> None:
    """Hand formatted numbers to the text of the page, each under a name; raise TypeError for what is not text yet."""
    for name, text in texts.items():
        if not isinstance(text, str):
            raise TypeError(f"{name} = {text!r}; expected a text, formatted by book_figures.numbers")
        glue(name, text, display=False)
