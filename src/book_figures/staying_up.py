"""The figures of chapter 6: how often a large machine stops, and what is left of its time."""

from functools import lru_cache
from typing import Any, Final

import altair as alt
import numpy as np
import pandas as pd

from book_figures import alt_texts, charts, numbers, sensitivity
from book_figures.charts_claims import Styles
from book_figures.charts_curves import UNDER, curves
from book_figures.charts_scores import dots_in_ranges
from book_figures.figure import Control, Figure, Readout, figure
from book_figures.readers import now, then
from book_figures.sensitivity import Input
from book_figures.texts import tr, tr_all
from book_figures.theme import BLUE, GREEN, PINK
from compute_scaling import data
from compute_scaling.claims import ARTICLE_DAY
from compute_scaling.failure_rates import component_rates, failure_rate, published_rates
from compute_scaling.outlook import failure_free_hours
from compute_scaling.reliability import goodput, optimal_checkpoint_interval_s
from compute_scaling.uncertainty import interval
from compute_scaling.units import HOURS_PER_DAY

SIZES: Final = (1_000, 4_000, 16_384, 24_576, 50_000, 100_000, 200_000, 500_000, 1_000_000)
PLANNED: Final = 100_000
SECONDS_PER_MINUTE: Final = 60
MINUTES_PER_HOUR: Final = 60
MACHINES: Final = {"16384": "16,384 chips", "100000": "100,000 chips", "1000000": "1,000,000 chips"}
WRITES: Final = {"1": "1 second, in the background", "40": "40 seconds, as for BLOOM", "300": "5 minutes"}
RESTARTS: Final = {"60": "1 minute", "300": "5 minutes", "900": "15 minutes, as for MegaScale"}
MINUTES: Final = (0.5, 1, 2, 3, 4, 5, 7, 10, 15, 20, 30, 45, 60, 90, 120, 180)
DEFAULT_MINUTES: Final = 10
PRACTICES: Final = {  # seconds to write, to restart, to find a failure
    "slow: as published by 2024": (40, 900, 600),
    "quick: restarted in 3 minutes": (10, 180, 0),
    "quickest: 1 minute, background saves": (1, 60, 0),
}
SYSTEMS: Final = {
    "bloom-176b": "BLOOM",
    "byterobust-dense": "ByteRobust, dense model",
    "byterobust-moe": "ByteRobust, mixture of experts",
    "llama-3-405b": "Llama 3 405B",
    "megascale": "MegaScale",
    "meta-100k": "Meta",
    "opt-175b": "OPT-175B",
    "rsc-1": "Meta RSC-1",
    "rsc-2": "Meta RSC-2",
}
LLAMA: Final = "llama-3-herd-2024"
USEFUL: Final = 0.9  # our yardstick: with less, a machine of that size has a problem
RATE: Final = "failures a day for each thousand chips"
PER_THOUSAND_DAYS: Final = 1_000 * HOURS_PER_DAY
LAST_WITH_ROOM: Final = 100_000  # chips, the last size with room for a label at its right


@lru_cache
def hours(of: str, accelerators: float) -> tuple[float, float, float]:
    """Return low, mid and high of the hours between failures of a machine, as known "then" or "now".

    >>> hours("then", 100_000)[1].__round__(2)
    0.34
    """
    return interval(failure_free_hours(then() if of == "then" else now(), accelerators))


# ------------------------------------------------------------------------------------------------- how often it stops


def rates() -> pd.DataFrame:
    """Return the published failure rates a day for each thousand chips.

    Columns: `name`, `value`, `low`, `high`, `then`, `way`, `sources`. The range is that of a count
    (Poisson); where a source gives a rate without a count there is none.
    """
    rows = published_rates()
    early = set(published_rates(ARTICLE_DAY)["source_id"])
    gpu_hours = rows["accelerators"].astype(float) * rows["observed_days"].astype(float) * HOURS_PER_DAY
    counted = rows["quantity"] == "interruptions"
    low, _, high = failure_rate(rows["value"].round().where(counted, 1), gpu_hours=gpu_hours)
    value = rows["failures_per_gpu_hour"]
    names = [
        f"{SYSTEMS[row.system]}, {numbers.count(row.accelerators)} {tr(row.generation)}" for row in rows.itertuples()
    ]
    table = pd.DataFrame(
        {
            "name": names,
            "value": value * PER_THOUSAND_DAYS,
            "low": np.where(counted, low, value) * PER_THOUSAND_DAYS,
            "high": np.where(counted, high, value) * PER_THOUSAND_DAYS,
            "then": rows["source_id"].isin(early),
            "way": rows["quantity"],
            "sources": rows["source_id"],
        }
    )
    return table.sort_values("value", ignore_index=True)


