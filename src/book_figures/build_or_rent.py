"""The figures of chapter 8 on time: when renting has cost what building costs, and what an hour was let for."""

from typing import Any, Final

import altair as alt
import numpy as np
import pandas as pd

from book_figures import numbers
from book_figures.charts_claims import Styles
from book_figures.charts_curves import UNDER, curves
from book_figures.charts_scores import dots_in_ranges
from book_figures.figure import Control, Figure, Readout, figure
from book_figures.texts import tr, tr_all
from book_figures.theme import BLUE, GREEN, ORANGE, PINK
from compute_scaling import ownership
from compute_scaling.accelerator import REFERENCE
from compute_scaling.checks import Floats
from compute_scaling.claims import ARTICLE_DAY, machine, money
from compute_scaling.claims.verdict import cited
from compute_scaling.energy import input_range
from compute_scaling.reader import Reader

BILLION: Final = money.BILLION
LONGEST: Final = 6  # years, the longest life that a cloud company writes its servers off over
CAP: Final = 13 * BILLION  # dollars, where the chart ends
RENTS: Final = (1.0, 1.25, 1.5, 1.75, 2.0, 2.25, 2.5, 2.75, 3.0, 3.5, 4.0, 4.25, 5.0, 5.5, 6.0, 7.0)  # dollars an hour
DEFAULT_RENT: Final = 2.0  # the best large deal known by the article's day
POINTS: Final = 7  # of a curve of rents
GRID: Final = np.arange(1, 12 * LONGEST + 1) / 12  # years, a month apart
DRAWN: Final = np.arange(0, 4 * LONGEST + 1) / 4
LEFT: Final = {"nothing": "nothing is left", "resold": "what newer chips leave of it"}
IN_USE: Final = {"all": 1.0, "half": 0.5}
USED: Final = {"all": "every hour", "half": "half of the hours"}
BUILD, RENT = "build", "rent"
ORACLE: Final = "the talks with Oracle, for the plan"
SERIES: Final = {"nothing": "an owner left with nothing", "resold": "an owner who sells at the end"}
KNOWN_THEN, KNOWN_LATER, COST = "public by May 2024", "later", "what it cost an owner"
RENT_STYLES: Final[Styles] = {
    KNOWN_THEN: ("circle", BLUE), KNOWN_LATER: ("diamond", PINK), COST: ("square", GREEN)
}  # fmt: skip
SHORT: Final = {
    "clouds other than the largest": "smaller clouds",
    "1 year, low of the cycle": "1 year, lowest",
    "37 providers, median": "median of 37",
    "cost of the owner": "cost",
    "middling cloud of GPUs": "of a middling cloud",
}
COST_OF_THE_OWNER: Final = "cost of the owner"
RENT_TICKS: Final = [1, 1.5, 2, 3, 5, 7, 10]
YEARS_OF_COST: Final = 5  # the shorter of the lives that cloud companies state


def interest_rates() -> dict[str, float]:
    """Return the costs of money to choose from: none, and what a lender asked of clouds of GPUs, as known then.

    >>> interest_rates()
    {'free': 0.0, 'lent': 0.13}
    """
    return {"free": 0.0, "lent": input_range("cost of money", ARTICLE_DAY)[0]}


# ----------------------------------------------------------------------------------------------------- the moving one


def controls() -> list[Control]:
    """Return the slider of rents and the three menus."""
    rents = {str(step): tr("{usd} an hour", usd=numbers.price(rent)) for step, rent in enumerate(RENTS)}
    money_costs = {
        name: tr("nothing") if rate == 0 else tr("{share} a year", share=numbers.percent(rate))
        for name, rate in interest_rates().items()
    }
    return [
        Control("rent", tr("Rent of an H100"), rents, str(RENTS.index(DEFAULT_RENT)), slider=True),
        Control("left", tr("At the end of the years"), tr_all(LEFT), "nothing"),
        Control("interest", tr("Money costs"), money_costs, "lent"),
        Control("used", tr("A tenant pays for"), tr_all(USED), "all"),
    ]


