"""What is old and what is due, against the tables as plain Python reads them."""

import csv
from datetime import date

import pandas as pd
import pytest

from compute_scaling import data, register, upkeep


def rows(table):
    with (data.FOLDER / f"{table}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def test_the_age_of_a_table_is_that_of_its_newest_fact():
    found = upkeep.tables("2026-12-23").set_index("table")
    for table in found.index:
        newest = max(row["known_on"] for row in rows(table))
        assert found.at[table, "newest"] == pd.Timestamp(newest), table
        assert found.at[table, "rows"] == len(rows(table)), table
        days = (date(2026, 12, 23) - date.fromisoformat(newest)).days
        assert found.at[table, "months"] == pytest.approx(days * 12 / 365.25, abs=0.051), table
    assert found["months"].is_monotonic_decreasing


def test_the_producers_are_those_of_most_rows():
    producers = {row["source_id"]: row["producer"] for row in rows("sources")}
    found = upkeep.tables().set_index("table")["producers"]
    for table, named in found.items():
        counts = pd.Series([producers[row["source_id"]] for row in rows(table)]).value_counts()
        first, *others = named.split("; ")
        assert counts[first] == counts.max(), table
        assert len(others) <= 2, table


def test_a_forecast_is_due_from_its_day_on_and_until_it_is_resolved(folder, read_from):
    ends = [row["target_on"] for row in rows("forecasts")]
    first = min(ends)
    assert upkeep.due("2027-12-30").empty
    due = upkeep.due(first)
    assert len(due) == ends.count(first)
    assert due["resolved_by"].str.len().min() > 10
    assert len(upkeep.due("2031-01-01")) == len(register.read())
    read_from(folder)
    path = folder / "resolutions.csv"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    quantity = next(row["quantity"] for row in rows("forecasts") if row["target_on"] == first)
    header = lines[0].strip().split(",")
    cells = dict.fromkeys(header, "") | dict(zip(header, next(csv.reader([lines[1]])), strict=True))
    cells |= {"resolution_id": "R99", "quantity": quantity, "target_on": first}
    with path.open("a", encoding="utf-8", newline="") as out:
        csv.DictWriter(out, header, lineterminator="\n").writerow(cells)
    description = folder / "datapackage.json"
    text = description.read_text(encoding="utf-8")
    description.write_text(text.replace(str(data.updated_on().date()), first), encoding="utf-8")
    left = upkeep.due(first)
    assert len(left) == len(due) - (due["quantity"] == quantity).sum() < len(due)
    assert quantity not in set(left["quantity"])


def test_the_report_names_what_is_due_and_where_to_look():
    text = upkeep.report("2027-12-31")
    assert "No forecast is due." not in text
    assert "F001 2027-12-31, largest AI site" in text
    assert "look at: the largest site for AI in operation" in text
    assert all(table in text for table in data.tables() if table not in upkeep.NO_FACTS)


@pytest.mark.parametrize("day", ["2026-13-01", "soon", ""])
def test_a_day_that_is_none_is_refused(day):
    for look in (upkeep.tables, upkeep.due):
        with pytest.raises(ValueError, match="expected a day as YYYY-MM-DD"):
            look(day)
