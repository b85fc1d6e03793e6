"""Claims about money: what xAI raised, what it is worth beside OpenAI, and what six billion dollars pay for.

A valuation is one of three things that do not compare: the price of a closed deal, a price announced, or one talked
about; and it is before the new money or after it. So each claim on a valuation is checked for every pair of readings.

What a sum pays for is counted in H100s, bought with servers and network, bought with their site, or rented. Prices are
those published by the day. Independent are: the price of a server, the network's share, and the cost of the site. The
rents of short and of long contracts are drawn at the same quantile, as both are prices of one market on one day.
"""

from typing import Any, Final

import numpy as np
import pandas as pd
import scipy  # its parts load at first use: the core stays quick to import
from numpy.typing import ArrayLike

from compute_scaling import data, ownership
from compute_scaling.checks import Floats
from compute_scaling.claims.verdict import (
    ARTICLE_DAY,
    ROUNDING,
    Reader,
    Verdict,
    cited,
    claimed,
    one_word,
    percent,
    range_of,
    told,
)
from compute_scaling.cost import affordable_accelerators, rental_cost_usd
from compute_scaling.inputs import Published, published, server_prices
from compute_scaling.texts import day, number, tr
from compute_scaling.uncertainty import between
from compute_scaling.units import DAYS_PER_YEAR, HOURS_PER_DAY

BILLION: Final = 1_000_000_000
H100: Final = "H100 SXM"

ROUND: Final = "2024-05 Series B"
RAISES, VALUES = "raise|raise with debt", "valuation.*"  # kinds of rows; sums of deals hold other rows
POST: Final = "valuation post"
BASES: Final = {POST: "after the new money", "valuation pre": "before the new money"}
STATUSES: Final = ("closed", "announced", "talked about")  # not those estimated by outsiders
HALF: Final = 0.5  # what is below half of a value is far from it

TALKS, TALKS_ENDED, RENTED, RENTED_TOO = "C21-001", "C21-004", "C21-003", "C24-002"  # outcomes
USE_OF_THE_MONEY: Final = "C45-001"  # an outcome
YEARS_OF_TALKS: Final = (2, 5)  # our reading of "a period of years": the report did not say how many
SHORT, LONG = "1 year", "3 years"  # contracts whose price was published
LIFE: Final = "useful life of servers"
HARDWARE, WITH_SITE = "built, hardware only", "built, with its site"
MACHINE: Final = "colossus-1-phase-1"  # what became of the plan, in the clusters


# ------------------------------------------------------------------------------------------------ what xAI is worth


def values(reader: Reader, company: str, by: str = ARTICLE_DAY) -> pd.DataFrame:
    """Return what a company was valued at by a day, in `usd`: all sources on its newest deal of each status.

    Raises DataError where the reader knows of none.

    >>> values(Reader(pd.Timestamp("2024-05-31")), "xAI").groupby("status")["usd"].max().map(float).to_dict()
    {'closed': 24000000000.0, 'talked about': 18000000000.0}
    """
    rows = deals(reader, company, VALUES)
    rows = rows[(rows["dated_on"] <= by) & rows["status"].isin(STATUSES)]
    if rows.empty:
        raise data.DataError("valuations", f"a value of {company} that was public by {reader.as_of:%Y-%m-%d}")
    return rows[rows["deal"] == rows.groupby("status")["deal"].transform("last")]


def deals(reader: Reader, company: str, kinds: str) -> pd.DataFrame:
    """Return a company's rows of these kinds, oldest first, with `usd` (the middle, where a source gives a range)."""
    rows = reader.table("valuations")
    rows = rows[(rows["company"] == company) & rows["kind"].str.fullmatch(kinds)]
    middle = rows[["amount_usd_low", "amount_usd_high"]].mean(axis=1)
    rows = rows.assign(usd=rows["amount_usd"].fillna(middle), basis=rows["kind"].map(BASES).fillna("on an open basis"))
    return rows.sort_values("dated_on", kind="stable")


