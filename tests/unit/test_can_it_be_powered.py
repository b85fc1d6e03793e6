import pandas as pd
import pytest

from book_figures import can_it_be_powered as powered
from book_figures import charts_sites
from book_figures import where_power_comes_from as supply
from compute_scaling import data
from compute_scaling.claims import ARTICLE_DAY, machine
from compute_scaling.reader import Reader
from compute_scaling.uncertainty import interval

READER = Reader(data.updated_on(), draws=1024)


@pytest.fixture(scope="module")
def power():
    return powered.power_by_gpus()


@pytest.fixture(scope="module")
def emitted():
    return supply.emissions(READER)


def readout(figure):
    about = figure.spec()["usermeta"]["figure"]["readout"]
    return pd.DataFrame(about["rows"], columns=about["columns"])


# ------------------------------------------------------------------------------------------------------------ the site


def test_the_steps_end_at_the_site_of_the_ledger():
    table = powered.chain(READER)
    assert table["mw"].is_monotonic_increasing
    assert table[["low", "mw", "high"]].iloc[-1].tolist() == pytest.approx(interval(machine.power_mw(READER)))
    figure = powered.where_the_watts_go(table, as_of=READER.as_of)
    assert figure.table["MW added"].iloc[:4].sum() == pytest.approx(figure.table["MW added"].iloc[4])
    bars = next(rows for rows in figure.spec()["datasets"].values() if "start" in rows[0])
    assert [bar["start"] for bar in bars[1:4]] == pytest.approx([bar["end"] for bar in bars[:3]])


def test_a_reader_of_may_2024_had_one_source_for_the_network():
    table = powered.chain(Reader(pd.Timestamp(ARTICLE_DAY), draws=1024)).set_index("step")
    assert table.at["network and storage", "low"] == table.at["network and storage", "high"]


def test_every_chip_and_pue_has_one_sentence(power):
    rows = readout(power)
    assert len(rows) == len(powered.CHIPS) * len(powered.PUES) == len(rows.drop_duplicates(["chip", "pue"]))
    assert rows["text"].str.contains("MW").all()


def test_the_name_of_the_lower_line_has_room_above_the_axis(power):
    spec = power.spec()
    lowest = min(row["y"] for rows in spec["datasets"].values() for row in rows if "y" in row)
    assert spec["layer"][0]["encoding"]["y"]["scale"]["domain"][0] <= lowest / charts_sites.FOOT


def test_the_pue_starts_at_the_middle_that_the_text_uses(power):
    start = {param["name"]: param["value"] for param in power.spec()["params"]}
    assert powered.PUES[start["pue"]] == powered.middle("PUE")
    assert list(powered.PUES) == sorted(powered.PUES)
    default = powered.site_mw(start["chip"], powered.CHIPS[start["chip"]], powered.PUES[start["pue"]])[0]
    assert default == pytest.approx(float(interval(machine.power_mw(READER))[1]), rel=2e-3)


def test_the_sources_that_disagree_about_colossus_are_all_shown(power):
    colossus = power.table[power.table["site"] == machine.PLANNED]
    assert sorted(set(colossus["MW"])) == [142.7, 150.0, 181.0]
    assert colossus["what is counted"].nunique() == 3
    assert "143, 150 or 181" in power.alt_text


def test_every_scope_of_the_table_has_a_look():
    assert set(powered.known_sites()["scope"]) <= set(powered.STYLES)


def test_every_published_power_is_scored_once():
    assert len(powered.errors()) == powered.against_published()["figures"].sum()


def test_homes_are_fewer_on_average_than_at_the_peak():
    table = powered.in_homes(161, 115)
    peak, average = (table[f"homes, at {mw} MW"].str.replace(",", "").astype(int) for mw in (161, 115))
    assert (average < peak).all()
    assert table["sources"].str.len().min() > 0


def test_the_tornado_turns_with_servers_and_draw_alone():
    table = powered.moved().set_index("input")
    turning = table.index[table["word_low"] != table["word_high"]]
    assert sorted(turning) == ["draw", "factor"]
    assert table.at["pue", "at_low"] > powered.granted_mw()


# ---------------------------------------------------------------------------------------------------------- the supply


def test_lines_at_memphis_end_on_the_same_day_and_never_go_back():
    table = supply.memphis()
    for _, rows in table.groupby("series"):
        assert rows["date"].is_monotonic_increasing
        assert rows["date"].iloc[-1] == supply.LAST
        assert rows["value"].iloc[-1] == rows["value"].iloc[-2]
    assert supply.power_at_memphis(table).alt_text.startswith("Line chart of the supply")


def test_turbines_of_more_power_are_fewer():
    table = supply.turbines({"one": 161.0, "two": 361.0})
    needed = table[["for one", "for two"]].astype(int)
    assert (needed["for one"] < needed["for two"]).all()
    assert needed["for one"].is_monotonic_decreasing


def test_emissions_follow_the_grid_and_the_days(emitted):
    rows = emitted.set_index(["grid", "days"])
    assert rows.loc[("France, 2023", 120), "mid"] == pytest.approx(2 * rows.loc[("France, 2023", 60), "mid"])
    assert (emitted["low"] < emitted["mid"]).all()
    assert (emitted["mid"] < emitted["high"]).all()
    assert set(emitted["grid"]) == set(supply.GRIDS)
    figure = supply.emissions_by_grid(emitted)
    assert len(readout(figure)) == len(supply.GRIDS) * len(supply.DAYS)


def test_the_bill_is_a_small_part_of_the_hardware():
    bill = supply.bill(READER)
    assert (bill["low"] < bill["mid"]).all()
    assert (bill["mid"] < bill["high"]).all()
    assert bill.at["electricity, USD", "high"] < bill.at["hardware, USD", "low"] / 100


def test_the_planned_machine_is_below_the_largest_sites():
    largest = supply.largest_sites()
    figure = supply.largest_sites_figure(largest, (150.7, 161.2, 181.5))
    assert len(largest) == supply.LARGEST
    assert figure.table["MW"].idxmin() == len(figure.table) - 1
    assert "161 (planned machine" in figure.alt_text


def test_facts_are_told_in_the_order_in_which_they_became_public():
    known = pd.to_datetime(supply.told(supply.KNOWN_THEN)["public by"], format="%d %B %Y")
    assert known.is_monotonic_increasing
    assert known.max() <= pd.Timestamp(ARTICLE_DAY)
