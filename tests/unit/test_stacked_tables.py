"""Tables of the pages for teachers: which cells say the name of their column."""

from types import SimpleNamespace

from docutils import nodes
from docutils.core import publish_doctree

from book_figures.site import stacked_tables

PLAN = """
======= ======= =========
Minutes You     The class
======= ======= =========
0-5     Ask.    Guesses.
5-9     Listen.
======= ======= =========
"""


def stacked(page: str, builder: str = "html") -> nodes.document:
    doctree = publish_doctree(PLAN)
    list(doctree.findall(nodes.entry))[-1].append(nodes.paragraph())  # as MyST makes empty cells
    app = SimpleNamespace(env=SimpleNamespace(docname=page), builder=SimpleNamespace(format=builder))
    stacked_tables.stack(app, doctree)
    return doctree


def cells(doctree: nodes.document) -> list[str]:
    return [entry.astext() for body in doctree.findall(nodes.tbody) for entry in body.findall(nodes.entry)]


def test_each_cell_after_the_first_says_its_column_and_an_empty_one_nothing():
    doctree = stacked("book/teach/03")
    assert cells(doctree) == ["0-5", "You: Ask.", "The class: Guesses.", "5-9", "You: Listen.", ""]
    assert [table["classes"] for table in doctree.findall(nodes.table)] == [["stacked"]]
    assert [name.astext() for name in doctree.findall(nodes.inline)] == ["You: ", "The class: ", "You: "]


def test_other_pages_and_files_for_translators_are_left_alone():
    assert cells(stacked("book/rerun")) == cells(stacked("book/teach/03", builder="")) == cells(publish_doctree(PLAN))
