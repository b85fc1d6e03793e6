"""The list of pages at the side: the buttons that open a part of it get a name, which the theme leaves out."""

import re
from html import escape, unescape
from typing import Any, Final

from sphinx.application import Sphinx

from book_figures.texts import tr

BUTTON: Final = re.compile(r"(?P<before>>(?P<title>[^<>]+)</a>\s*<details[^>]*><summary)>")


def named(listed: str) -> str:
    """Return the list with a name for each button, for those who do not see the sign on it.

    >>> named('<a href="teach.html">Teach</a><details><summary>')
    '<a href="teach.html">Teach</a><details><summary aria-label="Pages under “Teach”">'
    """
    return BUTTON.sub(lambda button: f'{button["before"]} aria-label="{_name(unescape(button["title"]))}">', listed)


def _name(title: str) -> str:
    return escape(tr("Pages under “{title}”", title=title.strip()))


def name_buttons(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    """Name the buttons in what the theme's template will ask for."""
    drawn = context.get("generate_toctree_html")
    if drawn is not None:
        context["generate_toctree_html"] = lambda *args, **options: named(str(drawn(*args, **options)))


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the extension with Sphinx."""
    app.connect("html-page-context", name_buttons, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
