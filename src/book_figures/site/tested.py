"""The page on how the book is tested: its tables are read from the tests, so that they say what is there.

A gate is a function in a file named `gates...` or `...checks` that takes a part of the book and returns the problems it
finds. A test that breaks something on purpose has a name that ends in `_is_seen` or `_are_seen`, or stands in
`test_gates_close`; it belongs to the gates that it, or what it is made of, calls.
"""

import ast
import csv
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from book_figures import html, numbers
from book_figures.texts import tr

GATE_FILES: Final = ("gates*.py", "*checks.py")
SEEN: Final = re.compile(r"_(?:is|are)_seen$")
REFUSED: Final = re.compile(r"_(?:is|are)_refused")
BREAKING_FILE: Final = "test_gates_close"
SOUND: Final = re.compile(r"_passe?s?(?:_|$)|_may_")
TIMES: Final = "book/test_times.csv"
MUTANTS: Final = "mutants.py"
EXAMPLE: Final = ">>>"

Definition = ast.FunctionDef | ast.Assign | ast.AnnAssign


@dataclass(frozen=True)
class Gate:
    """A gate: its file, its name, what it refuses, and the tests that break something on purpose to see it close."""

    file: str
    name: str
    refuses: str
    breaks: tuple[str, ...]


def gates(tests: Path) -> list[Gate]:
    """Return the gates of a folder of tests, file by file in the order in which they stand there.

    >>> {"typed_numbers", "broken_links"} <= {gate.name for gate in gates(Path("tests"))}
    True
    """
    broken = _broken_by(tests)
    return [
        Gate(
            path.stem, node.name, refuses(ast.get_docstring(node) or ""), tuple(broken.get((path.stem, node.name), ()))
        )
        for path in gate_files(tests)
        for node in _parsed(path).body
        if isinstance(node, ast.FunctionDef) and is_gate(node)
    ]


def gate_files(tests: Path) -> list[Path]:
    """Return the files that hold gates."""
    return sorted({path for pattern in GATE_FILES for path in tests.rglob(pattern)})


def is_gate(node: ast.FunctionDef) -> bool:
    """Return whether a function is a gate: public, returns a list of texts, and its docstring says what it finds.

    >>> [is_gate(node) for node in ast.parse('def f() -> list[str]: "Find it."\\ndef g() -> str: "Find it."').body]
    [True, False]
    """
    returns = ast.unparse(node.returns) if node.returns else ""
    said = ast.get_docstring(node) or ""
    return returns == "list[str]" and not node.name.startswith("_") and not said.startswith(("Return", "Yield"))


def refuses(docstring: str) -> str:
    """Return what a gate refuses, from the first sentence of its docstring.

    >>> refuses("Find charts without a table.")
    'Charts without a table.'
    """
    found = " ".join(docstring.partition("\n\n")[0].split()).removeprefix("Find ").replace("`", "")
    return found[:1].upper() + found[1:]


def in_words(name: str) -> str:
    """Return the name of a test as words, without what all such names have.

    >>> in_words("test_a_number_typed_into_prose_is_seen")
    'a number typed into prose'
    """
    return SEEN.sub("", name).removeprefix("test_").replace("_", " ")


def without_a_break(tests: Path) -> list[str]:
    """Return the gates that no test breaks on purpose, with what to do."""
    return [
        f"{gate.file}.{gate.name}: write a test that breaks something on purpose and calls it; "
        f"its name ends in _is_seen (tests of the site: in {BREAKING_FILE}.py, by any name)"
        for gate in gates(tests)
        if not gate.breaks
    ]


# ---------------------------------------------------------------------------------------------------- reading the tests


@lru_cache(maxsize=512)
def _read(path: Path, stamp: int) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def _parsed(path: Path) -> ast.Module:
    return _read(path, path.stat().st_mtime_ns)


def _broken_by(tests: Path) -> dict[tuple[str, str], tuple[str, ...]]:
    """Return for (file, gate) the tests that break something for it, in the order of their files."""
    modules, found = {path.stem for path in gate_files(tests)}, dict[tuple[str, str], tuple[str, ...]]()
    for path in sorted(tests.rglob("test_*.py")):
        defined = _defined(_parsed(path))
        for name in _tests_of(path):
            if breaks_something(path.stem, name):
                for gate in sorted(_used(name, defined, modules)):
                    found[gate] = (*found.get(gate, ()), name)
    return found


def breaks_something(file: str, name: str) -> bool:
    """Return whether a test breaks something on purpose, by its name and that of its file.

    >>> breaks_something("test_notebooks", "test_a_stale_chart_is_seen")
    True
    >>> breaks_something("test_gates_close", "test_a_sound_page_passes")
    False
    """
    return bool(SEEN.search(name)) or (file == BREAKING_FILE and not SOUND.search(name))


def _tests_of(path: Path) -> list[str]:
    functions = [node for node in _parsed(path).body if isinstance(node, ast.FunctionDef)]
    return [node.name for node in functions if node.name.startswith("test_")]


def _defined(module: ast.Module) -> dict[str, Definition]:
    """Return what a module defines at its top, by name."""
    found: dict[str, Definition] = {}
    for node in module.body:
        if isinstance(node, ast.FunctionDef):
            found[node.name] = node
        elif isinstance(node, ast.Assign):
            found |= {name.id: node for name in node.targets if isinstance(name, ast.Name)}
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            found[node.target.id] = node
    return found


