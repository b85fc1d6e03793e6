import numpy as np
import pandas as pd
import pytest

from book_figures import numbers
from book_figures import what_happened as happened
from compute_scaling import data, forecasts, register

DRAWS = 2048


@pytest.fixture(scope="module")
def scored():
    return forecasts.scored(draws=DRAWS)


@pytest.fixture(scope="module")
def draws():
    return forecasts.forecasts(draws=DRAWS)


@pytest.fixture(scope="module")
def spec(scored):
    return happened.what_came(scored).spec()


def layers(spec, mark):
    return [layer for layer in spec["layer"] if layer["mark"]["type"] == mark]


def rows_of(spec, layer):
    return pd.DataFrame(spec["datasets"][layer["data"]["name"]])


# ------------------------------------------------------------------------------------------------------- the main chart


def test_every_forecast_is_a_row_of_its_group_and_every_group_has_a_heading(scored):
    rows, headings = happened.placed(scored)
    assert sorted(rows["resolution_id"]) == sorted(scored["resolution_id"])
    assert sorted([*rows["row"], *headings["row"]]) == list(range(len(rows) + len(headings)))
    for heading in headings.to_dict("records"):
        below = rows[rows["group"] == heading["kind"]]["row"]
        assert below.tolist() == list(range(heading["row"] + 1, heading["row"] + 1 + len(below)))
        assert heading["label"][1:] == happened.GROUPS[heading["kind"]][1:]


def test_a_range_that_held_crosses_the_line_and_one_that_missed_does_not(spec, scored):
    bars = rows_of(spec, layers(spec, "bar")[0])
    held = bars[bars["series"] == happened.HELD]
    missed = bars[bars["series"] == happened.MISSED]
    assert ((held["low"] <= held["came_low"]) & (held["came_high"] <= held["high"])).all()
    assert ((missed["high"] < missed["came_low"]) | (missed["came_high"] < missed["low"])).all()
    assert len(held) == (scored["covered"] == "yes").sum()
    assert len(missed) == (scored["covered"] == "no").sum()


def test_values_are_over_what_came_and_stay_on_the_axis(spec, scored):
    bars = rows_of(spec, layers(spec, "bar")[0]).set_index("row")
    rows = happened.placed(scored)[0].set_index("row")
    plain = rows[rows["value"].notna() & (rows["low"] > 0)]
    over = (plain["high_50"] / plain["value"]).clip(0.03, 40)
    assert bars.loc[plain.index, "high_inner"].to_numpy() == pytest.approx(over.to_numpy(), abs=1e-4)
    ends = bars[["low", "low_inner", "high_inner", "high", "came_low", "came_high"]]
    assert ends.notna().all(axis=None)
    assert ends.min(axis=None) == 0.03  # a share of nought is drawn at the edge
    assert ends.max(axis=None) <= 40
    assert (bars["low_inner"] < bars["high_inner"]).all()


def test_naive_forecasts_are_marked_where_there_are_any(spec, scored):
    marks = rows_of(spec, layers(spec, "point")[0])
    counted = marks["rival"].value_counts()
    assert counted[""] == len(scored)
    assert {rival: counted[rival] for rival in happened.RIVALS} == {
        rival: scored[rival].notna().sum() for rival in happened.RIVALS
    }
    assert set(marks.loc[marks["rival"] == "word", "series"]) == {happened.ARTICLE}


def test_colours_and_shapes_tell_the_words_apart():
    for part in (0, 1):
        words = [happened.STYLES[word][part] for word in (happened.HELD, happened.DEPENDS, happened.MISSED)]
        assert len(set(words)) == 3


def test_the_readout_has_one_sentence_for_each_setting(spec, scored):
    about = spec["usermeta"]["figure"]["readout"]
    said = pd.DataFrame(about["rows"], columns=about["columns"]).set_index(["kind", "rival"])["text"]
    assert len(said) == (1 + scored["group"].nunique()) * len(happened.RIVALS)
    assert said.index.is_unique
    counts = scored["covered"].value_counts()
    start = f"Of {len(scored)} ranges of 90\u00a0%, {counts['yes']} held, "
    assert said["all", "stays"].startswith(start)
    assert "nothing here" in said["market", "word"]
    assert " 0 " not in said["cluster", "word"]


def test_the_controls_offer_every_group_and_every_rival():
    kind, rival = happened.controls()
    assert set(kind.choices) - {happened.ALL} == set(data.load("resolutions")["group"]) - {"money"}
    assert tuple(rival.choices) == forecasts.NAIVE
    assert kind.default == happened.ALL


@pytest.mark.parametrize(
    ("unit", "values", "text"),
    [
        ("USD", [4.7e9], "$4.7 billion"),
        ("USD per GPU-hour", [1.94, 3.08], "$1.94 to $3.08 an hour"),
        ("ratio", [10.0], "10.0 times"),
        ("share", [0.9, 1.0], "90\u00a0% to 100\u00a0%"),
        ("H100-equivalents", [100_000], "100,000 H100e"),
        ("date", [0], "25 May 2024"),
        ("hours", [3.09], "3.09 hours"),
    ],
)
def test_amounts_read_as_their_unit_asks(unit, values, text):
    assert happened.amount(unit, *values) == text


