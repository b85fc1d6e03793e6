"""Tables of the pages for teachers on a phone: each row is a card there, and each cell says which column it is of.

The names of the columns are put into the cells when a page is read; `book.css` shows them where the page is narrow.
"""

from docutils import nodes
from sphinx.application import Sphinx

PAGES = "book/teach"
TABLE, COLUMN = "stacked", "of-column"


def name_columns(table: nodes.table) -> None:
    """Put the name of its column before the text of each cell, from the second column on; nothing into empty cells."""
    table["classes"].append(TABLE)
    names = [entry.astext() for head in table.findall(nodes.thead) for entry in head.findall(nodes.entry)]
    for body in table.findall(nodes.tbody):
        for row in body.findall(nodes.row):
            for name, entry in list(zip(names, row.findall(nodes.entry), strict=True))[1:]:
                text = entry.next_node(nodes.paragraph)
                if text is not None and text.astext():
                    text.insert(0, nodes.inline("", f"{name}: ", classes=[COLUMN]))


def stack(app: Sphinx, doctree: nodes.document) -> None:
    """Name the columns of all tables of a page for teachers."""
    if app.env.docname.startswith(PAGES) and app.builder.format == "html":
        for table in list(doctree.findall(nodes.table)):
            name_columns(table)


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the extension with Sphinx."""
    app.connect("doctree-read", stack)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
