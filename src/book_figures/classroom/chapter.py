"""A chapter as a class gets it: its parts, how its exercises are marked, and what their solutions come to."""

import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Final

from book_figures.classroom import marking, syntax
from book_figures.classroom.exercises import Code, Exercise, Part, handed_over, parts
from book_figures.classroom.plain_markdown import Words
from compute_scaling import data

ROOT: Final = Path(__file__).resolve().parents[3]
MARKS: Final = "notebooks/marks.toml"


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
        kept = dict(zip(map(id, runs), syntax.pruned([self._run(part) for part in runs], for_pages), strict=True))
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
        found = syntax.values(cells)
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


@lru_cache
def figure_numbers(root: Path) -> dict[str, str]:
    """Return the number that each figure of the chapters has in the book, by name: chapter, then order."""
    found: dict[str, str] = {}
    for path in sorted((root / "notebooks").glob("*.ipynb")):
        notebook = json.loads(path.read_text(encoding="utf-8"))
        names = [name for part in parts(notebook) if isinstance(part, Code) for name, _ in part.figures]
        found |= {name: f"{int(path.stem[:2])}.{order}" for order, name in enumerate(names, start=1)}
    return found
