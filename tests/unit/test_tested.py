"""What the page on testing says of the tests is what is in them; and a gate that no test breaks is refused."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from book_figures.site import tested

ROOT = Path(__file__).resolve().parents[2]
GATES = tested.gates(ROOT / "tests")
RUN = (ROOT / "tests" / "run.sh").read_text(encoding="utf-8")
STEPS = re.findall(r'^step "([^"]+)"', RUN, re.M)


def test_every_gate_has_a_test_that_breaks_something_on_purpose():
    assert tested.without_a_break(ROOT / "tests") == []


def test_the_gates_are_those_that_refuse_something():
    names = {(gate.file, gate.name) for gate in GATES}
    assert {("gates", "typed_numbers"), ("gates", "differing"), ("checks", "too_wide")} <= names
    assert not {("gates", "glued"), ("ledger_checks", "shown"), ("checks", "contrast")} & names
    assert all(gate.refuses.endswith(".") and gate.refuses[0].isupper() for gate in GATES)


def test_the_table_names_what_is_broken_in_words():
    rows = {name: (refuses, broken) for name, refuses, broken in tested.gate_rows(ROOT / "tests")}
    refuses, broken = rows["typed numbers"]
    assert refuses.startswith("Numbers typed into prose")
    assert "a number typed into prose" in broken.split("; ")
    assert "text too faint" in rows["faint text"][1]
    assert "`" not in "".join(sum(rows.values(), ()))


def test_the_counts_are_those_of_the_files():
    counts = [how_many for _, how_many in tested.count_rows(ROOT)]
    for at, folder in enumerate(("unit", "data", "notebooks", "site")):
        texts = [path.read_text(encoding="utf-8") for path in (ROOT / "tests" / folder).rglob("test_*.py")]
        written = sum(len(re.findall(r"^def test_", text, re.M)) for text in texts)
        assert counts[at] == f"{written:,}", folder
    assert counts[6] == str(len(GATES))
    assert counts[-1] == "85\u00a0%"


GATE = 'def wrong(text: str) -> list[str]:\n    """Find what is wrong.\n\n    In a text.\n    """\n    return []\n'
CALLED = "import gates\nCASES = [gates.wrong]\ndef every():\n    return CASES\n"


@pytest.mark.parametrize(
    ("file", "text", "seen"),
    [
        ("test_a.py", CALLED + "def test_a_fault_is_seen():\n    assert gates.wrong('')\n", True),
        ("test_a.py", CALLED + "def test_faults_are_seen():\n    assert every()[0]('')\n", True),
        ("test_gates_close.py", CALLED + "def test_a_fault():\n    assert every()\n", True),
        ("test_a.py", CALLED + "def test_the_book_passes():\n    assert gates.wrong('')\n", False),
        ("test_gates_close.py", CALLED + "def test_a_sound_page_passes():\n    assert gates.wrong('')\n", False),
        ("test_a.py", CALLED + "def test_another_fault_is_seen():\n    assert other.wrong('')\n", False),
    ],
    ids=["by name", "through others", "by file", "no fault", "a sound page", "of another module"],
)
def test_a_gate_without_a_break_is_seen(tmp_path, file, text, seen):
    (tmp_path / "gates.py").write_text(GATE + GATE.replace("wrong", "_own") + GATE.replace("list[str]", "str"))
    (tmp_path / file).write_text(text)
    problems = tested.without_a_break(tmp_path)
    assert len(problems) == (0 if seen else 1)
    assert all("gates.wrong: write a test" in problem for problem in problems)
    assert tested.gates(tmp_path)[0].refuses == "What is wrong."


# --------------------------------------------------------------------------------------------------- the steps, timed


def test_the_kept_run_has_the_steps_of_today():
    rows = tested.time_rows(ROOT / tested.TIMES)
    assert [row[0] for row in rows[:-1]] == STEPS
    assert int(rows[-1][2].replace(",", "")) == sum(int(row[2]) for row in rows[:-1])
    assert re.fullmatch(r"\d{4}-\d\d-\d\d, \d+ cores, Python \d\.\d+\.\d+(; .+)?", tested.run_on(ROOT / tested.TIMES))


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a project of which every tool does nothing and says that three tests passed."""
    (tmp_path / "tests").mkdir()
    shutil.copy2(ROOT / "tests" / "run.sh", tmp_path / "tests")
    (tmp_path / "Makefile").write_text("book:\n\t@echo built\n")
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    for tool, said in {"ruff": "", "mypy": "", "pytest": "3 passed in 1.00s", "python": "Python 3.11.0"}.items():
        path = tmp_path / ".venv" / "bin" / tool
        path.write_text(f"#!/bin/sh\necho '{said}'\n")
        path.chmod(0o755)
    return tmp_path


def run(project: Path) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"TIMES": str(project / "times.csv")}
    return subprocess.run(
        ["bash", "tests/run.sh"], cwd=project, env=environment, capture_output=True, text=True, check=False
    )


def test_a_run_goes_through_every_step_and_keeps_its_times(project):
    result = run(project)
    assert result.returncode == 0, result.stderr
    assert [line[3:] for line in result.stdout.splitlines() if line.startswith("== ")] == [*STEPS, "all checks passed"]
    rows = tested.time_rows(project / "times.csv")
    assert [row[0] for row in rows] == [*STEPS, "all steps"]
    assert [row[1] for row in rows] == ["–", "–", "3", "3", "–", "3", "9"]
    assert tested.run_on(project / "times.csv").endswith(" cores, Python 3.11.0")


@pytest.mark.parametrize("tool", ["ruff", "mypy", "pytest"])
def test_a_step_that_fails_ends_the_run(project, tool):
    with (project / ".venv" / "bin" / tool).open("a") as script:
        script.write("exit 1\n")
    result = run(project)
    assert result.returncode != 0
    assert "all checks passed" not in result.stdout
    assert not (project / "times.csv").exists()
