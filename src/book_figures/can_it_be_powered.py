"""The figures and tables of chapter 7 on the site: where the watts go, known sites, homes, what turns the answer."""

from typing import Final

import numpy as np
import pandas as pd

from book_figures import charts_sites, numbers, sensitivity
from book_figures.charts_claims import Styles
from book_figures.charts_waterfall import waterfall
from book_figures.figure import Control, Figure, Readout, figure
from book_figures.sensitivity import Input
from book_figures.texts import tr
from book_figures.theme import BLUE, GREEN, GREY, ORANGE, PINK
from book_figures.what_is_an_h100 import chip_sources
from compute_scaling import data
from compute_scaling.accelerator import REFERENCE, accelerator
from compute_scaling.checks import Floats
from compute_scaling.claims import machine
from compute_scaling.energy import WATTS_PER_MW, facility_power_w, homes, input_range, it_power_w, server_factor
from compute_scaling.inputs import family, published
from compute_scaling.reader import Reader
from compute_scaling.uncertainty import interval
from compute_scaling.validation import machines
from compute_scaling.validation.board import summary

ENOUGH: Final = "150 MW are enough"
GRANT: Final = "C18-014"  # row of data/outcomes.csv: what the utility granted
SITE: Final = "whole site"
MIDDLE: Final = 0.5  # the quantile of an input that the defaults take

CHIPS: Final = {"H100 SXM": 100_000, "A100 SXM 80GB": 16_000, "B200 SXM": 100_000, "GB200": 110_000}  # and a size
SIZES: Final = (2_000, 500_000)  # the ends of the lines
LINES: Final = ("whole site", "computers alone (IT power)")
SCOPES: Final = {  # power_scope of data/clusters.csv -> what the reader sees
    "facility peak": "whole site, estimated",
    "chip TDP times overhead": "chips times an overhead",
    "utility request": "asked of the utility",
    "owner reported peak": "stated by the owner",
    "IT load": "computers alone, stated",
    "TOP500 benchmark times overhead": "benchmark times an overhead",
}
STYLES: Final[Styles] = {
    SCOPES["facility peak"]: ("circle", BLUE),
    SCOPES["chip TDP times overhead"]: ("square", GREY),
    SCOPES["utility request"]: ("diamond", ORANGE),
    SCOPES["owner reported peak"]: ("triangle-up", GREEN),
    SCOPES["IT load"]: ("cross", PINK),
    SCOPES["TOP500 benchmark times overhead"]: ("triangle-down", PINK),
}
MEASURE: Final = "Meta GenAI cluster (RoCE)"  # of which the plan was to be four times
NAMED: Final = (machine.PLANNED, "facility peak")  # the case that has a label


def middle(quantity: str, as_of: data.Day = None) -> float:
    """Return the middle of the published range of an input.

    >>> round(middle("PUE", "2024-05-31"), 3)
    1.155
    """
    return float(published(quantity, as_of).ppf(np.array([MIDDLE]))[0])


PUES: Final = (1.05, 1.08, 1.1, middle("PUE"), 1.2, 1.25, 1.3, 1.4, 1.5, 1.58)


def input_sources(*quantities: str, as_of: data.Day = None) -> str:
    """Return the sources of inputs, as a table has them."""
    rows = data.load("machine_inputs", as_of=as_of)
    return ", ".join(sorted(set(rows.loc[rows["quantity"].isin(quantities), "source_id"])))


def granted_mw() -> float:
    """Return what the utility granted in November 2024, in MW: the value that decides in this chapter.

    >>> granted_mw()
    150.0
    """
    return float(data.load("outcomes").set_index("outcome_id").at[GRANT, "value"])


# ------------------------------------------------------------------------------------------------ where the watts go


