"""A class's notebooks: for each chapter a marked set for the teacher and one without solutions for the students.

Both are in the layout of nbgrader, a program that hands out, collects and marks notebooks: `source` is the teacher's,
and nbgrader itself makes `release` from it, as it would for any assignment. `make classroom` writes them and checks
them (`checks`); `notebooks/marks.toml` says what earns a point.
"""

import argparse
import shutil
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Final

from book_figures.classroom import checks
from book_figures.classroom.chapter import ROOT, Chapter
from book_figures.classroom.notebook import teachers_notebook
from book_figures.classroom.plain_markdown import plain
from book_figures.texts import tr
from book_figures.what_was_claimed import CHAPTERS

README: Final = Path(__file__).parent / "class_readme.md"
PROCESSES: Final = 2


def made(number: int, root: Path, book: str) -> tuple[checks.Checked, str]:
    """Return a chapter's two notebooks, run and checked, and its section of the index."""
    chapter = Chapter(number, root, book)
    return checks.checked(chapter.name, teachers_notebook(chapter), solutions(chapter)), index(chapter)


def solutions(chapter: Chapter) -> list[checks.Solution]:
    """Return of each exercise what may not be found in a student's notebook, and what the checks answer with."""
    return [
        checks.Solution(
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

    Raises FileExistsError where the folder holds the work of a class, or anything else that would be lost.
    """
    kept = [name for name in ("submitted", "autograded", "feedback") if (out / name).exists()]
    if kept:
        raise FileExistsError(f"{out} holds the work of a class ({', '.join(kept)}); move the folder away first")
    if out.exists() and any(out.iterdir()) and not (out / checks.CONFIG_FILE).exists():
        raise FileExistsError(f"{out} holds other files; expected a new folder, or one that this wrote")
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    (out / checks.CONFIG_FILE).write_text(checks.CONFIG, encoding="utf-8")
    shutil.copyfile(README, out / "README.md")
    problems, sections = [], []
    with ProcessPoolExecutor(max_workers=PROCESSES, mp_context=get_context("spawn")) as pool:
        jobs = [pool.submit(made, number, root, book) for number in chapters]
        for number, job in zip(chapters, jobs, strict=True):
            checked, section = job.result()
            checked.write(out)
            problems += checked.problems
            sections.append(section)
            print(f"== chapter {number}: {'; '.join(checked.problems) or 'checked'}", flush=True)
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
    if unknown := sorted(set(asked.chapters) - set(CHAPTERS)):
        parser.error(f"no chapter {unknown[0]}; expected {min(CHAPTERS)} to {max(CHAPTERS)}")
    try:
        problems = make(asked.out, asked.chapters or list(CHAPTERS), book=asked.book)
    except FileExistsError as error:
        sys.exit(str(error))
    sys.exit("\n".join(problems) or None)
