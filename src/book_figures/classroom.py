"""A class's notebooks: for each chapter a marked set for the teacher and one without solutions for the students.

Both are in the layout of nbgrader, a program that hands out, collects and marks notebooks: `source` is the teacher's,
and nbgrader itself makes `release` from it, as it would for any assignment. `make classroom` writes them and checks
them (`class_checks`); `notebooks/marks.toml` says what earns a point.
"""

import argparse
import json
import shutil
import sys
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from functools import cached_property
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final

from nbformat import NotebookNode, v4

from book_figures import class_checks, class_code, marking, numbers
from book_figures.exercises import Code, Directive, Exercise, Part, Text, handed_over, parts
from book_figures.plain_markdown import Words, escaped, glossary, plain, terms
from book_figures.texts import tr
from book_figures.what_was_claimed import CHAPTERS
from compute_scaling import data

ROOT: Final = Path(__file__).resolve().parents[2]
MARKS: Final = "notebooks/marks.toml"
README: Final = Path(__file__).parent / "templates" / "classroom.md"
HIDDEN_CODE: Final = {"hide-input", "remove-input"}
CODE_MARKS: Final = ("### BEGIN SOLUTION", "### END SOLUTION")
TEST_MARKS: Final = ("### BEGIN HIDDEN TESTS", "### END HIDDEN TESTS")
SCHEME_MARKS: Final = ("<!-- BEGIN MARK SCHEME -->", "<!-- END MARK SCHEME -->")


@dataclass(frozen=True)
class Marks:
    """How an exercise is marked, a table of marks.toml.

    scheme: what earns a point in words. answers: name -> what it `asks`, and what it `is` in terms of the solution.
    within: how far a number may be off, as a share of it. points: of the written part, where not one a line.
    """

    scheme: Sequence[str] = ()
    answers: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    within: float = marking.WITHIN
    points: int = 0

    @property
    def written(self) -> int:
        """The points of the written part."""
        return self.points or len(self.scheme)

    def expressions(self) -> dict[str, str]:
        """Return each answer as an expression on the solution's variables."""
        return {name: answer.get("is", name) for name, answer in self.answers.items()}


@dataclass(frozen=True)
class Chapter:
    """A chapter as a class gets it. root: the project's folder. book: the address of a published book, or empty."""

    number: int
    root: Path = ROOT
    book: str = ""

    @cached_property
    def path(self) -> Path:
        """The chapter's notebook."""
        return next((self.root / "notebooks").glob(f"{self.number:02d}_*.ipynb"))

    @property
    def name(self) -> str:
        """The name of the assignment and of its notebook, which is that of the chapter's notebook."""
        return self.path.stem

    @cached_property
    def notebook(self) -> dict[str, Any]:
        """The chapter's notebook with its outputs."""
        return dict(json.loads(self.path.read_text(encoding="utf-8")))

    @cached_property
    def whole(self) -> list[Part]:
        """The chapter's text, code and exercises, as they stand in its notebook."""
        return parts(self.notebook)

    @cached_property
    def exercises(self) -> list[Exercise]:
        """The chapter's exercises in order."""
        return [part for part in self.whole if isinstance(part, Exercise)]

    @cached_property
    def marks(self) -> dict[str, Marks]:
        """How the chapter's exercises are marked, by label."""
        tables = tomllib.loads((self.root / MARKS).read_text(encoding="utf-8"))
        return {exercise.label: Marks(**tables[exercise.label]) for exercise in self.exercises}

    @cached_property
    def parts(self) -> list[Part]:
        """The chapter's parts, its code without what only the book's page needs."""
        runs = [part for part in self.whole if isinstance(part, Code | Exercise)]
        for_pages = [isinstance(part, Code) and "remove-cell" in part.tags for part in runs]
        kept = dict(zip(map(id, runs), class_code.pruned([self._run(part) for part in runs], for_pages), strict=True))
        pruned = [replace(part, source=kept[id(part)]) if isinstance(part, Code) else part for part in self.whole]
        return [part for part in pruned if not isinstance(part, Code) or part.source]

    def _run(self, part: Code | Exercise) -> str:
        """Return what runs where a part stands in the teacher's notebook."""
        if isinstance(part, Code):
            return part.source
        return "\n".join([*part.code, *self.marks[part.label].expressions().values()])

    @cached_property
    def words(self) -> Words:
        """What the roles in the chapter's text stand for."""
        said = data.load("claims").dropna(subset=["as_quoted"]).set_index("claim_id")["as_quoted"]
        return Words(handed_over(self.notebook), figure_numbers(self.root), said.to_dict(), self.root, self.book)

    @cached_property
    def expected(self) -> dict[str, dict[str, marking.Answer]]:
        """What the book's solutions come to: label -> name -> value, computed by running the chapter."""
        cells: list[str | Mapping[str, str]] = []
        for part in self.parts:
            if isinstance(part, Code):
                cells.append(part.source)
            elif isinstance(part, Exercise):
                cells += [*part.code, self.marks[part.label].expressions()]
        found = class_code.values(cells)
        return {
            exercise.label: {name: _rounded(value) for name, value in answers.items()}
            for exercise, answers in zip(self.exercises, found, strict=True)
        }

    def points(self, exercise: Exercise) -> tuple[int, int]:
        """Return the points of an exercise that the computer gives, and those that the teacher gives."""
        answers = self.expected[exercise.label].values()
        return sum(map(marking.worth, answers)), self.marks[exercise.label].written


