"""The Sphinx extension behind the API reference: docstrings as autodoc finds them, the rest as the source has it.

Docstrings of the core are plain prose. Here, and not in them, stands what reStructuredText wants besides:

- an indented block is a formula and is shown as it stands;
- the name of an argument before its colon is set as code;
- signatures keep the spelling of the source (`ArrayLike`, not what NumPy makes of it), classes of ours are links;
- below a module's docstring come its constants, copied from the source with their comments, and the names that it
  hands on from other modules.
"""

import ast
import copy
import re
import sys
from collections.abc import Iterator
from functools import lru_cache
from itertools import chain, pairwise
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from sphinx.application import Sphinx

CORE: Final = "compute_scaling"
INDENTED: Final = "    "
OWN_ARGUMENTS: Final = ("self", "cls")

Definition = ast.FunctionDef | ast.ClassDef


# ------------------------------------------------------------------------------------------------------ public names


def public_definitions(tree: ast.Module) -> list[Definition]:
    """Return the public functions and classes that a module defines, in its order."""
    return [node for node in tree.body if isinstance(node, Definition) and not node.name.startswith("_")]


def public_constants(tree: ast.Module) -> dict[str, ast.stmt]:
    """Return the public names that a module assigns, types among them, with the statements."""
    found: dict[str, ast.stmt] = {}
    for node in tree.body:
        targets = (
            node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        )
        found |= {target.id: node for target in targets if isinstance(target, ast.Name) and target.id[0] != "_"}
    return found


def handed_on(text: str) -> dict[str, list[str]]:
    """Return what a module lists in `__all__` but imports: names by the module that they are from.

    >>> handed_on("from a.b import c, d\\n__all__ = ['c', 'f']\\ndef f(): ...")
    {'a.b': ['c']}
    """
    tree = ast.parse(text)
    assigned = [
        node for node in tree.body if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"
    ]
    listed = ast.literal_eval(assigned[0].value) if assigned else []
    imports = [node for node in tree.body if isinstance(node, ast.ImportFrom) and node.module]
    names = {str(node.module): [each.name for each in node.names if each.name in listed] for node in imports}
    return {module: found for module, found in names.items() if found}


def listed_names(text: str) -> list[str]:
    """Return the public names that stand in the lists below a module's docstring: handed on, or constants and types.

    >>> listed_names("from a import b\\n__all__ = ['b']\\nX: int = 1\\n_y = 2\\ndef f(): ...")
    ['b', 'X']
    """
    return [*chain.from_iterable(handed_on(text).values()), *public_constants(ast.parse(text))]


def documented_names(text: str) -> list[str]:
    """Return the public names that have a docstring of their own: functions, classes, their methods and properties.

    >>> documented_names("class A:\\n    def b(self): ...\\n    def _c(self): ...\\ndef _d(): ...\\ndef e(): ...")
    ['A', 'A.b', 'e']
    """
    names = []
    for node in public_definitions(ast.parse(text)):
        names.append(node.name)
        if isinstance(node, ast.ClassDef):
            methods = (inner.name for inner in node.body if isinstance(inner, ast.FunctionDef))
            names += [f"{node.name}.{name}" for name in methods if not name.startswith("_")]
    return names


def constants_source(text: str) -> list[str]:
    """Return the lines of a module that assign its public constants, with the comments above and beside them.

    >>> constants_source("import a\\n\\n# of what\\nX = 1\\nY = 2  # of this\\n\\n\\ndef f(): ...")
    ['# of what', 'X = 1', 'Y = 2  # of this']
    """
    lines, wanted = text.splitlines(), set[int]()
    for node in public_constants(ast.parse(text)).values():
        first = node.lineno - 1
        while first and lines[first - 1].startswith("#") and not lines[first - 1].startswith("# ---"):
            first -= 1
        wanted |= set(range(first, node.end_lineno or node.lineno))
    return [lines[number] for number in sorted(wanted)]


# --------------------------------------------------------------------------------------------------------- signatures