def chain(reader: Reader) -> pd.DataFrame:
    """Return the power of the planned machine in MW, step by step: `step`, `mw` so far, and its range `low`, `high`.

    >>> from compute_scaling.claims import ARTICLE_DAY
    >>> chain(Reader(pd.Timestamp(ARTICLE_DAY), draws=1024))["mw"].round(1).tolist()
    [70.0, 127.5, 138.9, 160.4]
    """
    network = published("network share", reader.as_of).ppf(np.array([0.05, 0.5, 0.95]))
    chip = {"tdp_w": accelerator(REFERENCE).tdp_w}
    factor = server_factor(REFERENCE, reader.as_of)
    count = machine.planned_count()
    chips = it_power_w(count, **chip, server_factor=1, network_share=0)
    servers = it_power_w(count, **chip, server_factor=factor, network_share=0)
    computers = it_power_w(count, **chip, server_factor=factor, network_share=network)
    site = np.array(interval(machine.power_mw(reader)))
    so_far = [np.repeat(chips, 3), np.repeat(servers, 3), computers]
    rows = [*(watts / WATTS_PER_MW for watts in so_far), site]
    steps = ("chips, at their rated power", "rest of the servers", "network and storage", "cooling and losses")
    low, mid, high = np.transpose(rows)
    return pd.DataFrame({"step": steps, "mw": mid, "low": low, "high": high})


def where_the_watts_go(table: pd.DataFrame, *, as_of: data.Day) -> Figure:
    """Return the figure of the steps from chips to site, from `chain`."""
    inputs = input_sources("PUE", "network share", as_of=as_of)
    chips = f"{chip_sources()[REFERENCE]}, semianalysis-datacenter-energy-2024"
    rows = table.assign(start=table["mw"].shift(fill_value=0.0), name=table["step"].map(tr), end=table["mw"])
    rows = rows.assign(sources=[chips, chips, inputs, inputs])
    total = rows.iloc[[-1]].assign(name=tr(SITE), start=0.0)
    rows.loc[rows.index[-1], ["low", "high"]] = rows["end"].iloc[-1]  # the range stands at the total
    shown = pd.concat([rows, total], ignore_index=True)
    shown["added"] = shown["end"] - shown["start"]
    shown["label"] = [
        tr("{name}: {mw} MW", name=name, mw=numbers.significant(added))
        for name, added in zip(shown["name"], shown["added"], strict=True)
    ]
    ends = shown.iloc[-1]
    series = [*[tr("a step")] * len(rows), tr(SITE)]
    shown = shown.assign(row=range(len(shown)), series=series, text=shown["label"])
    granted = granted_mw()
    return figure(
        waterfall(
            shown[["row", "label", "start", "end", "low", "high", "series", "text"]],
            value_title="MW at the peak",
            styles={tr("a step"): ("circle", BLUE), tr(SITE): ("square", GREEN)},
            line=(granted, tr("granted: {mw} MW", mw=numbers.count(granted))),
        ),
        name="fig-watts",
        caption=tr(
            "The chips themselves take less than half. Most of the rest is in the same servers; cooling is the part "
            "that a site can choose. The thin line is the 90 % range of the whole, the dashed line what the utility "
            "granted in the end."
        ),
        alt_text=tr(
            "Steps from {chips} MW of chips to a site of {site} MW (range {low} to {high}). The rest of the "
            "servers adds {servers} MW, network and storage {network} MW, cooling and losses {cooling} MW.",
            chips=numbers.significant(shown["added"].iloc[0]),
            servers=numbers.significant(shown["added"].iloc[1]),
            network=numbers.significant(shown["added"].iloc[2]),
            cooling=numbers.significant(shown["added"].iloc[3]),
            site=numbers.significant(ends["end"]),
            low=numbers.significant(ends["low"]),
            high=numbers.significant(ends["high"]),
        ),
        table=shown[["name", "added", "end", "low", "high", "sources"]].rename(
            columns={
                "name": "part", "added": "MW added", "end": "MW so far", "low": "MW so far, low",
                "high": "MW so far, high",
            }
        ),
    )  # fmt: skip


# --------------------------------------------------------------------------------------------- known sites by chips


def site_mw(chip: str, count: float, pue: float) -> tuple[float, float]:
    """Return the power of a site and of its computers alone, in MW, with the middle of the network share.

    >>> [round(mw) for mw in site_mw("H100 SXM", 100_000, 1.25)]
    [174, 140]
    """
    given = {
        "tdp_w": accelerator(chip).tdp_w,
        "server_factor": server_factor(chip),
        "network_share": middle("network share"),
    }
    return (
        float(facility_power_w(count, pue=pue, **given)) / WATTS_PER_MW,
        float(it_power_w(count, **given)) / WATTS_PER_MW,
    )


