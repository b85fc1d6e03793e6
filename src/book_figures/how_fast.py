"""The figures of chapter 4: how fast the largest machines grew, as known on any day, and which records decide it."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any, Final, cast

import altair as alt
import pandas as pd

from book_figures import numbers
from book_figures.charts_claims import Styles
from book_figures.charts_growth import growth_as_known
from book_figures.charts_scores import dots_in_ranges
from book_figures.figure import Control, Figure, Readout, figure
from book_figures.readers import now, then
from book_figures.sensitivity import STYLES
from book_figures.texts import tr, tr_all
from book_figures.theme import BLUE, GREY, PINK
from compute_scaling import census, frontier, pace
from compute_scaling.claims import ARTICLE_DAY, machine, market
from compute_scaling.claims.verdict import SURE, cited, word_for_chance

NAME: Final = "fig-growth-known"
CUT_OFFS: Final = pd.date_range("2021-06-30", "2026-10-31", freq="ME")
GRID: Final = pd.date_range("2020-05-01", "2027-01-01", freq="5MS")  # days on which a band is drawn
DOMAIN: Final = (800.0, 2_500_000.0)  # of the sizes
WORDS: Final[dict[pace.Word, str]] = {
    "confirmed": "one network, confirmed by its owner",
    "anyone": "sites too, by anyone's word",
}
UNITS: Final[dict[pace.Unit, str]] = {
    "H100e": "H100-equivalents (16-bit peak)",
    "any": "any accelerator, counted as one",
}
OF_UNIT: Final = {"H100e": "H100-equivalents", "any": "accelerators"}
THEN, TODAY = "known on the day", "as known today"
KNOWN: Final[Styles] = {THEN: ("circle", BLUE), TODAY: ("square", GREY)}
METHODS: Final = {"least_squares": "least squares", "robust": "Theil-Sen"}
FITTED: Final[Styles] = {"least squares": ("circle", BLUE), "Theil-Sen": ("diamond", PINK)}
LEAP: Final = "leaps so far"
CHANCE: Final = "chance by the end of autumn 2025"
SHORT: Final = {  # so that a phone shows a row's label on one line
    "Azure supercomputer for OpenAI": "Azure for OpenAI",
    "Selene, second phase": "Selene",
    "Tesla A100 cluster": "Tesla's A100s",
    "Tesla 10,000 H100 cluster": "Tesla's H100s",
    "Eos-class machine of MLPerf 3.1": "Eos-class machine",
    "Meta GenAI cluster": "Meta's GenAI cluster",
}
BREAK: Final = pd.Timestamp("2023-05-18")  # the record at which two lines fit best; `test_how_fast` finds it again
PERCENTS: Final = alt.Axis(values=[0, 0.25, 0.5, 0.75, 1], format="%")
SHARES: Final = alt.Scale(domain=[0, 1], nice=False)


# ---------------------------------------------------------------------------------------------------- what was known


def default_cut_off() -> int:
    """Return the slider's step of the article's day.

    >>> CUT_OFFS[default_cut_off()]
    Timestamp('2024-05-31 00:00:00')
    """
    return int(CUT_OFFS.get_loc(pd.Timestamp(ARTICLE_DAY)))


@lru_cache
def known(word: pace.Word, unit: pace.Unit) -> pd.DataFrame:
    """Return `pace.spells` of one reading over all cut-offs."""
    return pace.spells(CUT_OFFS, word=word, unit=unit)


def outlook(table: pd.DataFrame, *, method: Any = "least_squares") -> "pd.Series[float]":
    """Return what records say of the planned size by the end of autumn 2025 (`pace.outlook_of`)."""
    return pace.outlook_of(table, day=machine.LAST_OF_AUTUMN, size=machine.planned_count(), method=method)


def _each_reading() -> Iterable[tuple[pace.Word, pace.Unit, pd.DataFrame]]:
    for word in WORDS:
        for unit in UNITS:
            yield word, unit, known(word, unit)


def _on(table: pd.DataFrame, step: int) -> pd.DataFrame:
    return table[(table["first"] <= step) & (step < table["last"])]


# ------------------------------------------------------------------------------------------------ the movable cut-off


def growth_known() -> Figure:
    """Return the figure of the records known by a day and the trend through them: day, evidence and unit to choose."""
    outlooks = _outlooks()
    days = pd.DataFrame({"step": range(len(CUT_OFFS)), "date": CUT_OFFS, "label": tr("data up to here")})
    chosen = "datum.word === word && datum.unit === unit && datum.first <= cutoff && cutoff < datum.last"
    chart = growth_as_known(
        _points(),
        _bands(),
        days,
        value_title="size (H100-equivalents or accelerators, log scale)",
        styles={tr(name): style for name, style in KNOWN.items()},
        keep=chosen,
        keep_day="datum.step === cutoff",
        size=(machine.planned_count(), tr("the plan: {size}", size=numbers.count(machine.planned_count()))),
        goal=(machine.LAST_OF_AUTUMN, "autumn 2025"),
        domain=DOMAIN,
    )
    return figure(
        chart,
        name=NAME,
        caption=tr(
            "Move the day and the line follows what was public by then. By confirmed machines the plan lies above "
            "the band before 2023, and from then on each record makes the line steeper. Grey squares show what came."
        ),
        alt_text=_alt_text(outlooks),
        table=_shown(outlooks),
        controls=controls(),
        readout=Readout(
            _readout(outlooks), otherwise=tr("Fewer than three records were known by then: no line can be drawn.")
        ),
    )


def controls() -> list[Control]:
    """Return the three choices; their defaults are the standard reading on the article's day."""
    months = {str(index): numbers.month(day) for index, day in enumerate(CUT_OFFS)}
    return [
        Control("cutoff", tr("Data public by the end of"), months, str(default_cut_off()), slider=True),
        Control("word", tr("A machine is"), tr_all(WORDS), "confirmed"),
        Control("unit", tr("Size means"), tr_all(UNITS), "H100e"),
    ]


