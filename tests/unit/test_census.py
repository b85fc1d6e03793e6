from itertools import product

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from past import forget_after

from compute_scaling import census
from compute_scaling.census import Definition, largest, multiples, select, spans, standing

DAY = "2024-05-31"
MONTHS = pd.date_range("2022-06-30", "2025-12-31", freq="ME")
DEFINITIONS = [Definition(*words) for words in product(census.SCOPES, census.EVIDENCE, census.UNITS, census.PURPOSES)]


@pytest.fixture(scope="module")
def of_the_day():
    return standing(DAY)


@pytest.fixture(scope="module")
def of_all_months():
    return standing(MONTHS)


@pytest.mark.parametrize(
    ("definition", "entity", "size", "times"),
    [
        (Definition(), "Meta GenAI cluster", 24_576, 4.07),
        (Definition(scope="owner"), "Meta, 2 clusters", 49_152, 2.03),
        (Definition(evidence="measured"), "Azure Eagle", 14_400, 6.94),
        (Definition(evidence="reported"), "Google", 26_000, 3.85),
    ],
)
def test_the_article_under_four_definitions(of_the_day, definition, entity, size, times):
    first = multiples(select(of_the_day, definition), 100_000).iloc[0]
    assert entity in first["entity"]
    assert first["mid"] == size
    assert round(first["times_mid"], 2) == times


def test_every_definition_of_the_day_has_a_machine(of_the_day):
    assert len(DEFINITIONS) == len(largest(of_the_day)) == 36
    for definition in DEFINITIONS:
        rows = select(of_the_day, definition)
        assert rows["mid"].is_monotonic_decreasing
        assert largest(rows)["mid"].tolist() == [rows["mid"].max()]


def test_sizes_and_multiples_are_ordered(of_all_months):
    rows = multiples(of_all_months, 100_000)
    for low, mid, high in (("low", "mid", "high"), ("times_low", "times_mid", "times_high")):
        assert ((rows[low] > 0) & (rows[low] <= rows[mid]) & (rows[mid] <= rows[high])).all()


def test_a_wider_definition_never_makes_the_largest_machine_smaller(of_all_months):
    keys = ["on", "scope", "evidence", "unit", "purpose"]
    sizes = largest(of_all_months).set_index(keys)["mid"]
    for narrow, wide, level in [
        ("ai", "all", "purpose"),
        ("H100", "any", "unit"),
        ("measured", "confirmed", "evidence"),
        ("confirmed", "reported", "evidence"),
        ("fabric", "owner", "scope"),
    ]:
        smaller, larger = sizes.xs(narrow, level=level), sizes.xs(wide, level=level)
        if level == "scope":  # an offer on one fabric is no holding of more
            smaller = smaller[smaller.index.get_level_values("evidence") != "reported"]
        assert (larger.reindex(smaller.index) >= smaller).all(), level


def test_xai_is_left_out_unless_it_is_asked_for():
    assert "xAI" not in set(standing("2025-06-30")["owner"])
    assert "xAI" in set(standing("2025-06-30", without=())["owner"])


@settings(max_examples=5)
@given(st.integers(0, len(MONTHS) - 1))
def test_many_days_at_once_equal_a_loop_and_spans_forget_nothing(of_all_months, month):
    columns = [*census.ENTITY, "low", "mid", "high", "sources"]
    alone = standing(MONTHS[month])[columns]
    together = of_all_months[of_all_months["on"] == MONTHS[month]].reset_index(drop=True)[columns]
    pd.testing.assert_frame_equal(alone, together)
    joined = spans(of_all_months)
    joined = joined[(joined["first"] <= month) & (month < joined["last"])].drop(columns=["first", "last"])
    order = columns[1:]
    pd.testing.assert_frame_equal(
        joined.sort_values(order)[order].reset_index(drop=True), alone[order].sort_values(order).reset_index(drop=True)
    )


@pytest.mark.parametrize("day", ["2022-10-31", "2023-06-30", DAY, "2024-12-31", "2025-10-31"])
def test_nothing_that_became_public_later_changes_what_a_day_knew(folder, read_from, day):
    expected, hindsight = standing(day), standing(day, as_of=day)
    assert forget_after(folder, day) > 50
    read_from(folder)
    pd.testing.assert_frame_equal(standing(day), expected)
    pd.testing.assert_frame_equal(hindsight, expected)


def test_a_later_day_of_knowledge_may_change_it():
    assert not standing(DAY, as_of="2026-09-30").equals(standing(DAY))


def test_the_end_of_a_machine_counts_from_the_day_it_was_told():
    on_its_last_day = standing("2025-02-17", without=())["entity"]  # the larger Colossus was told on the 18th
    assert on_its_last_day.str.contains("Colossus").any()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Definition(scope="site"), "scope = 'site'; expected one of fabric, owner"),
        (lambda: Definition(evidence="rumour"), "evidence = 'rumour'; expected one of measured, confirmed, reported"),
        (lambda: Definition(unit="h100"), "unit = 'h100'; expected one of H100, any, H100e"),
        (lambda: Definition(purpose="AI"), "purpose = 'AI'; expected one of ai, all"),
        (lambda: standing(DAY, as_of="2024-02-30"), "as_of = '2024-02-30'; expected a day as YYYY-MM-DD"),
        (lambda: standing(DAY, as_of="May 2024"), "as_of = 'May 2024'; expected a day"),
        (lambda: standing("2024-02-30"), "on = '2024-02-30'; expected a day as YYYY-MM-DD"),
        (lambda: standing("soon"), "on = 'soon'; expected a day"),
    ],
)
def test_nonsense_is_refused_by_name(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_a_machine_stands_from_its_first_day() -> None:
    measured = Definition(evidence="measured")
    before, first = (select(standing(day), measured)["entity"].to_list() for day in ("2023-11-12", "2023-11-13"))
    assert "Azure Eagle" not in before
    assert first[0] == "Azure Eagle"


@pytest.mark.parametrize("evidence", [("confirmed",), ("reported", "measured"), census.EVIDENCE])
@pytest.mark.parametrize("units", [("H100e",), ("any", "H100"), census.UNITS])
def test_fewer_definitions_asked_are_those_of_all_left_over(evidence, units) -> None:
    days = pd.DatetimeIndex([DAY, "2025-06-30"])
    every = standing(days, without=())
    expected = every[every["evidence"].isin(evidence) & every["unit"].isin(units)].reset_index(drop=True)
    pd.testing.assert_frame_equal(standing(days, without=(), evidence=evidence, units=units), expected)
    assert set(expected["evidence"]) == set(evidence)
    assert set(expected["unit"]) == set(units)
