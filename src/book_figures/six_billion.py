"""The figures and tables of chapter 8 on the sum: what six billion dollars buy, and what the machine costs by parts."""

from functools import partial
from typing import Final

import numpy as np
import pandas as pd

from book_figures import alt_texts, charts, numbers, readers, scoreboard
from book_figures.charts_claims import Styles
from book_figures.charts_waterfall import waterfall
from book_figures.figure import Control, Figure, Readout, figure
from book_figures.sensitivity import Input
from book_figures.texts import tr, tr_all
from book_figures.theme import BLUE, GREEN, PINK
from compute_scaling import census, data, outlook, ownership
from compute_scaling.accelerator import REFERENCE
from compute_scaling.checks import Floats
from compute_scaling.claims import ARTICLE_DAY, check, machine, models, money
from compute_scaling.claims.verdict import cited, claimed, one_word, range_of
from compute_scaling.cost import capital_cost_usd
from compute_scaling.distributions import between
from compute_scaling.energy import input_range, it_power_w
from compute_scaling.inputs import chips, published, server_prices
from compute_scaling.reader import Reader
from compute_scaling.units import HOURS_PER_DAY
from compute_scaling.validation import bills, machines

THOUSAND: Final = 1_000
BILLION: Final = money.BILLION
THEN, NOW = "then", "now"
KNOWN: Final = {THEN: "public by 31 May 2024", NOW: "public today"}
PART, SUM, STATED = "a part", "a sum of parts", "what others put on it later"
STYLES: Final[Styles] = {PART: ("circle", BLUE), SUM: ("square", GREEN), STATED: ("diamond", PINK)}
MACHINE: Final = "the machine with its site"
ECONOMIST: Final = "C45-006"  # an outcome
PRODUCERS: Final = {"livemint-economist-xai-2024": "The Economist"}  # of what others put on the machine; else Epoch AI
SCOPES: Final = {"hardware": "hardware", "total capital": "with its site"}
GPU_HOURS: Final = "C25-002"  # an outcome
RUNS: Final = {"C24": ("Grok-2", "R12"), "C25": ("Grok-3", "C25-008")}  # resolution or outcome with the compute
PUBLISHED_COST: Final = "R45"  # a resolution: of the run of Grok-3
USD_TABLES: Final = ("cost of sites", "hardware of runs", "amortised cost", "rent of runs")
PART_FOR_THE_MACHINE: Final = 0.75  # of the sum, at the least: a judgement; products and research need the rest
THREE_DIGITS: Final = partial(numbers.percent, digits=3)
EARLIER: Final = "2023-11 first sale of shares"  # a deal whose offer was public


# -------------------------------------------------------------------------------------------------- what the sum buys


def what_it_buys(reader: Reader) -> Figure:
    """Return the figure of how many H100s the sum buys or rents, a row a way, beside the plan."""
    rows, plan, ends = money.six_billion(reader), machine.planned_count(), ["low", "mid", "high"]
    words = [one_word(low, high, plan, float("inf")) for low, high in zip(rows["low"], rows["high"], strict=True)]
    rows["way"] = rows["way"].map(tr)
    labels = [f"{way}: {numbers.significant(mid)}" for way, mid in zip(rows["way"], rows["mid"], strict=True)]
    plotted = rows.assign(name=rows["way"], label=labels, verdict=words)
    plotted[ends] = rows[ends] / THOUSAND
    return figure(
        charts.range_dots(
            plotted[["name", *ends, "label", "verdict"]],
            value_title="thousands of H100s (log scale)",
            line=(plan / THOUSAND, tr("the plan: {size}", size=numbers.count(plan))),
        ),
        name="fig-six-billion",
        caption=tr(
            "The same sum is a large machine for a short time or a small one for long. Built with its site, the plan "
            "lies inside the 90 % range; rented for the life of a server, even the upper end stays below it."
        ),
        alt_text=alt_texts.of_values(
            "Dot plot", "H100s that the sum raised pays for", rows["way"], rows["mid"], numbers.significant
        ),
        table=rows[["way", *ends]]
        .round(dict.fromkeys(ends, 0))
        .assign(**{"the plan or more": words}, sources=rows["sources"])
        .rename(columns={"mid": "H100s"}),
    )


