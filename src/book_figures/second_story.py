"""The figures and tables of chapter 17: a second story, checked, and a blank ledger for a third."""

from typing import Any, Final

import numpy as np
import pandas as pd

from book_figures import alt_texts, charts, html, numbers, sensitivity
from book_figures.cards import Card
from book_figures.charts_curves import curves
from book_figures.figure import Control, Figure, Readout, figure
from book_figures.sensitivity import Input
from book_figures.texts import tr
from compute_scaling import data, own_story
from compute_scaling.claims.verdict import one_word
from compute_scaling.energy import WATTS_PER_MW
from compute_scaling.inputs import published

STORY_DAY: Final = "2026-01-31"  # a fortnight after the post, when the first answers to it were out
CHIP: Final = "GB200"
GIGAWATT_MW: Final = 1000.0
CHIPS: Final = np.arange(50_000, 650_001, 25_000, dtype=float)
COUNTED: Final = 110_000.0  # chips of the first block, by the filing of May 2026
STEPS: Final = np.sort(np.append(CHIPS, COUNTED))
SITES: Final = {"aws-rainier": "Amazon, New Carlisle", "colossus-2": "xAI, Colossus 2", "abilene": "OpenAI, Abilene"}


def watts_each() -> float:
    """Return the peak power of one chip with its share of rack and network, in watts, from the maker's design.

    >>> round(watts_each())
    2083
    """
    unit = data.load("servers").set_index("accelerator").loc[CHIP]
    return float(unit["peak_w"] / unit["accelerators"])


def pue() -> tuple[float, float, float]:
    """Return low, mid and high of the published power usage effectiveness of sites."""
    low, mid, high = published("PUE").ppf(np.array([0.05, 0.5, 0.95]))
    return float(low), float(mid), float(high)


def power_mw(chips: Any, pue: Any, watts: Any) -> Any:
    """Return the power of a site at its peak in MW.

    >>> float(power_mw(480_000, 1.0, 2_083.3).round(0))
    1000.0
    """
    return np.multiply(np.multiply(chips, watts), pue) / WATTS_PER_MW


def word(mw: float) -> str:
    """Return whether so many MW are a gigawatt.

    >>> word(950), word(350)
    ('holds', 'does not hold')
    """
    allowed = own_story.at_least(GIGAWATT_MW)
    return one_word(mw, mw, allowed["allowed_low"], allowed["allowed_high"])


def chips_for_a_gigawatt() -> tuple[float, float, float]:
    """Return low, mid and high of the chips that draw a gigawatt with their site.

    >>> [round(chips, -3) for chips in chips_for_a_gigawatt()][0] > 300_000
    True
    """
    low, mid, high = (GIGAWATT_MW * WATTS_PER_MW / (watts_each() * end) for end in pue())
    return high, mid, low


# -------------------------------------------------------------------------------------------------- megawatts and chips


def megawatts() -> Figure:
    """Return the figure of a site's power over its chips, with the count that the reader chooses marked."""
    low, mid, high = (power_mw(STEPS, end, watts_each()) for end in pue())
    lines = pd.DataFrame({"x": STEPS, "y": mid, "low": low, "high": high, "series": tr("a site of GB200 chips")})
    label = [f"{numbers.significant(mw)} MW" for mw in mid]
    points = pd.DataFrame({"x": STEPS, "y": mid, "label": label, "step": range(len(STEPS))})
    choices = {str(step): numbers.count(chips) for step, chips in enumerate(STEPS)}
    start = str(int(np.flatnonzero(STEPS == COUNTED)[0]))
    shown = pd.DataFrame({"chips": STEPS, "low, MW": low, "mid, MW": mid, "high, MW": high})
    sources = "nvidia-superpod-gb200, semianalysis-datacenter-energy-2024"
    return figure(
        curves(
            lines, points=points, keep_points="datum.step === chips", x_title="chips", y_title="MW at the peak",
            line=(GIGAWATT_MW, tr("a gigawatt")), y_format=",.0f",
        ),
        name="fig-megawatts",
        caption=tr(
            "How many chips make a gigawatt? Move the mark to the line. The band is what cooling and losses of "
            "different "
            "sites leave open."
        ),
        alt_text=tr(
            "Line chart of a site's power over its number of GB200 chips, from {least} to {most}. {counted} chips "
            "draw {mw} MW.",
            least=numbers.count(STEPS[0]), most=numbers.count(STEPS[-1]), counted=numbers.count(COUNTED),
            mw=numbers.significant(float(power_mw(COUNTED, pue()[1], watts_each()))),
        ),
        table=shown.assign(sources=sources),
        controls=[Control("chips", tr("Chips"), choices, start, slider=True)],
        readout=Readout(_readout(low, mid, high)),
    )  # fmt: skip