def _used(name: str, defined: dict[str, Definition], modules: set[str]) -> set[tuple[str, str]]:
    """Return (module, attribute) of what a definition uses of some modules, also by way of others of its file."""
    used, seen, waiting = set(), {name}, [name]
    while waiting:
        for node in ast.walk(defined[waiting.pop()]):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in modules:
                used.add((node.value.id, node.attr))
            elif isinstance(node, ast.Name) and node.id in defined and node.id not in seen:
                seen.add(node.id)
                waiting.append(node.id)
    return used


# ----------------------------------------------------------------------------------------------------------- the tables


def gate_rows(tests: Path) -> list[list[str]]:
    """Return the gates for the page: name, what it refuses, what is broken on purpose."""
    return [[gate.name.replace("_", " "), gate.refuses, "; ".join(map(in_words, gate.breaks))] for gate in gates(tests)]


def count_rows(root: Path) -> list[list[str]]:
    """Return how many tests there are of each kind, counted in a project's folder."""
    tests = root / "tests"
    found = gates(tests)
    breaking = {name for gate in found for name in gate.breaks}
    damage = [name for path in (tests / "data").glob("test_*.py") for name in _tests_of(path) if REFUSED.search(name)]
    counts = {
        tr("tests of the core and of the figures"): _count(tests / "unit"),
        tr("tests of the tables"): _count(tests / "data"),
        tr("tests of notebooks, pages and the answers of exercises"): _count(tests / "notebooks"),
        tr("tests of the built pages in a browser"): _count(tests / "site"),
        tr("functions whose documentation has an example that is run"): sum(
            EXAMPLE in (ast.get_docstring(node) or "")
            for path in sorted((root / "src").rglob("*.py"))
            for node in ast.walk(_parsed(path))
            if isinstance(node, ast.FunctionDef)
        ),
        tr("code cells of the notebooks, run again and compared"): sum(
            cell["cell_type"] == "code"
            for path in sorted((root / "notebooks").glob("*.ipynb"))
            for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]
        ),
        tr("gates, listed below"): len(found),
        tr("tests that break something on purpose to see a gate close"): len(breaking),
        tr("tests that damage a table on purpose and see it refused"): len(damage),
    }
    share = numbers.percent(float(_constant(tests / MUTANTS, "WANTED")))
    needed = tr("least share of small faults, put into the core on purpose, that its tests must notice")
    return [*([what, numbers.count(count)] for what, count in counts.items()), [needed, share]]


def _count(folder: Path) -> int:
    return sum(len(_tests_of(path)) for path in folder.rglob("test_*.py"))


def _constant(path: Path, name: str) -> str:
    node = _defined(_parsed(path))[name]
    assert isinstance(node, ast.AnnAssign | ast.Assign)
    assert node.value is not None
    return ast.unparse(node.value)


def time_rows(path: Path) -> list[list[str]]:
    """Return the steps of `make test` with the cases and the seconds of the run that was kept, and their sum."""
    with path.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(line for line in lines if not line.startswith("#")))
    cases, seconds = (sum(int(row[name] or 0) for row in rows) for name in ("cases", "seconds"))
    shown = [[row["step"], numbers.count(int(row["cases"])) if row["cases"] else "–", row["seconds"]] for row in rows]
    return [*shown, [tr("all steps"), numbers.count(cases), numbers.count(seconds)]]


def run_on(path: Path) -> str:
    """Return the day and the machine of the run that was kept."""
    with path.open(encoding="utf-8") as lines:
        return next(lines).lstrip("# ").strip()


class AboutTests(SphinxDirective):
    """`{tests} counts`, `{tests} gates` or `{tests} times`: one of the tables of this page."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Return the table; the page is read again when a test, a notebook or the kept run changes."""
        root = Path(self.env.srcdir)
        makers = {"counts": self._counts, "gates": self._gates, "times": self._times}
        if self.arguments[0] not in makers:
            raise self.error(f"tests: {self.arguments[0]!r}; expected one of {', '.join(makers)}")
        for path in _read_by(root):
            self.env.note_dependency(str(path))
        return [nodes.raw("", makers[self.arguments[0]](root), format="html")]

    def _counts(self, root: Path) -> str:
        return html.table([tr("what"), tr("how many")], count_rows(root))

    def _gates(self, root: Path) -> str:
        columns = [tr("gate"), tr("what it refuses"), tr("what is broken on purpose to see it close")]
        return html.table(columns, gate_rows(root / "tests"))

    def _times(self, root: Path) -> str:
        columns = [tr("step"), tr("cases"), tr("seconds")]
        return html.table(columns, time_rows(root / TIMES)) + f"<p>{tr('Run on')} {run_on(root / TIMES)}.</p>"


def _read_by(root: Path) -> Iterator[Path]:
    yield root / TIMES
    for folder, pattern in (("tests", "*.py"), ("src", "*.py"), ("notebooks", "*.ipynb")):
        yield from sorted((root / folder).rglob(pattern))


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the directive with Sphinx."""
    app.add_directive("tests", AboutTests)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
