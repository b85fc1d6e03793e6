"""The figures of chapter 12: who gained, who bought, who built chips of their own, and whether it was an arms race."""

from functools import lru_cache
from typing import Any, Final

import numpy as np
import pandas as pd

from book_figures import alt_texts, charts, charts_chips, charts_claims, charts_time, numbers, sensitivity
from book_figures.figure import Control, Figure, Readout, figure
from book_figures.readers import now, then
from book_figures.sensitivity import Input
from book_figures.texts import tr, tr_all
from book_figures.theme import BLUE, GREEN, ORANGE, PINK
from compute_scaling import data
from compute_scaling.claims import ARTICLE_DAY, market
from compute_scaling.claims.verdict import claimed, one_word, word_for_range
from compute_scaling.reader import Reader
from compute_scaling.series import nvidia_quarters
from compute_scaling.trends import fit_growth

BILLION: Final = 1e9
FIRST_CUT: Final = 8  # quarters known at the slider's first step
WINDOWS: Final = {"all": "all quarters known", "4": "the newest four quarters"}
KNOWN, CAME = "known then", "came later"
TICKS: Final = [2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000]  # billions
YEARS: Final = (2023, 2024)
LEAST: Final = market.MAJOR_CUSTOMER * len(market.GROUPS)
A_FIFTH: Final = 0.2  # our judgement of how far one analyst's count may be off
EVENTS: Final = {
    "announced": ("circle", BLUE),
    "offered to customers": ("square", PINK),
    "in use": ("diamond", GREEN),
    "ended": ("cross", ORANGE),
}


# ---------------------------------------------------------------------------------------------------- Nvidia's quarters


def quarters() -> pd.DataFrame:
    """Return Nvidia's data-centre revenue a quarter: `date`, `value` (dollars), `known_on`, `sources`.

    >>> len(quarters()) > 20
    True
    """
    rows = now().table("company_quarters")
    chosen = (rows["company"] == "Nvidia") & (rows["quantity"] == "data-centre revenue") & (rows["months"] == 3)
    first = rows[chosen].sort_values("known_on").drop_duplicates("period")
    return nvidia_quarters(now()).merge(
        first[["period_end", "period", "known_on"]], left_on="date", right_on="period_end"
    )


def cuts() -> pd.DatetimeIndex:
    """Return the days on which the slider can stop: those on which a quarter became public, and the article's day."""
    days = pd.DatetimeIndex(quarters()["known_on"].iloc[FIRST_CUT - 1 : -1])
    return days.where(days != days[days <= pd.Timestamp(ARTICLE_DAY)].max(), pd.Timestamp(ARTICLE_DAY))


def forecast(day: pd.Timestamp, window: str) -> pd.DataFrame:
    """Return what the trend known on a day says of the quarters after it, beside what came.

    Columns: `date`, `low`, `mid`, `high`, `value`, and `factor_per_year` (the same in all rows).
    """
    return _with_last_known(day, window).iloc[1:]


def _with_last_known(day: pd.Timestamp, window: str) -> pd.DataFrame:
    """Return `forecast` with the last quarter known before it, so that a line can be drawn to a single later one."""
    known = nvidia_quarters(Reader(day))
    fitted = known if window == "all" else known.tail(int(window))
    growth = fit_growth(fitted["date"], fitted["value"])
    later = quarters()[quarters()["date"] >= known["date"].iloc[-1]]
    low, mid, high = growth.predict(later["date"])
    return later[["date", "value"]].assign(low=low, mid=mid, high=high, factor_per_year=growth.factor_per_year)


@lru_cache
def forecasts() -> pd.DataFrame:
    """Return `forecast` for every cut and window, with `step` and `window`, and `ahead`: false for the last known."""
    parts = [
        _with_last_known(day, window).assign(step=step, window=window, ahead=lambda part: np.arange(len(part)) > 0)
        for step, day in enumerate(cuts())
        for window in WINDOWS
    ]
    return pd.concat(parts, ignore_index=True)