def _readout(low: Any, mid: Any, high: Any) -> pd.DataFrame:
    ends = {"low": low, "mid": mid, "high": high}
    rows = [
        {
            "chips_from": step,
            "chips_to": step + 1,
            "text": tr(
                "{chips} chips draw {mid} MW ({low} to {high}), {share} of a gigawatt.",
                chips=numbers.count(STEPS[step]), share=numbers.percent(mid[step] / GIGAWATT_MW),
                **{name: numbers.significant(end[step]) for name, end in ends.items()},
            ),
            "verdict": one_word(low[step], high[step], *own_story.at_least(GIGAWATT_MW).values()),
        }
        for step in range(len(STEPS))
    ]  # fmt: skip
    return pd.DataFrame(rows)


# ------------------------------------------------------------------------------------------------------------- evidence


def evidence() -> pd.DataFrame:
    """Return what was said of the power in January 2026: `name`, `low`, `mid`, `high`, `known_on`, `sources`.

    The first rows were public by the end of that month, the others later.
    """
    outcomes = data.load("outcomes").set_index("outcome_id")
    facts = {"C18-026": tr("Musk's word"), "C18-027": tr("cooling seen from space (Epoch AI)")}
    rows = [
        {"name": name, "mid": float(outcomes.at[key, "value"]), "known_on": outcomes.at[key, "known_on"],
         "sources": outcomes.at[key, "source_id"]}
        for key, name in facts.items()
    ]  # fmt: skip
    blocks = data.load("clusters").query("cluster_id == 'colossus-2-block-1'")
    for row in blocks.sort_values("known_on").to_dict("records"):
        name = tr("computers alone, by the filing")
        if row["power_scope"] == "facility peak":
            name = tr("whole site (Epoch AI, {month})", month=numbers.month(row["known_on"]))
        rows.append({"name": name, "mid": row["power_mw"], "known_on": row["known_on"], "sources": row["source_id"]})
    table = pd.DataFrame(rows).assign(low=lambda part: part["mid"], high=lambda part: part["mid"])
    low, mid, high = (float(power_mw(COUNTED, end, watts_each())) for end in pue())
    ours = {
        "name": tr("computed from {chips} chips", chips=numbers.count(COUNTED)), "low": low, "mid": mid, "high": high,
        "known_on": blocks["known_on"].max(), "sources": "nvidia-superpod-gb200, spacex-s1-2026",
    }  # fmt: skip
    return pd.concat([table, pd.DataFrame([ours])], ignore_index=True)


def what_was_there() -> Figure:
    """Return the figure of the evidence on the power of the site in January 2026."""
    rows = evidence()
    plotted = rows[["name", "low", "mid", "high"]].assign(
        label=[
            f"{row.name_}: {numbers.significant(row.mid)} MW"
            for row in rows.rename(columns={"name": "name_"}).itertuples()
        ],
        verdict=[
            one_word(low, high, *own_story.at_least(GIGAWATT_MW).values())
            for low, high in zip(rows["low"], rows["high"], strict=True)
        ],
    )
    shown = rows[["name", "low", "mid", "high", "known_on", "sources"]]
    return figure(
        charts.range_dots(plotted, value_title="MW in January 2026 (log scale)", line=(GIGAWATT_MW, tr("a gigawatt"))),
        name="fig-what-was-there",
        caption=tr(
            "Only the claim itself reaches the line. All that somebody measured, filed or could compute lies at "
            "about a "
            "third of it, or lower. Computers alone and the whole site are different things: the rows are not one "
            "number."
        ),
        alt_text=alt_texts.of_values(
            "Dot plot",
            "megawatts at Colossus 2 in January 2026, by source",
            plotted["name"],
            plotted["mid"],
            numbers.significant,
        ),
        table=shown.rename(columns={"name": "what", "mid": "MW", "known_on": "public on"}),
    )


# -------------------------------------------------------------------------------------------------------- who was first


def growth_of_sites() -> pd.DataFrame:
    """Return the power of three sites as they grew: `date`, `value` (MW of the whole site), `series`, `sources`.

    >>> growth_of_sites().groupby("series")["value"].max().gt(1000).sum() >= 2
    np.True_
    """
    rows = data.load("clusters").query("source_id == 'epoch-ai-data-centers' and power_scope == 'facility peak'")
    parts = [rows[rows["cluster_id"].str.startswith(key)].assign(series=tr(name)) for key, name in SITES.items()]
    table = pd.concat(parts).rename(columns={"first_operational": "date", "power_mw": "value", "source_id": "sources"})
    return table.sort_values(["series", "date"], ignore_index=True)[["series", "name", "date", "value", "sources"]]


