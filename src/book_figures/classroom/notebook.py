"""The teacher's notebook of a chapter: its text as plain Markdown, its code, and its exercises as nbgrader wants them.

nbgrader takes out what stands between the marks here, which are its own, and hands out the rest.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from nbformat import NotebookNode, v4

from book_figures import numbers
from book_figures.classroom import marking, syntax
from book_figures.classroom.chapter import Chapter, Marks
from book_figures.classroom.exercises import Code, Directive, Exercise, Text
from book_figures.classroom.plain_markdown import glossary, plain, terms
from book_figures.texts import tr

HIDDEN_CODE: Final = {"hide-input", "remove-input"}
CODE_MARKS: Final = ("### BEGIN SOLUTION", "### END SOLUTION")
TEST_MARKS: Final = ("### BEGIN HIDDEN TESTS", "### END HIDDEN TESTS")
SCHEME_MARKS: Final = ("<!-- BEGIN MARK SCHEME -->", "<!-- END MARK SCHEME -->")


def teachers_notebook(chapter: Chapter) -> NotebookNode:
    """Return the marked set of a chapter, not yet run: nbgrader's source, from which it makes what students get."""
    cells = []
    for part in chapter.parts:
        if isinstance(part, Exercise):
            cells += list(exercise_cells(chapter, part))
        elif isinstance(part, Code):
            cells.append(_code_cell(part))
            cells += [_figure_caption(chapter, name, caption) for name, caption in part.figures]
        else:
            text = part.source if isinstance(part, Text) else _fenced(part)
            cells.append(v4.new_markdown_cell(plain(text, chapter.words)))
    cells.insert(1, v4.new_markdown_cell(_opening(chapter)))
    cells.append(v4.new_markdown_cell(_glossary(chapter)))
    for number, cell in enumerate(cells, start=1):
        cell["id"] = cell["metadata"].get("nbgrader", {}).get("grade_id", f"cell-{number:02d}")
    metadata = {key: chapter.notebook["metadata"][key] for key in ("kernelspec", "language_info")}
    return v4.new_notebook(cells=cells, metadata=metadata)


def _fenced(block: Directive) -> str:
    options = "".join(f":{name}: {value}\n" for name, value in block.options.items())
    name = f"{{{block.name}}} " if block.name else ""
    return f"{block.mark}{name}{block.title}\n{options}{block.body}\n{block.mark}"


def _code_cell(code: Code) -> NotebookNode:
    folded = {"jupyter": {"source_hidden": True}} if HIDDEN_CODE & set(code.tags) else {}
    return v4.new_code_cell(code.source, metadata=folded)


def _figure_caption(chapter: Chapter, name: str, caption: str) -> NotebookNode:
    number = chapter.words.figures[name]
    return v4.new_markdown_cell(f"**{tr('Fig. {number}', number=number)}** {plain(caption, chapter.words)}")


def _opening(chapter: Chapter) -> str:
    computer, teacher = (sum(points) for points in zip(*map(chapter.points, chapter.exercises), strict=True))
    return "\n\n".join(
        [
            f"**{tr('Name:')}**",
            tr(
                "This notebook is chapter {number} of *Compute for AI, checked* (CC BY 4.0), made for a class. Run its "
                "cells from the top: Shift and Enter together run one and go on to the next. The exercises stand at "
                "the end and give {points} points: {computer} that the computer marks, {teacher} that your teacher "
                "marks. Put your results where you find three dots, and your words where you find *Write your answer "
                "here*.",
                number=chapter.number,
                points=computer + teacher,
                computer=computer,
                teacher=teacher,
            ),
        ]
    )


def _glossary(chapter: Chapter) -> str:
    entries = glossary(chapter.root / "book" / "glossary.md")
    texts = [part.source for part in chapter.parts if isinstance(part, Text)]
    texts += [part.body for part in chapter.parts if isinstance(part, Directive)]
    found = dict(entries[term.lower()] for term in terms("\n".join(texts)))
    lines = [f"- **{name}**: {plain(found[name], chapter.words)}" for name in sorted(found, key=str.lower)]
    return "\n".join([f"## {tr('Words of this chapter')}", "", *lines])