def _rounded(value: Any) -> marking.Answer:
    """Return a value as Python's own, a number to six digits: an answer is compared with it, not computed from it."""
    plain_value = value.item() if hasattr(value, "item") else value
    return float(f"{plain_value:.6g}") if isinstance(plain_value, float) else plain_value


def figure_numbers(root: Path) -> dict[str, str]:
    """Return the number that each figure of the chapters has in the book, by name: chapter, then order."""
    found: dict[str, str] = {}
    for path in sorted((root / "notebooks").glob("*.ipynb")):
        notebook = json.loads(path.read_text(encoding="utf-8"))
        names = [name for part in parts(notebook) if isinstance(part, Code) for name, _ in part.figures]
        found |= {name: f"{int(path.stem[:2])}.{order}" for order, name in enumerate(names, start=1)}
    return found


# ---------------------------------------------------------------------------------------------------------- the cells


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
    what, points = escaped(marks.answers[name]["asks"]), marking.worth(expected)
    text = tr("`{name}`: {what} (points: {points}).", name=name, what=what, points=points)
    if isinstance(expected, float):
        text += " " + tr("It may be off by {share}.", share=numbers.percent(marks.within))
    return f"- {text}"


def _answer(exercise: Exercise, marks: Marks) -> str:
    dots = [f"{name} = ...  # {answer['asks']}" for name, answer in marks.answers.items()]
    solution = class_code.without_last_value("\n".join(exercise.code))
    assigned = [f"{name} = {text}" for name, text in marks.expressions().items() if name != text]
    told = tr("Put your results in place of the dots; your working may stand above them.")
    return "\n".join([f"# {told}", *dots, CODE_MARKS[0], solution, *assigned, CODE_MARKS[1]])


def _test(marks: Marks, expected: Mapping[str, marking.Answer]) -> str:
    sizes = ", ".join(f"{name}={marking.size(value)!r}" for name, value in expected.items())
    given = ", ".join(f"{name}={value!r}" for name, value in expected.items())
    within = "" if marks.within == marking.WITHIN else f"within={marks.within}, "
    return "\n".join(
        [
            f"# {tr('Run this cell: it says whether your answers are of the kind and size that is asked.')}",
            "from book_figures import marking",
            "",
            f"marking.look(vars(), {sizes})",
            TEST_MARKS[0],
            f"marking.marks(vars(), {within}{given})",
            TEST_MARKS[1],
        ]
    )


