"""The figures and tables of chapter 7 on the supply: grid and turbines at Memphis, emissions, the largest sites."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd

from book_figures import alt_texts, charts, charts_curves, numbers
from book_figures.can_it_be_powered import input_sources
from book_figures.figure import Control, Figure, Readout, figure
from book_figures.texts import tr
from compute_scaling import data
from compute_scaling.accelerator import REFERENCE
from compute_scaling.checks import Floats
from compute_scaling.claims import machine
from compute_scaling.cost import capital_cost_usd
from compute_scaling.energy import WATTS_PER_MW, emissions_kg, generators
from compute_scaling.inputs import published, server_usd
from compute_scaling.reader import Reader
from compute_scaling.uncertainty import interval

KG_PER_TONNE: Final = 1_000
LARGE_MW: Final = 35.0  # Solar Titan 350, "35 MW or more": note of P16
KNOWN_THEN: Final = ("P01", "P02", "C10-002", "P03")  # facts that were public by the article's day
LAST: Final = pd.Timestamp("2025-12-31")  # the end of the lines at Memphis
GRID, TURBINES, NEED = "grid", "gas turbines on the site", "need of the site at its peak"
FACTS: Final = {  # ids of facts in MW
    GRID: ("P04", "P06", "C18-019"),
    TURBINES: ("P10", "P12", "P15"),
}
FIRST_COUNT: Final = ("C18-003", "P04")  # grid and generators together, and the grid alone
ESTIMATOR: Final = "epoch-ai-data-centers"
NEED_SCOPE: Final = "facility peak"
FIRST_JOB: Final = "Colossus 1, first training job"

REPORTED_DAYS: Final = 83  # 200 million GPU-hours on 100,000 chips: data/outcomes.csv, C25-006
DAYS: Final = (60, 70, 80, REPORTED_DAYS, 90, 100, 110, 120)
GRIDS: Final = {  # subject of data/machine_inputs.csv -> what the reader sees
    "Tennessee Valley, 2022": "the Tennessee Valley (Memphis)",
    "gas turbines alone, United States, 2024": "gas turbines alone",
    "gas-fired power, United States, 2022": "US gas-fired power stations",
    "United States, 2022": "the United States",
    "India, 2023": "India",
    "China, 2023": "China",
    "Germany, 2023": "Germany",
    "Ireland, 2023": "Ireland",
    "Canada, 2023": "Canada",
    "Finland, 2023": "Finland",
    "France, 2023": "France",
}
DEFAULT_GRID: Final = "Tennessee Valley, 2022"
LARGEST: Final = 8
GIGAWATT: Final = 1_000.0  # MW


# ------------------------------------------------------------------------------------------------------------ Memphis


def facts() -> pd.DataFrame:
    """Return the dated facts that this chapter uses, by id: those on power, P01 and on, and those on the claims.

    >>> facts().loc[["P10", "C18-014"], "value"].tolist()
    [421.0, 150.0]
    """
    tables = {"outcomes": "outcome_id", "power_facts": "fact_id"}
    return pd.concat([data.load(name).set_index(key) for name, key in tables.items()])


def told(ids: Sequence[str]) -> pd.DataFrame:
    """Return facts for reading: the day on which each was public, what it says, its source."""
    rows = facts().loc[list(ids)].sort_values("known_on")
    return pd.DataFrame(
        {
            tr("public by"): rows["known_on"].map(numbers.day),
            tr("what it says"): rows["statement"].map(tr),
            tr("source"): rows["source_id"],
        }
    )


def memphis() -> pd.DataFrame:
    """Return supply and need of the site in Memphis: `series`, `date`, `value` in MW, `statement`, `source`.

    >>> memphis().query("series == 'grid'")["value"].tolist()
    [8.0, 50.0, 150.0, 150.0]
    """
    known = facts()
    parts = [_told(known, ids, series) for series, ids in FACTS.items()]
    both, grid = (known.loc[name] for name in FIRST_COUNT)
    first = pd.DataFrame(
        [[TURBINES, both["happened_on"], both["value"] - grid["value"], both["statement"], both["source_id"]]],
        columns=parts[0].columns,
    )
    rows = pd.concat([*parts, first, _needed()], ignore_index=True)
    rows = rows.assign(date=pd.to_datetime(rows["date"]))
    still = rows.sort_values("date").groupby("series", as_index=False, sort=False).last().assign(date=LAST)
    order = [GRID, TURBINES, NEED]
    rows = pd.concat([rows, still.assign(statement=tr("no later figure"))])
    return rows.sort_values(["series", "date"], key=lambda column: column.map(order.index) if column.name == "series"
                            else column, ignore_index=True)  # fmt: skip


def _told(known: pd.DataFrame, ids: tuple[str, ...], series: str) -> pd.DataFrame:
    rows = known.loc[list(ids), ["happened_on", "value", "statement", "source_id"]]
    rows = rows.rename(columns={"happened_on": "date", "source_id": "source"}).reset_index(drop=True)
    return rows.assign(series=series)[["series", "date", "value", "statement", "source"]]


def _needed() -> pd.DataFrame:
    sites = data.load("clusters").query("power_scope == @NEED_SCOPE")
    sites = sites[sites["name"].str.startswith("Colossus 1")].sort_values(["first_operational", "source_id"])
    sites = sites.drop_duplicates("first_operational", keep="last")
    return pd.DataFrame(
        {
            "series": NEED,
            "date": sites["first_operational"],
            "value": sites["power_mw"],
            "statement": sites["name"],
            "source": sites["source_id"],
        }
    )


def power_at_memphis(table: pd.DataFrame) -> Figure:
    """Return the figure of grid, turbines and need over time, from `memphis`."""
    rows = table.assign(series=table["series"].map(tr))
    shown = rows.assign(day=rows["date"].dt.strftime("%Y-%m-%d"))
    return figure(
        charts.lines_over_time(rows[["date", "value", "series"]], value_title="MW", log=False, months=6),
        name="fig-memphis",
        caption=tr(
            "The machine was there before its connection. Turbines filled the gap, and in the end could give more than "
            "it. A line holds the last figure that our tables have: for the turbines there is none between July 2024 "
            "and March 2025."
        ),
        alt_text=alt_texts.of_lines("the supply of the site in Memphis in MW", rows, numbers.significant),
        table=shown[["series", "day", "value", "statement", "source"]].rename(columns={"value": "MW"}),
    )


def turbines(powers: dict[str, float]) -> pd.DataFrame:
    """Return how many generators of each size it takes for some powers in MW, by what the reader calls them.

    Sizes: the mean of the 35 that were counted, the model that the county allowed, and the larger model in Mississippi.
    """
    values = facts()["value"]
    sizes = {
        tr("mean of those counted at Memphis"): (values["P10"] / values["P09"], "memphis-flyer-turbines-2025"),
        tr("the model that the county allowed"): (values["P15"] / values["P14"], "particle-xai-permit-2025"),
        tr("the larger model in Mississippi"): (LARGE_MW, "tomshardware-xai-turbines-2025"),
    }
    rows = [
        [name, numbers.significant(each), *(_number(mw, each) for mw in powers.values()), source]
        for name, (each, source) in sizes.items()
    ]
    columns = [tr("turbine"), tr("MW each"), *(tr("for {what}", what=what) for what in powers), tr("sources")]
    return pd.DataFrame(rows, columns=columns)


def _number(mw: float, each: float) -> str:
    return numbers.count(float(generators(mw * WATTS_PER_MW, each_w=each * WATTS_PER_MW)))


# ---------------------------------------------------------------------------------------------------------- emissions


def run_energy(reader: Reader, days: "tuple[int, ...]" = DAYS) -> Floats:
    """Return low, mid and high of the electricity of a run in MWh, a row a length in days.

    >>> from compute_scaling.claims import ARTICLE_DAY
    >>> run_energy(Reader(pd.Timestamp(ARTICLE_DAY), draws=1024), (60,)).round(-4).tolist()
    [[110000.0, 160000.0, 230000.0]]
    """
    return np.array([interval(draws) for draws in machine.run_energy_mwh(reader, days=days)])


def intensities() -> pd.DataFrame:
    """Return the carbon intensity of each grid and plant of the menu, the dirtiest first."""
    rows = data.load("machine_inputs").query("quantity == 'carbon intensity'").set_index("subject")
    rows = rows.loc[list(GRIDS)].reset_index().rename(columns={"subject": "grid", "value": "kg_per_kwh"})
    rows = rows.sort_values("kg_per_kwh", ascending=False, ignore_index=True)
    return rows[["grid", "kg_per_kwh", "source_id", "note"]]


def emissions(reader: Reader) -> pd.DataFrame:
    """Return the emissions of a run by grid and length: `grid`, `step`, `days`, `low`, `mid`, `high` in tonnes."""
    low, mid, high = run_energy(reader).T
    runs = pd.DataFrame({"step": range(len(DAYS)), "days": DAYS, "energy": mid, "energy_low": low, "energy_high": high})
    rows = intensities().merge(runs, how="cross")
    tonnes = {
        name: emissions_kg(rows[column], kg_per_kwh=rows["kg_per_kwh"]) / KG_PER_TONNE
        for name, column in {"low": "energy_low", "mid": "energy", "high": "energy_high"}.items()
    }
    return rows.assign(**tonnes)


def emissions_by_grid(table: pd.DataFrame) -> Figure:
    """Return the figure of the emissions of a run over its length, with a menu of grids, from `emissions`."""
    rows = table.assign(x=table["days"].astype(float), y=table["mid"], series=tr("a run on 100,000 H100s"))
    default = table[table["days"] == REPORTED_DAYS].reset_index(drop=True)
    names = default["grid"].map(GRIDS).map(tr)
    return figure(
        charts_curves.curves(
            rows[["x", "y", "low", "high", "series", "grid"]],
            x_title="length of the run in days",
            y_title="tonnes of CO2",
            keep="datum.grid === grid",
            points=rows.assign(label="")[["x", "y", "label", "grid", "step"]],
            keep_points="datum.grid === grid && datum.step === days",
            y_format=",.0f",
            x_format=",.0f",
        ),
        name="fig-emissions",
        caption=tr(
            "The same run, the same electricity: the grid decides more than the length. The band is the 90 % range of "
            "the electricity; the intensity of each grid is taken as printed."
        ),
        alt_text=alt_texts.of_values(
            "Curves",
            tr("tonnes of CO2 of a run of {days} days by source of its electricity", days=REPORTED_DAYS),
            names, default["mid"], _tonnes,
        ),
        table=default.assign(
            name=names, energy=default["energy"] / 1000, **{end: default[end].round() for end in ("low", "mid", "high")}
        )[["name", "kg_per_kwh", "days", "energy", "low", "mid", "high", "note", "source_id"]].rename(
            columns={
                "name": "electricity from", "kg_per_kwh": "kg of CO2 a kWh", "energy": "GWh", "low": "tonnes, low",
                "mid": "tonnes", "high": "tonnes, high", "source_id": "source",
            }
        ),
        controls=[
            Control("grid", tr("Electricity from"), {key: tr(name) for key, name in GRIDS.items()}, DEFAULT_GRID),
            Control(
                "days", tr("Length of the run in days"), {str(days): numbers.count(days) for days in DAYS},
                str(REPORTED_DAYS), slider=True,
            ),
        ],
        readout=Readout(
            pd.DataFrame(
                {
                    "grid": table["grid"],
                    "days": table["step"],
                    "text": [emissions_sentence(row) for _, row in table.iterrows()],
                }
            )
        ),
    )  # fmt: skip


def emissions_sentence(row: pd.Series) -> str:
    """Return the readout of one grid and length: electricity, intensity and tonnes with their range."""
    return tr(
        "{days} days take {gwh} GWh ({gwh_low} to {gwh_high}). At the {kg} kg a kWh of {grid}, that is {tonnes} tonnes "
        "of CO2 ({span}).",
        days=numbers.count(row["days"]),
        gwh=numbers.significant(row["energy"] / 1000),
        gwh_low=numbers.significant(row["energy_low"] / 1000),
        gwh_high=numbers.significant(row["energy_high"] / 1000),
        kg=numbers.significant(row["kg_per_kwh"]),
        grid=tr(GRIDS[row["grid"]]),
        tonnes=_tonnes(row["mid"]),
        span=numbers.span(_tonnes(row["low"]), _tonnes(row["high"])),
    )


def _tonnes(value: float) -> str:
    return numbers.significant(value, 3)


# --------------------------------------------------------------------------------------------------- the bill of a run


def bill(reader: Reader, days: int = REPORTED_DAYS) -> pd.DataFrame:
    """Return low, mid and high of a run's electricity in MWh and dollars, and of the hardware in dollars.

    Prices of electricity and of servers over their published ranges; the network at the middle of its share.
    """
    each = server_usd(pd.Series([REFERENCE]), reader.as_of, level=np.array([0.05, 0.5, 0.95]))[0]
    share = published("interconnect share", reader.as_of).ppf(np.array([0.5]))
    rows = {
        "energy, MWh": interval(machine.run_energy_mwh(reader, days=[days])[0]),
        "electricity, USD": interval(machine.run_electricity_usd(reader, days=[days])[0]),
        "hardware, USD": capital_cost_usd(machine.planned_count(), server_usd=each, interconnect_share=share),
    }
    return pd.DataFrame.from_dict(rows, orient="index", columns=["low", "mid", "high"])


# ---------------------------------------------------------------------------------------------------- the largest sites


def largest_sites() -> pd.DataFrame:
    """Return the sites for AI in operation with the highest estimated peak of the whole site, the largest first."""
    sites = data.load("clusters").query("power_scope == @NEED_SCOPE and status == 'operational' and purpose == 'ai'")
    running = sites[sites["superseded_on"].isna() & (sites["source_id"] == ESTIMATOR)]
    return running.sort_values("power_mw", ascending=False, ignore_index=True).head(LARGEST)


def largest_sites_figure(table: pd.DataFrame, planned_mw: tuple[float, float, float]) -> Figure:
    """Return the figure of the largest sites, from `largest_sites`, over the planned machine: its low, mid and high."""
    rows = table.rename(columns={"name": "entity", "power_mw": "mid", "source_id": "sources"})
    low, mid, high = planned_mw
    plan = {
        "entity": tr("planned machine of the article, our arithmetic"), "owner": "xAI", "low": low, "mid": mid,
        "high": high, "confidence": tr("range at 90 %"), "sources": input_sources("PUE", "network share"),
    }  # fmt: skip
    rows = pd.concat([rows.assign(low=rows["mid"], high=rows["mid"]), pd.DataFrame([plan])], ignore_index=True)
    rows["label"] = [
        tr("{name}: {mw} MW", name=name, mw=numbers.significant(mw, 4 if mw > 1000 else 3))
        for name, mw in zip(rows["entity"], rows["mid"], strict=True)
    ]
    shown = rows[["entity", "owner", "low", "mid", "high", "first_operational", "confidence", "sources"]]
    return figure(
        charts.ranked_bars(
            rows[["entity", "owner", "low", "mid", "high", "label", "sources"]],
            value_title="MW, peak of the whole site, estimated",
            lines=[(GIGAWATT, tr("a gigawatt"))],
            rows=len(rows),
            axis_format=",.0f",
        ),
        name="fig-largest-sites",
        caption=tr(
            "Two years on, the machine of the article would be among the small ones. All other bars are estimates of "
            "one outsider, for sites that run; what is announced is not drawn. A colour is one owner; grey stands for "
            "others."
        ),
        alt_text=alt_texts.of_values(
            "Bar chart", "the estimated peaks in MW of the largest sites for AI and of the planned machine",
            rows["entity"], rows["mid"], lambda value: numbers.significant(value, 4 if value > 1000 else 3),
        ),
        table=shown.rename(
            columns={
                "entity": "site", "low": "MW, low", "mid": "MW", "high": "MW, high",
                "first_operational": "in operation since",
            }
        ),
    )  # fmt: skip