def first_gigawatt() -> pd.DataFrame:
    """Return the day on which each site first passed a gigawatt, earliest first: `series`, `date`, `value`."""
    rows = growth_of_sites()
    passed = rows[rows["value"] >= own_story.at_least(GIGAWATT_MW)["allowed_low"]]
    return passed.sort_values("date").drop_duplicates("series", ignore_index=True)


def race_to_a_gigawatt() -> Figure:
    """Return the figure of three sites growing towards a gigawatt."""
    rows = growth_of_sites()
    shown = rows.assign(date=rows["date"].dt.strftime("%Y-%m"))
    return figure(
        charts.lines_over_time(
            rows[["date", "value", "series"]],
            value_title="MW of the whole site",
            line=(GIGAWATT_MW, "a gigawatt"),
            log=False,
            months=6,
        ),
        name="fig-first-gigawatt",
        caption=tr(
            "By one outside estimate, from satellite images and permits, Amazon's site passed a gigawatt first. In "
            "January 2026 "
            "none had."
        ),
        alt_text=alt_texts.of_lines("the power of three sites, in MW,", rows, numbers.count),
        table=shown.rename(columns={"series": "site", "name": "stage", "date": "from", "value": "MW"}),
    )


# --------------------------------------------------------------------------------------------------------- sensitivity


def moved() -> pd.DataFrame:
    """Return what each input does to the computed power of the site."""
    each = watts_each()
    many, few = "spacex-s1-2026, epoch-ai-data-centers", "nvidia-superpod-gb200"
    judged = tr("watts a chip in a rack (judgement)")
    share = tr("power, site over computers")
    inputs = [
        Input("chips", tr("chips that ran in January 2026"), COUNTED, COUNTED, 2 * COUNTED, numbers.count, many),
        Input("pue", share, *pue(), numbers.times, "semianalysis-datacenter-energy-2024"),
        Input("watts", judged, each * 0.9, each, each * 1.1, numbers.count, few),
    ]
    return sensitivity.moved(power_mw, inputs, word=word, threshold=own_story.at_least(GIGAWATT_MW)["allowed_low"])


def tornado(table: pd.DataFrame) -> Figure:
    """Return the tornado of `moved`."""
    return sensitivity.tornado_figure(
        table,
        name="fig-gigawatt-tornado",
        what="the power of Colossus 2 in January 2026, in MW,",
        caption=tr(
            "No input alone makes a gigawatt of it, not even the chips of the second block, which came in April."
        ),
        value_title="MW of the site",
        axis_format=",.0f",
        write=numbers.significant,
        line=(GIGAWATT_MW, tr("a gigawatt")),
    )


# ------------------------------------------------------------------------------------------------------------- ledgers


def ledger_card(judged: pd.DataFrame) -> Card:
    """Return a filled ledger for reading: claim, what is known, what it allows, the word, what it hangs on."""
    columns = [
        tr(name) for name in ("claim", "known", "allowed", "verdict", "hangs on", "would change our mind", "sources")
    ]
    rows = [
        [row.claim, _known(row), _allowed(row), row.word, row.hinges_on, row.would_change, row.sources]
        for row in judged.fillna({"hinges_on": "", "would_change": "", "sources": ""}).itertuples()
    ]
    text = "\n".join("; ".join(row) for row in [columns, *rows])
    return Card(html.table(columns, rows, chips=True), text)


def _known(row: Any) -> str:
    value, ends = numbers.estimate(row.low, row.mid, row.high, row.unit)
    return f"{value} ({ends})" if ends else value or "–"


def _allowed(row: Any) -> str:
    if np.isnan(row.allowed_low):
        return "–"
    low = numbers.quantity(row.allowed_low, row.unit, with_unit=False)
    if np.isinf(row.allowed_high):
        return tr("{low} or more", low=low)
    return numbers.span(low, numbers.quantity(row.allowed_high, row.unit, with_unit=False))


def blank_card(claims: int = 5) -> Card:
    """Return the blank ledger to take away: its columns with what goes into each, and a file with empty rows."""
    meaning = {
        "claim": tr("one sentence in your own words, one thing only"),
        "unit": tr("what it is counted in"),
        "low, mid, high": tr("what is known by your day, with its range"),
        "allowed_low, allowed_high": tr("between which numbers the claim would be true: fix them before you look"),
        "hinges_on": tr("the assumption that moves it most"),
        "would_change": tr("what you would have to see to change the word"),
        "sources": tr("who says so, with the day on which it was public"),
    }
    link = html.csv_link(own_story.COLUMNS, [[""] * len(own_story.COLUMNS)] * claims, "blank-ledger")
    table = html.table([tr("column"), tr("what goes into it")], list(meaning.items()))
    text = "\n".join(f"{name}: {what}" for name, what in meaning.items())
    return Card(f"{table}<p>{link}</p>", text)
