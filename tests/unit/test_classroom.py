"""A class's notebooks: one chapter made, handed out and marked for real, all chapters as far as nothing has to run.

And the checks of `make classroom` on notebooks that are broken on purpose.
"""

import ast
import tomllib
from pathlib import Path

import nbformat
import pytest
from nbformat import v4
from nbgrader.preprocessors import ClearHiddenTests, ClearMarkScheme, ClearSolutions
from traitlets.config.loader import PyFileConfigLoader

from book_figures.classroom import checks, syntax
from book_figures.classroom.chapter import Chapter, Marks
from book_figures.classroom.exercises import Code
from book_figures.classroom.notebook import teachers_notebook
from book_figures.classroom.sets import index, main, make, solutions
from book_figures.what_was_claimed import CHAPTERS

ROOT = Path(__file__).resolve().parents[2]
THREE = 3


@pytest.fixture(scope="module", params=CHAPTERS)
def chapter(request):
    """A chapter of the book, with made-up answers: to compute them takes a run of the chapter."""
    found = Chapter(request.param)
    made_up = {label: dict.fromkeys(marks.answers, 1234.5) for label, marks in found.marks.items()}
    found.__dict__["expected"] = made_up
    return found


@pytest.fixture(scope="module")
def checked():
    """Chapter 3, run and marked by nbgrader."""
    found = Chapter(THREE)
    return found, checks.checked(found.name, teachers_notebook(found), solutions(found))


def handed_out(notebook, tmp_path):
    """Return what nbgrader's own steps leave of a teacher's notebook, without a gradebook."""
    (tmp_path / checks.CONFIG_FILE).write_text(checks.CONFIG, encoding="utf-8")
    config = PyFileConfigLoader(checks.CONFIG_FILE, path=str(tmp_path)).load_config()
    notebook = nbformat.from_dict(notebook)
    for step in (ClearSolutions, ClearHiddenTests, ClearMarkScheme):
        notebook, _ = step(config=config).preprocess(notebook, {})
    return notebook


def sources(notebook, ending):
    return [cell["source"] for cell in notebook.cells if cell["id"].endswith(ending)]


# ------------------------------------------------------------------------------------------------------- the real thing


def test_nbgrader_marks_the_three_students_as_it_should(checked):
    _, found = checked
    assert found.problems == []


def test_both_notebooks_have_been_run_and_the_students_has_no_answers(checked):
    _, found = checked
    for notebook in (found.teacher, found.student):
        nbformat.validate(notebook)
        run = [cell for cell in notebook.cells if cell["cell_type"] == "code" and cell["outputs"]]
        assert sum("application/vnd.vegalite.v5+json" in str(cell["outputs"]) for cell in run) == 4
    tests = [cell for cell in found.student.cells if cell["id"].endswith("-test")]
    assert [cell["outputs"] for cell in tests] == [[], []]
    assert "threshold = ...  # H100s that" in sources(found.student, "threshold-answer")[0]
    assert sources(found.student, "-words") == ["*Write your answer here.*"] * 3
    assert "threshold = planned / machine.FOUR[0]" in sources(found.teacher, "threshold-answer")[0]


def test_the_index_adds_up(checked):
    chapter, found = checked
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in index(chapter).splitlines() if "|" in line]
    assert [row[1] for row in rows[2:-1]] == ["Recall", "Compute", "Compute", "Argue"]
    given = [cell["metadata"]["nbgrader"] for cell in found.student.cells if "nbgrader" in cell["metadata"]]
    computer = sum(about["points"] for about in given if about["grade"] and not about["solution"])
    teacher = sum(about["points"] for about in given if about["grade"] and about["solution"])
    assert [int(cell) for cell in rows[-1][2:]] == [computer, teacher] == [5, 7]


# --------------------------------------------------------------------------------------------------------- all chapters


def test_every_exercise_has_its_marks_in_order():
    tables = tomllib.loads((ROOT / "notebooks" / "marks.toml").read_text(encoding="utf-8"))
    exercises = [exercise for number in CHAPTERS for exercise in Chapter(number).exercises]
    assert list(tables) == [exercise.label for exercise in exercises]
    for exercise in exercises:
        marks = Marks(**tables[exercise.label])
        assert bool(marks.answers) == (exercise.kind == "Compute"), exercise.label
        assert marks.answers or marks.scheme, exercise.label


def test_a_chapter_is_plain_and_keeps_its_code(chapter):
    notebook = teachers_notebook(chapter)
    nbformat.validate(notebook)
    assert checks.not_plain(notebook) == []
    code = [cell["source"] for cell in notebook.cells if cell["cell_type"] == "code"]
    assert not any("say(" in source for source in code)
    shown = [part.source for part in chapter.whole if isinstance(part, Code) and "remove-cell" not in part.tags]
    assert [source for source in code if source in shown] == shown