def known_sites() -> pd.DataFrame:
    """Return every site for AI with a published power and a count of chips of the menu, a figure a row.

    >>> sorted(set(known_sites().query("name == 'Colossus 1, first phase (Memphis)'")["power_mw"]))
    [142.7, 150.0, 181.0]
    """
    sites = data.load("clusters")
    counts = sites.groupby("cluster_id")["count"].transform("max")
    families = dict(zip(family(pd.Series(list(CHIPS))), CHIPS, strict=True))
    sites = sites.assign(
        count=sites["count"].fillna(counts).astype(float), chip=family(sites["accelerator"].fillna(""))
    )
    sites = sites.assign(chip=sites["chip"].map(families))
    kept = (sites["purpose"] == machines.PURPOSE) & sites[["power_mw", "count", "chip"]].notna().all(axis=1)
    sites = sites[kept]
    sites = sites.assign(scope=sites["power_scope"].map(SCOPES).map(tr))
    return sites[["cluster_id", "chip", "name", "count", "power_mw", "scope", "source_id"]].reset_index(drop=True)


def power_by_gpus() -> Figure:
    """Return the figure of MW against chips: our lines by chip and PUE, and the sites with a published power."""
    grid = pd.DataFrame({"step": range(len(PUES)), "pue": PUES}).merge(pd.DataFrame({"chip": list(CHIPS)}), how="cross")
    grid = grid.merge(pd.DataFrame({"x": SIZES}), how="cross")
    power = [site_mw(chip, count, pue) for chip, count, pue in zip(grid["chip"], grid["x"], grid["pue"], strict=True)]
    lines = pd.concat(
        [grid.assign(y=values, line=tr(name)) for name, values in zip(LINES, zip(*power, strict=True), strict=True)]
    )
    sites = known_sites()
    named = (sites["name"] == NAMED[0]) & (sites["scope"] == tr(SCOPES[NAMED[1]]))
    label = tr("Colossus: {mw}", mw=_conflict(sites, NAMED[0]))
    cases = sites.rename(columns={"count": "x", "power_mw": "y", "scope": "series"})
    cases = cases.assign(label=np.where(named & ~sites.duplicated(["name", "scope", "power_mw"]), label, ""))
    squares = tr(SCOPES["chip TDP times overhead"])  # many, so they lie under the others
    cases = cases.sort_values("series", key=lambda series: series != squares, kind="stable")
    readout = grid.drop_duplicates(["step", "chip"])
    start = list(PUES).index(middle("PUE"))
    found = {tr(style): look for style, look in STYLES.items() if tr(style) in set(sites["scope"])}
    default = site_mw(REFERENCE, CHIPS[REFERENCE], PUES[start])
    return figure(
        charts_sites.cases_on_lines(
            lines[["x", "y", "line", "step", "chip"]],
            cases[["name", "x", "y", "series", "label", "chip"]],
            x_title="chips (log scale)",
            y_title="MW (log scale)",
            styles=found,
            keep="datum.chip === chip && datum.step === pue",
            keep_cases="datum.chip === chip",
        ),
        name="fig-power-by-gpus",
        caption=tr(
            "Lines are our arithmetic, marks are figures that somebody published. They are not one series: a square "
            "is itself arithmetic on chips, a diamond is a request, a circle is an outsider's estimate of the whole "
            "site. Where marks stand above one another, sources disagree about the same machine."
        ),
        alt_text=tr(
            "MW against chips on two logarithmic axes, with {count} published figures. At a PUE of {pue}, {size} "
            "H100s need {site} MW, {it} MW of it for the computers alone; published for Colossus at that size: "
            "{conflict} MW.",
            count=len(sites),
            pue=numbers.significant(PUES[start], 4),
            size=numbers.count(CHIPS[REFERENCE]),
            site=numbers.significant(default[0]),
            it=numbers.significant(default[1]),
            conflict=_conflict(sites, NAMED[0]),
        ),
        table=_sites_shown(sites, PUES[start]),
        controls=[
            Control("chip", tr("Chip"), {name: name for name in CHIPS}, REFERENCE),
            Control(
                "pue",
                tr("Power of the site over that of its computers (PUE)"),
                {str(pue): numbers.significant(pue, 4) for pue in PUES},
                str(PUES[start]),
                slider=True,
            ),
        ],
        readout=Readout(
            pd.DataFrame(
                {
                    "chip": readout["chip"],
                    "pue": readout["step"],
                    "text": [
                        power_sentence(chip, pue, sites)
                        for chip, pue in zip(readout["chip"], readout["pue"], strict=True)
                    ],
                }
            )
        ),
    )


