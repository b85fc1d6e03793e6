"""The forms for readers: each can be shown, and its menus are those of the tables and of the ledger."""

import copy
from pathlib import Path

import gates_of_forms
import pytest
import yaml

from compute_scaling import data
from compute_scaling.claims import WORDS

FOLDER = Path(__file__).resolve().parents[2] / ".github"
FORMS = {
    path.stem: yaml.safe_load(path.read_text(encoding="utf-8"))
    for path in sorted((FOLDER / "ISSUE_TEMPLATE").glob("*.yml"))
    if path.stem != "config"
}
ANOTHER_REASON = "the same word for another reason"


def allowed(field: str) -> list[str]:
    fields = {found["name"]: found for found in data.describe("clusters")["schema"]["fields"]}
    return fields[field]["constraints"]["enum"]


MENUS = {
    ("data_correction", "table"): data.tables(),
    ("data_correction", "evidence"): allowed("evidence"),
    ("data_correction", "confidence"): allowed("confidence"),
    ("claim_dispute", "word"): [*WORDS, ANOTHER_REASON],
}


def test_there_is_a_form_for_each_kind_of_fault():
    assert list(FORMS) == ["accessibility", "bug", "claim_dispute", "data_correction"]
    assert yaml.safe_load((FOLDER / "ISSUE_TEMPLATE" / "config.yml").read_text()) == {"blank_issues_enabled": True}
    assert len({form["name"] for form in FORMS.values()}) == len(FORMS)


@pytest.mark.parametrize("name", FORMS)
def test_a_form_can_be_shown(name):
    assert gates_of_forms.wrong_form(FORMS[name]) == []


@pytest.mark.parametrize(("name", "part"), MENUS)
def test_a_menu_has_the_choices_of_the_book(name, part):
    assert gates_of_forms.other_choices(FORMS[name], part, MENUS[name, part]) == []


def test_a_correction_asks_for_all_that_a_row_needs():
    asked = [part["id"] for part in FORMS["data_correction"]["body"] if "id" in part]
    assert asked[:5] == ["table", "key", "field", "now", "proposed"]
    assert {"source", "happened_on", "known_on", "evidence", "confidence"} <= set(asked)


def test_the_page_on_errata_names_every_form():
    page = (FOLDER.parent / "book" / "errata.md").read_text(encoding="utf-8")
    assert [form["name"] for form in FORMS.values() if f"**{form['name']}.**" not in page] == []


def test_the_list_before_a_pull_request_is_to_be_ticked():
    lines = (FOLDER / "PULL_REQUEST_TEMPLATE.md").read_text(encoding="utf-8").splitlines()
    assert sum(line.startswith("- [ ] ") for line in lines) >= 5


SOUND = {
    "name": "A fault",
    "description": "What is wrong",
    "body": [
        {"type": "markdown", "attributes": {"value": "Please."}},
        {"type": "input", "id": "where", "attributes": {"label": "Where"}},
        {"type": "dropdown", "id": "table", "attributes": {"label": "Table", "options": ["a", "b"]}},
    ],
}


def broken(*path, value):
    """Return the sound form with one place changed, or taken out where the value is None."""
    form = copy.deepcopy(SOUND)
    place = form
    for step in path[:-1]:
        place = place[step]
    if value is None:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return form


@pytest.mark.parametrize(
    ("form", "said"),
    [
        (None, "no form"),
        (broken("name", value=None), "name is missing"),
        (broken("lables", value=["bug"]), "lables is no word of a form"),
        (broken("body", value=SOUND["body"][:1]), "nothing to fill in"),
        (broken("body", 1, "type", value="text"), "type 'text'"),
        (broken("body", 1, "attributes", value={}), "no label"),
        (broken("body", 1, "attributes", "lable", value="x"), "lable is no word of a input"),
        (broken("body", 1, "attributes", "label", value=7), "'label' is no text"),
        (broken("body", 1, "id", value="a place"), "id 'a place'"),
        (broken("body", 1, "id", value="table"), "id 'table', 2 times"),
        (broken("body", 1, "attributes", "label", value="Table"), "label 'Table', 2 times"),
        (broken("body", 2, "attributes", "options", value=[]), "no options"),
        (broken("body", 2, "attributes", "options", value=["a", True]), "option True is no text"),
        (broken("body", 2, "attributes", "options", value=["a", "a"]), "option 'a' twice"),
    ],
)
def test_a_form_that_cannot_be_shown_is_seen(form, said):
    assert gates_of_forms.wrong_form(SOUND) == []
    assert any(said in problem for problem in gates_of_forms.wrong_form(form))


def test_a_menu_with_other_choices_is_seen():
    assert gates_of_forms.other_choices(SOUND, "table", ["a", "b"]) == []
    assert gates_of_forms.other_choices(SOUND, "table", ["a", "c"]) == ["table: c is missing", "table: b is none"]
    assert gates_of_forms.other_choices(SOUND, "field", ["a"]) == ["no menu field"]