# ------------------------------------------------------------------------------------------------------ the waterfall


def steps(reader: Reader) -> pd.DataFrame:
    """Return the machine's cost by parts in dollars, a row a bar of the waterfall.

    Columns: `step`, `start` and `end` of the bar, `low` and `high` of its end, `own_low`, `own_mid` and `own_high` of
    the part or sum itself, `series`, `sources`.

    >>> rows = steps(readers.then()).set_index("step")
    >>> rows.loc[MACHINE, ["own_low", "own_mid", "own_high"]].astype(float).round(-7).tolist()
    [5590000000.0, 6210000000.0, 6920000000.0]
    """
    drawn, (hardware, site, _, _) = ownership.parts(reader), money.price_sources(reader)
    gear = drawn["servers"] + drawn["network"]
    found = [
        ("servers, eight H100s in each", drawn["servers"], PART, hardware),
        ("network between the servers", drawn["network"], PART, hardware),
        ("the hardware", gear, SUM, hardware),
        ("building, power and cooling", drawn["site"], PART, site),
        (MACHINE, gear + drawn["site"], SUM, cited(hardware, site)),
    ]
    rows, reached = [], 0.0
    for step, each_usd, series, sources in found:
        own = range_of(machine.planned_count() * each_usd)
        start = reached if series == PART else 0.0
        reached = start + own["mid"]
        bar = {"step": step, "start": start, "end": reached, "low": start + own["low"], "high": start + own["high"]}
        rows.append(bar | {f"own_{end}": value for end, value in own.items()} | {"series": series})
        rows[-1]["sources"] = ", ".join(sources)
    return pd.DataFrame(rows)


def stated(reader: Reader) -> pd.DataFrame:
    """Return what others put on the machine that was built, oldest first: `step`, `usd`, `known_on`, `source_id`.

    >>> [round(float(usd) / 1e9, 1) for usd in stated(readers.now())["usd"]]
    [4.5, 3.8, 4.7, 5.3, 5.5]
    """
    sites = reader.table("clusters").query("cluster_id == @money.MACHINE").dropna(subset="capital_cost_usd")
    sites = sites.assign(usd=sites["capital_cost_usd"], scope=sites["cost_scope"].map(SCOPES))
    press = reader.table("outcomes").query("outcome_id == @ECONOMIST")
    bill = reader.table("run_bills").query("run == 'Grok-3' and scope == 'hardware acquisition'")
    others = [press.assign(usd=press["value"]), bill.assign(usd=bill["value"], scope=SCOPES["hardware"])]
    rows = pd.concat([sites, *others], ignore_index=True)
    rows = rows.sort_values(["known_on", "usd"], ignore_index=True)
    who = rows["source_id"].map(PRODUCERS).fillna("Epoch AI")
    told = [
        ", ".join([name, numbers.month(day), *([scope] if scope else [])])
        for name, day, scope in zip(who, rows["known_on"], rows["scope"].fillna(""), strict=True)
    ]
    return rows.assign(step=told)[["step", "usd", "known_on", "source_id"]]


def machine_cost() -> Figure:
    """Return the waterfall of the machine's cost, as known on either day, with what others put on it later."""
    days = {THEN: readers.then(), NOW: readers.now()}
    rows = pd.concat([_all_steps(reader).assign(known=known) for known, reader in days.items()], ignore_index=True)
    sum_usd = float(money.raised(days[THEN])["usd"].median())
    then = rows[rows["known"] == THEN].set_index("step")
    plotted, lengths = rows.drop(columns="sources"), ["start", "end", "low", "high"]
    plotted[lengths] = rows[lengths] / BILLION
    shown = rows[["known", "step", "own_low", "own_mid", "own_high", "series", "sources"]]
    return figure(
        waterfall(
            plotted[["row", "label", *lengths, "series", "text", "known"]],
            value_title="cost of 100,000 H100s, billions of dollars",
            styles=STYLES,
            keep="datum.known === known",
            line=(sum_usd / BILLION, tr("the sum raised: {usd}", usd=numbers.usd(sum_usd))),
        ),
        name="fig-machine-cost",
        caption=tr(
            "Servers are most of the machine, and their price is most of the doubt. Thin lines are 90 % ranges of the "
            "part or sum. Choose today: every figure that others later put on the machine lies below the sum raised."
        ),
        alt_text=_alt_text(then),
        table=shown.assign(known=shown["known"].map(KNOWN)).rename(
            columns={"own_low": "low, USD", "own_mid": "USD", "own_high": "high, USD", "series": "kind"}
        ),
        controls=[Control("known", tr("Prices and estimates"), tr_all(KNOWN), THEN)],
        readout=Readout(
            pd.DataFrame(
                {
                    "known": list(KNOWN),
                    "text": [cost_sentence(rows[rows["known"] == known], known) for known in KNOWN],
                    "verdict": [_word(known) for known in KNOWN],
                }
            )
        ),
    )