def sentence(row: "pd.Series[Any]") -> str:
    """Return the readout of one reading and cut-off: growth, doubling, and the chance of the planned size."""
    size = numbers.count(machine.planned_count())
    pace_of = tr(
        "{points} records, the largest {record} {unit}. Growth {factor} times a year (90 % range {span}), doubling in "
        "{months} months.",
        points=round(row["points"]), record=_size(row["record"]), unit=tr(OF_UNIT[row["unit"]]),
        factor=numbers.times(row["factor"]), months=numbers.significant(row["doubling_months"], 2),
        span=numbers.span(numbers.times(row["factor_low"]), numbers.times(row["factor_high"])),
    )  # fmt: skip
    if row["chance"] == 1:
        return tr("{pace} {size} had been reached: nothing was left to forecast.", pace=pace_of, size=size)
    return tr(
        "{pace} Chance of {size} by {day}: {chance}.",
        pace=pace_of, size=size, day=numbers.day(machine.LAST_OF_AUTUMN), chance=numbers.chance(row["chance"]),
    )  # fmt: skip


def _size(value: float) -> str:
    return numbers.count(float(numbers.significant(value).replace(",", ""))) if value % 1 else numbers.count(value)


def _outlooks() -> pd.DataFrame:
    parts = []
    for word, unit, table in _each_reading():
        rows = pace.outlooks(table, day=machine.LAST_OF_AUTUMN, size=machine.planned_count())
        groups = table.groupby(["first", "last"])["sources"].agg(lambda ids: ", ".join(cited(ids)))
        rows["sources"] = [groups[(first, last)] for first, last in zip(rows["first"], rows["last"], strict=True)]
        parts.append(rows.assign(word=word, unit=unit))
    return pd.concat(parts, ignore_index=True).astype({"first": int, "last": int})


def _points() -> pd.DataFrame:
    """Return the records known on each cut-off, and those known today behind them."""
    parts = []
    for word, unit, table in _each_reading():
        today = _on(table, len(CUT_OFFS) - 1).assign(first=0, last=len(CUT_OFFS), series=tr(TODAY))
        parts.append(pd.concat([today, table.assign(series=tr(THEN))]).assign(word=word, unit=unit))
    rows = pd.concat(parts, ignore_index=True)
    texts = [f"{_size(value)}, {numbers.month(day)}" for value, day in zip(rows["value"], rows["date"], strict=True)]
    return rows.assign(text=texts).drop(columns="sources")


def _bands() -> pd.DataFrame:
    parts = [pace.bands(table, GRID).assign(word=word, unit=unit) for word, unit, table in _each_reading()]
    return pd.concat(parts, ignore_index=True)


def _readout(outlooks: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "cutoff_from": outlooks["first"],
            "cutoff_to": outlooks["last"],
            "word": outlooks["word"],
            "unit": outlooks["unit"],
            "text": [sentence(row) for _, row in outlooks.iterrows()],
            "verdict": [word_for_chance(chance, chance) for chance in outlooks["chance"]],
        }
    )


