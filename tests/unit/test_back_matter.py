import json

import pytest

from book_figures.site import back_matter
from book_figures.theme import MIME
from compute_scaling import data
from compute_scaling.schema import describe


@pytest.mark.parametrize("table", data.tables())
def test_every_field_of_every_table_has_its_row(table):
    html = back_matter.table_html(describe(table), len(data.load(table)))
    assert html.count("<tr>") == len(describe(table)["schema"]["fields"]) + 1
    assert f'href="../_static/data/{table}.csv"' in html


def test_what_a_field_allows_is_said_in_words():
    clusters = describe("clusters")
    fields = {field["name"]: list(back_matter.allowed(field, clusters)) for field in clusters["schema"]["fields"]}
    assert fields["scope"] == ["required", "one of: fabric, sites, fleet"]
    assert fields["count"] == ["may be empty", "1 to 10,000,000"]
    assert fields["accelerator"][-1] == "a row of accelerators"
    assert "a row of this table" in fields["superseded_by"]


def test_the_cut_off_is_the_day_of_the_tables():
    rows = dict(back_matter.data_rows())
    assert rows["sources"] == str(len(data.load("sources")))
    assert str(data.updated_on().year) in rows["cut-off: nothing published later is used"]


def test_versions_are_those_installed():
    import numpy as np

    assert dict(back_matter.version_rows())["numpy"] == np.__version__


def test_a_notebook_has_its_title_and_counts_and_needs_a_time(tmp_path):
    cells = [
        {"cell_type": "markdown", "source": ["# A question?\n", "text"]},
        {"cell_type": "code", "outputs": [{"data": {MIME: {}}}, {"data": {}}]},
        {"cell_type": "code", "outputs": []},
    ]
    notebook, times = tmp_path / "04_a.ipynb", tmp_path / "run_times.csv"
    notebook.write_text(json.dumps({"cells": cells}))
    times.write_text("notebook,seconds\n04_a,3.14\n")
    assert back_matter.notebook_rows([notebook], times) == [["04 A question?", "3", "2", "1"]]
    times.write_text("notebook,seconds\n")
    with pytest.raises(KeyError):
        back_matter.notebook_rows([notebook], times)
