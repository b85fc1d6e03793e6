"""The tables of `data/`, validated as they are read.

`data/datapackage.json` (Frictionless Data Package, Table Schema; read by `schema`) describes each table and field:
type, unit, constraints, keys. `load` holds a table against that description and refuses it whole, with a `DataError`
that names table, row, column, value and what was expected; nothing is dropped, clipped or filled in silence. The rules
of a table are our own, beside the standard's constraints; each is a function at the end of this module.

The tables are those of this project, or the reader's own: the folder that the variable COMPUTE_SCALING_DATA of the
environment names when Python starts, for the whole core; or an argument, for one table.

Empty means missing. A row carries `known_on`, the day the fact was public: `load(table, as_of=day)` gives what a reader
of that day could have known.
"""

import csv
import io
import os
import re
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Final, TypeAlias

import numpy as np
import pandas as pd

from compute_scaling.schema import FOLDER, PACKAGE, DataError, Schema, describe, package, tables

__all__ = ["FOLDER", "DataError", "Day", "describe", "load", "tables", "updated_on"]

Day: TypeAlias = str | pd.Timestamp | None


def load(table: str, as_of: Day = None, *, folder: Path = FOLDER) -> pd.DataFrame:
    """Return a validated table, one fact a row, or only the rows known by a day.

    table: a resource of `datapackage.json`, such as "clusters". as_of: a day ("2024-05-31"); rows whose `known_on` is
    later are left out. folder: where the tables are, for readers who bring their own.

    Numbers come as float64, integers as Int64, dates as datetime64, missing as NaN, NA or NaT.
    Raises DataError where table and description do not fit, ValueError for an unknown table or day.

    >>> clusters = load("clusters", as_of="2024-05-31")
    >>> clusters.loc[clusters["cluster_id"] == "meta-genai-roce", "count"].unique().tolist()
    [24576]
    """
    if not (folder / PACKAGE).is_file():
        package(folder)  # says what is missing
    with os.scandir(folder) as entries:
        stamps = tuple(sorted((entry.name, entry.stat().st_mtime_ns, entry.stat().st_size) for entry in entries))
    frame = _validated(table, folder, stamps).copy(deep=False)  # pandas copies what is written to
    return frame if as_of is None else _known_by(table, frame, as_of)


@lru_cache(maxsize=64)
def _validated(table: str, folder: Path, stamps: tuple[tuple[str, int, int], ...]) -> pd.DataFrame:
    """Return a validated table; `stamps` are name, time and size of the files, so that a changed one is read again."""
    resource = describe(table, folder=folder)
    text = _read(table, resource, folder)
    frame = _typed(table, resource, text)
    _check_keys(table, resource, text, folder)
    for rule in resource.get("rules", []):
        RULES[rule["rule"]](table, resource, frame, rule, folder)
    return frame


def updated_on(*, folder: Path = FOLDER) -> pd.Timestamp:
    """Return the day up to which the tables were kept, as `datapackage.json` says.

    >>> updated_on() > pd.Timestamp("2024-05-31")
    True
    """
    return pd.Timestamp(package(folder)["updated_on"])


# ------------------------------------------------------------------------------------------------- reading the text

# no control or invisible characters, look-alikes of other scripts or full-width digits; no stray spaces
CLEAN: Final = {
    re.compile("[^ -~¡-¬®-ɏ‐-‧‰-⁞€−×≈≤≥]"): "one line of plain text in Latin letters",
    re.compile("^ | $|  "): "single spaces, and none at the ends",
}


