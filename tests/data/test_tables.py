"""The tables as they are: whole, described, sourced, and plausible where two tables meet."""

import json
import re

import numpy as np
import pandas as pd
import pytest
from frictionless import Package

from compute_scaling import data
from compute_scaling.accelerator import accelerator

REGISTRY = re.compile(r"py[p]i\.|pythonhoste[d]|anacond[a]\.org|npm[j]s|crate[s]\.io|ruby[g]ems|proxy\.golan[g]")
TABLES = data.tables()
PACKAGE = json.loads((data.FOLDER / "datapackage.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("table", TABLES)
def test_a_table_loads_and_every_row_names_a_source(table):
    frame = data.load(table)
    assert not frame.empty
    assert frame["source_id"].isin(data.load("sources")["source_id"]).all()


def test_every_source_is_used():
    used = set().union(*(data.load(table)["source_id"] for table in TABLES if table != "sources"))
    assert set(data.load("sources")["source_id"]) == used


def test_another_implementation_of_the_standard_agrees():
    report = Package(str(data.FOLDER / "datapackage.json")).validate()
    assert report.valid, report.flatten(["path", "rowNumber", "fieldName", "message"])
    assert len(report.tasks) == len(TABLES)


def test_another_implementation_sees_damage_too(folder):
    path = folder / "clusters.csv"
    path.write_text(path.read_text(encoding="utf-8").replace(",operational,", ",running,", 1), encoding="utf-8")
    assert not Package(str(folder / "datapackage.json")).validate().valid


@pytest.mark.parametrize("table", TABLES)
def test_every_field_is_described_and_every_quantity_has_a_unit(table):
    resource = data.describe(table)
    assert resource["title"]
    assert resource["description"]
    for field in resource["schema"]["fields"]:
        name = field["name"]
        assert field["title"], name
        assert len(field["description"]) > 10, name
        has_own_unit_column = name in ("value", "value_low", "value_high")
        if field["type"] in ("number", "integer") and not has_own_unit_column and name != "chapter":
            assert field.get("unit"), f"{table}.{name}"


@pytest.mark.parametrize("table", TABLES)
def test_every_number_and_day_has_limits_below_and_above(table):
    for field in data.describe(table)["schema"]["fields"]:
        limits = field.get("constraints", {})
        if field["type"] in ("number", "integer", "date"):
            assert "minimum" in limits, f"{table}.{field['name']}"
            assert "maximum" in limits, f"{table}.{field['name']}"
        if field["name"] in ("known_on", "accessed_on"):
            assert limits["maximum"] == PACKAGE["updated_on"], f"{table}.{field['name']}"


def test_the_49_claims():
    claims = data.load("claims")
    assert claims["claim_id"].tolist() == [f"C{number:02d}" for number in range(1, 50)]
    assert claims["chapter"].between(1, 17).all()
    assert claims["claim"].is_unique
    assert (claims["known_on"] == "2024-05-31").all()
    values = claims.set_index("claim_id")["value"]
    assert values[["C23", "C24", "C25", "C39", "C40", "C41"]].tolist() == [4, 20_000, 100_000, 6e9, 24e9, 100e9]


def test_what_is_quoted_is_the_number_of_the_claim():
    claims = data.load("claims").dropna(subset=["as_quoted", "value"])
    words = {"three": 3, "four": 4, "five": 5, "billion": 1e9, "times": 1}
    for row in claims.to_dict("records"):
        parts = row["as_quoted"].replace("$", "").replace(",", "").split()
        assert np.prod([words.get(part) or float(part) for part in parts]) == row["value"], row["claim_id"]


@pytest.mark.parametrize("table", [name for name in TABLES if name != "sources"])
def test_as_of_keeps_exactly_what_was_known(table):
    whole = data.load(table)
    for day in ("2010-01-01", "2023-12-31", "2024-05-31", PACKAGE["updated_on"]):
        known = data.load(table, as_of=day)
        assert known.index.tolist() == whole.index[whole["known_on"] <= day].tolist()
        assert known.equals(data.load(table, as_of=pd.Timestamp(day)))
    assert data.load(table, as_of=PACKAGE["updated_on"]).equals(whole)


def test_a_caller_cannot_spoil_the_table_of_the_next(folder):
    mine = data.load("clusters")
    mine["count"] = 0
    assert data.load("clusters")["count"].min() > 0
    path = folder / "clusters.csv"
    before = data.load("clusters", folder=folder)
    path.write_text(path.read_text(encoding="utf-8").replace(",24576,", ",24575,", 1), encoding="utf-8")
    with pytest.raises(data.DataError):
        data.load("clusters", folder=folder)
    assert before.equals(data.load("clusters"))


def test_a_measured_rate_stays_below_the_peak():
    for row in data.load("matmul_measurements").to_dict("records"):
        peak = accelerator(row["accelerator"]).peak_flop_per_s(row["precision"])
        assert 0.3 * peak < row["achieved_flop_per_s"] < peak, row["accelerator"]


def test_the_cells_that_the_article_hangs_on():
    clusters = data.load("clusters", as_of="2024-05-31").set_index("cluster_id")
    for name in ("meta-genai-infiniband", "meta-genai-roce"):
        rows = clusters.loc[[name]]
        assert set(rows["count"]) == {24_576}
        assert set(rows["accelerator"]) == {"H100 SXM"}
        assert rows["known_on"].min() == pd.Timestamp("2024-03-12")


def test_no_address_of_a_package_registry():
    for path in data.FOLDER.iterdir():
        assert not REGISTRY.search(path.read_text(encoding="utf-8").lower()), path.name
