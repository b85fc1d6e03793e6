"""The answers of chapter 8, worked out a second time: from the raw tables, by hand."""

import csv
import math
import random
from pathlib import Path

import gates
import pytest

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOK = next((ROOT / "notebooks").glob("08_*.ipynb"))
DAY = "2024-05-31"
PLAN, SUM = 100_000, 6e9
HOURS = 365.25 * 24
Z = 1.6448536269514722  # of the normal distribution, 5 % above it
DECLINE = 0.14


def raw(name, day="9999"):
    with (ROOT / "data" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file) if row.get("known_on", "") <= day]


def inputs(quantity, day=DAY):
    """Return the lowest and the highest published value of a quantity."""
    rows = [row for row in raw("machine_inputs", day) if row["quantity"] == quantity]
    return min(float(r["value_low"] or r["value"]) for r in rows), max(
        float(r["value_high"] or r["value"]) for r in rows
    )


def servers(day=DAY):
    """Return the lowest and the highest price of an eighth of a server of H100s."""
    rows = [r for r in raw("accelerator_prices", day) if r["accelerator"] == "H100 SXM" and r["evidence"] == "derived"]
    prices = [float(r["price_usd_low"]) for r in rows if r["source_id"] != "drivetesla-dojo-2024"]
    return min(prices), max(prices)


def middle(ends):
    return math.sqrt(ends[0] * ends[1])


WATTS = 10_200 / 8 * (1 + 11_112 / 10_200 - 1)
SERVER, BUILDING = middle(servers()), middle(inputs("building cost"))
SHARE = inputs("interconnect share")[0]
HARDWARE, SITE = SERVER / (1 - SHARE), BUILDING * WATTS


@pytest.fixture(scope="module")
def said():
    return gates.said(NOTEBOOK)


def percent(share):
    return f"{100 * share:.2g}" if share < 0.995 else f"{100 * share:.0f}"


def outcome(name, column="value"):
    return float(next(r for r in raw("outcomes") if r["outcome_id"] == name)[column])


def test_the_machine_and_what_the_sum_covers(said):
    each = HARDWARE + SITE
    assert said["whole"] == f"${PLAN * each / 1e9:.3g} billion" == "$6.21 billion"
    assert said["servers"] == f"${PLAN * SERVER / 1e9:.3g} billion"
    assert said["site"] == f"${PLAN * SITE / 1e9:.3g} billion"
    assert said["servers_share"] == f"{percent(SERVER / each)}\xa0%"
    assert said["covered"] == f"{percent(SUM / PLAN / each)}\xa0%"
    low, high = ((servers()[end] / (1 - SHARE)) + SITE for end in (1, 0))
    assert said["covered_range"] == f"{percent(SUM / PLAN / low)}\xa0% to {percent(SUM / PLAN / high)}\xa0%"


def test_what_the_sum_buys_and_rents(said):
    quotes = [r for r in raw("rental_prices", DAY) if r["accelerator"] == "H100 SXM" and r["terms"] == "contract"]
    short = [r for r in quotes if "3 years" not in r["provider"]]
    ends = [min(float(r["usd_per_hour_low"]) for r in short), max(float(r["usd_per_hour_high"]) for r in short)]
    assert [said["rent_low"], said["rent_high"]] == [f"${end:.2f}" for end in ends] == ["$2.00", "$7.20"]
    assert float(said["for_a_year"].replace(",", "")) == pytest.approx(SUM / HOURS / middle(ends), rel=0.02)
    assert float(said["with_site"].replace(",", "")) == pytest.approx(SUM / (HARDWARE + SITE), rel=0.01)
    assert float(said["hardware_only"].replace(",", "")) == pytest.approx(SUM / HARDWARE, rel=0.005)
    long = [r for r in quotes if "1 year" not in r["provider"]]
    rent = middle([min(float(r["usd_per_hour_low"]) for r in long), max(float(r["usd_per_hour_high"]) for r in long)])
    life = middle(inputs("useful life of servers"))
    assert float(said["for_life"].replace(",", "")) == pytest.approx(SUM / (life * HOURS * rent), rel=0.01)