# -------------------------------------------------------------------------------------------------------- the folders


def written(number: int, root: Path, book: str) -> tuple[class_checks.Checked, list[str], str]:
    """Return a chapter's two notebooks, run and checked, its part of the index, and the problems found."""
    chapter = Chapter(number, root, book)
    checked = class_checks.checked(chapter.name, teachers_notebook(chapter), solutions(chapter))
    return checked, checked.problems, index(chapter)


def solutions(chapter: Chapter) -> list[class_checks.Solution]:
    """Return of each exercise what may not be found in a student's notebook, and what the checks answer with."""
    return [
        class_checks.Solution(
            label=exercise.label,
            texts=[plain(text, chapter.words) for text in exercise.prose],
            code=[*exercise.code, *chapter.marks[exercise.label].expressions().values()],
            scheme=list(chapter.marks[exercise.label].scheme),
            expected=chapter.expected[exercise.label],
        )
        for exercise in chapter.exercises
    ]


def index(chapter: Chapter) -> str:
    """Return a chapter's exercises with their points as a section of the index."""
    rows = [
        f"| {chapter.number}.{order} | {exercise.kind} | {computer or ''} | {teacher or ''} |"
        for order, exercise in enumerate(chapter.exercises, start=1)
        for computer, teacher in [chapter.points(exercise)]
    ]
    totals = [sum(points) for points in zip(*map(chapter.points, chapter.exercises), strict=True)]
    files = tr(
        "[Students' notebook](release/{name}/{name}.ipynb), [teacher's notebook](source/{name}/{name}.ipynb)",
        name=chapter.name,
    )
    head = " | ".join([tr("exercise"), tr("kind"), tr("points by computer"), tr("points by teacher")])
    last = f"| {tr('together')} | | {totals[0]} | {totals[1]} |"
    title = f"## {chapter.number}. {CHAPTERS[chapter.number]}"
    return "\n".join([title, "", files, "", f"| {head} |", "|---|---|---:|---:|", *rows, last, ""])


def make(out: Path, chapters: Sequence[int], root: Path = ROOT, book: str = "") -> list[str]:
    """Write the notebooks of some chapters into a folder; return the problems that the checks found.

    Raises FileExistsError where the folder holds the work of a class, which would be lost.
    """
    kept = [name for name in ("submitted", "autograded", "feedback") if (out / name).exists()]
    if kept:
        raise FileExistsError(f"{out} holds the work of a class ({', '.join(kept)}); move the folder away first")
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    (out / class_checks.CONFIG_FILE).write_text(class_checks.CONFIG, encoding="utf-8")
    shutil.copyfile(README, out / "README.md")
    problems, sections = [], []
    with ProcessPoolExecutor(max_workers=2, mp_context=get_context("spawn")) as pool:
        jobs = [pool.submit(written, number, root, book) for number in chapters]
        for number, job in zip(chapters, jobs, strict=True):
            checked, found, section = job.result()
            checked.write(out)
            problems += found
            sections.append(section)
            print(f"== chapter {number}: {'; '.join(found) or 'checked'}", flush=True)
    heading = f"# {tr('Exercises and points')}\n"
    (out / "index.md").write_text("\n".join([heading, *sections]), encoding="utf-8")
    return problems


def main() -> None:
    """Write the notebooks that the command line asks for; exit with the problems found."""
    parser = argparse.ArgumentParser(prog="python -m book_figures.classroom", description=__doc__)
    parser.add_argument("chapters", nargs="*", type=int, help="numbers of chapters; all of them where none is given")
    parser.add_argument("--out", type=Path, default=ROOT / "_build" / "classroom")
    parser.add_argument("--book", default="", help="address of a published book, ending in a slash, to link to")
    asked = parser.parse_args()
    try:
        problems = make(asked.out, asked.chapters or list(CHAPTERS), book=asked.book)
    except FileExistsError as error:
        sys.exit(str(error))
    sys.exit("\n".join(problems) or None)


if __name__ == "__main__":
    main()
