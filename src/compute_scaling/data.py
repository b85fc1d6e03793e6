"""The tables of `data/`, validated as they are read.

`data/datapackage.json` (Frictionless Data Package, Table Schema) describes each table and field: type, unit,
constraints, keys. `load` holds a table against that description and refuses it whole, with a `DataError` that names
table, row, column, value and what was expected; nothing is dropped, clipped or filled in silence. Four rules are our
own, beside the standard's constraints: `not_before` (dates), `not_below` (numbers), `same_within` (rows on one thing
agree on what it is) and `needs` (a value that asks for others).

Empty means missing. A row carries `known_on`, the day the fact was public: `load(table, as_of=day)` gives what a reader
of that day could have known.
"""

import csv
import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeAlias

import numpy as np
import pandas as pd

from compute_scaling.units import unit_of

FOLDER: Final = Path(__file__).resolve().parents[2] / "data"
PACKAGE: Final = "datapackage.json"

Day: TypeAlias = str | pd.Timestamp | None
Schema = dict[str, Any]


class DataError(ValueError):
    """A table that does not fit its description: which table, row, column and value, and what was expected."""

    def __init__(self, table: str, expected: str, *, row: str = "", column: str = "", value: object = None) -> None:
        self.table, self.row, self.column, self.value, self.expected = table, row, column, value, expected
        place = ", ".join(part for part in (f"{table}.csv", row, column and f"column {column}") if part)
        found = "" if value is None else f" = {value!r}"
        super().__init__(f"{place}{found}; expected {expected}")


def load(table: str, as_of: Day = None, *, folder: Path = FOLDER) -> pd.DataFrame:
    """Return a validated table, one fact a row, or only the rows known by a day.

    table: a resource of `datapackage.json`, such as "clusters". as_of: a day ("2024-05-31"); rows whose `known_on` is
    later are left out. folder: where the tables are, for readers who bring their own.

    Numbers come as float64, integers as Int64, dates as datetime64, missing as NaN, NA or NaT.
    Raises DataError where table and description do not fit, ValueError for an unknown table or day.

    >>> clusters = load("clusters", as_of="2024-05-31")
    >>> int(clusters.set_index("cluster_id").loc["meta-genai-a", "count"])
    24576
    """
    resource = describe(table, folder=folder)
    text = _read(table, resource, folder)
    frame = _typed(table, resource, text)
    _check_keys(table, resource, text, folder)
    for rule in resource.get("rules", []):
        RULES[rule["rule"]](table, resource, frame, rule)
    return frame if as_of is None else _known_by(table, frame, as_of)


def tables(*, folder: Path = FOLDER) -> list[str]:
    """Return the names of all tables, as `datapackage.json` lists them.

    >>> "clusters" in tables()
    True
    """
    return [resource["name"] for resource in _package(folder)["resources"]]


def updated_on(*, folder: Path = FOLDER) -> pd.Timestamp:
    """Return the day up to which the tables were kept, as `datapackage.json` says.

    >>> updated_on() > pd.Timestamp("2024-05-31")
    True
    """
    return pd.Timestamp(_package(folder)["updated_on"])


def describe(table: str, *, folder: Path = FOLDER) -> Schema:
    """Return the description of a table from `datapackage.json`: fields, units, constraints, keys and rules.

    Raises ValueError for an unknown table, DataError where a field's unit contradicts the ending of its name.

    >>> [field["unit"] for field in describe("accelerators")["schema"]["fields"] if field["name"] == "tdp_w"]
    ['W']
    """
    resources = {resource["name"]: resource for resource in _package(folder)["resources"]}
    if table not in resources:
        raise ValueError(f"table = {table!r}; expected one of {', '.join(sorted(resources))}")
    for field in resources[table]["schema"]["fields"]:
        implied, stated = unit_of(field["name"]), field.get("unit")
        if implied and implied != stated:
            raise DataError(table, f"the unit {implied}, as the name ends", column=field["name"], value=stated)
    return resources[table]


def _package(folder: Path) -> Schema:
    return json.loads((folder / PACKAGE).read_text(encoding="utf-8"))


# ------------------------------------------------------------------------------------------------- reading the text


