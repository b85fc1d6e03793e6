"""Chapter 4, how far a trend of the largest machines can be trusted: forecasts of the past, and what was assumed."""

from collections.abc import Callable, Mapping
from functools import cache, lru_cache
from typing import Any, Final

import numpy as np
import pandas as pd

from book_figures import how_fast, numbers
from book_figures.charts_claims import Styles
from book_figures.charts_forecasts import ranges_over_outcome
from book_figures.figure import Control, Figure, Readout, figure
from book_figures.readers import now, then
from book_figures.sensitivity import Input, moved, tornado_figure
from book_figures.texts import tr, tr_all
from book_figures.theme import BLUE, GREEN, GREY
from compute_scaling import building, data, frontier, pace
from compute_scaling.checks import Floats
from compute_scaling.claims import ARTICLE_DAY, machine
from compute_scaling.claims.verdict import ROUNDING, SURE, cited, word_for_chance
from compute_scaling.reader import Reader
from compute_scaling.trends import backtest
from compute_scaling.validation import growth

NAME: Final = "fig-trend-backtest"
ASKED: Final = "asked"
KINDS: Final = {
    ASKED: "line through records, each quarter",
    "count": "points of each quarter, chips counted",
    "peak": "points of each quarter, by peak",
    "record": "line through records, the next one",
}
OF_SCOREBOARD: Final = {
    "count": "Largest cluster by count, each quarter",
    "peak": "Largest cluster by peak, each quarter",
    "record": "Largest cluster by peak, each record",
}
RIVALS: Final = {"stays": "all stays as it is", "middle": "the trend's middle, without a range"}
HELD, MISSED, NAIVE = "the range held", "the range missed", "all stays as it is"
MARKS: Final[Styles] = {HELD: ("circle", GREEN), MISSED: ("cross", BLUE), NAIVE: ("triangle-down", GREY)}
EVEN: Final = 1e-9  # scores that differ by less are the same
UNSURE: Final = 1 - SURE  # a chance up to this one is said not to hold

# ------------------------------------------------------------------------------------------------ forecasts of the past


@lru_cache
def forecasts(horizon_years: float = 1.0) -> pd.DataFrame:
    """Return forecasts of the largest machine with what came and scores, four ways of asking (`kind`).

    Three are tables of the scoreboard (`validation.growth`); in the fourth the line goes through the records, as in
    the verdict, and is asked for the end of each quarter.
    """
    records = pace.records(now())
    quarters = pd.date_range(growth.FIRST_QUARTER, data.updated_on(), freq="QE")
    parts = {ASKED: (pace.asked_each_quarter(records, quarters, horizon_years=horizon_years), records)}
    for kind, table in OF_SCOREBOARD.items():
        series = growth.SERIES[table][1]()
        found = backtest(series["date"], series["value"], horizon_years=horizon_years, fewest=growth.FEWEST)
        parts[kind] = (found, series)
    told = [
        pace.scored(found).assign(kind=kind, sources=_sources(found["date"], series))
        for kind, (found, series) in parts.items()
    ]
    return pd.concat(told, ignore_index=True)


def _sources(days: "pd.Series[pd.Timestamp]", series: pd.DataFrame) -> list[str]:
    places = series["date"].searchsorted(days, side="right") - 1
    return [str(series["sources"].iloc[place]) for place in places]


def known_in_may() -> pd.DataFrame:
    """Return the forecasts of `forecasts` by the line through the records whose outcome was public in May 2024."""
    rows = forecasts()
    return rows[(rows["kind"] == ASKED) & (rows["date"] <= pd.Timestamp(ARTICLE_DAY))]


def trend_backtest() -> Figure:
    """Return the figure of one-year forecasts over what came, by the way of asking, beside a naive forecast."""
    rows = forecasts().reset_index(drop=True)
    rows = rows.assign(row=rows.index + rows["kind"].map(list(KINDS).index) + 1)
    over = _over(rows)
    first = rows.groupby("kind", sort=False)["row"].min() - 1
    headings = pd.DataFrame({"row": first.to_numpy(), "kind": first.index})
    headings["label"] = tr("forecast for, and what came")
    return figure(
        ranges_over_outcome(
            over,
            _marks(rows, over),
            headings,
            value_title="forecast over what came (log scale)",
            line="what came",
            styles={tr(name): style for name, style in MARKS.items()},
        ),
        name=NAME,
        caption=tr(
            "Each row is a forecast made a year before; after its day stands what came, in H100-equivalents (where "
            "chips are counted: chips). The thin line is the range meant to hold nine times in ten, the bar the one "
            "for every second time, the mark on it the middle. Almost all that miss lie to the left: too low."
        ),
        alt_text=_alt_text(rows[rows["kind"] == ASKED]),
        table=_shown(rows),
        controls=controls(),
        readout=Readout(_readout(rows)),
    )