def chooser(reader: Reader) -> Figure:
    """Return the figure that the reader moves: what building and renting have cost after some years."""
    owned, rented = _owned(reader), _rented()
    table = _answers(reader)
    default = table.query("left == 'nothing' and interest == 'lent' and used == 'all'").reset_index(drop=True)
    sources = ", ".join(owner_sources(reader))
    kept = " && ".join(f"(datum.{name} === '' || datum.{name} === {name})" for name in ("left", "interest", "used"))
    sum_usd = float(money.raised(reader)["usd"].median())
    plotted = pd.concat([owned, rented], ignore_index=True)
    return figure(
        curves(
            plotted,
            x_title="years",
            y_title="cost so far, billions of dollars of the first day",
            keep=f"{kept} && (datum.rent < 0 || datum.rent === rent)",
            line=(sum_usd / BILLION, tr("the sum raised: {usd}", usd=numbers.usd(sum_usd))),
            line_row=UNDER,
            x_format="~g",
            y_format="~g",
            colours=(BLUE, GREEN),
        ),
        name="fig-build-or-rent",
        caption=tr(
            "Where the rising dashes of rent cross the band, renting 100,000 H100s has cost as much as building them. "
            "The band is the 90 % range of the owner's cost, at prices of May 2024. A curve "
            "that meets the top goes on above it."
        ),
        alt_text=_alt_text(default),
        table=default.assign(sources=sources)[["usd_per_hour", "low", "mid", "high", "sources"]].rename(
            columns={
                "usd_per_hour": "rent, USD an hour", "low": "even after years, low", "mid": "even after years",
                "high": "even after years, high",
            }
        ),
        controls=controls(),
        readout=Readout(
            pd.DataFrame(
                {
                    **{name: table[name] for name in ("rent", "left", "interest", "used")},
                    "text": [sentence(row) for row in table.to_dict("records")],
                }
            )
        ),
    )  # fmt: skip


def sentence(row: dict[str, Any]) -> str:
    """Return the readout of one setting: from when on renting has cost more than building."""
    start = tr("At {usd} an hour, ", usd=numbers.price(row["usd_per_hour"]))
    if np.isnan(row["low"]):
        return start + tr("renting stays cheaper than building for all of {years} years.", years=LONGEST)
    if np.isnan(row["mid"]):
        return start + tr(
            "renting most likely stays cheaper for all of {years} years; the earliest it is even is {low} years.",
            years=LONGEST, low=_years(row["low"]),
        )  # fmt: skip
    if row["mid"] <= GRID[0]:
        return start + tr("renting costs more than building from the first month on.")
    if np.isnan(row["high"]):
        return start + tr(
            "renting has cost as much as building after {mid} years ({low} to more than {years}).",
            mid=_years(row["mid"]), low=_years(row["low"]), years=LONGEST,
        )  # fmt: skip
    span = numbers.span(_years(row["low"]), _years(row["high"]))
    return start + tr(
        "renting has cost as much as building after {mid} years ({span}).", mid=_years(row["mid"]), span=span
    )


def even_rents(reader: Reader, years: Floats, *, left: str, interest: str, used: str = "all") -> pd.DataFrame:
    """Return the even rent for each number of years, at prices of the reader's day: `years`, `low`, `mid`, `high`.

    >>> reader = Reader(pd.Timestamp("2024-05-31"))
    >>> even_rents(reader, np.array([3.0]), left="nothing", interest="free").round(2).values.tolist()
    [[3.0, 2.21, 2.45, 2.72]]
    """
    rate = interest_rates()[interest]
    owned = ownership.owned_by_years(reader.once(ownership.parts), years=years, interest=rate, resold=left == "resold")
    even = ownership.even_usd_per_hour(owned, years=years[:, None], in_use=IN_USE[used], interest=rate)
    low, mid, high = np.quantile(even, [0.05, 0.5, 0.95], axis=1)
    return pd.DataFrame({"years": years, "low": low, "mid": mid, "high": high})