def _read(table: str, resource: Schema, folder: Path) -> pd.DataFrame:
    """Return the table's cells as text, indexed by line number, after the checks that need no types."""
    raw = (folder / resource["path"]).read_bytes()
    if not raw.strip():
        raise DataError(table, "a header and at least one row, not an empty file")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise DataError(table, "UTF-8 text", row=f"line {line}", value=raw[error.start : error.start + 1]) from None
    if text.startswith("\ufeff"):
        raise DataError(table, "UTF-8 without a byte order mark", row="line 1")
    if "\r" in text or "\0" in text:
        line = re.split("[\r\0]", text)[0].count("\n") + 1
        raise DataError(table, "lines that end in LF alone, without NUL", row=f"line {line}")
    if not text.endswith("\n"):
        raise DataError(table, "a last line that ends in LF (is the file cut short?)")
    try:
        header, *rows = list(csv.reader(io.StringIO(text), strict=True))
    except csv.Error as error:
        raise DataError(table, f"well-formed CSV ({error})") from None
    _check_header(table, resource, header)
    if not rows:
        raise DataError(table, "at least one row below the header")
    for number, row in enumerate(rows, start=2):
        if len(row) != len(header):
            expected = f"{len(header)} cells, not {len(row)}"
            raise DataError(table, expected, row=f"row {number}", value=",".join(row)[:60])
    frame = pd.DataFrame(rows, columns=header, dtype=object, index=range(2, len(rows) + 2))
    for name in header:
        column = frame[name]
        _refuse(table, resource, frame, name, column != column.str.strip(), "no space before or after the value")
        _refuse(table, resource, frame, name, column.str.contains("[\n\t]"), "one line of text without tabs")
    return frame


def _check_header(table: str, resource: Schema, header: list[str]) -> None:
    expected = [field["name"] for field in resource["schema"]["fields"]]
    for name in expected:
        if name not in header:
            raise DataError(table, "this column, which the description has", column=name)
    for name in header:
        if name not in expected:
            raise DataError(table, "no such column", column=name)
        if header.count(name) > 1:
            raise DataError(table, "each column once", column=name)
    if header != expected:
        raise DataError(table, f"the columns in this order: {', '.join(expected)}", value=", ".join(header))


def _refuse(
    table: str, resource: Schema, text: pd.DataFrame, column: str, wrong: "pd.Series[bool]", expected: str
) -> None:
    """Raise DataError for the first row marked in `wrong`."""
    if not wrong.any():
        return
    line = wrong.idxmax()
    key = ", ".join(str(text.at[line, name]) for name in resource["schema"]["primaryKey"])
    raise DataError(table, expected, row=f"row {line} ({key})", column=column, value=text.at[line, column])


# --------------------------------------------------------------------------------------------------- types and limits

PATTERNS: Final = {
    "number": (r"-?\d+(\.\d+)?([eE][+-]?\d+)?", "a finite number such as 24576, 4.7 or 1e25"),
    "integer": (r"-?\d+", "a whole number"),
    "date": (r"\d{4}-\d{2}-\d{2}", "a day as YYYY-MM-DD"),
    "boolean": (r"true|false", "true or false"),
    "string": (r".*", "text"),
}
CASTS: Final[dict[str, Callable[[pd.Series], pd.Series]]] = {
    "number": lambda cells: cells.astype(float),
    "integer": lambda cells: cells.astype("Int64"),
    "date": lambda cells: pd.to_datetime(cells, format="%Y-%m-%d", errors="coerce"),
    "boolean": lambda cells: (cells == "true").where(cells.notna()).astype("boolean"),
    "string": lambda cells: cells.astype("str"),
}


def _typed(table: str, resource: Schema, text: pd.DataFrame) -> pd.DataFrame:
    columns = {field["name"]: _column(table, resource, text, field) for field in resource["schema"]["fields"]}
    return pd.DataFrame(columns, index=text.index)