def rate_sources(as_of: data.Day = None) -> str:
    """Return the sources of the failure rates known by a day, joined by commas.

    >>> rate_sources("2024-05-31")
    'bloom-training-2022, megascale-2024, opt-2022'
    """
    return ", ".join(sorted(set(published_rates(as_of)["source_id"])))


def published() -> Figure:
    """Return the figure of the failure rates that sites have published."""
    rows = rates()
    styles: Styles = {tr("public by May 2024"): ("circle", BLUE), tr("came later"): ("diamond", PINK)}
    labels = [f"{name}: {numbers.significant(value)}" for name, value in zip(rows["name"], rows["value"], strict=True)]
    points = rows[["name", "value"]].assign(series=np.where(rows["then"], *styles), text=labels)
    scale = alt.Scale(type="log", nice=False, padding=12)
    ranges = rows[["low", "high"]].where(rows["way"] == "interruptions")
    shown = rows.assign(then=np.where(rows["then"], tr("yes"), tr("no")), low=ranges["low"], high=ranges["high"])
    return figure(
        dots_in_ranges(
            points,
            rows[["name", "low", "high"]].assign(label=labels),
            value_title=f"{RATE} (log scale)",
            styles=styles,
            scale=scale,
            axis=alt.Axis(values=[0.1, 0.2, 0.5, 1, 2, 5], format="~g"),
        ),
        name="fig-failure-rates",
        caption=tr(
            "After each name: how many chips, and of which generation (Hopper is that of the H100, Ampere the one "
            "before). Sites differ by a factor of more than ten. The bars are what chance leaves open where failures "
            "were counted. Large runs of later years report lower rates than the small ones of 2022."
        ),
        alt_text=alt_texts.of_values("Range chart", RATE, rows["name"], rows["value"], numbers.significant),
        table=shown.rename(
            columns={"name": "run or site", "value": RATE, "then": "public by May 2024", "way": "told as"}
        ),
    )


def between_failures() -> Figure:
    """Return the figure of the time between failures over the number of chips, with a slider."""
    names = {"then": tr("as known in May 2024"), "now": tr("as known today")}
    rows = [
        {"x": size, "low": low, "y": mid, "high": high, "series": name, "day": day}
        for day, name in names.items()
        for size in SIZES
        for low, mid, high in [hours(day, size)]
    ]
    table = pd.DataFrame(rows)
    steps = {size: step for step, size in enumerate(SIZES)}
    of_then = table[table["day"] == "then"]
    points = of_then[["x", "y"]].assign(
        step=of_then["x"].map(steps), label=[numbers.duration(value) for value in of_then["y"]]
    )
    points = points.assign(side=np.where(points["x"] <= LAST_WITH_ROOM, "right", "left"))
    choices = {str(step): numbers.count(size) for size, step in steps.items()}
    ids = {"then": rate_sources(ARTICLE_DAY), "now": rate_sources()}
    shown = table.assign(sources=table["day"].map(ids))[["series", "x", "low", "y", "high", "sources"]]
    return figure(
        curves(
            table.drop(columns="day"),
            points=points,
            keep_points="datum.step === chips",
            x_title="chips in one job (log scale)",
            y_title="hours between failures (log scale)",
            x_log=True,
            y_log=True,
            y_format="~g",
            line=(HOURS_PER_DAY, tr("a day")),
            line_row=UNDER,
            colours=(BLUE, GREEN),
        ),
        name="fig-between-failures",
        caption=tr(
            "Ten times the chips, a tenth of the time. The bands are 90\u00a0% ranges: what the scatter between sites "
            "leaves open for a site not yet seen. Move the size."
        ),
        alt_text=tr(
            "Line chart of the hours between failures over chips, as known in May 2024 and today. For {size} chips "
            "{then} hours were expected in May 2024, {now} today.",
            size=numbers.count(PLANNED),
            then=numbers.significant(hours("then", PLANNED)[1]),
            now=numbers.significant(hours("now", PLANNED)[1]),
        ),
        table=shown.rename(columns={"series": "known", "x": "chips", "y": "hours"}),
        controls=[Control("chips", tr("Chips in one job"), choices, str(steps[PLANNED]), slider=True)],
        readout=Readout(pd.DataFrame([_spoken(size, step) for size, step in steps.items()])),
    )


