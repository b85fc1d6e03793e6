"""A notebook's code run here, without a kernel: what it says to its prose, and what it shows."""

import ast
import json
from collections.abc import Collection, Iterator
from contextlib import chdir, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

SAY: Final = "say"


@dataclass
class Run:
    """What a notebook said, by name, and the outputs that it showed, each by its kinds (MIME types)."""

    said: dict[str, str] = field(default_factory=dict)
    shown: list[dict[str, Any]] = field(default_factory=list)


def run(notebook: Path, *, wanted: Collection[str] = ()) -> Run:
    """Run a notebook's code cells from top to bottom.

    wanted: names that the notebook says to its prose. With them, figures and tables are left out, and the run ends when
    all of them are said. Raises whatever a cell raises, and KeyError where a wanted name is never said.
    """
    found, cells, names = Run(), list(_cells(notebook)), {"__name__": "__main__"}
    with chdir(notebook.parent), _heard(found.said):
        for number, tree in enumerate(cells, start=1):
            if wanted and found.said.keys() >= set(wanted):
                break
            where = f"{notebook.name}, code cell {number}"
            last = tree.body[-1] if tree.body else None
            if not isinstance(last, ast.Expr):
                exec(compile(tree, where, "exec"), names)
                continue
            exec(compile(ast.Module(tree.body[:-1], []), where, "exec"), names)
            if not wanted or _says(last.value):
                value = eval(compile(ast.Expression(last.value), where, "eval"), names)
                if hasattr(value, "_repr_mimebundle_"):
                    found.shown.append(value._repr_mimebundle_())
    if missing := set(wanted) - found.said.keys():
        raise KeyError(f"{notebook.name} never says {', '.join(sorted(missing))}")
    return found


def _cells(notebook: Path) -> Iterator[ast.Module]:
    for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] == "code":
            yield ast.parse("".join(cell["source"]))


def _says(call: ast.expr) -> bool:
    return isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == SAY


@contextmanager
def _heard(said: dict[str, str]) -> Iterator[None]:
    """Catch what is said instead of handing it to a kernel."""
    with patch("book_figures.say.glue", lambda name, text, display: said.__setitem__(name, str(text))):
        yield
