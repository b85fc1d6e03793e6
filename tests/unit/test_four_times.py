from itertools import product

import pandas as pd
import pytest

from book_figures import four_times, numbers
from compute_scaling import census
from compute_scaling.claims import machine


@pytest.fixture(scope="module")
def spec():
    return four_times.size_chooser().spec()


@pytest.fixture(scope="module")
def readout(spec):
    about = spec["usermeta"]["figure"]["readout"]
    return pd.DataFrame(about["rows"], columns=about["columns"])


def test_every_setting_of_the_controls_has_one_sentence_at_most(readout):
    for _, rows in readout.sort_values("month_from").groupby(["scope", "evidence", "unit", "purpose"]):
        assert (rows["month_from"] < rows["month_to"]).all()
        assert (rows["month_to"].iloc[:-1].to_numpy() <= rows["month_from"].iloc[1:].to_numpy()).all()
        assert rows["month_to"].iloc[-1] == len(four_times.MONTHS)


@pytest.mark.parametrize("month", [0, 8, four_times.default_month(), 40, len(four_times.MONTHS) - 1])
def test_a_sentence_says_what_the_core_computes(readout, month):
    rows = readout[(readout["month_from"] <= month) & (month < readout["month_to"])]
    table = machine.four_times(four_times.MONTHS[month])
    assert len(rows) == len(table)
    keys = ["scope", "evidence", "unit", "purpose"]
    sentences = rows.set_index(keys)
    for row in table.to_dict("records"):
        said = sentences.loc[tuple(row[key] for key in keys)]
        assert f" {numbers.times(row['times_mid'])} " in said["text"]
        assert row["entity"] in said["text"]
        assert numbers.count(row["mid"]) in said["text"]
        assert said["verdict"] == row["four"]


def test_the_controls_start_at_the_definition_that_the_text_uses(spec):
    start = {param["name"]: param["value"] for param in spec["params"]}
    assert census.Definition(*(start[name] for name in ("scope", "evidence", "unit", "purpose"))) == machine.STANDARD
    assert four_times.MONTHS[start["month"]] == pd.Timestamp("2024-05-31")


def test_the_menus_offer_every_choice(spec):
    offered = {control.name: set(control.choices) for control in four_times.controls()}
    choices = product(offered["scope"], offered["evidence"], offered["unit"], offered["purpose"])
    assert {census.Definition(*words) for words in choices} == {
        census.Definition(*words) for words in product(census.SCOPES, census.EVIDENCE, census.UNITS, census.PURPOSES)
    }