def _spoken(size: int, step: int) -> dict[str, Any]:
    ends = {day: [numbers.duration(end) for end in hours(day, size)] for day in ("then", "now")}
    text = tr(
        "{size} chips: a failure every {mid} ({low} to {high}) as known in May 2024; every {mid_now} ({low_now} to "
        "{high_now}) as known today.",
        size=numbers.count(size),
        low=ends["then"][0],
        mid=ends["then"][1],
        high=ends["then"][2],
        low_now=ends["now"][0],
        mid_now=ends["now"][1],
        high_now=ends["now"][2],
    )
    return {"chips_from": step, "chips_to": step + 1, "text": text}


def components() -> Figure:
    """Return the figure of what stopped the run of Llama 3 405B."""
    rows = component_rates("cause").reset_index()
    rows = rows.sort_values("failures", ascending=False, kind="stable").head(8).reset_index(drop=True)
    hours_ = rows["failures"] / rows["failures_per_gpu_hour"]
    plotted = pd.DataFrame(
        {
            "entity": rows["cause"].map(tr),
            "owner": "Meta",
            "low": rows["failures_per_gpu_hour_low"] * hours_,
            "mid": rows["failures"],
            "high": rows["failures_per_gpu_hour_high"] * hours_,
            "sources": LLAMA,
            "label": [
                f"{tr(row.cause)}: {numbers.count(row.failures)}, {numbers.percent(row.share)}"
                for row in rows.itertuples()
            ],
        }
    )
    return figure(
        charts.ranked_bars(plotted, value_title="unexpected interruptions in 54 days", rows=len(plotted)),
        name="fig-what-failed",
        caption=tr(
            "The chips themselves and their memory lead, software comes third. The lines are what chance leaves open "
            "in such counts."
        ),
        alt_text=alt_texts.of_values(
            "Bar chart", "interruptions of the Llama 3 run by cause", rows["cause"], rows["failures"], numbers.count
        ),
        table=plotted.assign(share=rows["share"])[["entity", "mid", "share", "low", "high", "sources"]].rename(
            columns={"entity": "cause", "mid": "interruptions"}
        ),
    )


# --------------------------------------------------------------------------------------------------- what is left of it


@lru_cache
def grid() -> pd.DataFrame:
    """Return the useful share of the time for every machine, way of saving and restarting, and interval.

    Columns: `machine`, `write`, `restart` (menu keys), `minutes`, `step`, `share`, `best` (share at the best interval),
    `best_minutes`.
    """
    index = pd.MultiIndex.from_product(
        [MACHINES, WRITES, RESTARTS, MINUTES], names=["machine", "write", "restart", "minutes"]
    )
    table = index.to_frame(index=False)
    mean = table["machine"].map({key: hours("now", float(key))[1] for key in MACHINES}).to_numpy()
    write, restart = (table[name].astype(float).to_numpy() for name in ("write", "restart"))
    best_s = optimal_checkpoint_interval_s(mean, checkpoint_s=write)
    timing = {"checkpoint_s": write, "restart_s": restart}
    return table.assign(
        step=table["minutes"].map(MINUTES.index),
        share=goodput(mean, interval_s=table["minutes"].to_numpy() * SECONDS_PER_MINUTE, **timing),
        best=goodput(mean, **timing),
        best_minutes=best_s / SECONDS_PER_MINUTE,
    )


