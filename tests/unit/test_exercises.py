"""Exercises are read out of a notebook with their solutions apart from their questions."""

import pytest

from book_figures.classroom.exercises import Code, Directive, Exercise, Text, blocks, handed_over, parts
from book_figures.theme import MIME

WRITTEN = "```{exercise} Recall\n:label: ex-1\nWhy?\n```\n\n```{solution} ex-1\n:class: dropdown\nBecause.\n```"
COMPUTED = "```{exercise} Compute\n:label: ex-2\nHow many?\n```\n\n````{solution-start} ex-2\n:class: dropdown\n````"


def markdown(source):
    return {"cell_type": "markdown", "source": source.splitlines(keepends=True), "metadata": {}}


def code(source, *tags, outputs=()):
    return {"cell_type": "code", "source": [source], "metadata": {"tags": list(tags)}, "outputs": list(outputs)}


def notebook(*cells):
    return {"cells": list(cells)}


def test_a_written_exercise_has_its_solution():
    before, exercise, after = parts(notebook(markdown(f"Before.\n\n{WRITTEN}\n\nAfter.")))
    assert (before, after) == (Text("Before."), Text("After."))
    assert exercise == Exercise("ex-1", "Recall", "Why?", prose=["Because."])


def test_a_solution_over_several_cells_is_gathered_without_what_only_hands_numbers_over():
    found = parts(
        notebook(
            markdown(COMPUTED + "\n\nFirst, count."),
            code("n = 6\nn"),
            code("say(n=str(n))", "remove-cell"),
            markdown("Six.\n\n````{solution-end}\n````\n\nAfter."),
            code("1 + 1"),
        )
    )
    assert found == [
        Exercise("ex-2", "Compute", "How many?", code=["n = 6\nn"], prose=["First, count.", "Six."]),
        Text("After."),
        Code("1 + 1"),
    ]


def test_blocks_inside_blocks_stay_in_them_and_code_stays_as_it_is():
    inner = ":::{admonition} Outer\n:class: tip\n```python\nx = 1\n```\n:::\n```\nplain\n```"
    outer, fenced = blocks(inner)
    assert outer == Directive("admonition", "Outer", {"class": "tip"}, "```python\nx = 1\n```", ":::")
    assert fenced == Directive("", "", {}, "plain", "```")


def test_figures_and_numbers_are_found_in_outputs():
    spec = {"usermeta": {"figure": {"name": "fig-x", "caption": "See."}}}
    glued = {"metadata": {"scrapbook": {"name": "n"}}, "data": {"text/plain": "'24,576'"}}
    book = notebook(code("chart()", outputs=[{"data": {MIME: spec}}]), code("say()", "remove-cell", outputs=[glued]))
    assert [part.figures for part in parts(book)] == [(("fig-x", "See."),), ()]
    assert handed_over(book) == {"n": "24,576"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (WRITTEN.replace("{solution} ex-1", "{solution} ex-9"), "a solution to 'ex-9'; expected one of ex-1"),
        (COMPUTED, "the solution to ex-2 has no end"),
        (WRITTEN.removesuffix("\n```"), "has no end"),
    ],
)
def test_what_does_not_fit_together_is_refused(text, message):
    with pytest.raises(ValueError, match=message):
        parts(notebook(markdown(text)))
