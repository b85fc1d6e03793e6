"""The answers of chapter 15, worked out a second time: with loops over the scored forecasts and the raw tables."""

import csv
import hashlib
import math
from datetime import date
from pathlib import Path

import gates
import pytest

from compute_scaling import forecasts

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOK = ROOT / "notebooks" / "15_what_happened.ipynb"
SAID = gates.said(NOTEBOOK)
PLAN_PUBLIC, FIRST_OF_AUTUMN = date(2024, 5, 25), date(2025, 9, 22)


def raw(name):
    with (ROOT / "data" / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


CAME = {row["resolution_id"]: row for row in raw("resolutions")}


@pytest.fixture(scope="module")
def rows():
    return {row["resolution_id"]: row for row in forecasts.scored().to_dict("records")}


def ends(name):
    """Return the lowest and the highest of what sources say came, dates as days since the plan became public."""
    row = CAME[name]
    if row["value_on"]:
        days = [date.fromisoformat(row[f"value_on{end}"] or row["value_on"]) for end in ("_low", "_high")]
        return [(day - PLAN_PUBLIC).days for day in days]
    return [float(row[f"value{end}"] or row["value"]) for end in ("_low", "_high")]


def word(row, low, high):
    least, most = ends(row["resolution_id"])
    inside = row[low] <= least and most <= row[high]
    outside = most < row[low] or row[high] < least
    return "held" if inside else "missed" if outside else "depends"


def percent(share):
    return f"{100 * share:.2g}\u00a0%"


def test_ranges_that_held_are_counted_from_the_raw_outcomes(rows):
    wide = [word(row, "low", "high") for row in rows.values()]
    narrow = [word(row, "low_50", "high_50") for row in rows.values()]
    assert (SAID["all"], len(rows)) == ("29", 29)
    assert (SAID["held"], wide.count("held")) == ("16", 16)
    assert (wide.count("depends"), wide.count("missed")) == (6, 7)
    assert [SAID["inner_held"], SAID["inner_depends"]] == [str(narrow.count("held")), str(narrow.count("depends"))]
    assert SAID["least"] == percent(wide.count("held") / len(wide))
    assert SAID["most"] == percent((wide.count("held") + wide.count("depends")) / len(wide))
    assert (wide.count("held") + wide.count("depends")) / len(wide) < 0.9


def test_all_quarters_of_nvidia_held_and_no_cluster_did(rows):
    quarters = [row for row in rows.values() if row["unit"] == "USD per quarter"]
    assert SAID["quarters"] == SAID["quarters_held"] == str(len(quarters)) == "9"
    assert all(word(row, "low", "high") == "held" for row in quarters)
    clusters = [row for row in rows.values() if row["group"] == "cluster"]
    assert all(ends(row["resolution_id"])[0] > row["high"] for row in clusters)


@pytest.mark.parametrize("rival", ["word", "stays", "middle"])
def test_wins_and_saved_error_are_summed_again(rows, rival):
    pairs = [(row["crps"], row[f"crps_{rival}"], row["unit"]) for row in rows.values()]
    pairs = [pair for pair in pairs if not math.isnan(pair[0]) and not math.isnan(pair[1])]
    logs = [(ours, theirs) for ours, theirs, unit in pairs if unit != "share"]
    assert SAID[f"{rival}_all"] == str(len(pairs))
    assert SAID[f"{rival}_wins"] == str(sum(ours < theirs for ours, theirs, _ in pairs))
    assert SAID[f"{rival}_saved"] == percent(1 - sum(ours for ours, _ in logs) / sum(theirs for _, theirs in logs))


def test_a_naive_score_is_the_distance_of_logarithms(rows):
    for name, row in rows.items():
        if CAME[name]["value"] and not math.isnan(row["word"]) and row["unit"] != "share":
            assert row["crps_word"] == pytest.approx(abs(math.log(row["word"] / float(CAME[name]["value"]))))


def test_the_article_wins_twice_and_nearly_once_more(rows):
    both = {name: row["crps"] / row["crps_word"] for name, row in rows.items() if row["crps_word"] > 0}
    lost = [name for name, ratio in both.items() if ratio > 1]
    close = [name for name, ratio in both.items() if 0.95 <= ratio < 1]
    assert lost == ["R03", "R11"]
    assert SAID["lost"] == "; ".join(CAME[name]["quantity"] for name in lost)
    assert close == ["R09"]
    assert SAID["close"] == "; ".join(CAME[name]["quantity"] for name in close)


def test_the_sign_test_against_the_article():
    won, of = int(SAID["word_wins"]), int(SAID["word_all"])
    tail = sum(math.comb(of, hits) for hits in range(won, of + 1)) / 2**of
    assert SAID["word_p"] == percent(2 * tail)


def test_how_many_forecasts_these_are_if_a_group_is_one(rows):
    groups = [row["group"] for row in rows.values()]
    effective = len(groups) ** 2 / sum(groups.count(group) ** 2 for group in set(groups))
    assert SAID["effective"] == f"{effective:.2g}"


def test_the_machine_was_a_year_early_and_the_range_held(rows):
    ran = date.fromisoformat(CAME["R05"]["value_on"])
    taken, claimed = (ran - PLAN_PUBLIC).days, (FIRST_OF_AUTUMN - PLAN_PUBLIC).days
    assert [SAID["days_taken"], SAID["days_claimed"]] == [str(taken), str(claimed)] == ["100", "485"]
    assert SAID["early"] == str(claimed - taken)
    assert rows["R05"]["low"] < taken < rows["R05"]["low_50"]
    assert SAID["built_mid"] == str(round(rows["R05"]["mid"]))


def test_what_failed_failed_as_the_page_says(rows):
    assert SAID["cluster_short"] == f"{float(CAME['R01']['value']) / rows['R01']['mid']:.2f}"
    assert SAID["spending_short"] == f"{float(CAME['R60']['value']) / rows['R60']['mid']:.2f}"
    assert SAID["cost_over"] == f"{rows['R09']['mid'] / float(CAME['R09']['value']):.2f}"
    for name in ("R42", "R44"):
        assert rows[name]["mid"] > ends(name)[1]
        assert word(rows[name], "low", "high") == "held"


def test_what_was_computed_from_inputs_is_within_a_factor_of_about_two(rows):
    for row in rows.values():
        if not row["rule"].startswith(("trend", "the plan over the trend", "building times", "record of")):
            middle = sum(ends(row["resolution_id"])) / 2 if math.isnan(row["value"]) else row["value"]
            assert 0.49 < row["mid"] / middle < 2.01, row["resolution_id"]


def test_values_of_openai_are_two_deals_and_no_trend():
    known = [row for row in raw("valuations") if row["company"] == "OpenAI" and row["known_on"] <= "2024-05-31"]
    priced = [row for row in known if row["kind"].startswith("valuation") and row["status"] in ("closed", "announced")]
    assert len({row["deal"] for row in priced}) == 2
    assert forecasts.NOT_FORECAST["R35"].startswith("two deals")


def test_the_damped_rule_would_not_have_done_better():
    assert int(SAID["damped_better"]) < int(SAID["series"]) / 2
    assert SAID["worst"] == "largest AI site"


def test_no_choice_brings_nine_in_ten_and_all_beat_the_article():
    cells = [output for output in gates.outputs(gates.read(NOTEBOOK)) if "saved, article" in str(output)]
    lines = "".join(cells[0]["data"]["text/plain"]).strip().split("\n")
    columns = lines[0].split("; ")
    table = [dict(zip(columns, line.split("; "), strict=True)) for line in lines[1:]]
    assert len(table) == 8
    for row in table:
        shares = [float(part.split("\u00a0")[0]) for part in row["90 % held"].split(" to ")]
        won, of = map(int, row["beat the article"].split(" of "))
        assert max(shares) < 90
        assert won / of > 0.5
        assert float(row["saved, article"].split("\u00a0")[0]) > 0


def test_the_exercises(rows):
    score = math.log(485 / 100)
    assert SAID["date_score"] == f"{score:.3g}"
    assert SAID["date_factor"] == f"{math.exp(score):.2f}"
    assert SAID["date_ours"] == f"{rows['R05']['crps']:.3g}"
    assert 0.4 < rows["R05"]["crps"] / score < 0.6
    register = raw("forecasts")
    assert SAID["broken"] == str(len(register))
    seal = "0" * 64
    for row in register:
        cells = [_cell(value) for name, value in row.items() if name != "seal"]
        seal = hashlib.sha256("\n".join([seal, *cells]).encode()).hexdigest()
        assert seal == row["seal"]


def _cell(value):
    """Return a cell of the file as the seal has it: numbers to 12 digits."""
    try:
        return f"{float(value):.12g}"
    except ValueError:
        return value