def owner_sources(reader: Reader) -> tuple[str, ...]:
    """Return the sources of what an owner pays: machine, electricity, and the cost of money."""
    hardware, site, _, _ = money.price_sources(reader)
    inputs = reader.table("machine_inputs")
    wanted = ("PUE", "draw share", "electricity price", "cost of money")
    return cited(hardware, site, inputs.loc[inputs["quantity"].isin(wanted), "source_id"])


def _answers(reader: Reader) -> pd.DataFrame:
    """Return for every setting after how many years rent and owner's cost are even.

    Rents that are even fall as the years rise. So the low end of the years is where the low end of the even rent is
    the rent, and so on.
    """
    parts = []
    for left in LEFT:
        for interest in interest_rates():
            for used in IN_USE:
                even = even_rents(reader, GRID, left=left, interest=interest, used=used)
                ends = {
                    end: ownership.years_until_even(RENTS, years=even["years"], even_usd_per_hour=even[end])
                    for end in ("low", "mid", "high")
                }
                setting = {"left": left, "interest": interest, "used": used}
                parts.append(pd.DataFrame({"rent": range(len(RENTS)), "usd_per_hour": RENTS, **setting, **ends}))
    return pd.concat(parts, ignore_index=True)


def _owned(reader: Reader) -> pd.DataFrame:
    """Return the curves of the owner, in billions for the whole machine."""
    parts = []
    for left in LEFT:
        for interest, rate in interest_rates().items():
            each = ownership.owned_by_years(
                reader.once(ownership.parts), years=DRAWN, interest=rate, resold=left == "resold"
            )
            low, mid, high = np.quantile(each, [0.05, 0.5, 0.95], axis=1) * machine.planned_count() / BILLION
            curve = pd.DataFrame({"x": DRAWN, "y": mid, "low": low, "high": high})
            parts.append(curve.assign(left=left, interest=interest))
    return _rounded(pd.concat(parts, ignore_index=True)).assign(used="", rent=-1, series=tr(BUILD))


def _rented() -> pd.DataFrame:
    """Return the curves of the tenant, up to where the chart ends; their band has no width."""
    parts, fine = [], np.linspace(0, LONGEST, 1001)
    for interest, rate in interest_rates().items():
        for used, share in IN_USE.items():
            for rent, usd in enumerate(RENTS):
                paid = machine.planned_count() * ownership.rented_usd(usd, years=fine, in_use=share, interest=rate)
                years = np.linspace(0, float(np.interp(CAP, paid, fine)), POINTS)
                y = np.interp(years, fine, paid) / BILLION
                curve = pd.DataFrame({"x": years, "y": y, "low": y, "high": y})
                parts.append(curve.assign(interest=interest, used=used, rent=rent))
    return _rounded(pd.concat(parts, ignore_index=True)).assign(left="", series=tr(RENT))


def _rounded(table: pd.DataFrame) -> pd.DataFrame:
    return table.round({"x": 3, "y": 3, "low": 3, "high": 3})


def _years(value: float) -> str:
    return f"{value:.1f}"


def _alt_text(table: pd.DataFrame) -> str:
    at = table[table["usd_per_hour"] == DEFAULT_RENT].iloc[0]
    dear = table.iloc[-1]
    return tr(
        "Curves of what building and renting 100,000 H100s have cost after some years, for {count} rents to choose "
        "from. At {usd} an hour renting is even with building after {mid} years; at {most}, after {fast}.",
        count=len(table), usd=numbers.price(at["usd_per_hour"]), mid=_years(at["mid"]),
        most=numbers.price(dear["usd_per_hour"]), fast=_years(dear["mid"]),
    )  # fmt: skip


# ---------------------------------------------------------------------------------------------------- the even rent