def cost_sentence(rows: pd.DataFrame, known: str) -> str:
    """Return the readout of a day: the machine's cost by published prices, and what others put on it."""
    whole, others = rows.set_index("step").loc[MACHINE], rows[rows["series"] == STATED]
    text = tr(
        "By prices {known}, the machine with its site costs {usd} ({span}).",
        known=tr(KNOWN[known]), usd=numbers.usd(whole["own_mid"]), span=_span(whole["own_low"], whole["own_high"]),
    )  # fmt: skip
    if others.empty:
        return tr("{text} No figure of others was public.", text=text)
    return tr(
        "{text} The word goes by what others put on the machine that was built: {span}.",
        text=text, span=_span(others["end"].min(), others["end"].max()),
    )  # fmt: skip


def _all_steps(reader: Reader) -> pd.DataFrame:
    """Return the bars of the waterfall with their labels, those of others last."""
    own, others = steps(reader), stated(reader)
    usd = others["usd"]
    theirs = others.assign(start=usd, end=usd, low=usd, high=usd, own_low=usd, own_mid=usd, own_high=usd)
    theirs = theirs.assign(series=STATED, sources=others["source_id"])
    rows = pd.concat([own, theirs[list(own)]] if len(theirs) else [own], ignore_index=True)
    signs = rows["series"].map({PART: "+ ", SUM: "= "}).fillna("")
    labels = [
        f"{sign}{tr(step)}: {numbers.usd(usd)}"
        for sign, step, usd in zip(signs, rows["step"], rows["own_mid"], strict=True)
    ]
    ranges = [_span(low, high) for low, high in zip(rows["own_low"], rows["own_high"], strict=True)]
    texts = [f"{label} ({span})" for label, span in zip(labels, ranges, strict=True)]
    return rows.assign(row=range(len(rows)), label=labels, text=texts)


def _word(known: str) -> str:
    return check("C45", ARTICLE_DAY if known == THEN else None).word


def _span(low_usd: float, high_usd: float) -> str:
    return numbers.span(numbers.usd(low_usd), numbers.usd(high_usd))


def _alt_text(rows: pd.DataFrame) -> str:
    parts = [f"{tr(step)} {numbers.usd(usd)}" for step, usd in rows.loc[rows["series"] == PART, "own_mid"].items()]
    whole = rows.loc[MACHINE]
    return tr(
        "Waterfall chart of what 100,000 H100s cost at prices {known}: {parts}. Together {usd}, from {low} to {high}.",
        known=tr(KNOWN[THEN]), parts="; ".join(parts), usd=numbers.usd(whole["own_mid"]),
        low=numbers.usd(whole["own_low"]), high=numbers.usd(whole["own_high"]),
    )  # fmt: skip


# ------------------------------------------------------------------------------------------------------ how good it is


def validated() -> pd.DataFrame:
    """Return how the cost models did: a row a table of published figures, with errors, the baseline's and coverage."""
    parts = {"power and cost of sites": machines, "energy and cost of runs": bills}
    scored = pd.concat([module.rows().assign(subject=subject) for subject, module in parts.items()])
    scored = scored.assign(table=scored["table"].str.removesuffix(", a model too"))
    table = scoreboard.summaries(scored[scored["unit"] == "USD"])
    return pd.DataFrame(
        {
            "published figures": table["name"],
            "rows": table["rows"],
            "our error": table["median_abs_error"].map(numbers.percent),
            "baseline's error": table["baseline_median_abs_error"].map(numbers.percent),
            "winner": table["winner"],
            "inside our range": [
                tr("{hits} of {tried}", hits=hits, tried=tried)
                for hits, tried in zip(table["inside"], table["ranged"], strict=True)
            ],
            "sources": table["sources"],
        }
    )


