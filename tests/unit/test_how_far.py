import pandas as pd
import pytest

from book_figures import a_million_gpus, how_far
from compute_scaling import scaleup, walls


def rows_of(figure):
    about = figure.spec()["usermeta"]["figure"]["readout"]
    return pd.DataFrame(about["rows"], columns=about["columns"])


def test_every_year_and_reader_has_a_sentence():
    rows = rows_of(how_far.year_chooser())
    assert len(rows) == len(how_far.YEARS) * len(how_far.KNOWN)
    assert rows["text"].str.startswith("End of ").all()


def test_every_machine_has_a_sentence_and_its_parts_add_up():
    figure = a_million_gpus.size_chooser()
    assert len(rows_of(figure)) == len(a_million_gpus.steps())
    wide = figure.table.iloc[:, 1:6].map(lambda text: float(text.replace("\xa0%", "").replace(",", "")))
    assert wide.sum(axis=1).to_numpy() == pytest.approx(100, abs=1.5)


def test_more_chips_has_one_sentence_a_kind_of_server():
    assert len(rows_of(a_million_gpus.more_chips())) == len(scaleup.NODES)


def test_both_numbers_of_a_source_that_conflicts_with_itself_are_shown():
    table = how_far.beside_others(a_million_gpus.steps()).table
    falls = table[table["limit"].str.startswith("utilisation falls")]
    assert falls["middle"].tolist() == [1e28, 2e28]
    assert falls["sources"].nunique() == 2


def test_a_wall_named_in_the_tornado_is_the_lowest_there():
    table = how_far.moved()
    ends = how_far.inputs()
    middle = {name: mid for name, (_, mid, _) in ends.items()}
    for row in table.itertuples():
        heights = walls.allowed(**middle | {row.input: row.high})
        assert min(heights, key=lambda name, heights=heights: float(heights[name])) == row.word_high
        assert float(min(heights.values())) == pytest.approx(row.at_high)


def test_a_table_has_every_machine_shown_and_the_walls_it_passes():
    table = a_million_gpus.one_table().set_index("H100s")
    assert len(table) == len(a_million_gpus.SHOWN)
    assert table.at["8,192", "walls passed"] == "–"
    assert "failures" in table.at["1,048,576", "walls passed"]


def test_days_after_the_last_are_said_to_be_later():
    found = pd.DataFrame(
        [{"name": "text", "low": pd.Timestamp("2030-06-30"), "mid": pd.NaT, "high": pd.NaT, "by_last": 0.2,
          "known": "now", "growth": "fading"}]
    )  # fmt: skip
    row = how_far.meeting_table(found).iloc[0]
    assert row["90 % range"] == "June 2030 to after 2036"
    assert row["middle"] == "after 2036"


def test_the_reader_of_may_2024_is_shown_no_later_source():
    table = how_far.year_chooser().table
    then = table[table["known"] == how_far.KNOWN["then"]]
    assert not then["sources"].str.contains("epoch-scaling-2030|villalobos-2024|epoch-ai-data-centers").any()