@lru_cache(maxsize=64)
def _tree(module: str) -> ast.Module:
    return ast.parse(_text(module))


def _text(module: str) -> str:
    return Path(str(sys.modules[module].__file__)).read_text(encoding="utf-8")


def _found(name: str) -> tuple[ModuleType, Definition] | None:
    """Return the module and the definition of a full name, such as `compute_scaling.plan.Plan.check`."""
    parts = name.split(".")
    size = next(size for size in range(len(parts), 0, -1) if ".".join(parts[:size]) in sys.modules)
    module = ".".join(parts[:size])
    inside: ast.Module | Definition | None = _tree(module)
    for part in parts[size:]:
        body = inside.body if inside else []
        inside = next((node for node in body if isinstance(node, Definition) and node.name == part), None)
    return (sys.modules[module], inside) if isinstance(inside, Definition) else None


class _Linked(ast.NodeTransformer):
    """Spells the classes of the core in full, behind the mark with which Sphinx shows the last part alone."""

    def __init__(self, module: ModuleType) -> None:
        self.module = module

    def visit_Name(self, node: ast.Name) -> ast.expr:
        """Return the class's full name as a link, any other name as it is."""
        thing = getattr(self.module, node.id, None)
        if not (isinstance(thing, type) and thing.__module__.startswith(CORE)):
            return node
        return ast.UnaryOp(ast.Invert(), ast.Name(f"{thing.__module__}.{thing.__qualname__}"))


def _annotation(node: ast.expr | None, module: ModuleType) -> ast.expr | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):  # a type in quotes
        node = ast.parse(node.value, mode="eval").body
    return node and _Linked(module).visit(node)


def _arguments(node: Definition) -> ast.arguments | None:
    """Return the arguments of a function, or of what makes a class: its `__init__`, or its fields as a dataclass."""
    if isinstance(node, ast.FunctionDef):
        return node.args
    for inner in node.body:
        if isinstance(inner, ast.FunctionDef) and inner.name == "__init__":
            return inner.args
    marks = [ast.unparse(mark) for mark in node.decorator_list]
    if not any(mark.startswith("dataclass") for mark in marks):
        return None
    fields = [inner for inner in node.body if isinstance(inner, ast.AnnAssign)]
    given = [ast.arg(ast.unparse(field.target), field.annotation) for field in fields]
    values = [field.value for field in fields]
    by_keyword = any("kw_only=True" in mark for mark in marks)
    return ast.arguments(
        posonlyargs=[],
        args=[] if by_keyword else given,
        kwonlyargs=given if by_keyword else [],
        kw_defaults=list(values) if by_keyword else [],
        defaults=[] if by_keyword else [value for value in values if value],
    )


def _without_own(arguments: list[ast.arg]) -> list[ast.arg]:
    return [argument for argument in arguments if argument.arg not in OWN_ARGUMENTS]


def argument_names(node: Definition) -> list[str]:
    """Return the names of what a function or class takes."""
    taken = _arguments(node)
    every = [*taken.posonlyargs, *taken.args, *taken.kwonlyargs] if taken else []
    return [argument.arg for argument in _without_own(every)]


def signature(name: str) -> tuple[str, str] | None:
    """Return the arguments and the returned type of a function or class of the core, spelled as in the source.

    >>> import compute_scaling.units
    >>> signature("compute_scaling.units.unit_of")
    ('(name: str)', 'str | None')
    """
    found = _found(name)
    if not found:
        return None
    module, node = found[0], copy.deepcopy(found[1])
    taken = _arguments(node)
    if not taken:
        return None
    taken.posonlyargs, taken.args = _without_own(taken.posonlyargs), _without_own(taken.args)
    for argument in [*taken.posonlyargs, *taken.args, *taken.kwonlyargs, taken.vararg, taken.kwarg]:
        if argument:
            argument.annotation = _annotation(argument.annotation, module)
    returned = _annotation(node.returns, module) if isinstance(node, ast.FunctionDef) else None
    return f"({ast.unparse(taken)})", ast.unparse(returned) if returned else ""