def power_sentence(chip: str, pue: float, sites: pd.DataFrame) -> str:
    """Return the readout: the power of so many chips at a PUE, and what was published for a site of that size."""
    count = CHIPS[chip]
    site, computers = site_mw(chip, count, pue)
    same = sites[(sites["chip"] == chip) & (sites["count"] == count)].sort_values("power_mw")
    figures = same.drop_duplicates(["power_mw", "scope"])
    parts = [
        tr("{mw} ({scope})", mw=numbers.significant(mw), scope=scope)
        for mw, scope in zip(figures["power_mw"], figures["scope"], strict=True)
    ]
    told = tr("Published for sites of that size, in MW: {parts}.", parts="; ".join(parts)) if parts else tr(
        "Nobody published a power for a site of that size with this chip."
    )  # fmt: skip
    return tr(
        "{count} {chip} at a PUE of {pue}: {site} MW, {it} MW of it for the computers alone. {told}",
        count=numbers.count(count), chip=chip, pue=numbers.significant(pue, 4), site=numbers.significant(site),
        it=numbers.significant(computers), told=told,
    )  # fmt: skip


def _conflict(sites: pd.DataFrame, name: str) -> str:
    values = sorted(set(sites.loc[sites["name"] == name, "power_mw"]))
    *first, last = [numbers.significant(mw) for mw in values]
    return tr("{first} or {last}", first=", ".join(first), last=last)


def _sites_shown(sites: pd.DataFrame, pue: float) -> pd.DataFrame:
    """Return the published figures for the table, under a row of the model at the default for the planned machine."""
    site, computers = site_mw(REFERENCE, CHIPS[REFERENCE], pue)
    ours = pd.DataFrame(
        {
            "name": [tr("our arithmetic, PUE {pue}", pue=numbers.significant(pue, 4))] * 2,
            "chip": REFERENCE,
            "count": float(CHIPS[REFERENCE]),
            "power_mw": [site, computers],
            "scope": [tr(name) for name in LINES],
            "source_id": input_sources("PUE", "network share"),
        }
    )
    rows = pd.concat([ours, sites.sort_values(["chip", "count", "name", "power_mw"])], ignore_index=True)
    return rows[["name", "chip", "count", "power_mw", "scope", "source_id"]].rename(
        columns={"name": "site", "count": "chips", "power_mw": "MW", "scope": "what is counted", "source_id": "sources"}
    )


# -------------------------------------------------------------------------------------------- homes, and the scoreboard


def in_homes(peak_mw: float, average_mw: float) -> pd.DataFrame:
    """Return how many homes use as much electricity as the site, by country: at its peak and on average."""
    rows = data.load("machine_inputs").query("quantity == 'home consumption'")
    return pd.DataFrame(
        {
            tr("home in"): rows["subject"],
            tr("kWh a year"): [numbers.count(1000 * mwh) for mwh in rows["value"]],
            tr("homes, at {mw} MW", mw=numbers.significant(average_mw)): [
                _thousands(homes(average_mw * WATTS_PER_MW, mwh_per_year=mwh)) for mwh in rows["value"]
            ],
            tr("homes, at {mw} MW", mw=numbers.significant(peak_mw)): [
                _thousands(homes(peak_mw * WATTS_PER_MW, mwh_per_year=mwh)) for mwh in rows["value"]
            ],
            tr("sources"): rows["source_id"],
        }
    )


def _thousands(value: float | Floats) -> str:
    return numbers.significant(float(value), 2 if float(value) < 100_000 else 3)


def errors() -> pd.DataFrame:
    """Return published powers of sites for AI with our error: `name`, `scope`, `mw`, `error` (ours over it, less 1).

    >>> errors().groupby("scope")["error"].median().round(2).to_dict()["facility peak"]
    -0.14
    """
    scored = machines.rows().query("quantity == 'power'")
    sites = data.load("clusters")[["name", "power_mw", "power_scope"]].dropna().drop_duplicates()
    rows = scored.merge(sites, left_on=["row", "measured"], right_on=["name", "power_mw"])
    return rows[["name", "power_scope", "power_mw", "error"]].rename(columns={"power_scope": "scope", "power_mw": "mw"})


