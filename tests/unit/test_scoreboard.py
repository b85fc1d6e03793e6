import base64
import re

import pandas as pd
import pytest
import scipy

from book_figures import html, numbers, scoreboard
from compute_scaling import data, validation
from compute_scaling.rates import LINK_SHARE, MEMORY_SHARE, NETWORK_SHARE
from compute_scaling.validation import speed
from compute_scaling.validation.board import board

NO_BREAK = numbers.NO_BREAK
GIVEN = {"table": "plain", "quantity": "power", "unit": "MW", "sample": "held out", "source_id": "palm-2022"}
ROWS = [
    GIVEN | {"row": "a", "predicted": 9.0, "low": 8.0, "high": 12.0, "measured": 10.0},
    GIVEN | {"row": "b", "predicted": 22.0, "low": 21.0, "high": 23.0, "measured": 20.0},
    GIVEN | {"row": "c", "predicted": 40.0, "low": 30.0, "high": 50.0, "measured": 40.0, "source_id": "mt-nlg-2022"},
    GIVEN | {"table": "two", "quantity": "a two", "row": "d", "predicted": 2.0, "measured": 1.0, "baseline": 0.5},
    GIVEN | {"table": "two", "quantity": "b", "row": "e", "predicted": 1.5, "measured": 1.0, "baseline": 0.5001},
    GIVEN | {"table": "two", "quantity": "b", "row": "f", "predicted": 1.0, "measured": 1.0, "sample": "fitted"},
    GIVEN | {"table": "lone", "row": "<g>", "predicted": 1.0, "measured": 1.0},
]


def scored_of(rows):
    table = pd.DataFrame(rows)
    guess = board(table.drop(columns="baseline"))["baseline"]
    return board(table.assign(baseline=table["baseline"].fillna(guess)))


@pytest.fixture(scope="module")
def made():
    return scored_of(ROWS).assign(subject="growth")


@pytest.fixture(scope="module")
def table(made):
    return scoreboard.summaries(made).set_index("name")


@pytest.fixture(scope="module")
def scored():
    return validation.scoreboard()


@pytest.fixture(scope="module")
def summed(scored):
    return scoreboard.summaries(scored)


def test_each_table_has_one_name_that_tells_quantities_and_samples_apart(table):
    assert table.index.tolist() == ["plain", "a two", "two, b", "two, b (fitted)", "lone"]


def test_a_summary_says_who_wins_and_how_many_ranges_held(table):
    assert table.loc["plain", ["rows", "ranged", "inside", "winner"]].tolist() == [3, 3, 2, "model"]
    assert table.loc["plain", "median_abs_error"] == pytest.approx(0.1)
    assert table.loc["plain", "sources"] == "mt-nlg-2022, palm-2022"
    assert table.at["a two", "winner"] == "baseline"
    assert table.at["a two", "inside"] == 0


def test_two_errors_that_are_the_same_are_even_and_a_fitted_row_wins_nothing(table):
    assert table.at["two, b", "winner"] == "even"
    assert table.loc[["two, b (fitted)", "lone"], "winner"].isna().all()


def test_the_totals_are_of_held_out_tables_alone(table):
    sums = scoreboard.totals(table.reset_index()).loc["growth"]
    wanted = {"tables": 4, "rows": 6, "model": 1, "baseline": 1, "even": 1, "none": 1, "ranged": 3, "inside": 2}
    assert sums.to_dict() == wanted


def test_the_glance_shows_a_sign_with_each_winner(table):
    shown = scoreboard.at_a_glance(scoreboard.totals(table.reset_index()))
    assert list(shown) == [
        "subject", "tables held out", "rows", "▲ model wins", "▼ baseline wins", "= even", "no baseline",
        "inside 90 % range",
    ]  # fmt: skip
    assert shown.iloc[0].tolist()[:7] == ["growth", 4, 6, 1, 1, 1, 1]
    assert shown.at[0, "inside 90 % range"] == f"2{NO_BREAK}of{NO_BREAK}3 (67{NO_BREAK}%)"


@pytest.mark.parametrize(("hits", "tried"), [(0, 4), (4, 4), (9, 10), (58, 71)])
def test_the_interval_of_a_share_is_the_exact_one(hits, tried):
    ends = scoreboard.share_interval(pd.Series([hits]), pd.Series([tried]))
    exact = scipy.stats.binomtest(hits, tried).proportion_ci(0.9, method="exact")
    assert [float(end.iloc[0]) for end in ends] == pytest.approx([exact.low, exact.high])


def test_a_subject_shows_its_words_its_tables_and_all_of_its_rows(made, table):
    card = scoreboard.subjects(made, table.reset_index())
    assert card.text.startswith("Growth. Growth: what a fitted exponential")
    assert '<h3 id="scoreboard-growth">Growth</h3>' in card.html
    assert "Show all 7 rows" in card.html
    assert "<td>&lt;g&gt;</td>" in card.html
    assert card.html.count("#source-palm-2022") == 6
    assert card.html.count(html.chip("model")) == 1
    assert card.html.count(html.chip("baseline")) == 1
    assert card.html.count(html.chip("even")) == 1