def _read(table: str, resource: Schema, folder: Path) -> pd.DataFrame:
    """Return the table's cells as text, indexed by line number, after the checks that need no types."""
    try:
        raw = (folder / resource["path"]).read_bytes()
    except FileNotFoundError:
        raise DataError(table, "this file beside its description") from None
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
    reader = csv.reader(io.StringIO(text), strict=True)
    try:
        header, *rows = list(reader)
    except csv.Error as error:
        raise DataError(table, f"well-formed CSV ({error})", row=f"line {reader.line_num}") from None
    _check_header(table, resource, header)
    if not rows:
        raise DataError(table, "at least one row below the header")
    for number, row in enumerate(rows, start=2):
        if len(row) != len(header):
            expected = f"{len(header)} cells, not {len(row)}"
            raise DataError(table, expected, row=f"row {number}", value=",".join(row)[:60])
    frame = pd.DataFrame(rows, columns=header, dtype=object, index=range(2, len(rows) + 2))
    for name, cells in zip(header, zip(*rows, strict=True), strict=True):
        for pattern, expected in CLEAN.items():
            if any(pattern.search(cell) for cell in cells):
                _refuse(table, resource, frame, name, frame[name].str.contains(pattern), expected)
    _check_quotes(table, text, header, rows)
    return frame


def _check_quotes(table: str, text: str, header: list[str], rows: list[list[str]]) -> None:
    """Raise DataError where the file is not what a CSV writer makes of its cells, such as for a stray quote."""
    plain = io.StringIO()
    csv.writer(plain, lineterminator="\n").writerows([header, *rows])
    for number, (found, expected) in enumerate(
        zip(text.split("\n"), plain.getvalue().split("\n"), strict=True), start=1
    ):
        if found != expected:
            raise DataError(table, "quotes only where a cell needs them", row=f"row {number}", value=found[:60])


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
    "number": (r"-?(0|[1-9][0-9]*)(\.[0-9]+)?(e[+-]?[0-9]{1,3})?", "a finite number such as 24576, 4.7 or 1e25"),
    "integer": (r"-?(0|[1-9][0-9]{0,17})", "a whole number"),
    "date": (r"[0-9]{4}-[0-9]{2}-[0-9]{2}", "a day as YYYY-MM-DD"),
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
    is_date = kind == "date"
    bound = pd.Timestamp if is_date else float
    if "minimum" in limits:
        refuse(
            present & (values < bound(limits["minimum"])), f"{limits['minimum']} or {'later' if is_date else 'more'}"
        )
    if "maximum" in limits:
        refuse(
            present & (values > bound(limits["maximum"])), f"{limits['maximum']} or {'earlier' if is_date else 'less'}"
        )
    return values


def _check_keys(table: str, resource: Schema, text: pd.DataFrame, folder: Path) -> None:
    key = resource["schema"]["primaryKey"]
    _refuse(table, resource, text, key[-1], text.duplicated(key), f"a key ({', '.join(key)}) that no other row has")
    for foreign in resource["schema"].get("foreignKeys", []):
        (name,), (target,) = foreign["fields"], foreign["reference"]["fields"]
        other = foreign["reference"]["resource"] or table  # the standard writes "" for the table itself
        known = _read(other, describe(other, folder=folder), folder)[target]
        _refuse(table, resource, text, name, (text[name] != "") & ~text[name].isin(known), f"a {target} of {other}.csv")
    in_order = text[key].sort_values(key, kind="stable").index
    moved = pd.Series(in_order != text.index, text.index)
    here = f" (row {in_order[moved.argmax()]} belongs here)" if moved.any() else ""
    _refuse(table, resource, text, key[0], moved, f"rows sorted by the key{here}")


# ------------------------------------------------------------------------------------------------------ our own rules


def _not_before(table: str, resource: Schema, frame: pd.DataFrame, rule: Schema, folder: Path) -> None:
    """Refuse a day in `field` before the one in `other`, unless the row has one of some words."""
    wrong = (frame[rule["field"]] < frame[rule["other"]]) & ~_has_words(frame, rule)
    _refuse_days(table, resource, frame, rule, wrong, frame[rule["other"]])


def _not_before_there(table: str, resource: Schema, frame: pd.DataFrame, rule: Schema, folder: Path) -> None:
    """Refuse a day in `field` before the one that another table has under `other` for this row's `key`."""
    there = _read(rule["resource"], describe(rule["resource"], folder=folder), folder).set_index(rule["key"])
    days = pd.to_datetime(frame[rule["key"]].map(there[rule["other"]]), format="%Y-%m-%d", errors="coerce")
    _refuse_days(table, resource, frame, rule, frame[rule["field"]] < days, days)