def pairs(reader: Reader) -> pd.DataFrame:
    """Return every pair of a closed value of xAI and a value of OpenAI by the article's day, with ratio and gap.

    `alike`: both closed, xAI after the new money. OpenAI's tender sold existing shares, so that its price is after all
    money too.

    >>> table = pairs(Reader(pd.Timestamp("2024-05-31")))
    >>> table.loc[table["alike"], "ratio"].map(float).tolist()
    [0.3]
    """
    xai, openai = values(reader, "xAI"), values(reader, "OpenAI")
    table = xai[xai["status"] == "closed"].merge(openai, how="cross", suffixes=("_xai", "_openai"))
    alike = (table["kind_xai"] == POST) & (table["status_openai"] == "closed")
    ratio, gap_usd = table["usd_xai"] / table["usd_openai"], table["usd_openai"] - table["usd_xai"]
    return table.assign(alike=alike, ratio=ratio, gap_usd=gap_usd)


def check_sum_raised(reader: Reader) -> Verdict:
    """C39: xAI has just raised six billion dollars."""
    this = raised(reader)
    later = pd.concat([deals(reader, name, RAISES) for name in ("xAI", "xAI with X")])
    later = later[(later["status"] == "closed") & (later["dated_on"] > ARTICLE_DAY)]
    since = tr("; the rounds since, in billions: {rounds}", rounds=told_by(later, "deal")) if len(later) else ""
    return Verdict(
        "C39",
        one_word(this["usd"].min(), this["usd"].max(), *around("C39")),
        why=tr(
            "xAI announced {sum} billion dollars as raised on {day}",
            sum=listed(this["usd"]),
            day=day(this["dated_on"].max()),
        )
        + since,
        **ends(this["usd"]),
        unit="USD",
        hinges_on=tr("the company's own announcement"),
        would_change=tr("a filing with another sum for the round"),
        sources=cited(this["source_id"], later["source_id"]),
    )


def check_value_of_xai(reader: Reader) -> Verdict:
    """C40: the round values xAI at 24 billion dollars."""
    closed = values(reader, "xAI").query("status == 'closed'")
    post = closed.loc[closed["kind"] == POST, "usd"]
    return Verdict(
        "C40",
        one_word(closed["usd"].min(), closed["usd"].max(), *around("C40")),
        condition=tr("the value is the one after the new money"),
        why=tr("in billions of dollars: {values}", values=told_by(closed, "basis")),
        **ends(closed["usd"]) | {"mid": float(post.median())},
        unit="USD",
        hinges_on=tr("whether the new money is part of the value"),
        would_change=tr("a filing with another price of the round"),
        sources=cited(closed["source_id"]),
    )


def check_value_of_openai(reader: Reader) -> Verdict:
    """C41: OpenAI is valued at 100 billion dollars; for a value we take the price of a closed deal."""
    rows = values(reader, "OpenAI")
    closed = rows[rows["status"] == "closed"]
    later = deals(reader, "OpenAI", VALUES).query("status == 'closed' and dated_on > @ARTICLE_DAY").head(1)
    came = "".join(
        tr("; the next deal closed at {value} on {day}", value=listed(later["usd"]), day=day(closed_on))
        for closed_on in later["dated_on"]
    )
    return Verdict(
        "C41",
        one_word(closed["usd"].min(), closed["usd"].max(), *around("C41")),
        condition=tr("a value is the price of a deal, closed or not"),
        why=tr(
            "a value is taken for the price of a closed deal; by status, in billions of dollars: {values}",
            values=told_by(rows, "status"),
        )
        + came,
        **ends(rows["usd"]),
        unit="USD",
        hinges_on=tr("whether a price counts that is only talked about"),
        would_change=tr("a deal closed at about 100 billion dollars by May 2024"),
        sources=cited(rows["source_id"], later["source_id"]),
    )