def test_the_saved_rows_are_the_rows(made, table):
    link = re.search(r"base64,([^\"]+)", scoreboard.subjects(made, table.reset_index()).html)
    lines = base64.b64decode(link[1]).decode("utf-8").splitlines()
    assert len(lines) == 1 + len(made)
    assert lines[1].startswith("plain,a,power,MW,held out,9,8,12,10,−10")
    assert lines[4].count("–") == 3


@pytest.mark.parametrize("word", html.WINNERS)
def test_a_winner_speaks_in_word_and_shape(word):
    cell = html.table(["winner"], [[word]])
    assert f'<td><span class="chip chip-{word}"><span aria-hidden="true">{html.WINNERS[word]}</span> {word}<' in cell
    assert "chip" not in html.table(["word"], [[word]])
    assert len(set(html.WINNERS.values()) | set(html.SHAPES.values())) == len(html.WINNERS) + len(html.SHAPES)


def test_every_subject_of_the_core_is_on_the_page(scored, summed):
    card = scoreboard.subjects(scored, summed)
    assert re.findall(r'<h3 id="[^"]*">([^<]*)', card.html) == [name.capitalize() for name in validation.SUBJECTS]
    assert sum(map(int, re.findall(r"Show all (\d+) rows", card.html))) == len(scored)
    assert summed["name"].is_unique


def test_every_source_of_a_prediction_is_in_the_list(scored):
    assert set(scored["source_id"]) <= set(data.load("sources")["source_id"])


def test_the_figure_of_step_times_has_a_dot_a_row_and_a_range_for_each(scored):
    spec = scoreboard.step_times(scored).spec()
    steps = scored[scored["subject"] == "step time"]
    sets = spec["datasets"].values()
    points = next(rows for rows in sets if "text" in rows[0])
    assert sorted(point["value"] for point in points) == pytest.approx(sorted(steps["measured"] / steps["predicted"]))
    assert {point["series"] for point in points} == {"fitted", "held out"}
    spans = next(rows for rows in sets if "low" in rows[0])
    assert {span["name"] for span in spans} == {point["name"] for point in points}
    shown = pd.DataFrame(spec["usermeta"]["figure"]["table"]["rows"])
    assert shown[2].astype(int).sum() == len(steps)
    assert shown[3].astype(int).sum() == steps["covered"].sum()


def test_the_figure_of_coverage_has_every_table_of_three_ranges_or_more(summed):
    spec = scoreboard.coverage(summed).spec()
    points = next(rows for rows in spec["datasets"].values() if "text" in rows[0])
    ranged = summed[summed["ranged"] > 2]
    assert ranged["ranged"].min() == 3
    assert {point["name"]: point["value"] for point in points} == pytest.approx(
        dict(zip(ranged["name"], ranged["coverage"].astype(float), strict=True))
    )


def test_plans_that_shard_all_weights_are_told_from_the_others(scored):
    steps = scoreboard.with_plans(scored)
    assert (steps["sample"] == "held out").all()
    by_table = steps.groupby("table")["plans"].unique().map(list)
    usual, sharded = scoreboard.PLANS.values()
    assert by_table["llama-3-405b"] == [usual]
    assert by_table["mosaic-h100"] == [sharded]
    assert set(by_table["megatron-bridge-25-11"]) == {usual, sharded}
    groups = scoreboard.by_sharding(steps)
    assert groups.index.tolist() == [usual, sharded]
    assert groups["rows"].sum() == len(steps)
    assert groups.at[sharded, "error"] == pytest.approx(steps.loc[steps["plans"] == sharded, "error"].median())
    assert scoreboard.shown_sharding(groups).shape == (2, 6)


def test_what_is_left_out_is_counted_by_its_reason():
    table = data.load("step_times")
    left = scoreboard.left_out()
    assert left["rows"].sum() == table["left_out"].notna().sum()
    assert left.set_index("why").at["out of memory", "rows"] == (table["left_out"] == "out of memory").sum()
    assert left["rows"].is_monotonic_decreasing
    assert "BLOOM, tests of plans" in set(left["tables"])


def test_the_constants_stand_beside_those_fitted_again(monkeypatch):
    monkeypatch.setattr(speed, "fit_shares", lambda: [0.7, 0.61234, 0.5])
    shown = scoreboard.constants()
    assert shown["share in the model"].tolist() == [f"{s:.3g}" for s in (MEMORY_SHARE, LINK_SHARE, NETWORK_SHARE)]
    assert shown["share fitted again"].tolist() == ["0.7", "0.612", "0.5"]