def _shown(outlooks: pd.DataFrame) -> pd.DataFrame:
    names = {
        "word": "machines", "unit": "size", "from": "from the end of", "points": "records", "record": "largest",
        "factor_low": "growth a year, low", "factor": "growth a year", "factor_high": "growth a year, high",
        "doubling_months": "months to double", "low": "by autumn 2025, low", "mid": "by autumn 2025",
        "high": "by autumn 2025, high", "chance": "chance of the plan", "sources": "sources",
    }  # fmt: skip
    rows = outlooks.assign(
        word=outlooks["word"].map(tr_all(WORDS)),
        unit=outlooks["unit"].map(tr_all(UNITS)),
        chance=outlooks["chance"].map(numbers.chance),
        **{"from": [numbers.month(CUT_OFFS[first]) for first in outlooks["first"]]},
    )
    return rows[list(names)].rename(columns=names)


def _alt_text(outlooks: pd.DataFrame) -> str:
    standard = outlooks[(outlooks["word"] == "confirmed") & (outlooks["unit"] == "H100e")]
    row = _on(standard, default_cut_off()).iloc[0]
    return tr(
        "Dot plot over time of the largest AI machines, with the line through the {points} records known in May 2024 "
        "and its band. The largest is {record} H100-equivalents; growth is {factor} times a year. On the last day of "
        "autumn 2025 the line is at {mid}, the band from {low} to {high}.",
        points=round(row["points"]), record=numbers.count(row["record"]), factor=numbers.times(row["factor"]),
        mid=numbers.significant(row["mid"]), low=numbers.significant(row["low"]), high=numbers.significant(row["high"]),
    )  # fmt: skip


def by_cut_off() -> pd.DataFrame:
    """Return what the chance was after each record of the standard reading up to the article's day, as a table.

    Beside it the robust line, and the sites by anyone's word, as known at the same month's end.
    """
    table = known("confirmed", "H100e")
    steps = [first for first in table["first"].drop_duplicates() if first <= default_cut_off()]
    rows = []
    for step in steps:
        records, sites = _on(table, step), _on(known("anyone", "H100e"), step)
        plain, robust, others = outlook(records), outlook(records, method="robust"), outlook(sites)
        rows.append(
            {
                tr("known by the end of"): numbers.month(CUT_OFFS[step]),
                tr("records"): numbers.count(plain["points"]),
                tr("largest, H100-equivalents"): _size(plain["record"]),
                tr("growth a year"): numbers.times(plain["factor"]),
                tr("chance"): numbers.chance(plain["chance"]),
                tr("chance, Theil-Sen"): numbers.chance(robust["chance"]),
                tr("chance, sites"): numbers.chance(others["chance"]),
            }
        )
    return pd.DataFrame(rows)


# ---------------------------------------------------------------------------------------------- which records decide


@lru_cache
def names_of(unit: census.Unit = "H100e") -> dict[pd.Timestamp, str]:
    """Return the machine behind each confirmed record, by the day it could be known.

    >>> names_of()[pd.Timestamp("2023-11-13")]
    'Azure Eagle'
    """
    days = pd.DatetimeIndex(frontier.record_machines(unit)["date"])
    machines = census.standing(
        days, without=frontier.EVERYONE, scopes=("fabric",), evidence=("confirmed",), units=(unit,)
    )
    largest = census.select(census.largest(machines), census.Definition(unit=unit))
    return dict(zip(largest["on"], largest["entity"], strict=True))