def _refuse_days(
    table: str, resource: Schema, frame: pd.DataFrame, rule: Schema, wrong: "pd.Series[bool]", days: pd.Series
) -> None:
    shown = frame.assign(**{rule["field"]: frame[rule["field"]].dt.strftime("%Y-%m-%d")})
    limit = f" ({days[wrong.idxmax()]:%Y-%m-%d})" if wrong.any() else ""
    _refuse(table, resource, shown, rule["field"], wrong, f"a day not before {rule['other']}{limit}")


def _not_below(table: str, resource: Schema, frame: pd.DataFrame, rule: Schema, folder: Path) -> None:
    """Refuse a number in `field` below the one in `other`."""
    field, other = rule["field"], rule["other"]
    wrong = (frame[field] < frame[other]).fillna(False).astype(bool)
    limit = f" ({frame.at[wrong.idxmax(), other]:g})" if wrong.any() else ""
    _refuse(table, resource, frame, field, wrong, f"a number not below {other}{limit}")


def _ratio_within(table: str, resource: Schema, frame: pd.DataFrame, rule: Schema, folder: Path) -> None:
    """Refuse an implausible `field` over `other`: a value that slipped by a thousand, or into another column."""
    field, other, low, high = rule["field"], rule["other"], rule["minimum"], rule["maximum"]
    ratio = frame[field].astype(float) / frame[other].astype(float)
    wrong = (ratio < low) | (ratio > high)
    found = f"; it is {ratio[wrong.idxmax()]:.3g}" if wrong.any() else ""
    _refuse(table, resource, frame, field, wrong, f"{low:g} to {high:g} times {other}{found}")


def _same_within(table: str, resource: Schema, frame: pd.DataFrame, rule: Schema, folder: Path) -> None:
    """Refuse rows with one value in `group` that do not agree on `fields`."""
    for name in rule["fields"]:
        cells = frame[name].fillna("")
        first = cells.groupby(frame[rule["group"]]).transform("first")
        _refuse(table, resource, frame, name, cells != first, f"the same value in all rows of one {rule['group']}")


def _needs(table: str, resource: Schema, frame: pd.DataFrame, rule: Schema, folder: Path) -> None:
    """Refuse a row with a value in `field` and none in one of `others`."""
    for name in rule["others"]:
        wrong = frame[rule["field"]].notna() & frame[name].isna()
        _refuse(table, resource, frame, name, wrong, f"a value, as {rule['field']} has one")


def _exactly_where(table: str, resource: Schema, frame: pd.DataFrame, rule: Schema, folder: Path) -> None:
    """Refuse a row with a value in `field` where `other` has none of `words`, or without one where it has."""
    field, shown = rule["field"], _with_days_as_text(frame)
    asked, words = frame[rule["other"]].isin(rule["words"]), ", ".join(rule["words"])
    _refuse(table, resource, shown, field, asked & frame[field].isna(), f"a value, as {rule['other']} is {words}")
    _refuse(
        table, resource, shown, field, ~asked & frame[field].notna(), f"no value, where {rule['other']} is not {words}"
    )


def _listed_before(table: str, resource: Schema, frame: pd.DataFrame, rule: Schema, folder: Path) -> None:
    """Refuse a list in `field` with a row that `resource` does not have, or whose day in `other` is later than here.

    An empty list is refused too, unless the row has one of some words.
    """
    field, other, shown = rule["field"], rule["other"], _with_days_as_text(frame)
    empty = frame[field].isna()
    needed = empty & ~_has_words(frame, rule)
    _refuse(table, resource, shown, field, needed, f"at least one row of {rule['resource']}.csv")
    there = _column_there(rule, folder)
    names = frame[field].dropna().str.split(", ").explode()
    strange = frame.index.isin(names.index[~names.isin(there.index)])
    _refuse(table, resource, shown, field, pd.Series(strange, frame.index), f"rows of {rule['resource']}.csv")
    days = pd.to_datetime(names.map(there), format="%Y-%m-%d", errors="coerce").groupby(level=0).max()
    late = frame[other] < days.reindex(frame.index)
    limit = f" ({days[late.idxmax()]:%Y-%m-%d})" if late.any() else ""
    _refuse(table, resource, shown, other, late, f"a day not before {other} of what it lists{limit}")


