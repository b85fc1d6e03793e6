"""The checks of a class's notebooks, by nbgrader itself: it hands out, three students hand in, it marks.

One student has every answer right, one has none, one has the first right and the rest wrong. They get full marks, none,
and exactly the points of the first answer. And nothing of a solution may be found in what is handed out.
"""

import json
import os
import re
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch
from warnings import catch_warnings, simplefilter

import nbformat
from nbformat import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.converters import Autograde, GenerateAssignment
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader

from book_figures.classroom import marking
from book_figures.classroom.plain_markdown import left_over

CONFIG_FILE: Final = "nbgrader_config.py"
CONFIG: Final = '''"""nbgrader's settings for these notebooks: run its commands in this folder."""

from pathlib import Path

c = get_config()  # noqa: F821
c.CourseDirectory.root = str(Path(__file__).resolve().parent)
c.CourseDirectory.course_id = "compute-for-ai"
c.ClearSolutions.code_stub = {"python": ""}
c.ClearSolutions.text_stub = "*Write your answer here.*"
c.ClearMarkScheme.enforce_metadata = False  # a question has its mark scheme with it, for whoever marks
c.Execute.timeout = 300
c.Exchange.path_includes_course = True
'''
STUDENTS: Final = ("all-right", "no-answer", "first-right")
FEWEST_LETTERS: Final = 12  # shorter pieces of a solution are words that any text may have
FEWEST_DIGITS: Final = 4  # and shorter numbers are numbers that any text may have
SENTENCE: Final = re.compile(r"(?<=[.:?;])\s+|\n\n")


@dataclass(frozen=True)
class Solution:
    """A solution: texts, code, what earns points, and the answers that count."""

    label: str
    texts: Sequence[str]
    code: Sequence[str]
    scheme: Sequence[str]
    expected: Mapping[str, marking.Answer]


@dataclass(frozen=True)
class Checked:
    """The two notebooks of a chapter, with the outputs of a run, and what the checks found."""

    name: str
    teacher: NotebookNode
    student: NotebookNode
    problems: list[str]

    def write(self, out: Path) -> None:
        """Put both into a course folder; nbgrader notes in its gradebook what is handed out."""
        _save(self.teacher, out / "source" / self.name / f"{self.name}.ipynb")
        hand_out(out, self.name)
        _save(self.student, out / "release" / self.name / f"{self.name}.ipynb")


def checked(
    name: str, teacher: NotebookNode, solutions: Sequence[Solution], students: Sequence[str] = STUDENTS
) -> Checked:
    """Run and check a chapter's notebooks in a folder of their own.

    name: of the assignment. teacher: the marked set as written, without outputs. students: those who hand in.
    """
    with tempfile.TemporaryDirectory() as folder:
        course = Path(folder)
        (course / CONFIG_FILE).write_text(CONFIG, encoding="utf-8")
        _save(teacher, course / "source" / name / f"{name}.ipynb")
        student = hand_out(course, name)
        right, first = first_answer(solutions)
        handed_in = dict(zip(STUDENTS, (teacher, student, answered(student, solutions, right)), strict=True))
        for who in students:
            _save(handed_in[who], course / "submitted" / who / name / f"{name}.ipynb")
        marked = {who: mark(course, name, who) for who in students}
    full = sum(marking.worth(value) for item in solutions for value in item.expected.values())
    wanted = dict(zip(STUDENTS, (full, 0, first), strict=True))
    problems = not_plain(student)
    for who, (score, run) in marked.items():
        problems += [f"{who} has {score:g} of {full} points; expected {wanted[who]}"] * (score != wanted[who])
        problems += [f"{who}: {error}" for error in errors(run)]
        if who != STUDENTS[-1]:
            take_outputs(handed_in[who], run, tests=handed_in[who] is teacher)
    problems += leaks(student, solutions)
    return Checked(name, teacher, student, [f"{name}: {problem}" for problem in problems])


def first_answer(solutions: Sequence[Solution]) -> tuple[dict[str, marking.Answer], int]:
    """Return the first answer that a computer can mark, by name, and its points; nothing and none where there is none.

    >>> first_answer([Solution("ex-1", [], [], [], {}), Solution("ex-2", [], [], [], {"a": 6, "b": True})])
    ({'a': 6}, 2)
    """
    answers = [(name, value) for item in solutions for name, value in item.expected.items()]
    return (dict(answers[:1]), marking.worth(answers[0][1])) if answers else ({}, 0)


# ------------------------------------------------------------------------------------------------------------ nbgrader


def _course(root: Path, **names: str) -> tuple[CourseDirectory, Config]:
    config = PyFileConfigLoader(CONFIG_FILE, path=str(root)).load_config()
    config.Execute.extra_arguments = ["--log-level=ERROR"]
    return CourseDirectory(config=config, **names), config