# --------------------------------------------------------------------------------------------------------- docstrings


def with_literal_blocks(lines: list[str]) -> list[str]:
    """Return a docstring's lines with the mark of a literal block before each indented one, which has no other marks.

    >>> with_literal_blocks(["It grows:", "", "    `a` = b", "", "and so on."])
    ['It grows:', '', '.. code-block:: text', '', '    a = b', '', 'and so on.']
    """
    found, inside = list[str](), False
    for before, line in pairwise(["", *lines]):
        indented = line.startswith(INDENTED)
        if indented and not inside and not before:
            found += [".. code-block:: text", ""]
            inside = True
        inside = inside and (indented or not line)
        found.append(line.replace("`", "") if inside else line)
    return found


def with_marked_arguments(lines: list[str], names: list[str]) -> list[str]:
    """Return a docstring's lines with arguments as code where a sentence on them begins: `pue: site power`.

    >>> with_marked_arguments(["low, high: in watts. pue: 1, so low: no", ">>> low: int"], ["low", "high", "pue"])
    ['``low``, ``high``: in watts. ``pue``: 1, so low: no', '>>> low: int']
    """
    if not names:
        return lines
    one = rf"(?:{'|'.join(sorted(names, key=len, reverse=True))})"
    listed = re.compile(rf"(?:^|(?<=[.;] )){one}(?:, {one})*(?=:( |$))")

    def marked(match: re.Match[str]) -> str:
        return re.sub(r"\w+", r"``\g<0>``", match[0])

    return [line if line.startswith((">>>", "...", " ")) else listed.sub(marked, line) for line in lines]


def below_module(name: str) -> Iterator[str]:
    """Yield what comes below a module's docstring: the names that it hands on, and its constants."""
    text = _text(name)
    for home, names in handed_on(text).items():
        listed = ", ".join(f"`{each}`" for each in names)
        yield from ("", f"From :py:mod:`{home.removeprefix(CORE + '.')} <{home}>`: {listed}.")
    constants = constants_source(text)
    if constants:
        yield from ("", "Constants and types:", "", ".. code-block:: python", INDENTED + ":class: api-constants", "")
        yield from (*(INDENTED + line for line in constants), "")


# ------------------------------------------------------------------------------------------------------------- Sphinx


def process_signature(
    app: Sphinx, what: str, name: str, thing: Any, options: Any, arguments: str | None, returned: str | None
) -> tuple[str, str] | None:
    """Give autodoc the signature that the source has."""
    return signature(name) if what in ("function", "method", "class", "exception") else None


def process_docstring(app: Sphinx, what: str, name: str, thing: Any, options: Any, lines: list[str]) -> None:
    """Turn a docstring's plain prose into reStructuredText, in place."""
    found = _found(name)
    lines[:] = with_literal_blocks(with_marked_arguments(lines, argument_names(found[1]) if found else []))
    if what == "module":
        lines += below_module(name)


def flat_signatures(body: str) -> str:
    """Return a page with its long signatures in blocks: Sphinx makes them lists without terms, inside terms.

    >>> flat_signatures('<dt class="sig">f(<dl><dd>a,</dd></dl>)</dt><dl><dd>text</dd></dl>')
    '<dt class="sig">f(<span class="sig-block"><span class="sig-block">a,</span></span>)</dt><dl><dd>text</dd></dl>'
    """

    def flat(match: re.Match[str]) -> str:
        return re.sub("<d[ld]>", '<span class="sig-block">', re.sub("</d[ld]>", "</span>", match[0]))

    return re.sub(r'<dt class="sig.*?</dt>', flat, body, flags=re.S)


def process_page(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    """Mend the signatures of a page, in place."""
    context["body"] = flat_signatures(context.get("body", ""))


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the extension with Sphinx."""
    app.setup_extension("sphinx.ext.autodoc")
    app.connect("autodoc-process-signature", process_signature)
    app.connect("autodoc-process-docstring", process_docstring)
    app.connect("html-page-context", process_page)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