# ----------------------------------------------------------------------------------------------------- what a run costs


def runs() -> pd.DataFrame:
    """Return what runs of the size of Grok-2 and Grok-3 use up, in dollars.

    Columns: `run`, `known` (then or now), `how`, `low`, `mid`, `high`, `sources`.

    >>> runs().set_index(["run", "known"])["mid"]["Grok-3", "then"].round(-7)
    np.float64(380000000.0)
    """
    rows = [_run_by_chips(readers.then(), claim_id) for claim_id in RUNS]
    rows += [_run_by_compute(readers.now(), claim_id) for claim_id in RUNS]
    rows.append(_run_by_hours(readers.now()))
    return pd.DataFrame(rows)


def shown_runs(table: pd.DataFrame, sum_usd: float) -> pd.DataFrame:
    """Return the runs for reading, with their share of a sum."""
    return pd.DataFrame(
        {
            "run": table["run"],
            "as known": table["known"].map({THEN: tr("31 May 2024"), NOW: tr("today")}),
            "from": table["how"].map(tr),
            "uses up": table["mid"].map(numbers.usd),
            "90 % range": [_span(low, high) for low, high in zip(table["low"], table["high"], strict=True)],
            "of the sum": [numbers.percent(usd / sum_usd) for usd in table["mid"]],
            "sources": table["sources"],
        }
    )


def _run_by_chips(reader: Reader, claim_id: str) -> dict[str, object]:
    """Return a run by the chips claimed, for as many days as runs of the largest models took."""
    drawn = outlook.chip_day_usd(reader, {"days": between(*models.DAYS)})
    usd = claimed(claim_id) * drawn["days"] * drawn["usd"]
    how = tr("{chips} chips for {days} days", chips=numbers.count(claimed(claim_id)), days=numbers.span(*_days()))
    return _run(claim_id, THEN, how, usd, "generation-nt-2024")


def _run_by_compute(reader: Reader, claim_id: str) -> dict[str, object]:
    """Return a run by the range of what others put its training compute at."""
    name = RUNS[claim_id][1]
    table, key = ("resolutions", "resolution_id") if name.startswith("R") else ("outcomes", "outcome_id")
    fact = reader.table(table).set_index(key).loc[name]
    flop = between(float(fact["value_low"]), float(fact["value_high"]))
    how = tr("{flop} FLOP, by estimate", flop=_powers(fact["value_low"], fact["value_high"]))
    draws = reader.draw({"flop": flop})["flop"]
    return _run(claim_id, NOW, how, outlook.run_cost_usd(reader, draws), fact["source_id"])


def _run_by_hours(reader: Reader) -> dict[str, object]:
    """Return the run of Grok-3 by the hours that the press reported."""
    fact = reader.table("outcomes").set_index("outcome_id").loc[GPU_HOURS]
    usd = float(fact["value"]) / HOURS_PER_DAY * outlook.chip_day_usd(reader, {})["usd"]
    how = tr("{hours} million GPU-hours, by press", hours=numbers.significant(fact["value"] / 1e6))
    return _run("C25", NOW, how, usd, fact["source_id"])


def _run(claim_id: str, known: str, how: str, usd: Floats, source_id: str) -> dict[str, object]:
    return {"run": RUNS[claim_id][0], "known": known, "how": how, **range_of(usd), "sources": source_id}


def _days() -> tuple[str, str]:
    return numbers.count(models.DAYS[0]), numbers.count(models.DAYS[1])


def _powers(low: float, high: float) -> str:
    return numbers.span(numbers.power_of_ten(low), numbers.power_of_ten(high))


# ------------------------------------------------------------------------------------------------- what decides it all