def which_records(table: pd.DataFrame) -> Figure:
    """Return the figure of the chance when a record is left out, or the line begins later; table: `pace.points_moved`.

    The two methods of fitting lie in one row.
    """
    rows = table.assign(name=[_choice(kind, day) for kind, day in zip(table["kind"], table["date"], strict=True)])
    wide = rows.pivot_table("chance", "name", "method", sort=False)
    labels = [
        tr("{name}: {plain}, {robust}", name=name, plain=numbers.chance(row[plain]), robust=numbers.chance(row[robust]))
        for plain, robust in [("least_squares", "robust")]
        for name, row in wide.iterrows()
    ]
    ranges = pd.DataFrame({"name": wide.index, "label": labels, "low": wide.min(axis=1), "high": wide.max(axis=1)})
    points = rows.assign(value=rows["chance"], series=rows["method"].map(tr_all(METHODS)), text=rows["name"])
    all_in = rows[(rows["kind"] == "all") & (rows["method"] == "least_squares")].iloc[0]
    least = wide["least_squares"]
    return figure(
        dots_in_ranges(
            points[["name", "value", "series", "text"]],
            ranges,
            value_title=CHANCE,
            styles={tr(name): style for name, style in FITTED.items()},
            scale=SHARES,
            axis=PERCENTS,
            line=(SURE, "“holds”"),
        ),
        name="fig-which-records",
        caption=tr(
            "No single record moves the chance as much as the day on which the line begins: from the second quarter of "
            "2023 on, the plan is no more than the trend. After each name: the chance by least squares, and by the "
            "method of Theil and Sen. The verdict reads “holds” from 90\u00a0% on, “does not hold” up to 10\u00a0%."
        ),
        alt_text=tr(
            "Dot plot of the chance by least squares and by Theil and Sen, {count} choices. With all records it is "
            "{all}; with one left out from {low} to {high}; with the line begun later up to {most}.",
            count=len(wide), all=numbers.chance(all_in["chance"]),
            low=numbers.chance(least[_named(rows, "without")].min()),
            high=numbers.chance(least[_named(rows, "without")].max()),
            most=numbers.chance(least[_named(rows, "from")].max()),
        ),
        table=_records_shown(rows),
    )  # fmt: skip


def _named(rows: pd.DataFrame, kind: str) -> list[str]:
    return list(dict.fromkeys(rows.loc[rows["kind"] == kind, "name"]))


def _choice(kind: str, day: pd.Timestamp) -> str:
    if kind == "all":
        return tr("all records")
    name = names_of()[day].partition(" (")[0]
    return tr("without {name}" if kind == "without" else "begun at {name}", name=tr(SHORT.get(name, name)))


def _records_shown(rows: pd.DataFrame) -> pd.DataFrame:
    told = frontier.record_machines("H100e", ARTICLE_DAY).set_index("date")
    names = {
        "name": "records", "date": "known on", "method": "fitted by", "points": "number", "factor": "growth a year",
        "doubling_months": "months to double", "mid": "by autumn 2025", "chance": "chance",
        "size": "size of the record named", "sources": "sources",
    }  # fmt: skip
    shown = rows.assign(
        method=rows["method"].map(tr_all(METHODS)),
        chance=rows["chance"].map(numbers.chance),
        size=rows["date"].map(told["value"]),
        sources=rows["date"].map(told["sources"]).fillna(", ".join(cited(told["sources"]))),
    )
    return shown[list(names)].rename(columns=names)


# ------------------------------------------------------------------------------------------- the chance by each method


def leaps_then() -> tuple[int, int]:
    """Return how often the record had grown by the factor that the plan needs in the time it had, and of how many.

    Windows begin at the end of each month up to the article's day.
    """
    records = pace.records(then())
    starts = pd.date_range(records["date"].min(), ARTICLE_DAY, freq="ME")
    days = (machine.LAST_OF_AUTUMN - pd.Timestamp(ARTICLE_DAY)).days
    times = machine.planned_count() / float(records["value"].max())
    return pace.leaps(records, starts, days=days, times=times, until=ARTICLE_DAY)


def methods() -> pd.DataFrame:
    """Return the chance by each method on the article's day: `name`, `low`, `mid`, `high`, `word`, `range`, `sources`.

    Ranges of building times are of 90 %; those of lines reach over leaving out one record.
    """
    reader, rows = then(), []
    for name, chance in machine.chances_of_autumn(reader).iterrows():
        if str(name).startswith("building"):
            rows.append((name, chance["low"], chance["mid"], chance["high"], "90 %", chance["sources"]))
    records = reader.once(pace.records)
    sites = pace.records(reader, word="anyone")
    lines = {
        "line through all records": (records, "least_squares"),
        "robust line through all records": (records, "robust"),
        "line through sites, by anyone's word": (sites, "least_squares"),
        "line through records since May 2023": (records[records["date"] >= BREAK], "least_squares"),
    }
    for name, (table, method) in lines.items():
        left = [outlook(table.drop(index=index), method=method)["chance"] for index in table.index]
        told = ", ".join(cited(table["sources"]))
        rows.append((name, min(left), outlook(table, method=method)["chance"], max(left), "one record left out", told))
    often, of = leaps_then()
    told = ", ".join(cited(records["sources"]))
    rows.append((LEAP, often / of, often / of, often / of, "none", told))
    table = pd.DataFrame(rows, columns=["name", "low", "mid", "high", "range", "sources"])
    table["word"] = [word_for_chance(low, high) for low, high in zip(table["low"], table["high"], strict=True)]
    return table.sort_values("mid", ascending=False, kind="stable", ignore_index=True)