def test_an_outcome_that_is_a_bound_is_told_by_both_ends():
    row = pd.Series({"value": np.nan, "value_low": 0.9, "value_high": 1.0, "unit": "share"})
    assert happened.came(row) == "90\u00a0% to 100\u00a0%"


# ----------------------------------------------------------------------------------------------------------- the tables


def test_shares_are_those_of_the_core(scored):
    rows = happened.shares(scored)
    held = forecasts.held(scored).set_index("level")
    assert rows["value"].iloc[:2].tolist() == [held.at[0.9, "mid"], held.at[0.5, "mid"]]
    wins = forecasts.overall(scored)
    assert rows["count"].iloc[2:].tolist() == [
        f"{won} of {of}" for won, of in zip(wins["wins"], wins["forecasts"], strict=True)
    ]
    assert (rows["low"] <= rows["value"]).all()
    assert (rows["value"] <= rows["high"]).all()


def test_groups_add_up(scored):
    groups = happened.by_group(scored)
    assert groups["forecasts"].sum() == len(scored)
    assert (groups["held"] + groups["depends"] + groups["missed"] == groups["forecasts"]).all()


def test_every_miss_has_a_reason_and_no_reason_is_idle():
    missed = forecasts.scored().query("covered == 'no'")
    assert set(happened.REASONS) == set(missed["resolution_id"])
    assert len(happened.misses(missed)) == len(missed)


def test_a_miss_without_a_reason_is_refused(scored):
    with pytest.raises(KeyError):
        happened.misses(scored.assign(covered="no"))


def test_every_resolution_is_forecast_or_has_a_reason(scored):
    table = happened.not_forecast()
    assert table["number"].sum() + len(scored) == len(data.load("resolutions"))
    assert table["number"].is_monotonic_decreasing


# ---------------------------------------------------------------------------------------------------- other choices


def test_settled_by_the_value_the_scores_are_those_of_the_core(scored, draws):
    again = happened.settled(scored, draws, "value")
    same = scored[scored["value"].notna()]
    for column in ("crps", "crps_stays", "crps_word", "crps_middle"):
        assert again[column].to_numpy(dtype=float) == pytest.approx(same[column].to_numpy(dtype=float), nan_ok=True)
    assert set(again["covered"]) == {"yes", "no"}


def test_settled_by_an_end_nothing_depends(scored, draws):
    for end in ("value_low", "value_high"):
        again = happened.settled(scored, draws, end)
        assert len(again) == len(scored)
        assert not (again["covered"] == "depends").any()
        sure = scored["covered"] != "depends"
        assert (again["covered"][sure] == scored["covered"][sure]).all()


def test_skill_with_equal_weights_is_that_of_the_core(scored):
    wins = forecasts.overall(scored).set_index("rival")["skill"]
    for rival in happened.RIVALS:
        found = happened.saved(scored, rival, pd.Series(1.0, scored.index))
        assert found == pytest.approx(wins[rival])


def test_the_first_choice_is_what_the_chapter_says(scored, draws):
    table = happened.choices(scored, draws).set_index("choice")
    counts = scored["covered"].value_counts()
    least, most = counts["yes"] / len(scored), (counts["yes"] + counts["depends"]) / len(scored)
    assert table.at["as we did it", "90 % held"] == f"{numbers.percent(least)} to {numbers.percent(most)}"
    groups = scored.assign(held=scored["covered"] == "yes").groupby("group")["held"].mean()
    assert table.at["each group weighs the same", "90 % held"].startswith(numbers.percent(groups.mean()))
    assert table["forecasts"].le(len(scored)).all()


def test_the_damped_rule_is_scored_on_the_same_forecasts(scored, draws):
    table = happened.damped_instead(scored, draws).set_index("series")
    assert table["forecasts"].sum() == scored["middle"].notna().sum()
    name = "largest training run"
    trends = scored[scored["rule"] == f"trend: {name}"]
    assert table.at[name, "mean score, trend"] == pytest.approx(trends["crps"].mean())
    assert table.at[name, "90 % held, trend"] == (trends["covered"] == "yes").sum()
    assert not np.allclose(table["mean score, trend"], table["mean score, damped"])


# --------------------------------------------------------------------------------------------------------- the register


def test_the_register_is_shown_row_by_row_and_each_quantity_once_with_its_figure():
    table = register.read()
    figure = happened.open_forecasts(table)
    assert figure.table["id"].tolist() == table["forecast_id"].tolist()
    assert set(figure.table["end of"]) == {"2027", "2028", "2030"}
    assert happened.how_resolved(table)["what"].tolist() == list(dict.fromkeys(table["quantity"]))


def test_open_forecasts_are_drawn_over_the_value_now_and_none_leaves_the_axis():
    table = register.read()
    spec = happened.open_forecasts(table).spec()
    bars = rows_of(spec, layers(spec, "bar")[0])
    over = table["high_90"] / table["newest"]
    assert bars["high"].to_numpy() == pytest.approx(over.to_numpy(), abs=1e-4)
    assert bars["low"].min() > 0.05
    assert bars.groupby("kind").size().eq(table["quantity"].nunique()).all()


def test_a_newer_forecast_of_the_same_takes_the_place_of_the_older():
    table = register.read()
    newer = table.tail(1).assign(forecast_id="F025", mid=0.5)
    figure = happened.open_forecasts(pd.concat([table, newer], ignore_index=True))
    assert figure.table["id"].tolist() == [*table["forecast_id"].iloc[:-1], "F025"]