def check_ratio_of_values(reader: Reader) -> Verdict:
    """C42: xAI is worth about a quarter of OpenAI."""
    table = pairs(reader)
    ratio, (low, high) = table["ratio"], around("C42")
    fits = table[ratio.between(low, high, inclusive="left")]
    named = [
        tr("{basis}, OpenAI at a price {status}", basis=tr(basis), status=tr(status))
        for basis, status in zip(fits["basis_xai"], fits["status_openai"], strict=True)
    ]
    found = ends(ratio) | {"mid": float(ratio[table["alike"]].median())}
    return Verdict(
        "C42",
        one_word(found["low"], found["high"], low, high),
        condition=tr("xAI counts {ways}", ways=tr("; or ").join(dict.fromkeys(named))) if named else "",
        why=tr(
            "{fits} of {count} pairs of values fit; like with like, closed deals after the money, xAI is {ratio:.2f} "
            "of OpenAI",
            fits=len(fits),
            count=len(table),
            ratio=found["mid"],
        ),
        **found,
        unit="ratio",
        hinges_on=tr("which of OpenAI's values is meant"),
        would_change=tr("a deal of OpenAI closed at about 100 billion dollars by May 2024"),
        sources=cited(table["source_id_xai"], table["source_id_openai"]),
    )


def check_gap_of_values(reader: Reader) -> Verdict:
    """C47: twenty-four billion is far from the hundred of OpenAI; far means below half of it."""
    table = pairs(reader)
    ratio, gap = ends(table["ratio"]), table["gap_usd"]
    return Verdict(
        "C47",
        one_word(ratio["low"], ratio["high"], 0, HALF),
        condition=tr("far means less far than below half of it"),
        why=tr(
            "far is taken for below half; over {count} pairs of values xAI is {low} to {high} of OpenAI, {gap} billion "
            "dollars below it",
            count=len(table),
            low=percent(ratio["low"]),
            high=percent(ratio["high"]),
            gap=listed(gap.agg(["min", "max"]), tr(" to ")),
        ),
        **ends(gap) | {"mid": float(gap[table["alike"]].median())},
        unit="USD",
        hinges_on=tr("what 'far' means; no pair of values comes near half"),
        would_change=tr("a value of xAI above half of OpenAI's by May 2024"),
        sources=cited(table["source_id_xai"], table["source_id_openai"]),
    )


# -------------------------------------------------------------------------------------------------- what a sum pays for


def rents(reader: Reader, contract: str) -> Published:
    """Return the distribution of an hour's rent of an H100 by contract, as published up to the article's day.

    contract: "1 year" or "3 years"; a large deal whose term was not told counts for both.

    >>> rents(Reader(pd.Timestamp("2024-05-31")), "3 years").ppf(np.array([0.05, 0.95])).round(2)
    array([2. , 5.4])
    """
    quotes = contracts(reader, contract)
    return Published(float(quotes["usd_per_hour_low"].min()), float(quotes["usd_per_hour_high"].max()))


def contracts(reader: Reader, term: str) -> pd.DataFrame:
    """Return the published rents of H100s by contract up to the article's day, of this term or none told."""
    rows = reader.table("rental_prices")
    rows = rows[(rows["accelerator"] == H100) & (rows["terms"] == "contract") & (rows["priced_on"] <= ARTICLE_DAY)]
    of_terms = rows["provider"].str.endswith(term) | ~rows["provider"].str.contains("year")
    if not of_terms.any():
        raise data.DataError("rental_prices", f"a rent by contract that was public by {reader.as_of:%Y-%m-%d}")
    return rows[of_terms]


def ways(reader: Reader) -> dict[str, tuple[Floats, tuple[str, ...]]]:
    """Return, for each way to have an H100, what it costs in dollars, draws, and the sources of its prices.

    Built are the parts of `ownership.parts`. Rent includes the site and electricity, a price to build does not include
    electricity. Two years are rented at the price of one.
    """
    drawn = reader.draw({"rent": scipy.stats.uniform(), "life": published(LIFE, reader.as_of)})
    bought = reader.once(ownership.parts)
    hardware_usd = bought["servers"] + bought["network"]
    short, long = (rents(reader, contract).ppf(drawn["rent"]) for contract in (SHORT, LONG))
    hardware, site, for_short, for_long = price_sources(reader)
    return {
        HARDWARE: (hardware_usd, hardware),
        WITH_SITE: (hardware_usd + bought["site"], cited(hardware, site)),
        "rented for a year": (rent_usd(1, short), for_short),
        "rented for two years": (rent_usd(2, short), for_short),
        "rented for the life of a server": (rent_usd(drawn["life"], long), for_long),
    }