def controls() -> list[Control]:
    """Return the two choices: how the forecasts were made, and the naive one beside them."""
    return [
        Control("kind", tr("Forecasts"), tr_all(KINDS), ASKED),
        Control("rival", tr("Beside a naive forecast"), tr_all(RIVALS), "stays"),
    ]


def sentence(rows: pd.DataFrame, rival: str) -> str:
    """Return the readout of some forecasts: ranges that held, which way the others missed, and the scores."""
    low = int((rows["high"] < rows["actual"]).sum())
    high = int((rows["low"] > rows["actual"]).sum())
    wins = int((rows["crps"] < rows[f"crps_{rival}"] - EVEN).sum())
    return tr(
        "Of {count} ranges of 90 %, {held} held, {low} lay too low, {high} too high. Mean score (0 is best): "
        "{trend}, of “{rival}” {naive}. The trend with its range scored better {wins} times.",
        count=len(rows), held=int(rows["covered"].sum()), low=low, high=high, wins=wins, rival=tr(RIVALS[rival]),
        trend=numbers.times(rows["crps"].mean()), naive=numbers.times(rows[f"crps_{rival}"].mean()),
    )  # fmt: skip


def by_kind(horizon_years: float = 1.0) -> pd.DataFrame:
    """Return how the forecasts did, a row a way of asking, as a table for reading."""
    rows = []
    for kind, part in forecasts(horizon_years).groupby("kind", sort=False):
        scores = {name: numbers.times(part[name].mean()) for name in ("crps", "crps_middle", "crps_stays")}
        better = int((part["crps"] < part["crps_stays"] - EVEN).sum())
        rows.append(
            {
                tr("forecasts"): tr(KINDS[str(kind)]),
                tr("number"): numbers.count(len(part)),
                tr("ranges that held"): f"{int(part['covered'].sum())} ({numbers.percent(part['covered'].mean())})",
                tr("too low"): numbers.count((part["high"] < part["actual"]).sum()),
                tr("mean score"): scores["crps"],
                tr("without the range"): scores["crps_middle"],
                tr("all stays"): scores["crps_stays"],
                tr("better than all stays"): numbers.count(better),
            }
        )
    return pd.DataFrame(rows)


def _over(rows: pd.DataFrame) -> pd.DataFrame:
    ends = {"low": "low", "low_inner": "low_50", "mid": "mid", "high_inner": "high_50", "high": "high"}
    return pd.DataFrame(
        {
            "row": rows["row"],
            "kind": rows["kind"],
            "label": [f"{_when(row)}: {numbers.significant(row['actual'])}" for _, row in rows.iterrows()],
            "series": [tr(HELD if held else MISSED) for held in rows["covered"]],
            **{name: rows[column] / rows["actual"] for name, column in ends.items()},
            "came_low": 1.0,
            "came_high": 1.0,
            "text": [
                tr("{points} points by {day}: {span}", points=row["points"], day=numbers.day(row["origin"]),
                   span=numbers.span(numbers.significant(row["low"]), numbers.significant(row["high"])))
                for _, row in rows.iterrows()
            ],
        }
    )  # fmt: skip


def _when(row: "pd.Series[Any]") -> str:
    return numbers.day(row["date"]) if row["kind"] == "record" else numbers.month(row["date"])


def _marks(rows: pd.DataFrame, over: pd.DataFrame) -> pd.DataFrame:
    middles = over[["row", "kind", "series", "text"]].assign(rival="", value=over["mid"])
    texts = [tr("all stays: {size}", size=numbers.significant(value)) for value in rows["naive"]]
    naive = over[["row", "kind"]].assign(
        rival="stays", series=tr(NAIVE), value=rows["naive"] / rows["actual"], text=texts
    )
    return pd.concat([middles, naive], ignore_index=True)


