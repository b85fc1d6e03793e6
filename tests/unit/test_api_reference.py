import importlib
import sys

import pytest

import compute_scaling.uncertainty  # noqa: F401  (a module is documented once it is imported)
from book_figures.site import api_reference

MODULE = '''
"""A module."""
from dataclasses import dataclass
from compute_scaling.plan import Plan
# ------- a rule

# above
# the constant
LIMIT = (
    1,  # inside
)
_hidden = 2
Word = str  # beside


@dataclass(frozen=True, kw_only=True)
class Shape:
    """A shape."""

    layers: int
    plan: "Plan | None" = None

    @property
    def size(self): ...

    def at(self, place: int, *, of: Plan) -> "Shape": ...

    def _inside(self): ...


@dataclass
class Pair:
    left: Word
    right: list[Shape] = ()


class Refused(ValueError):
    def __init__(self, word: Word, /, *more: Pair) -> None: ...


class Bare: ...


def turned(plans: tuple[Plan, ...], limit: int = LIMIT) -> Pair: ...
'''


@pytest.fixture
def module(tmp_path, monkeypatch):
    """A module to document, as a part of the core."""
    (tmp_path / "compute_scaling_of_tests.py").write_text(MODULE)
    monkeypatch.syspath_prepend(tmp_path)
    yield importlib.import_module("compute_scaling_of_tests").__name__
    del sys.modules["compute_scaling_of_tests"]
    api_reference._tree.cache_clear()


PLAN = "~compute_scaling.plan.Plan"
OWN = "~compute_scaling_of_tests"


@pytest.mark.parametrize(
    ("name", "arguments", "returned"),
    [
        ("Shape", f"(*, layers: int, plan: {PLAN} | None=None)", ""),
        ("Shape.at", f"(place: int, *, of: {PLAN})", f"{OWN}.Shape"),
        ("Pair", f"(left: Word, right: list[{OWN}.Shape]=())", ""),
        ("Refused", f"(word: Word, /, *more: {OWN}.Pair)", ""),
        ("turned", f"(plans: tuple[{PLAN}, ...], limit: int=LIMIT)", f"{OWN}.Pair"),
    ],
)
def test_a_signature_is_spelled_as_in_the_source_and_links_classes(module, name, arguments, returned):
    assert api_reference.signature(f"{module}.{name}") == (arguments, returned)


@pytest.mark.parametrize("name", ["Bare", "LIMIT", "Shape.nothing", "nothing.at"])
def test_what_takes_nothing_has_no_signature(module, name):
    assert api_reference.signature(f"{module}.{name}") is None


def test_argument_names_leave_out_the_object_itself(module):
    name = f"{module}.Shape.at"
    assert api_reference.argument_names(api_reference._found(name)[1]) == ["place", "of"]


def test_constants_come_with_the_comments_above_inside_and_beside_but_no_rules():
    expected = ["# above", "# the constant", "LIMIT = (", "    1,  # inside", ")", "Word = str  # beside"]
    assert api_reference.constants_source(MODULE) == expected


def test_names_are_those_with_a_docstring_of_their_own_and_those_in_lists():
    expected = ["Shape", "Shape.size", "Shape.at", "Pair", "Refused", "Bare", "turned"]
    assert api_reference.documented_names(MODULE) == expected
    assert api_reference.listed_names(MODULE) == ["LIMIT", "Word"]


def test_lines_below_a_module_name_where_other_names_are_from():
    lines = list(api_reference.below_module("compute_scaling.uncertainty"))
    assert (
        "From :py:mod:`distributions <compute_scaling.distributions>`: `Choice`, `Shape`, `between`, `one_of`." in lines
    )
    assert "    DRAWS: Final = 2**14" in lines
    assert list(api_reference.below_module("compute_scaling")) == []


def test_a_docstring_becomes_restructured_text_in_place():
    lines = ["Return b.", "", "name: any; not a unit: no", "", "    a = `b`", "", ">>> unit_of(name)"]
    api_reference.process_docstring(None, "function", "compute_scaling.units.unit_of", None, None, lines)
    assert lines == [
        "Return b.", "", "``name``: any; not a unit: no", "",
        ".. code-block:: text", "", "    a = b", "", ">>> unit_of(name)",
    ]  # fmt: skip


def test_continued_lines_of_lists_and_outputs_of_examples_are_no_formulas():
    lines = ["- a", "  b", "", ">>> f()", "    x", "", "end"]
    assert api_reference.with_literal_blocks(lines) == lines


def test_functions_get_a_signature_and_properties_none():
    assert api_reference.process_signature(None, "property", "compute_scaling.plan.Plan.replicas", 0, 0, "", "") is None
    asked = api_reference.process_signature(None, "function", "compute_scaling.units.unit_of", 0, 0, None, None)
    assert asked == ("(name: str)", "str | None")


def test_signatures_of_a_page_are_mended_in_place():
    context = {"body": '<dt class="sig"><dl></dl></dt>'}
    api_reference.process_page(None, "p", "t", context, None)
    assert context == {"body": '<dt class="sig"><span class="sig-block"></span></dt>'}