def test_what_is_handed_out_has_every_question_and_no_solution(chapter, tmp_path):
    teacher = teachers_notebook(chapter)
    student = handed_out(teacher, tmp_path)
    assert checks.leaks(student, solutions(chapter)) == []
    questions = sources(student, "-question")
    assert len(questions) == len(chapter.exercises) >= 4
    assert all(question.startswith(f"### Exercise {chapter.number}.") for question in questions)


def test_no_answer_has_the_name_of_something_that_the_chapter_uses(chapter):
    code = [part.source for part in chapter.parts if isinstance(part, Code)]
    assigned = set().union(*(syntax.written(ast.parse(source)) for source in code))
    answers = [name for marks in chapter.marks.values() for name in marks.answers]
    assert len(answers) == len(set(answers))
    assert not assigned & set(answers)


# ---------------------------------------------------------------------------------------------------- broken on purpose


def cell(new, source, name, **about):
    made = new(source)
    made["id"] = name
    default = {"schema_version": 3, "grade_id": name, "grade": False, "solution": False, "locked": False, "task": False}
    made["metadata"]["nbgrader"] = default | about
    return made


def made_up(*, solution="n = 6000.5", later="", words="Because one does not see it.", told=""):
    """Return a teacher's notebook of one exercise, and its solution."""
    answer = f"n = ...\n### BEGIN SOLUTION\n{solution}\n### END SOLUTION"
    test = (
        "from book_figures.classroom import marking\n\nmarking.look(vars(), n=(1000, 10000))\n### BEGIN HIDDEN TESTS\n"
        "marking.marks(vars(), n=6000.5)\n### END HIDDEN TESTS"
    )
    question = f"How many? {told}\n<!-- BEGIN MARK SCHEME -->\nNames the count.\n<!-- END MARK SCHEME -->"
    cells = [
        cell(v4.new_markdown_cell, question, "ex-question", locked=True),
        cell(v4.new_code_cell, answer, "ex-answer", solution=True),
        cell(v4.new_code_cell, test, "ex-test", grade=True, locked=True, points=2),
        cell(v4.new_markdown_cell, words, "ex-words", grade=True, solution=True, points=1),
    ]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    notebook = v4.new_notebook(cells=[*cells, v4.new_code_cell(later, id="later")], metadata=kernel)
    return notebook, [
        checks.Solution("ex", [words], [solution], ["Names the count."], {"n": 6000.5}),
    ]


def test_a_solution_that_misses_its_own_answer_and_a_cell_that_stops_are_noticed():
    teacher, solution = made_up(solution="n = 7000.0", later="len(5)")
    problems = checks.checked("made_up", teacher, solution, ["all-right"]).problems
    assert problems == [
        "made_up: all-right has 0 of 2 points; expected 2",
        "made_up: all-right: cell later fails: TypeError: object of type 'int' has no len()",
    ]


@pytest.mark.parametrize(
    ("broken", "problem"),
    [
        ({"told": "Because one does not see it."}, "ex: 'Because one does not see it.' is in the students' notebook"),
        ({"told": "Names the count."}, "ex: 'Names the count.' is in the students' notebook"),
        ({"told": "It is 6,000.5."}, "ex: the value of n is in the students' notebook"),
        (
            {"later": "total = 5000 + 1000.5", "solution": "total = 5000 + 1000.5"},
            "ex: 'total = 5000 + 1000.5' is in the",
        ),
        ({}, ""),
    ],
)
def test_a_piece_of_a_solution_in_the_students_notebook_is_noticed(broken, problem, tmp_path):
    teacher, solution = made_up(**broken)
    found = checks.leaks(handed_out(teacher, tmp_path), solution)
    assert found[0].startswith(problem) if problem else found == []


def test_text_of_the_book_in_a_notebook_is_noticed():
    teacher, _ = made_up(told="See {numref}`fig-x`.")
    assert checks.not_plain(teacher) == ["cell ex-question: '{numref}`' is not plain Markdown"]


@pytest.mark.parametrize("work", ["submitted", "autograded", "feedback"])
def test_the_work_of_a_class_is_not_overwritten(work, tmp_path):
    kept = tmp_path / work / "anna" / "03.ipynb"
    kept.parent.mkdir(parents=True)
    kept.write_text("{}", encoding="utf-8")
    with pytest.raises(FileExistsError, match=f"the work of a class \\({work}\\)"):
        make(tmp_path, [3])
    assert kept.read_text(encoding="utf-8") == "{}"


def test_a_folder_of_something_else_is_not_overwritten(tmp_path):
    (tmp_path / "letters.txt").write_text("Dear Anna", encoding="utf-8")
    with pytest.raises(FileExistsError, match="holds other files"):
        make(tmp_path, [3])
    assert (tmp_path / "letters.txt").exists()


def test_a_chapter_that_is_not_there_is_refused(monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["classroom", "3", "18"])
    with pytest.raises(SystemExit):
        main()
    assert "no chapter 18; expected 1 to 17" in capsys.readouterr().err