def _column(table: str, resource: Schema, text: pd.DataFrame, field: Schema) -> pd.Series:
    name, kind, limits = field["name"], field["type"], field.get("constraints", {})
    cells = text[name].where(text[name] != "")
    present = cells.notna()

    def refuse(wrong: "pd.Series[bool]", expected: str) -> None:
        _refuse(table, resource, text, name, wrong, expected)

    if limits.get("required"):
        refuse(~present, "a value, not an empty cell")
    pattern, meaning = PATTERNS[kind]
    refuse(present & ~text[name].str.fullmatch(pattern), meaning)
    values = CASTS[kind](cells)
    refuse(present & values.isna(), "a day that the calendar has")
    if kind == "number":
        refuse(present & ~np.isfinite(values.fillna(0)), "a finite number")
    if "enum" in limits:
        refuse(present & ~cells.isin(limits["enum"]), f"one of: {', '.join(map(str, limits['enum']))}")
    if "pattern" in limits:
        refuse(present & ~text[name].str.fullmatch(limits["pattern"]), f"text like {limits['pattern']}")
    if "maxLength" in limits:
        refuse(text[name].str.len() > limits["maxLength"], f"{limits['maxLength']} characters or fewer")
    if limits.get("unique"):
        refuse(present & cells.duplicated(), "a value that no other row has")
    bound = pd.Timestamp if kind == "date" else float
    if "minimum" in limits:
        refuse(present & (values < bound(limits["minimum"])), f"{limits['minimum']} or later/more")
    if "maximum" in limits:
        refuse(present & (values > bound(limits["maximum"])), f"{limits['maximum']} or earlier/less")
    if "exclusiveMinimum" in limits:
        refuse(present & (values <= bound(limits["exclusiveMinimum"])), f"above {limits['exclusiveMinimum']}")
    return values


def _check_keys(table: str, resource: Schema, text: pd.DataFrame, folder: Path) -> None:
    key = resource["schema"]["primaryKey"]
    _refuse(table, resource, text, key[-1], text.duplicated(key), f"a key ({', '.join(key)}) that no other row has")
    in_order = text[key].sort_values(key, kind="stable").index
    _refuse(table, resource, text, key[0], pd.Series(in_order != text.index, text.index), "rows sorted by the key")
    for foreign in resource["schema"].get("foreignKeys", []):
        (name,), (target,) = foreign["fields"], foreign["reference"]["fields"]
        other = foreign["reference"]["resource"] or table  # the standard writes "" for the table itself
        known = _read(other, describe(other, folder=folder), folder)[target]
        _refuse(table, resource, text, name, (text[name] != "") & ~text[name].isin(known), f"a {target} of {other}.csv")


# ------------------------------------------------------------------------------------------------------ our own rules


def _not_before(table: str, resource: Schema, frame: pd.DataFrame, rule: Schema) -> None:
    field, other = rule["field"], rule["other"]
    wrong = frame[field] < frame[other]
    for name, words in rule.get("unless", {}).items():
        wrong &= ~frame[name].astype("str").str.lower().isin([str(word).lower() for word in words])
    shown = frame.assign(**{name: frame[name].dt.strftime("%Y-%m-%d") for name in (field, other)})
    expected = f"a day not before {other}"
    if wrong.any():
        expected += f" ({shown.at[wrong.idxmax(), other]})"
    _refuse(table, resource, shown, field, wrong, expected)


def _not_below(table: str, resource: Schema, frame: pd.DataFrame, rule: Schema) -> None:
    field, other = rule["field"], rule["other"]
    wrong = (frame[field] < frame[other]).fillna(False).astype(bool)
    expected = f"a number not below {other}"
    if wrong.any():
        expected += f" ({frame.at[wrong.idxmax(), other]:g})"
    _refuse(table, resource, frame, field, wrong, expected)


def _same_within(table: str, resource: Schema, frame: pd.DataFrame, rule: Schema) -> None:
    for name in rule["fields"]:
        cells = frame[name].fillna("")
        first = cells.groupby(frame[rule["group"]]).transform("first")
        _refuse(table, resource, frame, name, cells != first, f"the same value in all rows of one {rule['group']}")


def _needs(table: str, resource: Schema, frame: pd.DataFrame, rule: Schema) -> None:
    for name in rule["others"]:
        wrong = frame[rule["field"]].notna() & frame[name].isna()
        _refuse(table, resource, frame, name, wrong, f"a value, as {rule['field']} has one")


RULES: Final = {"not_before": _not_before, "not_below": _not_below, "same_within": _same_within, "needs": _needs}


def _known_by(table: str, frame: pd.DataFrame, as_of: Day) -> pd.DataFrame:
    day = pd.to_datetime(as_of, format="%Y-%m-%d", errors="coerce") if isinstance(as_of, str) else as_of
    if day is None or pd.isna(day):
        raise ValueError(f"as_of = {as_of!r}; expected a day as YYYY-MM-DD")
    if "known_on" not in frame:
        raise ValueError(f"table = {table!r}; expected a table with known_on, when as_of is given")
    return frame[frame["known_on"] <= day]