def test_what_others_put_on_it(said):
    sites = {r["source_id"]: r["capital_cost_usd"] for r in raw("clusters") if r["cluster_id"] == "colossus-1-phase-1"}
    run = next(r for r in raw("run_bills") if r["run"] == "Grok-3" and r["scope"] == "hardware acquisition")
    usd = {name: float(value) for name, value in sites.items() if value}
    usd |= {"run": float(run["value"]), "economist": outcome("C45-006")}
    assert said["others_low"] == said["epoch_hardware"] == f"${min(usd.values()) / 1e9:.3g} billion" == "$3.8 billion"
    assert said["others_high"] == said["epoch_run"] == f"${max(usd.values()) / 1e9:.3g} billion" == "$5.48 billion"
    assert said["epoch_apart"] == f"${(usd['run'] - usd['epoch-gpu-clusters']) / 1e9:.3g} billion"
    assert usd["run"] - usd["epoch-gpu-clusters"] > PLAN * SITE  # more than we have for the whole site
    assert said["epoch_march"] == f"${usd['epoch-ai-chip-counts-2026-03'] / 1e9:.2g} billion"
    assert said["epoch_site"] == f"${usd['epoch-ai-data-centers'] / 1e9:.3g} billion"
    assert said["economist"] == f"${usd['economist'] / 1e9:.2g} billion"
    assert said["with_their_hardware"] == f"{percent(SUM / (usd['run'] + PLAN * SITE))}\xa0%"
    assert all(value < SUM for value in usd.values())
    assert len(usd) == 5  # five estimates
    assert sum("epoch" in name or name == "run" for name in usd) == 4  # four from one producer


def test_buildings_come_from_one_publisher(said):
    rows = [r for r in raw("machine_inputs", DAY) if r["quantity"] == "building cost"]
    assert {r["source_id"].rpartition("-")[0] for r in rows} == {"turner-townsend"}
    assert said["built_then"] == "${:.2f} to ${:.2f}".format(*inputs("building cost"))
    assert said["built_now"] == "${:.2f} to ${:.2f}".format(*inputs("building cost", "9999"))


