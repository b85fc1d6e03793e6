"""The answers of chapter 17, worked out a second time from the raw tables and by hand."""

import csv
from pathlib import Path

import gates
import pytest

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOK = ROOT / "notebooks" / "17_check_your_own_story.ipynb"
SAID = gates.said(NOTEBOOK)
WATTS = 1_200_000 / 576


def raw(name):
    with (ROOT / "data" / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


FACTS = {row["outcome_id"]: row for row in raw("outcomes")}
SITES = [row for row in raw("clusters") if row["source_id"] == "epoch-ai-data-centers" and row["power_mw"]]


def test_what_was_said_and_seen():
    assert SAID["claimed"] == f"{float(FACTS['C18-026']['value']):,.0f}"
    assert SAID["seen"] == f"{float(FACTS['C18-027']['value']):.0f}"
    assert float(FACTS["C18-036"]["value"]) == 1.5 * float(FACTS["C18-026"]["value"])
    assert all(FACTS[name]["known_on"] <= "2026-01-31" for name in ("C18-026", "C18-027", "C18-036", "C18-037"))


def test_the_power_of_the_chips_by_hand():
    chips = {int(row["count"]) for row in raw("clusters") if row["cluster_id"] == "colossus-2-block-1"}
    assert chips == {110_000}
    assert (SAID["counted"], SAID["watts"]) == ("110,000", f"{WATTS:,.0f}")
    for name, pue in (("computed_low", 1.08), ("computed_high", 1.3)):
        assert float(SAID[name]) == pytest.approx(110_000 * WATTS * pue / 1e6, abs=1)
    assert float(SAID["computed_low"]) < float(SAID["computed"]) < float(SAID["computed_high"])
    assert float(SAID["double"]) == pytest.approx(2 * float(SAID["computed"]), rel=0.01)


def test_chips_for_a_gigawatt():
    for name, pue in (("needed_high", 1.08), ("needed_low", 1.3)):
        assert float(SAID[name].replace(",", "")) == pytest.approx(1e9 / (WATTS * pue), rel=0.02)
    assert 350_000 < float(SAID["needed"].replace(",", "")) < 450_000


def test_who_passed_a_gigawatt_first():
    passed = sorted(
        (row["first_operational"], row["cluster_id"]) for row in SITES if float(row["power_mw"]) >= 1000 / 1.1
    )
    first = [name for _, name in passed if name.startswith(("aws-rainier", "colossus-2"))]
    assert first[0].startswith("aws-rainier")
    assert SAID["first_site"] == "Amazon, New Carlisle"
    assert (SAID["first_month"], passed[0][0][:7]) == ("March 2026", "2026-03")
    own = next(day for day, name in passed if name.startswith("colossus-2"))
    assert (SAID["own_month"], own[:7]) == ("June 2026", "2026-06")


def test_april_had_less_than_half_of_what_was_promised():
    april = next(row for row in SITES if row["cluster_id"] == "colossus-2-block-2")
    assert april["first_operational"].startswith("2026-04")
    assert float(april["power_mw"]) < 0.5 * float(FACTS["C18-036"]["value"])


def test_the_words_of_the_ledger():
    card = next(text for text in map(str, gates.outputs(gates.read(NOTEBOOK))) if "known in January" in text)
    assert card.count("chip-does-not-hold") == 3


def test_the_exercises():
    for name, pue in (("many_low", 1.08), ("many_high", 1.3)):
        assert float(SAID[name].replace(",", "")) == pytest.approx(1_400_000 * WATTS * pue / 1e6, rel=0.02)
    assert float(SAID["many_low"].replace(",", "")) > 1.5 * 2_000
    refused = [text for text in map(str, gates.outputs(gates.read(NOTEBOOK))) if "expected low <= mid <= high" in text]
    assert refused
