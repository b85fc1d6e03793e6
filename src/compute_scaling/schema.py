"""The description of the tables, `data/datapackage.json`, itself held to what the loader understands.

A Frictionless Data Package names each table's fields with type, unit and constraints, its keys and our own rules. A
word that the loader does not know (a misspelt constraint, say) would check nothing and look as if it did, so it is
refused.
"""

import json
import os
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Final

from compute_scaling.units import unit_of

VARIABLE: Final = "COMPUTE_SCALING_DATA"  # of the environment: a folder with tables of one's own


def _folder() -> Path:
    """Return where the tables are: the reader's own, those packed into a wheel, or `data/` of the project."""
    own, packed = os.environ.get(VARIABLE), Path(__file__).with_name("tables")
    if own:
        return Path(own).expanduser().resolve()
    return packed if packed.is_dir() else Path(__file__).resolve().parents[2] / "data"


FOLDER: Final = _folder()
PACKAGE: Final = "datapackage.json"
PLACE: Final = f"in {PACKAGE}"

Schema = dict[str, Any]


class DataError(ValueError):
    """A table that does not fit its description: which table, row, column and value, and what was expected.

    An error of the folder or of its description as a whole has no table.
    """

    def __init__(self, table: str, expected: str, *, row: str = "", column: str = "", value: object = None) -> None:
        self.table, self.row, self.column, self.value, self.expected = table, row, column, value, expected
        place = ", ".join(part for part in (table and f"{table}.csv", row, column and f"column {column}") if part)
        found = "" if value is None else f" = {getattr(value, 'item', lambda: value)()!r}"  # NumPy's as Python's
        super().__init__(f"{place}{found}; expected {expected}")


def tables(*, folder: Path = FOLDER) -> list[str]:
    """Return the names of all tables, as `datapackage.json` lists them.

    >>> "clusters" in tables()
    True
    """
    return [resource["name"] for resource in package(folder)["resources"]]


def describe(table: str, *, folder: Path = FOLDER) -> Schema:
    """Return the description of a table from `datapackage.json`: fields, units, constraints, keys and rules.

    Raises ValueError for an unknown table, DataError where a field's unit contradicts the ending of its name, or where
    the description has a word that the loader does not know.

    >>> [field["unit"] for field in describe("accelerators")["schema"]["fields"] if field["name"] == "tdp_w"]
    ['W']
    """
    resources = {resource["name"]: resource for resource in package(folder)["resources"]}
    if table not in resources:
        raise ValueError(f"table = {table!r}; expected one of {', '.join(sorted(resources))}")
    resource = resources[table]
    _all_there(table, RESOURCE_WORDS - {"rules"}, resource)
    _only(table, resource, RESOURCE_WORDS)
    _all_there(table, SCHEMA_WORDS - {"foreignKeys"}, resource["schema"])
    _only(table, resource["schema"], SCHEMA_WORDS)
    if resource["schema"]["missingValues"] != [""]:
        raise DataError(table, "[''], for an empty cell alone means missing", row=PLACE, value="missingValues")
    for field in resource["schema"]["fields"]:
        _check_field(table, field)
    _check_names(table, resource, resources)
    return resource