def against_published() -> pd.DataFrame:
    """Return how far our arithmetic is from published powers, by kind of figure, beside a guess without a model."""
    scored = machines.rows().query("quantity == 'power'")
    table = summary(scored)
    held = scored.groupby("table")["covered"].sum()
    return pd.DataFrame(
        {
            "published figures": table["table"],
            "figures": table["rows"],
            "our error": table["median_abs_error"].map(numbers.percent),
            "error of the guess": table["baseline_median_abs_error"].map(numbers.percent),
            "ranges that held": [
                tr("{held} of {rows}", held=held[name], rows=rows)
                for name, rows in zip(table["table"], table["rows"], strict=True)
            ],
            "winner": table["winner"],
        }
    )


# ----------------------------------------------------------------------------------------------- what turns the answer


def peak_mw(chips: Floats, factor: Floats, network: Floats, pue: Floats, draw: Floats) -> Floats:
    """Return the power of a site of H100s in MW: the function behind the tornado.

    >>> round(float(peak_mw(100_000, 10.2 / 5.6, 0.1, 1.2, 1)))
    168
    """
    power_w = facility_power_w(
        chips, tdp_w=accelerator(REFERENCE).tdp_w, server_factor=factor, network_share=network, pue=pue, draw_share=draw
    )
    return power_w / WATTS_PER_MW


def enough(mw: float) -> str:
    """Return the verdict word on "what the utility granted is enough" for a power.

    >>> enough(149.9), enough(150.1)
    ('holds', 'does not hold')
    """
    return "holds" if mw <= granted_mw() else "does not hold"


def inputs() -> list[Input]:
    """Return what decides the peak, each with its range as known today and its sources."""
    pue, network = (input_range(name) for name in ("PUE", "network share"))
    factors = [server_factor(name) for name in ("GB200", REFERENCE, "A100 SXM 80GB")]
    draw = data.load("machine_inputs").set_index(["quantity", "subject"]).at[("draw share", "AI clusters"), "value"]
    four_of_meta = 4 * float(data.load("clusters").groupby("name")["count"].max()[MEASURE])
    servers = data.load("servers").set_index("accelerator")["source_id"]
    used = ", ".join(sorted({servers[name] for name in ("GB200", REFERENCE, "A100 SXM 80GB")}))
    design = 104_858.0  # chips of one cluster of the name "100,000": subject of a row of data/machine_inputs.csv
    return [
        Input("draw", "draw of the servers (judgement)", draw, 1, 1, numbers.percent,
              "semianalysis-datacenter-energy-2024"),
        Input("factor", "server over its chips (judgement)", factors[0],
              factors[1], factors[2], _three, used),
        Input("pue", "PUE", pue[0], middle("PUE"), pue[1], _three, input_sources("PUE")),
        Input("chips", "number of chips (judgement)", four_of_meta, machine.planned_count(), design, numbers.count,
              "cheah-h100-cost-sheet-2024, meta-genai-infrastructure-2024"),
        Input("network", "network and storage", network[0], middle("network share"), network[1],
              numbers.percent, input_sources("network share")),
    ]  # fmt: skip


def _three(value: float) -> str:
    return numbers.significant(value, 3)


def moved() -> pd.DataFrame:
    """Return the inputs with what each does to the peak when it alone moves, the widest swing first."""
    return sensitivity.moved(peak_mw, inputs(), word=enough, threshold=granted_mw())


def mw(value: float) -> str:
    """Return a power for people.

    >>> mw(161.2)
    '161 MW'
    """
    return tr("{mw} MW", mw=numbers.significant(value))


def tornado(table: pd.DataFrame) -> Figure:
    """Return the tornado of `moved`."""
    granted = granted_mw()
    return sensitivity.tornado_figure(
        table,
        name="fig-powered-tornado",
        what="the peak of the site, in MW",
        caption=tr(
            "Each bar moves one input through its range and leaves the others in the middle. Left of the dashed line "
            "the {granted} that the utility granted are enough.",
            granted=mw(granted),
        ),
        value_title="MW at the peak",
        write=mw,
        line=(granted, tr("granted: {mw}", mw=mw(granted))),
        axis_format=",.0f",
    )