@contextmanager
def _nbgrader() -> Iterator[None]:
    """Let nbgrader find alembic, which it starts by name, beside the Python that runs this; and let it run quietly."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    with patch.dict(os.environ, PATH=path), catch_warnings():
        simplefilter("ignore")  # of how its own tables hang together
        yield


def hand_out(root: Path, name: str) -> NotebookNode:
    """Let nbgrader make the students' notebook from the teacher's; return it."""
    course, config = _course(root, assignment_id=name)
    converter = GenerateAssignment(coursedir=course, config=config)
    converter.force = True
    with _nbgrader():
        converter.start()
    return _read(root / "release" / name / f"{name}.ipynb")


def mark(root: Path, name: str, student: str) -> tuple[float, NotebookNode]:
    """Let nbgrader run and mark what a student handed in; return the points that it gives, and the notebook as run."""
    course, config = _course(root, assignment_id=name, student_id=student)
    with _nbgrader():
        Autograde(coursedir=course, config=config).start()
    with _nbgrader(), Gradebook(course.db_url, course.course_id) as book:
        grades = book.find_submission_notebook(name, name, student).grades
        score = sum(grade.auto_score or 0 for grade in grades if grade.cell.cell_type == "code")
    return score, _read(root / "autograded" / student / name / f"{name}.ipynb")


def _read(path: Path) -> NotebookNode:
    return nbformat.read(path, as_version=4)


def _save(notebook: NotebookNode, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, path)


def answered(student: NotebookNode, solutions: Sequence[Solution], right: Mapping[str, marking.Answer]) -> NotebookNode:
    """Return a student's notebook filled in: right where `right` has an answer (name -> value), else wrong."""
    filled = nbformat.from_dict(json.loads(json.dumps(student)))
    cells = {cell["id"]: cell for cell in filled.cells}
    for item in solutions:
        given = {name: right.get(name, wrong(value)) for name, value in item.expected.items()}
        if given:
            cells[f"{item.label}-answer"]["source"] = "\n".join(f"{name} = {value!r}" for name, value in given.items())
    return filled


def wrong(expected: marking.Answer) -> marking.Answer:
    """Return an answer of the right kind that is wrong.

    >>> wrong(True), wrong(6), wrong("models")
    (False, 12, 'not models')
    """
    if isinstance(expected, bool):
        return not expected
    return f"not {expected}" if isinstance(expected, str) else 2 * expected


def take_outputs(notebook: NotebookNode, run: NotebookNode, *, tests: bool) -> None:
    """Put the outputs of a run into a notebook, those of the test cells only where the tests are all there."""
    done = {cell["id"]: cell for cell in run.cells}
    for cell in notebook.cells:
        if cell.cell_type == "code" and (tests or not cell["metadata"].get("nbgrader", {}).get("grade")):
            cell["outputs"] = done[cell["id"]]["outputs"]
            cell["execution_count"] = done[cell["id"]]["execution_count"]


# -------------------------------------------------------------------------------------------------------------- finds


def errors(notebook: NotebookNode) -> list[str]:
    """Find cells of a run that failed."""
    return [
        f"cell {cell['id']} fails: {output['ename']}: {output['evalue']}"
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if output["output_type"] == "error"
    ]


def not_plain(notebook: NotebookNode) -> list[str]:
    """Find text that only the book's pages can draw."""
    return [f"cell {cell['id']}: {mark!r} is not plain Markdown" for cell in notebook.cells for mark in _myst(cell)]


def _myst(cell: Mapping[str, Any]) -> list[str]:
    return left_over(cell["source"]) if cell["cell_type"] == "markdown" else []


def leaks(student: NotebookNode, solutions: Sequence[Solution]) -> list[str]:
    """Find pieces of solutions in a student's notebook: sentences, lines of code, what earns points, and answers.

    A piece that the chapter itself has outside the exercises is its own. An answer is looked for in the exercises, with
    the digits that it is compared with.
    """
    whole = " ".join(_strings(student)).split()
    text = " ".join(whole)
    found = []
    for item in solutions:
        pieces = [sentence for text_ in [*item.texts, *item.scheme] for sentence in SENTENCE.split(text_)]
        pieces += [line for cell in item.code for line in cell.split("\n")]
        for piece in pieces:
            words = " ".join(piece.split())
            if len(words) >= FEWEST_LETTERS and words in text:
                found.append(f"{item.label}: {words[:60]!r} is in the students' notebook")
        exercises = " ".join(_strings([cell for cell in student.cells if "nbgrader" in cell["metadata"]]))
        for name, value in item.expected.items():
            if len(_digits(value)) >= FEWEST_DIGITS and _digits(value) in exercises.replace(",", ""):
                found.append(f"{item.label}: the value of {name} is in the students' notebook")
        if re.search(r"BEGIN (?:SOLUTION|HIDDEN|MARK)", text):
            found.append(f"{item.label}: a region that should be gone")
    return list(dict.fromkeys(found))


def _digits(value: marking.Answer) -> str:
    """Return the leading digits of a number as a text would have them, at most five; nothing for other answers."""
    shown = "" if isinstance(value, bool | str) else f"{value:.5g}" if abs(value) < 10_000 else f"{value:.0f}"
    return shown if "e" not in shown else ""


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner)