def checkpoint_interval() -> Figure:
    """Return the figure of the useful share of time over the interval between checkpoints, with slider and menus."""
    table = grid()
    plotted = table.rename(columns={"minutes": "x", "share": "y"})[["machine", "write", "restart", "x", "y", "step"]]
    chosen = " && ".join(f"datum.{name} === {name}" for name in ("machine", "write", "restart"))
    points = plotted.assign(label=[numbers.chance(value) for value in plotted["y"]])
    default = {"machine": str(PLANNED), "write": "40", "restart": "300"}
    first = table[(table[list(default)] == pd.Series(default)).all(axis=1)]
    columns = {
        "minutes": "minutes between",
        "share": "useful share",
        "best": "best share",
        "best_minutes": "best minutes",
    }
    best = first.iloc[0]
    return figure(
        curves(
            plotted.assign(series=tr("useful share of the time")),
            points=points,
            keep=chosen,
            keep_points=f"{chosen} && datum.step === minutes",
            x_title="minutes between saves (log scale)",
            y_title="useful share of the time",
            x_log=True,
            x_format="~g",
            y_format="%",
            line=(USEFUL, tr("nine tenths")),
            line_row=UNDER,
        ),
        name="fig-checkpoint-interval",
        caption=tr(
            "Save too often and the time goes into saving; too rarely, and each failure costs more work. Move the "
            "slider to find the top, then make the machine larger."
        ),
        alt_text=tr(
            "Line chart of the useful share of the time over the minutes between checkpoints, for {size} chips. It "
            "is at most {best}, at about {minutes} minutes, and {least} at {longest} minutes.",
            size=numbers.count(PLANNED),
            best=numbers.percent(best["best"]),
            minutes=numbers.significant(best["best_minutes"], 2),
            least=numbers.percent(first["share"].iloc[-1]),
            longest=numbers.count(MINUTES[-1]),
        ),
        table=first[list(columns)].rename(columns=columns).assign(sources=rate_sources()),
        controls=[
            Control("machine", tr("Machine"), tr_all(MACHINES), default["machine"]),
            Control("write", tr("Saving takes"), tr_all(WRITES), default["write"]),
            Control("restart", tr("Restarting takes"), tr_all(RESTARTS), default["restart"]),
            Control(
                "minutes",
                tr("Minutes between checkpoints"),
                {str(step): numbers.significant(value) for step, value in enumerate(MINUTES)},
                str(MINUTES.index(DEFAULT_MINUTES)),
                slider=True,
            ),
        ],
        readout=Readout(_readout_of_intervals(table)),
    )


def _readout_of_intervals(table: pd.DataFrame) -> pd.DataFrame:
    texts = [
        tr(
            "Useful share of the time: {share}. At the best interval, {interval}: {best}.",
            share=numbers.chance(row.share),
            interval=numbers.duration(row.best_minutes / MINUTES_PER_HOUR),
            best=numbers.chance(row.best),
        )
        for row in table.itertuples()
    ]
    rows = table[["machine", "write", "restart"]].assign(minutes_from=table["step"], minutes_to=table["step"] + 1)
    return rows.assign(text=texts)


def by_size() -> Figure:
    """Return the figure of the useful share of time over the number of chips, by practice, beside what sites told."""
    sizes = np.geomspace(2_000, 1_000_000, 24).round()
    mean = np.array([hours("now", float(size))[1] for size in sizes])
    parts = [
        pd.DataFrame(
            {
                "x": sizes,
                "series": tr(name),
                "y": goodput(mean, checkpoint_s=write, restart_s=restart, detection_s=detection),
            }
        )
        for name, (write, restart, detection) in PRACTICES.items()
    ]
    told = told_goodput()
    points = told.rename(columns={"accelerators": "x", "value": "y", "name": "label"})[["x", "y", "label"]]
    points = points.assign(side=np.where(points["label"].isin(["Llama 3 405B", "ByteRobust"]), "right", "left"))
    table = pd.concat(parts, ignore_index=True)
    both = pd.concat(
        [
            table.assign(kind=table["series"], sources=rate_sources()),
            told.assign(x=told["accelerators"], y=told["value"], kind=told["name"]),
        ]
    )
    return figure(
        curves(
            table,
            points=points,
            x_title="chips in one job (log scale)",
            y_title="useful share of the time",
            x_log=True,
            y_format="%",
            line=(USEFUL, tr("nine tenths")),
            line_row=UNDER,
            colours=(BLUE, PINK, GREEN),
        ),
        name="fig-useful-by-size",
        caption=tr(
            "What keeps ten thousand chips busy fails at a hundred thousand. The marks are what operators told of "
            "their own runs. The two of Meta are one machine of 100,000 chips, first with every failure stopping "
            "all, then with only a part stopping."
        ),
        alt_text=tr(
            "Line chart of the useful share of the time over chips for {count} practices, from {first} to {last} "
            "chips, with {told} published shares between {least} and {most}.",
            count=len(PRACTICES),
            first=numbers.count(round(sizes[0])),
            last=numbers.count(round(sizes[-1])),
            told=len(told),
            least=numbers.percent(told["value"].min()),
            most=numbers.percent(told["value"].max()),
        ),
        table=both[["kind", "x", "y", "sources"]].rename(
            columns={"kind": "practice or run", "x": "chips", "y": "useful share"}
        ),
    )