def even_figure(reader: Reader) -> Figure:
    """Return the figure of the even rent by years, beside what the talks with Oracle amount to."""
    years = np.arange(4, 4 * LONGEST + 1) / 4
    parts = [
        even_rents(reader, years, left=left, interest=interest).assign(interest=interest, series=tr(name))
        for left, name in SERIES.items()
        for interest in interest_rates()
    ]
    oracle = talks(reader)
    parts += [oracle.assign(interest=interest, series=tr(ORACLE)) for interest in interest_rates()]
    rows = pd.concat(parts, ignore_index=True)
    facts = reader.table("outcomes").set_index("outcome_id").loc[[money.TALKS], "source_id"]
    own = ", ".join(owner_sources(reader))
    sources = rows["series"].map({tr(ORACLE): ", ".join(facts)}).fillna(own)
    names = {name: tr("money costs {share}", share=numbers.percent(rate)) for name, rate in interest_rates().items()}
    shown = rows.assign(interest=rows["interest"].map(names), sources=sources)
    shown = shown[shown["years"].isin(range(1, LONGEST + 1))]
    order = ["series", "interest", "years", "low", "mid", "high", "sources"]
    return figure(
        curves(
            rows.rename(columns={"years": "x", "mid": "y"}).round({"y": 3, "low": 3, "high": 3}),
            x_title="years that the machine is kept",
            y_title="dollars an hour (log scale)",
            keep="datum.interest === money",
            x_format="~g",
            y_format="$~g",
            y_log=True,
            colours=(BLUE, GREEN, ORANGE),
        ),
        name="fig-even-rent",
        caption=tr(
            "An owner who keeps the machine longer needs less an hour. What the talks with Oracle amount to, were they "
            "about 100,000 H100s, lies above what an owner needs, whatever the years."
        ),
        alt_text=_even_alt_text(shown.query("interest == @names['lent']")),
        table=shown[order].rename(
            columns={"low": "low, USD an hour", "mid": "USD an hour", "high": "high, USD an hour"}
        ),
        controls=[Control("money", tr("Money costs"), controls()[2].choices, "lent")],
        readout=Readout(pd.DataFrame({"money": list(names), "text": [even_sentence(reader, name) for name in names]})),
    )


def talks(reader: Reader) -> pd.DataFrame:
    """Return the rent of an hour that the sum of the talks comes to, for the plan's chips, by years.

    Columns: `years`, `low`, `mid`, `high` (all three the same).

    >>> talks(Reader(pd.Timestamp("2024-05-31"))).iloc[[0, -1]][["years", "mid"]].round(2).values.tolist()
    [[2.0, 5.7], [5.0, 2.28]]
    """
    first, last = money.YEARS_OF_TALKS
    years = np.arange(4 * first, 4 * last + 1) / 4
    sum_usd = float(reader.table("outcomes").set_index("outcome_id").at[money.TALKS, "value"])
    rent = sum_usd / machine.planned_count() / ownership.rented_usd(1, years=years)
    return pd.DataFrame({"years": years, "low": rent, "mid": rent, "high": rent})


def even_sentence(reader: Reader, interest: str) -> str:
    """Return the readout at a cost of money: the even rents for three and for five years."""
    years = np.array([3.0, float(YEARS_OF_COST)])
    kept, sold = (even_rents(reader, years, left=left, interest=interest) for left in SERIES)
    three, five = (
        tr("{kept} ({span}) if nothing is left, {sold} if it is sold",
           kept=numbers.price(row["mid"]), sold=numbers.price(other["mid"]),
           span=numbers.span(numbers.price(row["low"]), numbers.price(row["high"])))
        for (_, row), (_, other) in zip(kept.iterrows(), sold.iterrows(), strict=True)
    )  # fmt: skip
    return tr("Even rent over three years: {three}. Over five: {five}.", three=three, five=five)


def _even_alt_text(rows: pd.DataFrame) -> str:
    parts = []
    for series, part in rows.groupby("series", sort=False):
        first, last = part.iloc[0], part.iloc[-1]
        ends = (numbers.price(end["mid"]) for end in (first, last))
        years = (numbers.count(end["years"]) for end in (first, last))
        text = "{series}: from {high} at {first} to {low} at {last} years."
        parts.append(
            tr(text, **dict(zip(("high", "low", "first", "last"), (*ends, *years), strict=True)), series=series)
        )
    return " ".join([tr("Curves of the rent of an H100-hour by the years that a machine is kept."), *parts])