def share_covered(
    server_usd: Floats,
    discount: Floats,
    share: Floats,
    building: Floats,
    network: Floats,
    count: Floats,
    sum_usd: Floats,
) -> Floats:
    """Return which share of the machine's cost a sum covers: claim C45 in one line.

    discount: on the price of a server, a share of it. share: of the network in the hardware. building: dollars a watt.
    network: its power over that of the servers. count: of H100s.

    >>> round(float(share_covered(38_750, 0, 0.19, 10.25, 0.0894, 100_000, 6e9)), 3)
    0.967
    """
    chip = chips().loc[REFERENCE]
    each_w = it_power_w(1, tdp_w=chip["tdp_w"], server_factor=chip["factor"], network_share=network)
    paid_usd = server_usd * (1 - discount)
    return sum_usd / capital_cost_usd(count, server_usd=paid_usd, interconnect_share=share, site_usd=building * each_w)


def implied_discount() -> float:
    """Return by how much less than our prices Epoch AI's later figure puts the hardware of the machine.

    >>> round(implied_discount(), 2)
    0.21
    """
    theirs = float(stated(readers.now()).set_index("source_id").at["epoch-gpu-clusters", "usd"])
    return 1 - theirs / float(steps(readers.then()).set_index("step").at["the hardware", "own_mid"])


def inputs() -> list[Input]:
    """Return the inputs of `share_covered`: middles of May 2024, ends the widest that was published up to today."""
    ends = {name: input_range(quantity) for name, quantity in ownership.INPUTS.items()}
    middle = {
        name: published(quantity, ARTICLE_DAY).ppf(np.array([0.5])) for name, quantity in ownership.INPUTS.items()
    }
    mids = {name: float(np.clip(value, *ends[name])[0]) for name, value in middle.items()}
    servers = server_prices().query("family == 'H100'")
    low_usd, high_usd = float(servers["price_usd_low"].min()), float(servers["price_usd_high"].max())
    sizes = _sizes()
    count, size_ids = machine.planned_count(), ", ".join(cited(sizes["sources"], ["generation-nt-2024"]))
    raised_usd, earlier_usd = _sums()
    ids = data.load("machine_inputs").groupby("quantity")["source_id"].agg(", ".join)
    return [
        Input("server_usd", "price of an eighth of a server", low_usd, (low_usd * high_usd) ** 0.5, high_usd,
              numbers.usd, ", ".join(cited(servers["source_id"]))),
        Input("discount", "discount of a large buyer on it", 0, 0, implied_discount(), numbers.percent,
              "epoch-gpu-clusters"),
        Input("share", "network's share of the hardware", ends["share"][0], mids["share"], ends["share"][1],
              THREE_DIGITS, ids["interconnect share"]),
        Input("building", "building for a watt", ends["building"][0], mids["building"], ends["building"][1],
              numbers.price, ids["building cost"]),
        Input("network", "network's power over the servers'", ends["network"][0], mids["network"], ends["network"][1],
              THREE_DIGITS, ids["network share"]),
        Input("count", "size of the machine", min(count, sizes["four"].min()), count, max(count, sizes["four"].max()),
              numbers.count, size_ids),
        Input("sum_usd", "money for it", PART_FOR_THE_MACHINE * raised_usd, raised_usd, raised_usd + earlier_usd,
              numbers.usd, "finanznachrichten-xai-form-d-2023, xai-series-b-2024"),
    ]  # fmt: skip


def word(share: float) -> str:
    """Return the verdict word of a share covered.

    >>> word(0.97), word(1.1)
    ('does not hold', 'holds')
    """
    return one_word(share, share, 1, float("inf"))


def _sizes() -> pd.DataFrame:
    """Return the largest clusters of May 2024, as confirmed and as reported, and `four` times their size."""
    standing = census.largest(census.standing(ARTICLE_DAY))
    parts = [
        census.select(standing, census.Definition(evidence="confirmed")),
        census.select(standing, census.Definition(evidence="reported")),
    ]
    rows = pd.concat(parts, ignore_index=True)
    return rows.assign(four=claimed("C23") * rows["mid"])


def _sums() -> tuple[float, float]:
    """Return what the round raised, and what the round before it had offered."""
    reader = readers.then()
    earlier = money.deals(reader, "xAI", money.RAISES).query("deal == @EARLIER")["usd"].max()
    return float(money.raised(reader)["usd"].median()), float(earlier)