def revenue() -> Figure:
    """Return the figure of Nvidia's quarters with a trend fitted to those known by a day that the reader moves."""
    rows, drawn = quarters(), forecasts()
    bands = drawn[drawn["ahead"]]
    steps = np.searchsorted(cuts(), rows["known_on"])
    points = pd.DataFrame(
        {
            "date": rows["date"],
            "value": rows["value"] / BILLION,
            "step": steps,
            "text": [
                f"{period}: {numbers.usd(value)}" for period, value in zip(rows["period"], rows["value"], strict=True)
            ],
        }
    )
    plotted = drawn[["date", "step", "window"]].assign(**{end: drawn[end] / BILLION for end in ("low", "mid", "high")})
    days = pd.DataFrame({"date": cuts(), "label": tr("known by then"), "step": range(len(cuts()))})
    start = int(cuts().get_loc(pd.Timestamp(ARTICLE_DAY)))
    steps_named = {str(step): numbers.day(day) for step, day in enumerate(cuts())}
    default = bands[(bands["step"] == start) & (bands["window"] == "all")]
    return figure(
        charts_time.movable_trend(
            points, plotted, days.merge(pd.DataFrame({"window": list(WINDOWS)}), how="cross"),
            value_title="dollars a quarter, billions (log scale)",
            chosen="datum.step === day && datum.window === quarters", known="datum.step <= day",
            names=(tr(KNOWN), tr(CAME)), ticks=TICKS, axis_format=",~g",
        ),
        name="fig-nvidia-revenue",
        caption=tr(
            "Each mark is a quarter of Nvidia's data-centre revenue. The line is the trend of the quarters known on "
            "the chosen day, the band where nine in ten later quarters should lie. Move the day, or fit only the "
            "newest four quarters, and the trend runs away. What leaves the chart goes on beyond it."
        ),
        alt_text=tr(
            "Dated marks of {count} quarters of Nvidia's data-centre revenue, from {first} to {last}. The trend known "
            "on {day} has {inside} of the {later} later quarters in its band and puts the last at {mid}, where {came} "
            "came.",
            count=len(rows), first=numbers.usd(rows["value"].iloc[0]), last=numbers.usd(rows["value"].iloc[-1]),
            day=numbers.day(pd.Timestamp(ARTICLE_DAY)), inside=int(_inside(default).sum()), later=len(default),
            mid=numbers.usd(default["mid"].iloc[-1]), came=numbers.usd(default["value"].iloc[-1]),
        ),
        table=_shown_quarters(rows, default),
        controls=[
            Control("day", tr("Known by"), steps_named, str(start), slider=True),
            Control("quarters", tr("Fit"), tr_all(WINDOWS), "all"),
        ],
        readout=Readout(_readout_of_forecasts(bands)),
    )  # fmt: skip


def _inside(rows: pd.DataFrame) -> "pd.Series[bool]":
    return (rows["low"] <= rows["value"]) & (rows["value"] <= rows["high"])


def _shown_quarters(rows: pd.DataFrame, default: pd.DataFrame) -> pd.DataFrame:
    ends = default.set_index("date")[["low", "mid", "high"]].assign(inside=np.where(_inside(default), "yes", "no"))
    table = rows.join(ends, on="date")
    names = {
        "period": "quarter", "date": "to", "value": "dollars", "known_on": "public on", "low": "trend of May 2024, low",
        "mid": "trend of May 2024, mid", "high": "trend of May 2024, high", "inside": "inside", "sources": "sources",
    }  # fmt: skip
    return table[list(names)].rename(columns=names)