def by_method(table: pd.DataFrame) -> Figure:
    """Return the figure of the chance by each method, with ranges and verdict words; table: what `methods` returns."""
    rows = table.assign(name=[tr(_method_name(name)) for name in table["name"]])
    rows["label"] = [f"{name}: {numbers.chance(mid)}" for name, mid in zip(rows["name"], rows["mid"], strict=True)]
    points = rows.assign(value=rows["mid"], series=rows["word"].map(tr), text=rows["label"])
    found = [word for word in STYLES if word in set(table["word"])]
    least, most = rows.iloc[-1], rows.iloc[0]
    return figure(
        dots_in_ranges(
            points[["name", "value", "series", "text"]],
            rows[["name", "label", "low", "high"]],
            value_title=CHANCE,
            styles={tr(word): STYLES[word] for word in found},
            scale=SHARES,
            axis=PERCENTS,
            line=(SURE, "“holds”"),
        ),
        name="fig-chance-by-method",
        caption=tr(
            "One question, one day, the same public data: the method makes the answer. Ranges of building times are of "
            "90\u00a0%; those of lines show what leaving out one record does."
        ),
        alt_text=tr(
            "Dot plot with ranges of the chance by {count} methods, as of May 2024: from {low} ({least}) to {high} "
            "({most}).",
            count=len(rows), low=numbers.chance(least["mid"]), least=least["name"], high=numbers.chance(most["mid"]),
            most=most["name"],
        ),
        table=_methods_shown(rows),
    )  # fmt: skip


def _method_name(name: str) -> str:
    return {
        LEAP: "how often the record had leapt so far",
        "building times, for AI": "building times, machines for AI",
        "building times, all": "building times, all large machines",
    }.get(name, name)


def _methods_shown(rows: pd.DataFrame) -> pd.DataFrame:
    chances = {end: rows[end].map(numbers.chance) for end in ("low", "mid", "high")}
    shown = rows.assign(word=rows["word"].map(tr), **chances)
    names = {"name": "method", "low": "low", "mid": "chance", "high": "high", "range": "range over", "word": "verdict"}
    return shown[[*names, "sources"]].rename(columns=names)


# -------------------------------------------------------------------------------------------------- then and today


def then_and_today() -> pd.DataFrame:
    """Return the pace as known in May 2024 and as known today, as a table for reading."""
    columns = [tr("by the line through"), tr("as known in May 2024"), tr("as known today")]
    readers = (then(), now())
    rows = []
    for word, words in WORDS.items():
        found = [outlook(pace.records(reader, word=word)) for reader in readers]
        rows += [[f"{tr(words)}: {tr(what)}", *map(write, found)] for what, write in OF_PACE.items()]
    return pd.DataFrame(rows, columns=columns)


def _records(one: "pd.Series[float]") -> str:
    return numbers.count(one["points"])


def _largest(one: "pd.Series[float]") -> str:
    return numbers.significant(one["record"])


def _months(one: "pd.Series[float]") -> str:
    return numbers.significant(one["doubling_months"], 2)


def _growth(one: "pd.Series[float]") -> str:
    span = numbers.span(numbers.times(one["factor_low"]), numbers.times(one["factor_high"]))
    return f"{numbers.times(one['factor'])} ({span})"


OF_PACE: Final = {
    "records": _records,
    "largest, H100-equivalents": _largest,
    "growth a year (90 % range)": _growth,
    "months to double": _months,
}


def owners(least: float) -> pd.DataFrame:
    """Return how many owners had so many accelerators for AI, by scope and evidence, then and today, as a table."""
    columns = [tr("whose word counts"), tr("counted"), tr("May 2024"), tr("today"), tr("owners of today")]
    counted = [
        machines[(machines["mid"] >= least) & (machines["purpose"] == "ai")].groupby(["evidence", "scope"])["owner"]
        for machines in map(market.everyones_machines, (then(), now()))
    ]
    sets = [group.agg(lambda names: sorted(set(names))) for group in counted]
    evidence = {"measured": "an outside list", "confirmed": "the owner too", "reported": "anyone"}
    scopes = {"fabric": "on one network", "owner": "on all sites"}
    rows = [
        [tr(text), tr(where), *(numbers.count(len(found[(kind, scope)])) for found in sets),
         ", ".join(cast(list[str], sets[1][(kind, scope)]))]
        for kind, text in evidence.items()
        for scope, where in scopes.items()
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)