def price_sources(reader: Reader) -> tuple[tuple[str, ...], ...]:
    """Return the sources of what `ways` uses: for hardware, for a site, for short contracts and for long ones."""
    inputs = reader.table("machine_inputs").set_index("quantity")["source_id"]
    servers = server_prices(reader.as_of).query("family == 'H100'")["source_id"]
    power = pd.concat([reader.table(name).query("accelerator == @H100") for name in ("accelerators", "servers")])
    return (
        cited(servers, inputs[["interconnect share"]]),
        cited(power["source_id"], inputs[["network share", "building cost"]]),
        cited(contracts(reader, SHORT)["source_id"]),
        cited(contracts(reader, LONG)["source_id"], inputs[[LIFE]]),
    )


def rent_usd(years: ArrayLike, usd_per_hour: ArrayLike) -> Floats:
    """Return the rent of one accelerator over some years.

    >>> rent_usd(1, 2)
    np.float64(17532.0)
    """
    return rental_cost_usd(1, hours=np.multiply(years, DAYS_PER_YEAR * HOURS_PER_DAY), usd_per_hour=usd_per_hour)


def six_billion(reader: Reader) -> pd.DataFrame:
    """Return how many H100s the sum raised pays for, a row a way: `low`, `mid`, `high` at 90 %, and `sources`.

    >>> table = six_billion(Reader(pd.Timestamp("2024-05-31"))).set_index("way")
    >>> table.loc["built, with its site", ["low", "mid", "high"]].astype(float).round(-3).tolist()
    [87000.0, 97000.0, 107000.0]
    """
    sum_usd = raised(reader)["usd"].median()
    rows = [
        {"way": way, **range_of(affordable_accelerators(sum_usd, usd_each=each)), "sources": ", ".join(sources)}
        for way, (each, sources) in ways(reader).items()
    ]
    return pd.DataFrame(rows)


def check_what_the_sum_pays_for(reader: Reader) -> Verdict:
    """C45: the six billion serve the ambitions for compute; we ask what share of the machine's cost they cover."""
    use = reader.table("outcomes").set_index("outcome_id").loc[USE_OF_THE_MONEY]
    money = raised(reader)
    cost, whose, sources = cost_of_machine(reader)
    low, mid, high = (float(money["usd"].median() / cost[end]) for end in ("high", "mid", "low"))
    return Verdict(
        "C45",
        one_word(low, high, 1, np.inf),
        condition=tr("the machine with its site costs no more than the sum raised"),
        why=tr(
            "the sum covers {low} to {high} of the cost of {whose}; {use}",
            low=percent(low),
            high=percent(high),
            whose=whose,
            use=told(use),
        ),
        low=low,
        mid=mid,
        high=high,
        unit="share",
        hinges_on=tr("the price of a server: quotes are public, discounts of large buyers are not"),
        would_change=tr("a contract price for the servers, or a sum that went elsewhere"),
        sources=cited(money["source_id"], sources, [use["source_id"]]),
    )


def cost_of_machine(reader: Reader) -> tuple[dict[str, float], str, tuple[str, ...]]:
    """Return low, mid and high of the machine's cost in dollars, whose cost that is, and the sources.

    Once others have put a cost on the machine that was built, it is the range of theirs; before, that of the plan.
    """
    stated = reader.table("clusters").query("cluster_id == @MACHINE").dropna(subset="capital_cost_usd")
    if len(stated):
        usd = stated["capital_cost_usd"]
        scopes = told_by(stated.assign(usd=usd), "cost_scope")
        whose = tr("Colossus, put in billions of dollars at: {costs}", costs=scopes)
        return ends(usd), whose, cited(stated["source_id"])
    each_usd, sources = ways(reader)[WITH_SITE]
    count = claimed("C25")
    whose = tr("{count:,.0f} H100 with their site, at published prices", count=count)
    return range_of(count * each_usd), whose, sources