def test_validation_says_that_the_baseline_wins_on_sites(said):
    rows = [r for r in raw("clusters") if r["cost_scope"] == "total capital" and r["purpose"] == "ai"]
    h100 = [r for r in rows if r["accelerator"].startswith("H100")]
    each = [float(r["capital_cost_usd"]) / float(r["count"]) for r in h100]
    errors, guesses = [], []
    hardware = middle(servers("9999")) / (1 - middle(inputs("interconnect share", "9999")))
    watts = 10_200 / 8 * (1 + middle(inputs("network share", "9999")))
    ours = hardware + middle(inputs("building cost", "9999")) * watts
    for number, value in enumerate(each):
        others = sorted(each[:number] + each[number + 1 :])
        guess = others[len(others) // 2] if len(others) % 2 else sum(others[len(others) // 2 - 1 :][:2]) / 2
        errors.append(ours / value - 1)
        guesses.append(abs(guess / value - 1))
    halfway = len(each) // 2
    assert len(each) == 6
    assert min(errors) > 0  # every published total lies below our prediction
    model = sum(sorted(errors)[halfway - 1 : halfway + 1]) / 2
    baseline = sum(sorted(guesses)[halfway - 1 : halfway + 1]) / 2
    assert float(said["sites_error"].strip("\xa0%")) == pytest.approx(100 * model, abs=1)  # a median of draws there
    assert said["sites_baseline"] == f"{percent(baseline)}\xa0%"
    assert baseline < model
    assert said["sites_inside"] == "0 of 6"


# ------------------------------------------------------------------------------------------------------ build or rent


def drawn(count=20_000, seed=8):
    """Draw servers, sites and electricity of a year once more, with Python's own random numbers."""
    chance = random.Random(seed)
    pick = lambda ends: math.exp(chance.gauss(math.log(middle(ends)), math.log(ends[1] / ends[0]) / 2 / Z))  # noqa: E731
    pue, load = inputs("PUE"), inputs("draw share")
    for _ in range(count):
        hardware, site = pick(servers()) / (1 - SHARE), pick(inputs_building) * WATTS
        above = 1 + pick((pue[0] - 1, pue[1] - 1))
        kwh = WATTS / 1000 * HOURS * above * min(pick(load), 1)
        yield hardware, site, kwh * pick(electricity)


inputs_building, electricity = inputs("building cost"), inputs("electricity price")
DRAWS = list(drawn())


def even(years, interest, resold):
    """Return 5 %, middle and 95 % of the even rent."""
    paid = years if not interest else (1 - (1 + interest) ** -years) / math.log(1 + interest)
    rents = []
    for hardware, site, power in DRAWS:
        left = hardware * 10 ** (-DECLINE * years) + site * (1 - years / 20) if resold else 0
        rents.append((hardware + site + power * paid - left * (1 + interest) ** -years) / paid / HOURS)
    rents.sort()
    return [rents[int(len(rents) * level)] for level in (0.05, 0.5, 0.95)]


def dollars(text):
    return [float(part.strip("$")) for part in text.split(" to ")]


def test_the_even_rents_of_the_text(said):
    interest = inputs("cost of money")[0]
    assert said["interest"] == f"{percent(interest)}\xa0%" == "13\xa0%"
    three, five = even(3, interest, False), even(5, interest, False)
    assert dollars(said["three"]) + dollars(said["three_range"]) == pytest.approx(
        [three[1], three[0], three[2]], rel=0.01
    )
    assert dollars(said["five"]) + dollars(said["five_range"]) == pytest.approx([five[1], five[0], five[2]], rel=0.01)
    assert dollars(said["three_free"]) == pytest.approx([even(3, 0, False)[1]], rel=0.01)
    assert dollars(said["three_sold"]) == pytest.approx([even(3, 0, True)[1]], rel=0.01)
    powers = sorted(power for *_, power in DRAWS)
    share = 5 * powers[len(powers) // 2] / (HARDWARE + SITE + 5 * powers[len(powers) // 2])
    assert float(said["power_share"].strip("\xa0%")) == pytest.approx(100 * share, abs=0.15)


def test_rents_then_and_later(said):
    rows = {(r["provider"], r["terms"]): float(r["usd_per_hour_low"]) for r in raw("rental_prices")
            if r["accelerator"] == "H100 SXM"}  # fmt: skip
    assert said["list_price"] == f"${rows['Amazon, 3 years', 'contract']:.2f}"
    assert float(said["list_over"]) == pytest.approx(
        rows["Amazon, 3 years", "contract"] / dollars(said["three"])[0], rel=0.005
    )
    assert said["best_deal"] == f"${rows['best large deal', 'contract']:.2f}"
    assert said["lowest"] == f"${rows['1 year, low of the cycle', 'contract']:.2f}"
    assert said["again"] == f"${rows['1 year', 'contract']:.2f}"
    low, high = dollars(said["five_range"])
    assert low < rows["best large deal", "contract"] < high  # about what that owner needs
    assert rows["1 year, low of the cycle", "contract"] < low < high < rows["1 year", "contract"]
    assert rows["middling cloud of GPUs", "cost of the owner"] < low  # ours is higher
    assert said["owner_cost"] == "$1.53"


def test_the_talks_with_oracle(said):
    usd = outcome("C21-001")
    assert said["talks_usd"] == "$10 billion"
    assert said["talks_three"] == f"${usd / PLAN / HOURS / 3:.2f}"
    assert usd / PLAN / HOURS / 3 > dollars(said["three_range"])[1]
    chance = random.Random(21)
    found = []
    for _ in range(40_000):
        years = 3.5 + (chance.random() - 0.5) * 3 / 0.9
        rent = math.exp(chance.gauss(math.log(middle((2, 5.4))), math.log(5.4 / 2) / 2 / Z))
        found.append(usd / HOURS / years / rent)
    found.sort()
    ends = [found[int(40_000 * level)] for level in (0.05, 0.5, 0.95)]
    told = [said["talks_range"].split(" to ")[0], said["talks_rents"], said["talks_range"].split(" to ")[1]]
    assert [float(text.replace(",", "")) for text in told] == pytest.approx(ends, rel=0.03)
    assert (said["rented_press"], said["rented_musk"]) == ("16,000", "24,000")


# ------------------------------------------------------------------------------------------------- the run, the money


def test_a_run_uses_up_a_small_part(said):
    powers = sorted(power for *_, power in DRAWS)
    day = HARDWARE * (1 - 10 ** (-DECLINE / 365.25)) + powers[len(powers) // 2] / 365.25
    days = math.sqrt(60 * 120)
    millions = lambda usd: usd / 1e6  # noqa: E731
    assert float(said["grok_2_then"].split()[0].strip("$")) == pytest.approx(millions(20_000 * days * day), rel=0.02)
    assert float(said["grok_3_then"].split()[0].strip("$")) == pytest.approx(millions(PLAN * days * day), rel=0.02)
    assert float(said["yearly"].split()[0].strip("$")) == pytest.approx(365.25 * PLAN * day / 1e9, rel=0.01)
    hours = outcome("C25-002")
    assert hours == 2e8
    hardware = middle(servers("9999")) / (1 - middle(inputs("interconnect share", "9999")))
    later = hardware * (1 - 10 ** (-DECLINE / 365.25)) + powers[len(powers) // 2] / 365.25
    assert float(said["grok_3_low"].split()[0].strip("$")) == pytest.approx(millions(hours / 24 * later), rel=0.01)
    assert said["run_low"] == "6\xa0%"
    assert float(said["run_high"].strip("\xa0%")) < 10  # a small part of the price
    bill = next(r for r in raw("resolutions") if r["resolution_id"] == "R45")
    assert [said["epoch_low"], said["epoch_high"]] == [
        f"${float(bill[f'value_{end}']) / 1e6:.0f} million" for end in ("low", "high")
    ]


def test_rent_for_a_year_is_billions_too(said):
    assert said["yearly_rent"] == f"${PLAN * HOURS * middle((2, 7.2)) / 1e9:.3g} billion"
    assert float(said["yearly"].split()[0].strip("$")) > 1


def test_the_money_and_the_e_mails(said):
    rounds = [r for r in raw("valuations") if r["deal"] == "2024-05 Series B" and r["kind"] == "raise"]
    plans = sorted(float(r["amount_usd"]) for r in rounds if r["status"] == "talked about")
    assert said["first_plan"] == f"${plans[0] / 1e9:.0f} billion"
    assert plans[-1] == SUM
    assert said["next_round"] == "$6 billion"
    assert said["total_raised"] == "$14 billion"
    assert (said["from_musk"], said["from_others"]) == ("$45 million", "$90 million")
    assert (outcome("C35-002", "value_high"), outcome("C35-003", "value_low")) == (45e6, 90e6)


# --------------------------------------------------------------------------------------------- what turns the verdict


def test_where_the_verdict_turns(said):
    free = SUM / PLAN - SITE  # dollars for the hardware of one
    assert said["turn_server"] == f"${round(free * (1 - SHARE), -2):,.0f}"
    assert said["discount"] == f"{percent(1 - free * (1 - SHARE) / SERVER)}\xa0%"
    assert said["turn_share"] == f"{100 * (1 - SERVER / free):.3g}\xa0%"
    assert said["turn_money"] == f"${PLAN * (HARDWARE + SITE) / 1e9:.3g} billion"
    low, high = inputs("building cost", "9999")
    assert SUM / PLAN < HARDWARE + low * WATTS < HARDWARE + high * WATTS  # the building does not turn it
    assert SUM / 98_304 < HARDWARE + SITE  # nor does the size


def test_the_exercises(said):
    assert said["musk_each"] == "$50,000"
    assert said["covers_musk"] == f"{percent(SUM / PLAN / (50_000 + SITE))}\xa0%"
    assert HARDWARE < 50_000 < servers()[1] / (1 - SHARE)
    assert said["rents_most"] == f"{round(SUM / HOURS / 1.7, -3):,.0f}"
    assert said["rents_fewest"] == f"{round(SUM / HOURS / 7.2, -2):,.0f}"
