"""A chapter's code without what only the book's pages need, and the values that its solutions come to.

A page takes its numbers from cells that hand them over (`book_figures.say`). A notebook for a class has them in its
text, so those calls go, and with them what was computed for them alone.
"""

import ast
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from book_figures.classroom.marking import Answer

HANDS_OVER = "say"


def pruned(sources: Sequence[str], only_for_pages: Sequence[bool]) -> list[str]:
    r"""Return cells without the calls of `say`, and without what nothing after them uses.

    sources: every code cell of the notebook, in order. only_for_pages: which of them may lose statements; the others
    stay as they are.

    >>> pruned(["a = 1\nb = 2\nsay(b=str(b))", "a + 1"], [True, False])
    ['a = 1', 'a + 1']
    """
    used: set[str] = set()
    kept = []
    for source, prunable in reversed(list(zip(sources, only_for_pages, strict=True))):
        kept.append(_kept(source, used) if prunable else source)
        used |= _read(ast.parse(kept[-1]))
    return kept[::-1]


def _kept(source: str, used_later: set[str]) -> str:
    lines, used = source.split("\n"), set(used_later)
    kept: list[str] = []
    for statement in reversed(ast.parse(source).body):
        if isinstance(statement, ast.Import | ast.ImportFrom):
            text = _import(statement, used)
        else:
            needed = bool(written(statement) & used) or not (written(statement) or _hands_over(statement))
            text = "\n".join(lines[statement.lineno - 1 : statement.end_lineno]) if needed else ""
        if text:
            used |= _read(statement)
            kept.append(text)
    return "\n".join(kept[::-1])


def _import(statement: ast.Import | ast.ImportFrom, used: set[str]) -> str:
    names = [name for name in statement.names if (name.asname or name.name.partition(".")[0]) in used]
    if not names:
        return ""
    if isinstance(statement, ast.Import):
        return ast.unparse(ast.Import(names))
    return ast.unparse(ast.ImportFrom(statement.module, names, statement.level))


def _hands_over(statement: ast.stmt) -> bool:
    call = statement.value if isinstance(statement, ast.Expr) else None
    return isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == HANDS_OVER


def written(tree: ast.AST) -> set[str]:
    """Return the names that a piece of code assigns, also by a part of theirs.

    >>> sorted(written(ast.parse("a, *b = f(x)\\nc.loc[0] *= 2")))
    ['a', 'b', 'c']
    """
    inner = [node.target for node in ast.walk(tree) if isinstance(node, ast.comprehension)]
    own = {id(node) for target in inner for node in ast.walk(target)}  # names that live in a comprehension only
    stored = [node for node in ast.walk(tree) if isinstance(getattr(node, "ctx", None), ast.Store)]
    return {name for node in stored if id(node) not in own and (name := _root(node))}


def _root(node: ast.AST) -> str:
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Starred):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def _read(tree: ast.AST) -> set[str]:
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}


def without_last_value(source: str) -> str:
    r"""Return a cell without the expression at its end that only shows a value.

    >>> without_last_value("a = 1\nround(a)")
    'a = 1'
    """
    body = ast.parse(source).body
    shows = bool(body) and isinstance(body[-1], ast.Expr)
    return "\n".join(source.split("\n")[: body[-1].lineno - 1]).rstrip() if shows else source


def values(cells: Iterable[str | Mapping[str, str]]) -> list[dict[str, Answer]]:
    """Run cells in one namespace and return what the expressions between them come to.

    cells: source code, and, where values are wanted, name -> expression.

    >>> values(["a = 2", {"twice": "2 * a"}])
    [{'twice': 4}]
    """
    namespace: dict[str, Any] = {"__name__": "__main__"}
    found = []
    for cell in cells:
        if isinstance(cell, str):
            exec(compile(cell, "<cell>", "exec"), namespace)
        else:
            found.append({name: eval(text, namespace) for name, text in cell.items()})
    return found