def _one_of_list(table: str, resource: Schema, frame: pd.DataFrame, rule: Schema, folder: Path) -> None:
    """Refuse a name in `field` that is not in this row's `list`, or whose row in `resource` has nothing in `other`."""
    field, listed, shown = rule["field"], rule["list"], _with_days_as_text(frame)
    pairs = zip(frame[field].fillna(""), frame[listed].fillna("").str.split(", "), strict=True)
    outside = pd.Series([bool(name) and name not in names for name, names in pairs], frame.index)
    _refuse(table, resource, shown, field, outside, f"one of the row's {listed}")
    nothing = frame[field].notna() & frame[field].map(_column_there(rule, folder)).fillna("").eq("")
    _refuse(table, resource, shown, field, nothing, f"a row of {rule['resource']}.csv with a {rule['other']}")


def _column_there(rule: Schema, folder: Path) -> pd.Series:
    """Return the cells of `other` in another table as text, by that table's key."""
    description = describe(rule["resource"], folder=folder)
    (key,) = description["schema"]["primaryKey"]
    return _read(rule["resource"], description, folder).set_index(key)[rule["other"]]


def _has_words(frame: pd.DataFrame, rule: Schema) -> "pd.Series[bool]":
    """Return which rows have one of the words that a rule's `unless` allows."""
    allowed = pd.Series(False, frame.index)
    for name, words in rule.get("unless", {}).items():
        allowed |= frame[name].astype("str").str.lower().isin([str(word).lower() for word in words])
    return allowed


def _with_days_as_text(frame: pd.DataFrame) -> pd.DataFrame:
    days = frame.select_dtypes("datetime")
    return frame.assign(**{name: days[name].dt.strftime("%Y-%m-%d") for name in days})


FIRST_DAYS: Final = {"month": "-01$", "quarter": "-(?:01|04|07|10)-01$", "year": "-01-01$"}


def _first_of_period(table: str, resource: Schema, frame: pd.DataFrame, rule: Schema, folder: Path) -> None:
    """Refuse a day without a precision or the reverse, and a month, quarter or year not written as its first day."""
    field, precision = rule["field"], frame[rule["precision"]]
    shown = frame.assign(**{field: frame[field].dt.strftime("%Y-%m-%d")})
    _refuse(table, resource, shown, field, shown[field].isna() & precision.notna(), "a day, as there is a precision")
    missing = shown[field].notna() & precision.isna()
    _refuse(table, resource, shown, rule["precision"], missing, f"a precision, as {field} has a day")
    for word, ending in FIRST_DAYS.items():
        wrong = (precision == word) & ~shown[field].str.contains(ending).fillna(True).astype(bool)
        _refuse(table, resource, shown, field, wrong, f"the first day of a {word}, as precision says")


RULES: Final = {
    "not_before": _not_before,
    "not_before_there": _not_before_there,
    "not_below": _not_below,
    "same_within": _same_within,
    "needs": _needs,
    "exactly_where": _exactly_where,
    "listed_before": _listed_before,
    "one_of_list": _one_of_list,
    "ratio_within": _ratio_within,
    "first_of_period": _first_of_period,
}


def _known_by(table: str, frame: pd.DataFrame, as_of: Day) -> pd.DataFrame:
    day = pd.to_datetime(as_of, format="%Y-%m-%d", errors="coerce") if isinstance(as_of, str) else as_of
    if not isinstance(day, pd.Timestamp) or pd.isna(day):
        raise ValueError(f"as_of = {as_of!r}; expected a day as YYYY-MM-DD")
    if "known_on" not in frame:
        raise ValueError(f"table = {table!r}; expected a table with known_on, when as_of is given")
    return frame[frame["known_on"] <= day]