def _readout(rows: pd.DataFrame) -> pd.DataFrame:
    found = [
        {"kind": kind, "rival": rival, "text": sentence(rows[rows["kind"] == kind], rival)}
        for kind in KINDS
        for rival in RIVALS
    ]
    return pd.DataFrame(found)


def _shown(rows: pd.DataFrame) -> pd.DataFrame:
    names = {
        "kind": "forecasts", "date": "for", "origin": "known by", "points": "points", "low": "90 % from",
        "mid": "middle", "high": "90 % to", "actual": "came", "over": "middle over what came", "held": "held",
        "naive": "all stays", "crps": "score", "crps_stays": "score, all stays", "crps_middle": "score, middle",
        "sources": "sources",
    }  # fmt: skip
    held = [tr("yes") if covered else tr("no") for covered in rows["covered"]]
    over = (rows["mid"] / rows["actual"]).map(numbers.times)
    return rows.assign(kind=rows["kind"].map(tr_all(KINDS)), held=held, over=over)[list(names)].rename(columns=names)


def _alt_text(rows: pd.DataFrame) -> str:
    ratio = rows["mid"] / rows["actual"]
    furthest = ratio.idxmin()
    return tr(
        "Range chart of {count} forecasts of the largest machine, each a year ahead, over what came. {held} wide "
        "ranges held it, {missed} missed it. The lowest middle, for {month}, is {times} times what came.",
        count=len(rows), held=int(rows["covered"].sum()), missed=int((~rows["covered"]).sum()),
        month=numbers.month(rows.at[furthest, "date"]), times=numbers.times(ratio[furthest]),
    )  # fmt: skip


# --------------------------------------------------------------------------------------------------- what was assumed

EPOCH: Final = numbers.EPOCH
CHOICES: Final[Mapping[str, Mapping[float, str]]] = {
    "way": {0: "growth", 1: "building times"},
    "word": {0: "confirmed", 1: "anyone's word"},
    "unit": {0: "one each", 1: "16-bit peak"},
    "points": {0: "quarters", 1: "records"},
    "fit": {0: "least squares", 1: "Theil-Sen"},
}


def chance(
    *, way: float, word: float, unit: float, points: float, fit: float, begins: float, left_out: float, known: float,
    wanted: float, size: float,
) -> float:  # fmt: skip
    """Return the chance of a machine of some size by some day under one set of choices; days since 1970, codes else.

    way, word, unit, points, fit: as in `CHOICES`. left_out: the record left out, by its number from 1; 0 for none.
    begins: the first day of a record that counts. known: the day up to which data count. Codes between whole numbers
    stand for the nearer one.
    """
    day, deadline = _day(known), _day(wanted)
    if round(way):
        months = (deadline - machine.announced_on(_reader(day))) / pd.Timedelta(days=building.DAYS_PER_MONTH)
        return _times(day).chance_within(months)[1]
    table = _table(day, round(word), round(unit), round(points))
    table = table[table["date"] >= _day(begins)]
    if round(left_out):
        table = table.drop(index=table.index[round(left_out) - 1])
    method = pace.METHODS[round(fit)]
    return float(pace.outlook_of(table, day=deadline, size=size, method=method)["chance"])


def chances(**inputs: Floats) -> Floats:
    """Return `chance` for arrays of inputs, an element each."""
    names = list(inputs)
    rows = zip(*(np.atleast_1d(inputs[name]) for name in names), strict=True)
    return np.array([chance(**dict(zip(names, map(float, row), strict=True))) for row in rows])


def _day(days: float) -> pd.Timestamp:
    return EPOCH + pd.Timedelta(days=int(np.floor(days)))


def _days(day: "str | pd.Timestamp") -> float:
    return float((pd.Timestamp(day) - EPOCH).days)


@cache
def _reader(day: pd.Timestamp) -> Reader:
    return Reader(day)


@cache
def _times(day: pd.Timestamp) -> building.Times:
    known = building.known_times(_reader(day))
    return building.times_of(known["months"], finished=known["finished"])


@cache
def _table(day: pd.Timestamp, word: int, unit: int, points: int) -> pd.DataFrame:
    kind = pace.UNITS[1 - unit]
    if not points:
        return frontier.largest_by(pd.date_range(growth.FIRST_QUARTER, day, freq="QE"), kind)
    return pace.records(_reader(day), word=pace.WORDS[word], unit=kind)