def _readout_of_forecasts(bands: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for (step, window), part in bands.groupby(["step", "window"], sort=False):
        last = part.iloc[-1]
        text = tr(
            "{factor} times a year. Later quarters inside the band: {inside} of {later}. For the last one the trend "
            "says {mid}; {came} came.",
            factor=numbers.times(last["factor_per_year"]), inside=int(_inside(part).sum()), later=len(part),
            mid=numbers.usd(last["mid"]), came=numbers.usd(last["value"]),
        )  # fmt: skip
        rows.append({"day": step, "quarters": window, "text": text})
    table = pd.DataFrame(rows)
    return table.rename(columns={"day": "day_from"}).assign(day_to=table["day"] + 1)


# ---------------------------------------------------------------------------------------------------------- who gained


def gains() -> pd.DataFrame:
    """Return the yearly factors of `claims.market.year_on_year` on both days, for those whose sales the claims concern.

    Columns: `name`, `then`, `now`, `sources`.
    """
    parts = {}
    for key, reader in {"then": then(), "now": now()}.items():
        rows = market.year_on_year(reader)
        rows = rows[rows["quantity"].isin(["data-centre revenue", "AI chip revenue", "net income"])]
        parts[key] = rows.set_index(["company", "quantity"])[["times", "sources"]]
    both = parts["then"].join(parts["now"], lsuffix="_then", rsuffix="_now", how="inner").reset_index()
    both = both.sort_values("times_then", ascending=False, ignore_index=True)
    return pd.DataFrame(
        {
            "name": [
                f"{company}, {quantity}" for company, quantity in zip(both["company"], both["quantity"], strict=True)
            ],
            "then": both["times_then"],
            "now": both["times_now"],
            "sources": [
                ", ".join(dict.fromkeys(f"{first}, {last}".split(", ")))
                for first, last in zip(both["sources_then"], both["sources_now"], strict=True)
            ],
        }
    )


def who_gained() -> Figure:
    """Return the figure of the newest known quarter over the same one a year before, on both days."""
    table = gains()
    names = {"then": tr("as known in May 2024"), "now": tr("as known today")}
    labels = [
        f"{row.name}: {numbers.times(row.then)}, {numbers.times(row.now)}" for row in table.itertuples(index=False)
    ]
    long = pd.concat(
        [table[["name"]].assign(series=names[key], value=table[key], label=labels) for key in names], ignore_index=True
    )
    shown = table.assign(**{key: table[key].map(numbers.times) for key in names}).rename(
        columns={"name": "what", "then": "May 2024", "now": "today"}
    )
    return figure(
        charts_chips.pairs(long, value_title="times the same quarter a year before (log scale)", log=True),
        name="fig-who-gained",
        caption=tr(
            "Everybody who sells chips to data centres grew, on both days. In May 2024 Nvidia stood far out; today two "
            "of its followers grow about as fast or faster, from a smaller base."
        ),
        alt_text=alt_texts.of_values(
            "Dot plot of pairs", "growth over a year as known in May 2024", table["name"], table["then"], numbers.times
        ),
        table=shown,
    )


# ---------------------------------------------------------------------------------------------------------- who bought


def bought() -> pd.DataFrame:
    """Return what each buyer took of Nvidia's chips in a year.

    Columns: `year`, `entity`, `owner`, `low`, `mid`, `high`, `sources`.
    """
    rows = market.demand(now())
    rows = rows[(rows["seller"] == "Nvidia") & rows["year"].isin(YEARS)]
    groups = rows.groupby(["year", "buyer"], as_index=False)
    table = groups.agg(
        low=("low", "min"), mid=("mid", "median"), high=("high", "max"), sources=("source_id", ", ".join)
    )
    owner = table["buyer"].replace({"Tesla and xAI": "xAI"})
    return table.assign(entity=table["buyer"], owner=owner)


TOTALS: Final = {"low": "the lowest published", "mid": "the middle one", "high": "the highest published"}


def totals(year: int) -> dict[str, float]:
    """Return the lowest, the median and the highest of the published totals of Nvidia's shipments in a year.

    >>> totals(2024)["high"]
    3000000.0
    """
    rows = market.totals(now(), year)
    middles = rows[["low", "high"]].mean(axis=1)
    return {"low": float(rows["low"].min()), "mid": float(middles.median()), "high": float(rows["high"].max())}


def who_bought() -> Figure:
    """Return the figure of the buyers of Nvidia's chips in a year, with the share of a published total."""
    rows = bought()
    labels = [f"{row.entity}: {numbers.count(row.mid)}" for row in rows.itertuples()]
    plotted = rows.assign(label=labels)[["year", "entity", "owner", "low", "mid", "high", "label", "sources"]]
    planned = claimed("C25")
    above = {year: int((rows.loc[rows["year"] == year, "mid"] > planned).sum()) for year in YEARS}
    return figure(
        charts.ranked_bars(
            plotted, value_title="chips bought in the year", rows=int(rows.groupby("year").size().max()),
            lines=[(planned, tr("the plan: {size}", size=numbers.count(planned)))], keep="datum.year == year",
            axis_format=",d",
        ),
        name="fig-who-bought",
        caption=tr(
            "Buyers whose bar crosses the dashed line took more chips in one year than the planned machine has: "
            "{first} in 2023, {second} in 2024. Choose which published total of shipments counts, and the shares "
            "change.",
            first=above[YEARS[0]], second=above[YEARS[1]],
        ),
        alt_text=_alt_of_buyers(rows[rows["year"] == YEARS[0]]),
        table=rows.assign(year=rows["year"].astype(str))[["year", "entity", "low", "mid", "high", "sources"]].rename(
            columns={"entity": "buyer", "mid": "chips"}
        ),
        controls=[
            Control("year", tr("Year"), {str(year): str(year) for year in YEARS}, str(YEARS[0])),
            Control("total", tr("Total of Nvidia's shipments"), tr_all(TOTALS), "mid"),
        ],
        readout=Readout(_readout_of_shares(rows)),
    )  # fmt: skip


def _alt_of_buyers(rows: pd.DataFrame) -> str:
    ordered = rows.sort_values("mid", ascending=False).reset_index(drop=True)
    what = "chips of Nvidia bought in 2023, by buyer"
    return alt_texts.of_values("Bar chart", what, ordered["entity"], ordered["mid"], numbers.count)


def _readout_of_shares(rows: pd.DataFrame) -> pd.DataFrame:
    lines = []
    for year in YEARS:
        part = rows[rows["year"] == year].set_index("entity")["mid"]
        groups, musk = part[list(market.GROUPS)].sum(), part[part.index.isin(market.OF_MUSK)].sum()
        for key, total in totals(year).items():
            text = tr(
                "Of {total} chips shipped in {year}, Microsoft and Meta took {groups}, Musk's companies {musk}.",
                total=numbers.count(total), year=year, groups=numbers.percent(groups / total),
                musk=numbers.percent(musk / total),
            )  # fmt: skip
            lines.append({"year": str(year), "total": key, "text": text})
    return pd.DataFrame(lines)


# ----------------------------------------------------------------------------------------------------------- own chips


def ready(day: str = ARTICLE_DAY) -> list[str]:
    """Return the companies that had chips of their own in use or on offer by a day, as was known then.

    >>> ready()
    ['Amazon', 'Google', 'Meta', 'Microsoft']
    """
    rows = data.load("own_chips", as_of=day)
    return sorted(set(rows.loc[rows["event"].isin(["in use", "offered to customers"]), "company"]))


def own_chips() -> Figure:
    """Return the figure of the buyers' own chips: what was announced, offered, in use or ended, and when."""
    rows = data.load("own_chips")
    rows = rows[rows["event"].isin(list(EVENTS))].sort_values(["company", "happened_on"], ignore_index=True)
    companies = list(dict.fromkeys(rows.sort_values("happened_on")["company"]))
    texts = [f"{row.chip}: {tr(row.event)} ({tr(row.purpose)})" for row in rows.itertuples()]
    plotted = pd.DataFrame(
        {
            "row": rows["company"].map(companies.index), "label": rows["company"], "date": rows["happened_on"],
            "series": rows["event"].map(tr), "text": texts,
        }
    )  # fmt: skip
    names = {
        "company": "company",
        "chip": "chip",
        "event": "event",
        "happened_on": "day",
        "purpose": "for",
        "source_id": "source",
    }
    return figure(
        charts_claims.timeline(
            plotted,
            styles={tr(name): style for name, style in EVENTS.items()},
            line=(pd.Timestamp(ARTICLE_DAY), tr("the article")),
            months=24,
        ),
        name="fig-own-chips",
        caption=tr(
            "By the article's day {count} buyers had chips of their own in use or on offer. Building did not end the "
            "buying: all of them went on.",
            count=len(ready()),
        ),
        alt_text=tr(
            "Timeline of {events} events about chips of {companies} companies of their own, from {first} to {last}: "
            "{announced} announced, {used} in use.",
            events=len(rows), companies=len(companies), first=rows["happened_on"].min().year,
            last=rows["happened_on"].max().year, announced=int((rows["event"] == "announced").sum()),
            used=int((rows["event"] == "in use").sum()),
        ),
        table=rows[list(names)].rename(columns=names),
    )  # fmt: skip


# ------------------------------------------------------------------------------------------------------------ the race


def race() -> pd.DataFrame:
    """Return the yearly factors of `claims.market.arms_race` on both days: `day`, `quantity`, `low`, `mid`, `high`."""
    parts = {"May 2024": then(), "today": now()}
    return pd.concat([market.arms_race(reader).assign(day=day) for day, reader in parts.items()], ignore_index=True)


def sure_from(days: pd.DatetimeIndex) -> pd.Timestamp:
    """Return the first of some days on which the growth of capital spending was beyond doubt, as it was known then.

    >>> sure_from(pd.DatetimeIndex(["2024-05-31", "2024-08-31"]))
    Timestamp('2024-08-31 00:00:00')
    """
    tables = {day: market.arms_race(Reader(day)).set_index("quantity") for day in days}
    return next(day for day, table in tables.items() if table.at["capital spending", "low"] > 1)


def arms_race(table: pd.DataFrame) -> Figure:
    """Return the figure of growth in a year of compute, power and money; table: `race`."""
    rows = table.sort_values(["quantity", "day"], ignore_index=True)
    names = [tr("{quantity}, {day}", quantity=tr(row.quantity), day=tr(row.day)) for row in rows.itertuples()]
    ends = [numbers.span(numbers.times(row.low), numbers.times(row.high)) for row in rows.itertuples()]
    spans = [f"{name}: {numbers.times(mid)} ({end})" for name, mid, end in zip(names, rows["mid"], ends, strict=True)]
    words = word_for_range(rows["low"], rows["high"], 1, np.inf)
    plotted = rows[["low", "mid", "high"]].assign(name=names, label=spans, verdict=words)
    shown = plotted[["name", "low", "mid", "high", "verdict"]].assign(
        sources=rows["sources"], **{end: rows[end].map(numbers.times) for end in ("low", "mid", "high")}
    )
    return figure(
        charts.range_dots(plotted, value_title="times in a year (log scale)", line=(1, "no growth")),
        name="fig-arms-race",
        caption=tr(
            "A range that stays to the right of the line is growth beyond doubt. In May 2024 the machines surely grew "
            "and the spending perhaps; today all three surely do."
        ),
        alt_text=alt_texts.of_values(
            "Range chart", "growth in a year, in times", plotted["name"], plotted["mid"], numbers.times
        ),
        table=shown.rename(columns={"name": "quantity", "mid": "times a year", "verdict": "grew"}),
    )


# --------------------------------------------------------------------------------------------------------- sensitivity


def share(microsoft: Any, meta: Any, shipped: Any) -> Any:
    """Return the share of two buyers in all chips shipped.

    >>> share(150_000, 150_000, 600_000)
    0.5
    """
    return (microsoft + meta) / shipped


def word(value: float) -> str:
    """Return whether a share of two buyers makes both of them major customers.

    >>> word(0.25), word(0.1)
    ('holds', 'does not hold')
    """
    return one_word(value, value, LEAST, np.inf)


def moved(reader: Reader, year: int = YEARS[0]) -> pd.DataFrame:
    """Return what each input does to the share of Microsoft and Meta in Nvidia's shipments, as a reader knows them."""
    known, sums = market.demand(reader), market.totals(reader, year)
    inputs = []
    for buyer in market.GROUPS:
        rows = known[(known["buyer"] == buyer) & (known["year"] == year) & (known["seller"] == "Nvidia")]
        mid = float(rows["mid"].median())
        label = tr("chips bought by {buyer}, a fifth either way (our judgement)", buyer=buyer)
        ends = (mid * (1 - A_FIFTH), mid, mid * (1 + A_FIFTH))
        inputs.append(Input(buyer.lower(), label, *ends, numbers.count, ", ".join(rows["source_id"])))
    ends = (float(sums["low"].min()), float(sums["low"].median()), float(sums["high"].max()))
    sources = ", ".join(sorted({name for ids in sums["source_id"] for name in ids.split(", ")}))
    inputs.append(Input("shipped", tr("chips shipped by Nvidia"), *ends, numbers.count, sources))
    return sensitivity.moved(share, inputs, word=word, threshold=LEAST)


def tornado(table: pd.DataFrame) -> Figure:
    """Return the tornado of `moved`."""
    return sensitivity.tornado_figure(
        table,
        name="fig-buyers-tornado",
        what="the share of Microsoft and Meta in Nvidia's shipments",
        caption=tr(
            "Only the total moves the share much. A total that counts all chips for data centres turns the verdict."
        ),
        value_title="share of the chips shipped in 2023",
        write=numbers.percent,
        line=(LEAST, tr("two major customers")),
        axis_format="%",
    )