def exercise_cells(chapter: Chapter, exercise: Exercise) -> Iterator[NotebookNode]:
    """Yield the cells of an exercise: the question, for a computed answer its cell and the test, then words."""
    marks, expected = chapter.marks[exercise.label], chapter.expected[exercise.label]
    model = "\n\n".join(plain(text, chapter.words) for text in exercise.prose)
    yield _cell(v4.new_markdown_cell(_question(chapter, exercise, model)), f"{exercise.label}-question", locked=True)
    if expected:
        yield _cell(v4.new_code_cell(_answer(exercise, marks)), f"{exercise.label}-answer", solution=True)
        points = sum(map(marking.worth, expected.values()))
        yield _cell(v4.new_code_cell(_test(marks, expected)), f"{exercise.label}-test", locked=True, points=points)
    if marks.written:
        yield _cell(v4.new_markdown_cell(model), f"{exercise.label}-words", solution=True, points=marks.written)


def _cell(
    cell: NotebookNode, name: str, *, solution: bool = False, locked: bool = False, points: int = 0
) -> NotebookNode:
    """Return a cell with what nbgrader wants to know of it."""
    about = {"schema_version": 3, "grade_id": name, "solution": solution, "locked": locked, "task": False}
    cell["metadata"]["nbgrader"] = about | {"grade": bool(points)} | ({"points": points} if points else {})
    return cell


def _question(chapter: Chapter, exercise: Exercise, model: str) -> str:
    marks, expected = chapter.marks[exercise.label], chapter.expected[exercise.label]
    order = 1 + [other.label for other in chapter.exercises].index(exercise.label)
    heading = tr(
        "Exercise {number}: {kind} (points: {points})",
        number=f"{chapter.number}.{order}",
        kind=exercise.kind,
        points=sum(chapter.points(exercise)),
    )
    text = [f"### {heading}", plain(exercise.question, chapter.words)]
    if expected:
        text += [tr("Give as your answer:"), "\n".join(_wanted(marks, name, value) for name, value in expected.items())]
        if marks.written:
            text.append(
                tr("In your own words: why, or what else the question asks (points: {points}).", points=marks.written)
            )
    scheme = [f"**{tr('Mark scheme of the written part (points: {points})', points=marks.written)}**"]
    scheme += ["\n".join(f"- {line}" for line in marks.scheme)]
    solution = [f"**{tr('The solution in words.')}** {model}"]
    hidden = [*(scheme if marks.written else []), *(solution if expected and not marks.written else [])]
    return "\n\n".join([*text, SCHEME_MARKS[0], *hidden, SCHEME_MARKS[1]])


def _wanted(marks: Marks, name: str, expected: marking.Answer) -> str:
    what, points = marks.answers[name]["asks"], marking.worth(expected)
    text = tr("`{name}`: {what} (points: {points}).", name=name, what=what, points=points)
    if isinstance(expected, float):
        text += " " + tr("It may be off by {share}.", share=numbers.percent(marks.within))
    return f"- {text}"


def _answer(exercise: Exercise, marks: Marks) -> str:
    dots = [f"{name} = ...  # {answer['asks']}" for name, answer in marks.answers.items()]
    solution = syntax.without_last_value("\n".join(exercise.code))
    assigned = [f"{name} = {text}" for name, text in marks.expressions().items() if name != text]
    told = tr("Put your results in place of the dots; your working may stand above them.")
    return "\n".join([f"# {told}", *dots, CODE_MARKS[0], solution, *assigned, CODE_MARKS[1]])


def _test(marks: Marks, expected: Mapping[str, marking.Answer]) -> str:
    sizes = [f"{name}={marking.size(value)!r}" for name, value in expected.items()]
    within = [] if marks.within == marking.WITHIN else [f"within={marks.within}"]
    given = [*within, *(f"{name}={value!r}" for name, value in expected.items())]
    told = tr("Run this cell: it says whether your answers are of the kind and size that is asked.")
    look, marked = _call("marking.look", sizes), _call("marking.marks", given)
    return "\n".join(
        [f"# {told}", "from book_figures.classroom import marking", "", look, TEST_MARKS[0], marked, TEST_MARKS[1]]
    )


def _call(function: str, arguments: Sequence[str]) -> str:
    """Return a call on the notebook's variables, one argument a line where there are several."""
    if len(arguments) == 1:
        return f"{function}(vars(), {arguments[0]})"
    return "\n".join([f"{function}(", "    vars(),", *(f"    {argument}," for argument in arguments), ")"])