def told_goodput() -> pd.DataFrame:
    """Return the useful shares of the time that operators told: `name`, `accelerators`, `value`, `known_on`, `sources`.

    >>> float(told_goodput().set_index("name").at["Llama 3 405B", "value"])
    0.9
    """
    rows = data.load("reliability").query("quantity == 'goodput'").dropna(subset=["accelerators", "value"])
    stops = {"all replicas stop": ", all stop", "one replica stops": ", a part stops"}
    stop = rows["item"].map(stops)
    names = rows["system"].map(SYSTEMS).str.split(",").str[0]
    table = rows.assign(
        name=names.mask(stop.notna(), (names + stop.fillna("")).map(tr)),
        sources=rows["source_id"],
        accelerators=rows["accelerators"].astype(float),
    )
    return table[["name", "accelerators", "value", "known_on", "sources"]].reset_index(drop=True)


def breaking_size(practice: str, share: float = 0.5) -> float:
    """Return the number of chips at which the useful share of the time falls to a value, as known today.

    >>> breaking_size("slow: as published by 2024") < breaking_size("quickest: 1 minute, background saves")
    True
    """
    write, restart, detection = PRACTICES[practice]
    sizes = np.geomspace(1_000, 100_000_000, 4_000)
    mean = hours("now", 1.0)[1] / sizes
    shares = goodput(mean, checkpoint_s=write, restart_s=restart, detection_s=detection)
    return float(sizes[np.flatnonzero(shares >= share)[-1]])


# --------------------------------------------------------------------------------------------------------- sensitivity


def useful(mean_hours: Any, write: Any, restart: Any, detection: Any) -> Any:
    """Return the useful share of the time at the best interval.

    >>> float(useful(3.09, 30, 300, 0).round(3))
    0.904
    """
    return goodput(mean_hours, checkpoint_s=write, restart_s=restart, detection_s=detection)


def word(share: float) -> str:
    """Return whether failures are a challenge: they are where less than nine tenths of the time is useful.

    >>> word(0.7), word(0.95)
    ('holds', 'does not hold')
    """
    return "holds" if share < USEFUL else "does not hold"


def moved() -> pd.DataFrame:
    """Return what each input does to the useful share of the time of the planned machine, as known today."""
    seconds = numbers.count
    inputs = [
        Input("mean_hours", tr("time between failures"), *hours("now", PLANNED), numbers.duration, rate_sources()),
        Input("restart", tr("seconds to restart"), 60, 300, 900, seconds, "kokolis-2024, megascale-2024"),
        Input("detection", tr("seconds to find a failure"), 0, 60, 600, seconds, "megascale-2024"),
        Input("write", tr("seconds to save"), 1, 40, 300, seconds, "bloom-training-2022, byterobust-2025"),
    ]
    return sensitivity.moved(useful, inputs, word=word, threshold=USEFUL)


def tornado(table: pd.DataFrame) -> Figure:
    """Return the tornado of `moved`."""
    return sensitivity.tornado_figure(
        table,
        name="fig-staying-up-tornado",
        what="the useful share of the time of 100,000 chips",
        caption=tr(
            "Which site the machine resembles moves it most, and still no input alone brings nine tenths. Failures "
            "have to be rarer, found at once and mended fast, all together."
        ),
        value_title="useful share of the time",
        write=numbers.percent,
        line=(USEFUL, tr("nine tenths")),
        axis_format="%",
    )
