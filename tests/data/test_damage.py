"""Damage done to real tables, one kind at a time: each must be refused, and by name.

A case says what is done to a copy of a table and what the message must name: the column, the value, and a word of what
was expected.
"""

import csv
import io
import json
import shutil
from itertools import pairwise
from pathlib import Path

import pytest

from compute_scaling import data
from compute_scaling.data import DataError

ROW = 7  # the row of the file that a cell's damage goes into: the header is row 1


def lines_of(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").split("\n")


def rows_of(path: Path) -> list[list[str]]:
    return list(csv.reader(io.StringIO(path.read_text(encoding="utf-8"))))


def write_rows(path: Path, rows: list[list[str]]) -> None:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    path.write_text(text.getvalue(), encoding="utf-8")


def row_with(path: Path, column: str) -> int:
    """Return the first row from ROW on that has a value in the column."""
    rows = rows_of(path)
    at = rows[0].index(column)
    return next(number for number in range(ROW - 1, len(rows)) if rows[number][at])


def set_cell(path: Path, column: str, value: str, row: int | None = None) -> int:
    row = row_with(path, column) if row is None else row
    rows = rows_of(path)
    rows[row][rows[0].index(column)] = value
    write_rows(path, rows)
    return row + 1


def refused(folder: Path, table: str) -> DataError:
    with pytest.raises(DataError) as caught:
        data.load(table, folder=folder)
    error = caught.value
    assert error.table == table
    assert f"{table}.csv" in str(error)
    assert "expected" in str(error)
    return error


# ------------------------------------------------------------------------------------------------------------- cells

CELLS = [
    # a number that is none
    ("clusters", "count", "24,576", "a whole number"),
    ("clusters", "count", "24.576,0", "a whole number"),
    ("clusters", "count", "24576.5", "a whole number"),
    ("clusters", "count", "2.5e4", "a whole number"),
    ("clusters", "count", "many", "a whole number"),
    ("clusters", "count", "24k", "a whole number"),
    ("clusters", "count", "0x6000", "a whole number"),
    ("clusters", "count", "024576", "a whole number"),
    ("clusters", "count", "+24576", "a whole number"),
    ("clusters", "count", "24_576", "a whole number"),
    ("clusters", "count", "9" * 30, "a whole number"),
    ("clusters", "count", "NaN", "a whole number"),
    ("clusters", "count", "None", "a whole number"),
    ("clusters", "count", "N/A", "a whole number"),
    ("clusters", "count", "-", "a whole number"),
    ("clusters", "count", "~24576", "a whole number"),
    ("clusters", "power_mw", "nan", "a finite number"),
    ("clusters", "power_mw", "inf", "a finite number"),
    ("clusters", "power_mw", "-inf", "a finite number"),
    ("clusters", "power_mw", "Infinity", "a finite number"),
    ("clusters", "power_mw", "1e400", "a finite number"),
    ("clusters", "power_mw", "8,6", "a finite number"),
    ("clusters", "power_mw", "8.6 MW", "a finite number"),
    ("clusters", "power_mw", "8.6%", "a finite number"),
    ("clusters", "power_mw", "8.6.1", "a finite number"),
    ("clusters", "power_mw", ".86", "a finite number"),
    ("clusters", "power_mw", "TRUE", "a finite number"),
    ("clusters", "power_mw", "=A1*2", "a finite number"),
    ("clusters", "power_mw", "8 to 9", "a finite number"),
    ("accelerator_prices", "price_usd_low", "$15000", "a finite number"),
    ("accelerator_prices", "price_usd_low", "15'000", "a finite number"),
    ("accelerators", "bf16_flop_per_s", "3.12e14 ", "single spaces"),
    ("accelerators", "bf16_flop_per_s", " 3.12e14", "single spaces"),
    ("accelerators", "bf16_flop_per_s", "3.12 × 10^14", "a finite number"),
    # signs, digits and spaces that only look right
    ("clusters", "count", "−24576", "a whole number"),
    ("clusters", "count", "２４５７６", "plain text"),
    ("clusters", "count", "٢٤٥٧٦", "plain text"),
    ("clusters", "count", "24\u00a0576", "plain text"),
    ("clusters", "count", "24\u202f576", "plain text"),
    ("clusters", "count", "24576\u200b", "plain text"),
    ("clusters", "count", "24576\t", "plain text"),
    ("clusters", "name", "Meta\u00a0cluster", "plain text"),
    ("clusters", "name", "Мeta cluster", "plain text"),
    ("clusters", "name", "Meta\ncluster", "plain text"),
    ("clusters", "name", "Meta\tcluster", "plain text"),
    ("clusters", "name", "Meta\ufeffcluster", "plain text"),
    ("clusters", "name", "Meta\ufffdcluster", "plain text"),
    ("clusters", "name", "Meta  cluster", "single spaces"),
    ("clusters", "owner", " Meta", "single spaces"),
    ("clusters", "note", "a note ", "single spaces"),
    # a number that cannot be
    ("clusters", "count", "0", "1 or"),
    ("clusters", "count", "-24576", "1 or"),
    ("clusters", "count", "-0", "1 or"),
    ("clusters", "count_low", "-1", "1 or"),
    ("clusters", "count", "245760000", "10000000 or"),
    ("clusters", "power_mw", "0", "0.1 or"),
    ("clusters", "power_mw", "-8.6", "0.1 or"),
    ("clusters", "power_mw", "1e-400", "0.1 or"),
    ("clusters", "power_mw", "8600000", "20000 or"),
    ("clusters", "capital_cost_usd", "235", "1000000 or"),
    ("accelerators", "bf16_flop_per_s", "312", " or more"),
    ("accelerators", "bf16_flop_per_s", "3.12e20", " or less"),
    ("accelerators", "memory_bytes_per_s", "2039", "10000000000 or"),
    ("accelerators", "memory_bytes_per_s", "2.039e18", " or less"),
    ("accelerators", "sparsity_factor", "0.5", "2 or"),
    ("accelerators", "tdp_w", "0.7", "10 or"),
    ("accelerator_prices", "price_usd_low", "15", "100 or"),
    ("accelerator_prices", "price_usd_high", "150000000", "10000000 or"),
    ("claims", "chapter", "0", "1 or"),
    ("claims", "chapter", "18", "17 or"),
    ("claims", "value", "-4", "0.001 or"),
    ("outcomes", "value", "0", "0.001 or"),
    ("outcomes", "value", "1e300", " or less"),
    # a number at odds with its neighbours
    ("clusters", "count_low", "9999999", "not below count_low"),
    ("clusters", "count_high", "1", "not below count"),
    ("accelerator_prices", "price_usd_high", "101", "not below price_usd_low"),
    ("outcomes", "value_high", "0.01", "a number not below value"),
    # days
    ("clusters", "known_on", "2024-02-30", "a day that the calendar has"),
    ("clusters", "known_on", "2023-02-29", "a day that the calendar has"),
    ("clusters", "known_on", "2024-13-01", "a day that the calendar has"),
    ("clusters", "known_on", "2024-00-10", "a day that the calendar has"),
    ("clusters", "known_on", "0000-00-00", "a day that the calendar has"),
    ("clusters", "known_on", "31/05/2024", "a day as YYYY-MM-DD"),
    ("clusters", "known_on", "2024-5-31", "a day as YYYY-MM-DD"),
    ("clusters", "known_on", "2024-05", "a day as YYYY-MM-DD"),
    ("clusters", "known_on", "20240531", "a day as YYYY-MM-DD"),
    ("clusters", "known_on", "2024-05-31T00:00:00", "a day as YYYY-MM-DD"),
    ("clusters", "known_on", "45443", "a day as YYYY-MM-DD"),
    ("clusters", "known_on", "spring 2024", "a day as YYYY-MM-DD"),
    ("clusters", "known_on", "２０２４-05-31", "plain text"),
    ("clusters", "known_on", "2024‑05‑31", "a day as YYYY-MM-DD"),
    ("clusters", "known_on", "1924-05-31", "2010-01-01 or later"),
    ("clusters", "known_on", "2026-11-24", "2026-11-23 or earlier"),
    ("clusters", "known_on", "9999-12-31", "2026-11-23 or earlier"),
    ("clusters", "known_on", "2010-01-02", "a day not before"),
    ("clusters", "known_on", "", "not an empty cell"),
    ("accelerators", "announced_on", "2026-11-20", "a day not before announced_on"),
    ("accelerators", "available_on", "2029-01-01", "2026-11-23 or earlier"),
    ("accelerator_prices", "known_on", "2012-01-01", "a day not before"),
    ("outcomes", "known_on", "2012-01-01", "a day not before happened_on"),
    ("outcomes", "happened_on", "2030-12-30", "a day not before happened_on"),
    ("sources", "accessed_on", "2024-01-02", "a day not before published_on"),
    ("sources", "accessed_on", "2031-01-01", "2026-11-23 or earlier"),
    ("clusters", "first_operational_precision", "", "a precision, as first_operational has a day"),
    ("clusters", "first_operational_precision", "week", "one of: day, month"),
    # words
    ("clusters", "source_id", "no-such-source", "a source_id of sources.csv"),
    ("clusters", "accelerator", "H100", "a accelerator of accelerators.csv"),
    ("clusters", "accelerator", "h100 sxm", "a accelerator of accelerators.csv"),
    ("clusters", "superseded_by", "no-such-cluster", "a cluster_id of clusters.csv"),
    ("outcomes", "claim_id", "C50", "text like|a claim_id of claims.csv"),
    ("clusters", "status", "rumoured", "one of: operational"),
    ("clusters", "status", "Operational", "one of: operational"),
    ("clusters", "scope", "FABRIC", "one of: fabric"),
    ("clusters", "evidence", "press  report", "single spaces"),
    ("clusters", "confidence", "certain", "one of: high"),
    ("clusters", "owner", "Facebook", "one of: "),
    ("clusters", "source_id", "", "not an empty cell"),
    ("clusters", "cluster_id", "Meta GenAI", "text like"),
    ("outcomes", "is_plan", "yes", "true or false"),
    ("outcomes", "is_plan", "True", "true or false"),
    ("outcomes", "is_plan", "1", "true or false"),
    ("claims", "claim", "x" * 241, "240 characters or fewer"),
    ("claims", "kind", "fact", "one of: context"),
    ("claims", "unit", "", "a value, as value has one"),
    ("sources", "url", "www.example.org", "text like"),
    ("sources", "url", "javascript:alert(1)", "text like"),
    ("sources", "producer", "", "not an empty cell"),
]


@pytest.mark.parametrize(
    ("table", "column", "value", "expected"), CELLS, ids=[f"{t}.{c}={v[:24]!a}" for t, c, v, _ in CELLS]
)
def test_a_damaged_cell_is_refused_by_table_row_column_and_value(folder, table, column, value, expected):
    row = set_cell(folder / f"{table}.csv", column, value)
    error = refused(folder, table)
    assert any(words in error.expected for words in expected.split("|")), str(error)
    assert error.row.startswith("row "), str(error)
    rules_of_two = ("not below", "not before", "a value, as", "a precision")
    if not any(words in error.expected for words in rules_of_two):
        assert (error.column, error.value) == (column, value)
        assert error.row.startswith(f"row {row} (")
        assert column in str(error)
        assert repr(value) in str(error)


SLIPS = [
    (table, column, factor)
    for table, columns in {
        "clusters": ["count", "count_low", "count_high", "power_mw", "capital_cost_usd"],
        "accelerators": [
            "fp32_flop_per_s", "bf16_flop_per_s", "fp8_flop_per_s", "memory_bytes_per_s", "tdp_w", "transistors",
        ],
        "accelerator_prices": ["price_usd_low", "price_usd_high"],
    }.items()
    for column in columns
    for factor in (1_000, 1 / 1_000)
]  # fmt: skip


@pytest.mark.parametrize(("table", "column", "factor"), SLIPS)
def test_a_value_that_slips_by_a_thousand_is_refused(folder, table, column, factor):
    path = folder / f"{table}.csv"
    row = row_with(path, column)
    rows = rows_of(path)
    slipped = float(rows[row][rows[0].index(column)]) * factor
    set_cell(path, column, f"{max(1, round(slipped)) if column.startswith('count') else slipped:g}", row)
    refused(folder, table)


SWAPS = [
    ("clusters", "name", "owner"),
    ("clusters", "count", "power_mw"),
    ("clusters", "evidence", "confidence"),
    ("clusters", "first_operational", "count"),
    ("clusters", "source_id", "accelerator"),
    ("accelerators", "accelerator", "vendor"),
    ("accelerators", "bf16_flop_per_s", "fp32_flop_per_s"),
    ("accelerators", "fp8_flop_per_s", "bf16_flop_per_s"),
    ("accelerators", "bf16_flop_per_s", "memory_bytes_per_s"),
    ("accelerators", "memory_gb", "memory_bytes_per_s"),
    ("accelerator_prices", "basis", "evidence"),
    ("outcomes", "outcome_id", "claim_id"),
    ("outcomes", "evidence", "confidence"),
    ("sources", "title", "url"),
    ("sources", "published_on", "accessed_on"),
    ("claims", "kind", "theme"),
]


@pytest.mark.parametrize(("table", "one", "other"), SWAPS)
def test_two_swapped_cells_are_refused(folder, table, one, other):
    path = folder / f"{table}.csv"
    rows = rows_of(path)
    a, b = rows[0].index(one), rows[0].index(other)
    row = next(cells for cells in rows[ROW:] if cells[a] and cells[b] and cells[a] != cells[b])
    row[a], row[b] = row[b], row[a]
    write_rows(path, rows)
    refused(folder, table)


def first_reading(rows, **cells):
    """Return the number of the first row of readings that has these cells."""
    return next(n for n, row in enumerate(rows) if all(row[rows[0].index(c)] == v for c, v in cells.items()))


READINGS = [
    ({"word": "holds"}, "condition", "the day is right", "no value, where word is not holds if"),
    ({"word": "holds if"}, "condition", "", "a value, as word is holds if"),
    ({"word": "holds if"}, "word", "holds", "no value, where word is not holds if"),
    ({"claim_id": "C36"}, "facts", "", "at least one row of outcomes.csv"),
    ({"claim_id": "C36"}, "facts", "C36-999", "rows of outcomes.csv"),
    ({"claim_id": "C36"}, "facts", "C36-001,C36-002", "text like"),
    ({"claim_id": "C36"}, "facts", "C36-001, C36-004", "a day not before known_on of what it lists (2025-08-31)"),
    ({"claim_id": "C19"}, "known_on", "2024-05-25", "a day not before"),
    ({"claim_id": "C15"}, "known_on", "2024-04-08", "a day not before"),
    ({"claim_id": "C32"}, "number", "C32-002", "one of the row's facts"),
    ({"claim_id": "C36"}, "number", "C36-001", "a row of outcomes.csv with a value"),
    ({"claim_id": "C36"}, "word", "open", "one of: holds"),
]


@pytest.mark.parametrize(("where", "column", "value", "expected"), READINGS)
def test_a_reading_at_odds_with_its_facts_is_refused(folder, where, column, value, expected):
    path = folder / "readings.csv"
    row = set_cell(path, column, value, first_reading(rows_of(path), **where))
    error = refused(folder, "readings")
    assert expected in error.expected, str(error)
    assert error.row.startswith(f"row {row} (C"), str(error)
    assert "00:00:00" not in str(error)


def test_a_reading_of_a_fact_that_became_public_later_is_refused(folder):
    path = folder / "outcomes.csv"
    rows = rows_of(path)
    late = next(n for n, cells in enumerate(rows) if cells[0] == "C36-001")
    set_cell(path, "known_on", "2024-06-30", late)
    error = refused(folder, "readings")
    assert (error.column, error.expected) == ("known_on", "a day not before known_on of what it lists (2024-06-30)")


def test_an_empty_list_is_for_what_cannot_be_checked(folder):
    path = folder / "readings.csv"
    row = first_reading(rows_of(path), claim_id="C36")
    set_cell(path, "facts", "", row)
    set_cell(path, "word", "cannot be checked", row)
    assert len(data.load("readings", folder=folder)) == len(data.load("readings"))


# --------------------------------------------------------------------------------------------------- rows and columns


def change_rows(path, change):
    rows = rows_of(path)
    write_rows(path, change(rows) or rows)


def of_columns(change):
    """Return a damage that does to every row the same."""
    return lambda rows: [change(list(row)) for row in rows]


def two_owners(rows):
    at, who = rows[0].index("cluster_id"), rows[0].index("owner")
    for before, row in pairwise(rows[1:]):
        if before[at] == row[at]:
            row[who] = "Yotta" if row[who] != "Yotta" else "Meta"
            return


def range_without_middle(rows):
    at = rows[0].index("count_low")
    next(row for row in rows[1:] if row[at])[at] = ""


SHAPES = [
    ("missing column", lambda rows: [row[:3] + row[4:] for row in rows], "this column"),
    ("extra column", lambda rows: [[*row, "x"] for row in rows], "no such column"),
    ("extra column without a name", lambda rows: [[*row, ""] for row in rows], "no such column"),
    ("column twice", lambda rows: [[*row, row[0]] for row in rows], "each column once"),
    ("columns swapped", of_columns(lambda row: [row[1], row[0], *row[2:]]), "the columns in this order"),
    ("columns backwards", of_columns(lambda row: row[::-1]), "the columns in this order"),
    ("header in other case", lambda rows: [[name.upper() for name in rows[0]], *rows[1:]], "this column"),
    ("header twice", lambda rows: [rows[0], *rows], "."),
    ("header lost", lambda rows: rows[1:], "this column"),
    ("header only", lambda rows: rows[:1], "at least one row"),
    ("a row twice", lambda rows: [*rows[:ROW], rows[ROW - 1], *rows[ROW:]], "that no other row has"),
    ("a key twice", lambda rows: [*rows[:ROW], [*rows[ROW - 1][:-1], "other"], *rows[ROW:]], "that no other row has"),
    ("unsorted", lambda rows: [rows[0], *rows[:0:-1]], "rows sorted by the key"),
    (
        "two rows changed places",
        lambda rows: [*rows[:3], rows[4], rows[3], *rows[5:]],
        "rows sorted by the key (row 5 belongs here)",
    ),
    ("a row one cell short", lambda rows: [*rows[:ROW], rows[ROW][:-1], *rows[ROW + 1 :]], "cells, not"),
    ("a row one cell long", lambda rows: [*rows[:ROW], [*rows[ROW], "x"], *rows[ROW + 1 :]], "cells, not"),
    ("a row shifted right", lambda rows: [*rows[:ROW], ["", *rows[ROW][:-1]], *rows[ROW + 1 :]], "."),
    ("a row shifted left", lambda rows: [*rows[:ROW], [*rows[ROW][1:], ""], *rows[ROW + 1 :]], "."),
    ("an empty row", lambda rows: [*rows[:ROW], [""] * len(rows[0]), *rows[ROW:]], "."),
]


@pytest.mark.parametrize("table", ["clusters", "accelerators", "claims", "sources"])
@pytest.mark.parametrize(("change", "expected"), [case[1:] for case in SHAPES], ids=[case[0] for case in SHAPES])
def test_rows_and_columns_out_of_shape_are_refused(folder, table, change, expected):
    change_rows(folder / f"{table}.csv", change)
    error = refused(folder, table)
    assert expected in error.expected or expected == "."


def test_one_machine_with_two_owners_is_refused(folder):
    change_rows(folder / "clusters.csv", two_owners)
    error = refused(folder, "clusters")
    assert (error.column, error.expected) == ("owner", "the same value in all rows of one cluster_id")


def test_a_count_without_its_range_is_refused(folder):
    change_rows(folder / "clusters.csv", range_without_middle)
    assert refused(folder, "clusters").expected == "a value, as count has one"


def test_a_machine_known_before_its_chip_is_refused(folder):
    path = folder / "clusters.csv"
    rows = rows_of(path)
    name = {column: at for at, column in enumerate(rows[0])}
    row = next(cells for cells in rows[1:] if cells[name["status"]] == "offered" and cells[name["accelerator"]])
    row[name["known_on"]] = "2015-01-01"
    write_rows(path, rows)
    assert "a day not before" in refused(folder, "clusters").expected


def test_a_month_is_written_as_its_first_day(folder):
    path = folder / "clusters.csv"
    rows = rows_of(path)
    name = {column: at for at, column in enumerate(rows[0])}
    number = next(n for n, row in enumerate(rows) if row[name["first_operational_precision"]] == "month")
    set_cell(path, "first_operational", rows[number][name["first_operational"]][:8] + "09", number)
    error = refused(folder, "clusters")
    assert (error.column, error.expected) == ("first_operational", "the first day of a month, as precision says")


# ------------------------------------------------------------------------------------------------------------- bytes


def cut_in_half(raw):
    return raw[: len(raw) // 2]


def with_stray_quote(raw):
    lines = raw.split(b"\n")
    lines[ROW] = lines[ROW].replace(b"a", b'a"', 1)
    return b"\n".join(lines)


def with_needless_quotes(raw):
    lines = raw.split(b"\n")
    first, _, rest = lines[ROW].partition(b",")
    lines[ROW] = b'"' + first + b'",' + rest
    return b"\n".join(lines)


BYTES = [
    ("empty", lambda raw: b"", "not an empty file"),
    ("blank", lambda raw: b"\n \n", "not an empty file"),
    ("byte order mark", lambda raw: b"\xef\xbb\xbf" + raw, "without a byte order mark"),
    ("latin-1", lambda raw: raw + "é\n".encode("latin-1"), "UTF-8 text"),
    ("utf-16", lambda raw: raw.decode().encode("utf-16"), "UTF-8 text"),
    ("CRLF", lambda raw: raw.replace(b"\n", b"\r\n"), "LF alone"),
    ("CR", lambda raw: raw.replace(b"\n", b"\r"), "LF alone"),
    ("one CR", lambda raw: raw.replace(b"\n", b"\r\n", 3), "LF alone"),
    ("NUL", lambda raw: raw[:500] + b"\0" + raw[500:], "without NUL"),
    ("cut last line", lambda raw: raw[:-1], "a last line that ends in LF"),
    ("cut in half", cut_in_half, "a last line that ends in LF"),
    ("blank line at the end", lambda raw: raw + b"\n", "cells, not 0"),
    ("blank line at the start", lambda raw: b"\n" + raw, "this column"),
    ("blank line in the middle", lambda raw: raw.replace(b"\n", b"\n\n", 4), "cells, not 0"),
    ("comment line", lambda raw: b"# the tables\n" + raw, "this column"),
    ("semicolons", lambda raw: raw.replace(b",", b";"), "this column"),
    ("tabs", lambda raw: raw.replace(b",", b"\t"), "this column"),
    ("unclosed quote", lambda raw: raw[:-1] + b',"\n', "well-formed CSV"),
    ("stray quote", with_stray_quote, "quotes only where"),
    ("needless quotes", with_needless_quotes, "quotes only where"),
    ("merge marks", lambda raw: raw.replace(b"\n", b"\n<<<<<<< ours\n", 1), "cells, not 1"),
    ("JSON", lambda raw: b'{"count": 24576}\n', "this column"),
]


@pytest.mark.parametrize("table", ["clusters", "outcomes"])
@pytest.mark.parametrize(("change", "expected"), [case[1:] for case in BYTES], ids=[case[0] for case in BYTES])
def test_a_file_that_is_no_plain_utf_8_csv_is_refused(folder, table, change, expected):
    path = folder / f"{table}.csv"
    path.write_bytes(change(path.read_bytes()))
    assert expected in refused(folder, table).expected


def test_a_missing_file_is_refused(folder):
    (folder / "clusters.csv").unlink()
    assert refused(folder, "clusters").expected == "this file beside its description"


def test_damage_to_a_table_that_others_point_to_is_found_from_them(folder):
    change_rows(folder / "sources.csv", lambda rows: [*rows[:ROW], *rows[ROW + 1 :]])
    damaged = 0
    for table in data.tables(folder=folder):
        try:
            data.load(table, folder=folder)
        except DataError as error:
            damaged += 1
            assert error.column == "source_id"
    assert damaged


# ------------------------------------------------------------------------------------------------------- description


def describe_otherwise(folder, change):
    path = folder / data.FOLDER.joinpath("datapackage.json").name
    package = json.loads(path.read_text(encoding="utf-8"))
    resource = next(resource for resource in package["resources"] if resource["name"] == "clusters")
    change(resource, {field["name"]: field for field in resource["schema"]["fields"]})
    path.write_text(json.dumps(package), encoding="utf-8")


def edit(name, **words):
    return lambda resource, fields: fields[name].update(words)


def limit(name, **words):
    return lambda resource, fields: fields[name]["constraints"].update(words)


def rule(**words):
    return lambda resource, fields: resource["rules"].append(words)


DESCRIPTIONS = [
    ("unit at odds with the name", edit("power_mw", unit="kW"), "the unit MW, as the name ends"),
    ("unit missing", lambda resource, fields: fields["power_mw"].pop("unit"), "the unit MW"),
    ("misspelt constraint", limit("count", minimun=1), "one of: "),
    ("constraint of another type", limit("status", minimum=1), "one of: "),
    ("constraint not supported", limit("status", minLength=2), "one of: "),
    ("limit that is no number", limit("count", minimum="one"), "a minimum that fits a integer"),
    ("limit that is no day", limit("known_on", minimum="2010"), "a minimum that fits a date"),
    ("flag that is a word", limit("owner", required="yes"), "a required that fits a string"),
    ("words that are one word", limit("status", enum="operational"), "a enum that fits a string"),
    ("pattern that does not compile", limit("cluster_id", pattern="["), "a pattern that fits a string"),
    ("type unknown", edit("count", type="float"), "one of: "),
    ("field word unknown", edit("count", units="count"), "one of: "),
    ("title missing", lambda resource, fields: fields["count"].pop("title"), "the word title"),
    ("type missing", lambda resource, fields: fields["count"].pop("type"), "the word type"),
    ("resource word unknown", lambda resource, fields: resource.update(encoding="latin-1"), "one of: "),
    ("schema word unknown", lambda resource, fields: resource["schema"].update(uniqueKeys=[]), "one of: "),
    ("key missing", lambda resource, fields: resource["schema"].pop("primaryKey"), "the word primaryKey"),
    ("key that is no field", lambda resource, fields: resource["schema"].update(primaryKey=["id"]), "one of: "),
    ("missing values", lambda resource, fields: resource["schema"].update(missingValues=["", "NA"]), "an empty cell"),
    ("field twice", lambda resource, fields: resource["schema"]["fields"].append(fields["count"]), "each field once"),
    ("field less", lambda resource, fields: resource["schema"]["fields"].remove(fields["user"]), "no such column"),
    ("rule unknown", rule(rule="not_after", field="known_on", other="count"), "one of: "),
    ("rule incomplete", rule(rule="not_below", field="count"), "the word other"),
    ("rule with a word too many", rule(rule="not_below", field="count", other="count_low", strict=True), "one of: "),
    ("rule on no field", rule(rule="not_below", field="counts", other="count_low"), "one of: "),
    (
        "rule on no table",
        rule(rule="not_before_there", field="known_on", key="source_id", resource="source", other="published_on"),
        "one of: ",
    ),
    (
        "foreign key to no column",
        lambda resource, fields: resource["schema"]["foreignKeys"][0]["reference"].update(fields=["id"]),
        "one of: ",
    ),
]


@pytest.mark.parametrize(("change", "expected"), [c[1:] for c in DESCRIPTIONS], ids=[c[0] for c in DESCRIPTIONS])
def test_a_description_that_the_loader_does_not_understand_is_refused(folder, change, expected):
    describe_otherwise(folder, change)
    assert expected in refused(folder, "clusters").expected


def test_a_description_that_is_no_json_is_refused(folder):
    (folder / "datapackage.json").write_text('{"resources": [')
    with pytest.raises(DataError, match=r"^datapackage.json; expected .*well-formed JSON"):
        data.load("clusters", folder=folder)


def test_an_unknown_table_or_day_is_refused_by_name():
    with pytest.raises(ValueError, match=r"^table = 'cluster'; expected one of .*clusters"):
        data.load("cluster")
    for day in ("2024-02-30", "May 2024", "", 20240531, float("nan")):
        with pytest.raises(ValueError, match=r"^as_of = .*; expected a day as YYYY-MM-DD"):
            data.load("clusters", as_of=day)
    with pytest.raises(ValueError, match=r"^table = 'sources'; expected a table with known_on"):
        data.load("sources", as_of="2024-05-31")


def test_the_copies_are_sound_before_they_are_damaged(folder, tmp_path):
    again = Path(shutil.copytree(folder, tmp_path / "again"))
    for table in data.tables():
        write_rows(again / f"{table}.csv", rows_of(folder / f"{table}.csv"))
        assert data.load(table, folder=again).equals(data.load(table))