def inputs() -> list[Input]:
    """Return what the chance rests on, each input with its range; the middle is the line of the verdict."""
    records = then().once(pace.records)
    told, dates = ", ".join(cited(records["sources"])), records["date"]
    alone = [chance(**_middle() | {"left_out": float(index + 1)}) for index in range(len(records))]
    least, most = int(np.argmin(alone)) + 1, int(np.argmax(alone)) + 1
    names: dict[float, str] = {0: "none", **{index + 1: numbers.month(day) for index, day in enumerate(dates)}}
    sites = ", ".join(cited(pace.records(then(), word="anyone")["sources"]))
    times = ", ".join(cited(building.known_times(then())["sources"]))
    middle, article = _middle(), "generation-nt-2024"
    planned = machine.planned_count()
    ends: list[tuple[str, str, float, float, Callable[[float], str], str]] = [
        ("way", "method", 0, 1, _of(CHOICES["way"]), times),
        ("begins", "records from", middle["begins"], _days(how_fast.BREAK), _written, told),
        ("word", "machines", 0, 1, _of(CHOICES["word"]), sites),
        ("fit", "fit", 0, 1, _of(CHOICES["fit"]), told),
        ("points", "points", 0, 1, _of(CHOICES["points"]), told),
        ("unit", "chips", 0, 1, _of(CHOICES["unit"]), told),
        ("known", "public by", _days("2023-12-31"), middle["known"], _written, told),
        ("wanted", "wanted by", _days(machine.FIRST_OF_AUTUMN), middle["wanted"], _written, article),
        ("size", "the plan", planned / ROUNDING, planned * ROUNDING, numbers.significant, article),
    ]
    found = [Input(name, label, low, middle[name], high, write, ids) for name, label, low, high, write, ids in ends]
    return [*found, Input("left_out", "left out", *_order(least, most), _of(names), told)]


def _order(least: int, most: int) -> tuple[float, float, float]:
    return (-float(least), 0.0, float(most))


def _of(names: Mapping[float, str]) -> Callable[[float], str]:
    """Return a writer of codes; a code between whole numbers has no name."""

    def write(value: float) -> str:
        return tr(names[abs(value)]) if float(value).is_integer() and abs(value) in names else "–"

    return write


def _written(days: float) -> str:
    return numbers.month(_day(days))


def _middle() -> dict[str, float]:
    first = then().once(pace.records)["date"].min()
    return {
        "way": 0, "word": 0, "unit": 1, "points": 1, "fit": 0, "begins": _days(first), "left_out": 0,
        "known": _days(ARTICLE_DAY), "wanted": _days(machine.LAST_OF_AUTUMN), "size": machine.planned_count(),
    }  # fmt: skip


def word_of(value: float) -> str:
    """Return the word of a forecast with a chance.

    >>> word_of(0.05), word_of(0.13), word_of(0.95)
    ('does not hold', 'holds if', 'holds')
    """
    return word_for_chance(value, value)


def assumed() -> pd.DataFrame:
    """Return the inputs and what each, moved alone, makes of the chance (`sensitivity.moved`); where its word turns.

    A word can turn at either of two chances; an input shows the one that it crosses.
    """
    given = inputs()
    tables = [moved(_both_signs, given, word=word_of, threshold=at) for at in (UNSURE, SURE)]
    turned = tables[0]["flips"].where(tables[0]["flips"] != "–", tables[1]["flips"])
    return tables[0].assign(flips=turned, flips_at=tables[0]["flips_at"].fillna(tables[1]["flips_at"]))


def _both_signs(**inputs: Floats) -> Floats:
    """Return `chances`; the sign of a left-out record's number only says to which side its mark goes."""
    return chances(**inputs | {"left_out": np.abs(inputs["left_out"])})


def tornado(table: pd.DataFrame) -> Figure:
    """Return the tornado of `assumed`."""
    return tornado_figure(
        table,
        name="fig-tornado-autumn",
        what="the chance of the planned size by the end of autumn 2025, as of May 2024",
        caption=tr(
            "Each bar moves one choice and leaves the others in the middle. Only the record with which the line begins "
            "turns the word upwards; six small choices turn it downwards."
        ),
        value_title=how_fast.CHANCE,
        write=numbers.chance,
        line=(SURE, "“holds”"),
        axis_format="%",
    )