def check_oracle(reader: Reader) -> Verdict:
    """C21: the machine might be developed with Oracle; we ask how many H100s the ten billion of the talks rent."""
    facts = reader.table("outcomes").set_index("outcome_id")
    sum_usd, rent = float(facts.at[TALKS, "value"]), rents(reader, LONG)
    found, plan = range_of(let_for(reader, sum_usd)), claimed("C25")
    rented = tr(
        "{billions:.0f} billion dollars over {fewest} to {most} years rent {times:.2f} times the plan's {plan:,.0f} "
        "H100, at {low:.2f} to {high:.2f} dollars an hour",
        billions=sum_usd / BILLION,
        fewest=YEARS_OF_TALKS[0],
        most=YEARS_OF_TALKS[1],
        times=found["mid"] / plan,
        plan=plan,
        low=rent.low,
        high=rent.high,
    )
    ended = TALKS_ENDED in facts.index
    later = facts.loc[[name for name in (TALKS_ENDED, RENTED, RENTED_TOO) if name in facts.index]]
    return Verdict(
        "C21",
        "does not hold" if ended else "holds if",
        condition=tr("the talks end in a contract"),
        why=". ".join([rented, *(told(fact) for _, fact in later.iterrows())]),
        **found,
        unit="H100",
        hinges_on=tr("a contract; for the number, the years and the rent, of which nothing was reported"),
        would_change=tr("a contract of xAI with Oracle for the machine"),
        sources=cited([facts.at[TALKS, "source_id"]], later["source_id"], contracts(reader, LONG)["source_id"]),
    )


def let_for(reader: Reader, sum_usd: float) -> Floats:
    """Return how many H100s a sum rents for the years of the talks, draws; years and rent are independent."""
    inputs = {"years": between(*YEARS_OF_TALKS, shape="uniform"), "usd_per_hour": rents(reader, LONG)}
    return affordable_accelerators(sum_usd, usd_each=rent_usd(**reader.draw(inputs)))


# -------------------------------------------------------------------------------------------------------- small words


def raised(reader: Reader) -> pd.DataFrame:
    """Return what the sources say that the round raised."""
    rows = deals(reader, "xAI", RAISES)
    rows = rows[(rows["deal"] == ROUND) & (rows["status"] == "closed")]
    if rows.empty:
        raise data.DataError("valuations", f"a closed round of xAI that was public by {reader.as_of:%Y-%m-%d}")
    return rows


def around(claim_id: str) -> tuple[float, float]:
    """Return the range that the number of a claim stands for."""
    return claimed(claim_id) / ROUNDING, claimed(claim_id) * ROUNDING


def ends(numbers: "pd.Series[float]") -> dict[str, Any]:
    """Return the lowest, the middle and the highest of a few sources' values as the fields of a verdict.

    >>> ends(pd.Series([80.0, 100.0, 86.0]))
    {'low': 80.0, 'mid': 86.0, 'high': 100.0}
    """
    return {"low": float(numbers.min()), "mid": float(numbers.median()), "high": float(numbers.max())}


def told_by(rows: pd.DataFrame, column: str) -> str:
    """Return what the sources say in billions, by the words of a column.

    >>> told_by(pd.DataFrame({"status": ["closed", "closed"], "usd": [80e9, 86.5e9]}), "status")
    'closed 80, 86.5'
    """
    return tr("; ").join(
        f"{tr(word.removeprefix('valuation '))} {listed(usd)}" for word, usd in rows.groupby(column)["usd"]
    )


def listed(usd: "pd.Series[float]", between: str = ", ") -> str:
    """Return sums in billions, each once.

    >>> listed(pd.Series([6e9, 5e9, 6e9]))
    '6, 5'
    """
    return between.join(dict.fromkeys(number(f"{value / BILLION:.1f}".removesuffix(".0")) for value in usd))