# ---------------------------------------------------------------------------------------------------------- the rents


def rents(reader: Reader) -> pd.DataFrame:
    """Return what an hour of an H100 was let for, as far as the reader knows, oldest first, with labels and series."""
    rows = reader.table("rental_prices")
    rows = rows[rows["accelerator"] == REFERENCE]
    rows = rows.sort_values(["priced_on", "terms", "provider"], ignore_index=True)
    is_cost, is_then = rows["terms"] == COST_OF_THE_OWNER, rows["known_on"] <= ARTICLE_DAY
    series = np.select([is_cost, is_then], [COST, KNOWN_THEN], KNOWN_LATER)
    return rows.assign(series=series, label=[_label(row) for row in rows.to_dict("records")])


def rents_figure(reader: Reader, line_usd: float) -> Figure:
    """Return the figure of all published rents of an H100, beside an owner's cost of an hour."""
    rows = rents(reader)
    rows = rows.assign(name=rows.index.astype(str), low=rows["usd_per_hour_low"], high=rows["usd_per_hour_high"])
    middles = np.sqrt(rows["low"] * rows["high"])
    points = rows.assign(value=middles, text=rows["label"], series=rows["series"].map(tr))
    styles = {tr(name): style for name, style in RENT_STYLES.items()}
    shown = rows[["priced_on", "terms", "provider", "low", "high", "series", "known_on", "source_id"]]
    return figure(
        dots_in_ranges(
            points[["name", "value", "series", "text"]],
            rows[["name", "label", "low", "high"]],
            value_title="dollars an hour (log scale)",
            styles=styles,
            scale=_scale(),
            axis=_axis(),
            line=(line_usd, tr("{years} years of owning: {usd}", years=YEARS_OF_COST, usd=numbers.price(line_usd))),
        ),
        name="fig-rents",
        caption=tr(
            "Published rents of an H100, oldest first. None that was public by May 2024 lies below what an owner who "
            "borrows needs; later ones came down to it, one of them clearly below."
        ),
        alt_text=_rents_alt_text(rows),
        table=shown.assign(owning=line_usd).rename(
            columns={
                "priced_on": "price of", "low": "low, USD an hour", "high": "high, USD an hour", "series": "known",
                "known_on": "known on", "owning": "owning, USD an hour", "source_id": "source",
            }
        ),
    )  # fmt: skip


def _label(row: dict[str, Any]) -> str:
    terms, provider = (tr(SHORT.get(row[name], row[name])) for name in ("terms", "provider"))
    price = numbers.span(*(numbers.price(row[f"usd_per_hour_{end}"]) for end in ("low", "high")))
    return f"{_when(row['priced_on'], row['priced_on_precision'])}, {terms}, {provider}: {price}"


def _when(day: pd.Timestamp, precision: str) -> str:
    """Return the day of a price as exactly as it is known.

    >>> [_when(pd.Timestamp("2023-07-01"), precision) for precision in ("month", "quarter", "year")]
    ['July 2023', 'from July 2023', '2023']
    """
    if precision == "year":
        return str(day.year)
    return tr("from {month}", month=numbers.month(day)) if precision == "quarter" else numbers.month(day)


def _scale() -> Any:
    return alt.Scale(type="log", domain=[RENT_TICKS[0], RENT_TICKS[-1] * 1.4], nice=False)


def _axis() -> Any:
    return alt.Axis(values=RENT_TICKS, format="$~g")


def _rents_alt_text(rows: pd.DataFrame) -> str:
    prices = rows[rows["series"] != COST]
    least, most = prices.loc[prices["low"].idxmin()], prices.loc[prices["high"].idxmax()]
    return tr(
        "Dot plot of {count} published rents of an H100-hour, oldest first, and of one owner's cost: from {low} "
        "({first}) to {high} ({last}).",
        count=len(prices), low=numbers.price(least["low"]), first=_when(least["priced_on"], "month"),
        high=numbers.price(most["high"]), last=_when(most["priced_on"], "month"),
    )  # fmt: skip