def package(folder: Path = FOLDER) -> Schema:
    """Return `datapackage.json` as it stands; raise DataError where there is none, or where it describes no tables."""
    try:
        found = json.loads((folder / PACKAGE).read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        raise DataError("", f"a folder with the tables and their description, {PACKAGE}", row=str(folder)) from None
    except ValueError as error:
        raise DataError("", f"a description in well-formed JSON ({error})", row=PACKAGE) from None
    if not isinstance(found, dict) or not found.get("resources"):
        raise DataError("", "the descriptions of the tables under resources", row=PACKAGE)
    return found


# -------------------------------------------------------------------------------------- what the loader understands


def _is_pattern(value: object) -> bool:
    try:
        re.compile(str(value))
    except re.error:
        return False
    return isinstance(value, str)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_day(value: object) -> bool:
    return isinstance(value, str) and re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", value) is not None


def _is_flag(value: object) -> bool:
    return isinstance(value, bool)


def _is_words(value: object) -> bool:
    return isinstance(value, list) and len(value) > 0 and all(isinstance(word, str) for word in value)


Test = Callable[[object], bool]
ANY_TYPE: Final[dict[str, Test]] = {"required": _is_flag, "unique": _is_flag}
NUMERIC: Final[dict[str, Test]] = {"minimum": _is_number, "maximum": _is_number}
CONSTRAINTS: Final[dict[str, dict[str, Test]]] = {
    "string": {**ANY_TYPE, "enum": _is_words, "pattern": _is_pattern, "maxLength": _is_number},
    "number": {**ANY_TYPE, **NUMERIC},
    "integer": {**ANY_TYPE, **NUMERIC},
    "date": {**ANY_TYPE, "minimum": _is_day, "maximum": _is_day},
    "boolean": ANY_TYPE,
}
RULE_WORDS: Final = {
    "not_before": ({"field", "other"}, {"unless"}),
    "not_before_there": ({"field", "key", "resource", "other"}, set()),
    "not_below": ({"field", "other"}, set()),
    "same_within": ({"group", "fields"}, set()),
    "needs": ({"field", "others"}, set()),
    "exactly_where": ({"field", "other", "words"}, set()),
    "listed_before": ({"field", "resource", "other"}, {"unless"}),
    "one_of_list": ({"field", "list", "resource", "other"}, set()),
    "ratio_within": ({"field", "other", "minimum", "maximum"}, set()),
    "first_of_period": ({"field", "precision"}, set()),
}
RESOURCE_WORDS: Final = {"name", "path", "title", "description", "schema", "rules"}
SCHEMA_WORDS: Final = {"fields", "primaryKey", "missingValues", "foreignKeys"}
FIELD_WORDS: Final = {"name", "type", "title", "description", "unit", "constraints"}


def _only(table: str, found: Iterable[str], known: Iterable[str], *, column: str = "") -> None:
    """Raise DataError for the first word that is not known."""
    for word in found:
        if word not in known:
            raise DataError(table, f"one of: {', '.join(sorted(known))}", row=PLACE, column=column, value=word)


def _all_there(table: str, needed: Iterable[str], found: Iterable[str], *, column: str = "") -> None:
    """Raise DataError for the first word that is missing."""
    for word in sorted(set(needed) - set(found)):
        raise DataError(table, f"the word {word}", row=PLACE, column=column)


def _check_field(table: str, field: Schema) -> None:
    name, kind = field.get("name", ""), field.get("type", "")
    _all_there(table, FIELD_WORDS - {"unit", "constraints"}, field, column=name)
    _only(table, field, FIELD_WORDS, column=name)
    _only(table, [kind], CONSTRAINTS, column=name)
    limits = field.get("constraints", {})
    _only(table, limits, CONSTRAINTS[kind], column=name)
    for word, value in limits.items():
        if not CONSTRAINTS[kind][word](value):
            raise DataError(table, f"a {word} that fits a {kind}", row=PLACE, column=name, value=value)
    implied, stated = unit_of(name), field.get("unit")
    if implied and implied != stated:
        raise DataError(table, f"the unit {implied}, as the name ends", row=PLACE, column=name, value=stated)


def _check_names(table: str, resource: Schema, resources: dict[str, Schema]) -> None:
    """Raise DataError where a key or a rule names a field or a table that there is not, or a rule is unknown."""
    schema, rules = resource["schema"], resource.get("rules", [])
    names = [field["name"] for field in schema["fields"]]
    for name in names:
        if names.count(name) > 1:
            raise DataError(table, "each field once", row=PLACE, column=name)
    used = [*schema["primaryKey"]]
    elsewhere = [rule for rule in rules if "resource" in rule]
    for reference in [*(foreign["reference"] for foreign in schema.get("foreignKeys", [])), *elsewhere]:
        _only(table, [reference["resource"]], ["", *resources])
        there = resources[reference["resource"] or table]["schema"]["fields"]
        _only(table, reference.get("fields", [reference.get("other")]), [field["name"] for field in there])
    for foreign in schema.get("foreignKeys", []):
        used += foreign["fields"]
    for rule in rules:
        _only(table, [rule["rule"]], RULE_WORDS)
        needed, optional = RULE_WORDS[rule["rule"]]
        _only(table, rule, needed | optional | {"rule"})
        _all_there(table, needed, rule)
        used += [rule[word] for word in ("field", "group", "key", "list", "precision") if word in rule]
        used += [*rule.get("fields", []), *rule.get("others", []), *rule.get("unless", {})]
        used += [rule["other"]] if "other" in rule and "resource" not in rule else []
    _only(table, used, names)
