"""Claims about the market: who gains from the contest, who buys the chips, and whether it is an arms race.

A gain is the newest known quarter over the same quarter a year before. A purchase is an estimate of chips bought in a
year; a plan is not one. A share divides it by what Nvidia shipped in that year, of which no two sources say the same:
each published total, and the sum of the buyers that are known by name, counts as much as the others.
"""

from collections.abc import Iterable
from typing import Final

import numpy as np
import pandas as pd

from compute_scaling import census, energy
from compute_scaling.checks import Floats
from compute_scaling.claims.verdict import (
    Reader,
    Verdict,
    Word,
    cited,
    claimed,
    one_word,
    percent,
    range_of,
    word_for_range,
)
from compute_scaling.series import capital_spending, largest_cluster, records_of
from compute_scaling.texts import both, day, tr
from compute_scaling.trends import FEWEST, fit_growth
from compute_scaling.uncertainty import one_of

LARGE: Final = 10_000  # accelerators: as many as the largest AI machine confirmed by 2020
MAJOR_CUSTOMER: Final = 0.1  # share of sales from which US companies must report a customer (ASC 280-10-50-42)
HALF: Final = 0.5  # of the smaller of two large buyers, to be called their like
GROUPS: Final = ("Microsoft", "Meta")
OF_MUSK: Final = ("Tesla", "Tesla and xAI", "Twitter (X)", "xAI")
SEVERAL: Final = ("all", "four US clouds")
CHIP_SALES: Final = ("AI chip revenue", "data-centre revenue")
QUARTERS: Final = 8  # those that a year of capital spending and the year before it hold
BILLION: Final = 1e9
BUYER: Final = ["year", "buyer", "seller", "chips"]


def year_on_year(reader: Reader) -> pd.DataFrame:
    """Return the newest known quarter of each company and quantity beside the same quarter a year before.

    One row a company, quantity and basis: `period_end`, `value_usd`, `value_usd_before`, `times`, `sources`. A later
    restatement of the earlier quarter counts, as it has the segments of the newer one; outlooks do not.

    >>> rows = year_on_year(Reader(pd.Timestamp("2024-05-31")))
    >>> nvidia = rows[(rows["company"] == "Nvidia") & (rows["quantity"] == "data-centre revenue")]
    >>> round(nvidia["times"].item(), 2)
    5.27
    """
    table = reader.table("company_quarters")
    told = (
        table[~table["is_plan"] & (table["months"] == 3)]
        .dropna(subset="value_usd")
        .sort_values(["known_on", "source_id"])
    )
    thing = ["company", "quantity", "basis"]
    quarters = told.drop_duplicates([*thing, "period"], keep="last")
    a_year_on = quarters["period"].str.replace(r"\d{4}", lambda year: str(int(year[0]) + 1), regex=True)
    pairs = quarters.merge(quarters.assign(period=a_year_on), on=[*thing, "period"], suffixes=("", "_before"))
    pairs["times"] = pairs["value_usd"] / pairs["value_usd_before"]
    pairs["sources"] = pairs["source_id"] + ", " + pairs["source_id_before"]
    newest = pairs.sort_values("period_end").drop_duplicates(thing, keep="last").sort_values(thing)
    return newest[[*thing, "period_end", "value_usd", "value_usd_before", "times", "sources"]].reset_index(drop=True)


def demand(reader: Reader) -> pd.DataFrame:
    """Return what each buyer is estimated or said to have bought in a year, one row a buyer, maker and source.

    Columns `year`, `buyer`, `seller`, `chips` (the family), `low`, `mid`, `high` (their number) and `source_id`. Plans
    and figures for several buyers at once are left out.

    >>> rows = demand(Reader(pd.Timestamp("2024-05-31")))
    >>> rows.loc[rows["buyer"] == "Meta", "mid"].tolist()
    [150000.0]
    """
    table = reader.table("chip_purchases")
    told = table[(table["measure"] == "bought") & (table["unit"] == "chips") & ~table["is_plan"]]
    told = _with_ends(told[~told["buyer"].isin(SEVERAL)]).assign(year=told["period_end"].dt.year)
    clusters = reader.table("clusters")
    fleets = clusters[clusters["status"] == "bought"].rename(columns={"owner": "buyer", "accelerator": "chips"})
    year = fleets["name"].str.extract(r" in (\d{4})$", expand=False).astype(int)
    ends = {"low": fleets["count_low"], "mid": fleets["count"], "high": fleets["count_high"]}
    both = pd.concat([told, fleets.assign(year=year, seller="Nvidia", **ends)])
    columns = [*BUYER, "low", "mid", "high", "source_id"]
    rows = both[columns].astype({"low": float, "mid": float, "high": float})
    return rows.sort_values([*BUYER, "source_id"], ignore_index=True)


def newest_year(rows: pd.DataFrame, buyers: Iterable[str]) -> pd.DataFrame:
    """Return the rows of `demand` on some buyers in the newest year known of any of them."""
    theirs = rows[rows["buyer"].isin(list(buyers))]
    return theirs[theirs["year"] == theirs["year"].max()]


def taken(rows: pd.DataFrame) -> "pd.Series[float]":
    """Return `low`, `mid` and `high` of the chips in rows of `demand`: the range over sources, summed over buyers.

    >>> taken(demand(Reader(pd.Timestamp("2024-05-31"))).query("buyer in ['Meta', 'Microsoft']"))["mid"]
    np.float64(300000.0)
    """
    return rows.groupby(BUYER).agg(low=("low", "min"), mid=("mid", "median"), high=("high", "max")).sum()


def totals(reader: Reader, year: int) -> pd.DataFrame:
    """Return what is said of Nvidia's shipments in a year: `low`, `high` and `source_id`, one row a source.

    Forecasts count, as for some years nothing else was public; the sum of the buyers known by name is one row more.

    >>> totals(Reader(pd.Timestamp("2024-05-31")), 2023)["low"].tolist()
    [550000.0, 650000.0, 1200000.0]
    """
    table = reader.table("chip_purchases")
    rows = table[(table["buyer"] == "all") & (table["unit"] == "chips") & (table["period"] == str(year))]
    named = reader.once(demand).query("year == @year and seller == 'Nvidia'")
    by_name = taken(named).to_frame().T.assign(source_id=", ".join(cited(named["source_id"])))
    every = pd.concat([_with_ends(rows), by_name[by_name["low"] > 0]])[["low", "high", "source_id"]]
    return every.sort_values(["low", "source_id"], ignore_index=True)


def share_of_year(reader: Reader, rows: pd.DataFrame, shipped: pd.DataFrame) -> Floats:
    """Return draws of the share that rows of `demand` have in the shipments of `totals`, every source alike."""
    bought = taken(rows)
    inputs = {"bought": one_of(bought[["low", "high"]]), "total": one_of(shipped[["low", "high"]].to_numpy().ravel())}
    drawn = reader.draw(inputs)
    return drawn["bought"] / drawn["total"]


def record_power(reader: Reader) -> pd.DataFrame:
    """Return the single AI machines of record power, as their owners confirmed them: `date`, `value`, `sources`.

    The power is that of servers and network at their peak, from the chips' rated power (`energy.it_power_w`).

    >>> record_power(Reader(pd.Timestamp("2024-05-31")))["value"].iloc[-1].round(1)
    np.float64(34.1)
    """
    chips = reader.table("accelerators")[["accelerator", "tdp_w"]]
    rows = reader.table("clusters").merge(chips, on="accelerator").dropna(subset=["count", "tdp_w"])
    rows = rows[rows["evidence"].isin(census.RANK_OF_EVIDENCE) & (rows["status"] == "operational")]
    rows = rows[(rows["scope"] == "fabric") & (rows["purpose"] == "ai")]
    rows["date"] = rows[["first_operational", "known_on"]].max(axis=1)
    rows["value"] = energy.it_power_w(rows["count"].astype(float), tdp_w=rows["tdp_w"]) / energy.WATTS_PER_MW
    return records_of(rows[rows["date"] <= reader.as_of])


def arms_race(reader: Reader) -> pd.DataFrame:
    """Return by what factor compute, power and money grow in a year, one row a quantity.

    Columns `quantity`, `low`, `mid`, `high` (90 % range of the yearly factor) and `sources`. Compute and power are
    those of the largest machine, a record that cannot fall; the money is what the four large clouds spend on property
    and equipment, in the newest eight quarters that all have reported. A series of fewer than three points has no row.

    >>> arms_race(Reader(pd.Timestamp("2024-05-31")))[["quantity", "mid"]].round(1).values.tolist()
    [['compute', 2.1], ['power', 1.4], ['capital spending', 1.1]]
    """
    series = {
        "compute": reader.once(largest_cluster),
        "power": record_power(reader),
        "capital spending": reader.once(capital_spending).tail(QUARTERS),
    }
    rows = [
        (name, *fit_growth(known["date"], known["value"]).factor_interval(), ", ".join(cited(known["sources"])))
        for name, known in series.items()
        if len(known) >= FEWEST
    ]
    return pd.DataFrame(rows, columns=["quantity", "low", "mid", "high", "sources"])


def everyones_machines(reader: Reader) -> pd.DataFrame:
    """Return the machines that existed on the reader's day, xAI's among them, by any chip (`census.standing`)."""
    return census.standing(reader.as_of, as_of=reader.as_of, without=(), units=("any",))


def check_contest(reader: Reader) -> Verdict:
    """C06: the contest for computing power is on."""
    standing = reader.once(everyones_machines)
    large = standing[(standing["mid"] >= LARGE) & (standing["purpose"] == "ai")]
    record = reader.once(largest_cluster)
    owners = large.groupby(["scope", "evidence"])["owner"].nunique()
    confirmed = owners.get(("owner", "confirmed"), owners.min())
    low, mid, high = fit_growth(record["date"], record["value"]).factor_interval()
    word = one_word(owners.min(), owners.max(), 2, np.inf)
    return Verdict(
        claim_id="C06",
        word=word,
        why=tr(
            "{confirmed} owners had confirmed {size:,} accelerators or more, with reports {reported}; the largest "
            "machine grew {mid:.1f} times a year (90 % range {low:.1f} to {high:.1f})",
            confirmed=confirmed,
            size=LARGE,
            reported=owners.max(),
            low=low,
            mid=mid,
            high=high,
        ),
        condition=tr("reports count as well as what an owner confirms"),
        low=float(owners.min()),
        mid=float(confirmed),
        high=float(owners.max()),
        unit="owners",
        hinges_on=tr("whose word counts: an outside list, the owner, or anyone"),
        would_change=tr("that fewer than two owners run such machines"),
        sources=cited(large["sources"], record["sources"]),
    )


def check_nvidia_gains(reader: Reader) -> Verdict:
    """C07: Nvidia gains from the contest."""
    rows = year_on_year(reader)
    rows = rows[rows["company"] == "Nvidia"].set_index("quantity")
    times, centre = rows["times"], rows.loc["data-centre revenue"]
    others = ", ".join(
        tr("{quantity} {times:.1f} times", quantity=tr(name), times=value)
        for name, value in times.drop("data-centre revenue").items()
    )
    word = one_word(times.min(), times.max(), 1, np.inf)
    return Verdict(
        claim_id="C07",
        word=word,
        why=tr(
            "data-centre revenue in the quarter to {day}, {revenue}, was {times:.1f} times that of a year before; "
            "{others}",
            day=day(centre["period_end"]),
            revenue=_billions(centre["value_usd"]),
            times=centre["times"],
            others=others,
        ),
        condition=tr("the figures that grew are the ones that count"),
        low=float(times.min()),
        mid=float(centre["times"]),
        high=float(times.max()),
        unit="times",
        hinges_on=tr("which figure: revenue of data centres, all revenue, or net income"),
        would_change=tr("a quarter with less data-centre revenue than the same one a year before"),
        sources=cited(rows["sources"]),
    )


def check_followers_gain(reader: Reader) -> Verdict:
    """C08: those that follow behind Nvidia gain too."""
    rows = year_on_year(reader)
    rows = rows[rows["quantity"].isin(CHIP_SALES) & (rows["company"] != "Nvidia")].sort_values("times")
    each = ", ".join(
        tr("{company} {times:.2f} times ({quantity})", company=row.company, times=row.times, quantity=tr(row.quantity))
        for row in rows.itertuples()
    )
    grew, word = rows.loc[rows["times"] > 1, "company"], one_word(rows["times"].min(), rows["times"].max(), 1, np.inf)
    return Verdict(
        claim_id="C08",
        word=word,
        why=tr("the newest quarter known over the same one a year before: {each}", each=each),
        condition=tr("only {companies} are meant", companies=both(grew)),
        low=float(rows["times"].min()),
        mid=float(rows["times"].median()),
        high=float(rows["times"].max()),
        unit="times",
        hinges_on=tr(
            "who is meant, and what is counted: most of what AMD and Intel sell to data centres is processors"
        ),
        would_change=tr("a quarter in which one of them sold less than a year before"),
        sources=cited(rows["sources"]),
    )


def check_musk_buys(reader: Reader) -> Verdict:
    """C28: Musk buys such chips in very large numbers."""
    known = reader.once(demand)
    rows = newest_year(known, OF_MUSK)
    nvidia = known[known["year"].isin(rows["year"]) & (known["seller"] == "Nvidia")]
    theirs, rivals = nvidia[nvidia["buyer"].isin(OF_MUSK)], nvidia[nvidia["buyer"].isin(GROUPS)]
    year, hopper, peer = rows["year"].iloc[0], taken(theirs)["mid"], rivals.groupby("buyer")["mid"].median().min()
    shipped = totals(reader, year)
    share = range_of(share_of_year(reader, theirs, shipped))
    standing = reader.once(everyones_machines)
    ran = standing[(standing["scope"] == "owner") & standing["owner"].isin(OF_MUSK)]
    evidence = ran[ran["purpose"] == "ai"].groupby("evidence")["mid"].sum()
    bought, confirmed, reported = taken(rows)["mid"], evidence.get("confirmed", 0.0), evidence.get("reported", 0.0)
    low, mid, high = sorted([bought, confirmed, reported])
    met = [low >= LARGE, hopper >= HALF * peer]
    word: Word = "holds" if all(met) else "holds if" if any(met) else "does not hold"
    return Verdict(
        claim_id="C28",
        word=word,
        why=tr(
            "his companies bought {bought:,.0f} in {year}, of them {nvidia:,.0f} known to be of Nvidia, {share} of "
            "what it shipped; the smaller of Microsoft and Meta took {peer:,.0f}. By their own word they ran "
            "{confirmed:,.0f}, with reports and rented ones {reported:,.0f}",
            bought=bought,
            year=year,
            nvidia=hopper,
            share=_percent(share),
            peer=peer,
            confirmed=confirmed,
            reported=reported,
        ),
        condition=tr("tens of thousands are very many, where others took {times:.0f} times that", times=peer / hopper),
        low=low,
        mid=mid,
        high=high,
        unit="accelerators",
        hinges_on=tr("the yardstick, and whether chips rented at Oracle were bought; plans do not count"),
        would_change=tr(
            "orders of fewer than {size:,}, or of half as many as the smaller of Microsoft and Meta", size=LARGE
        ),
        sources=cited(nvidia["source_id"], rows["source_id"], shipped["source_id"], ran["sources"]),
    )


def check_demand(reader: Reader) -> Verdict:
    """C29: large groups such as Microsoft and Meta want the chips very much."""
    known = reader.once(demand)
    rows = newest_year(known[known["seller"] == "Nvidia"], GROUPS)
    year, shipped = rows["year"].iloc[0], totals(reader, rows["year"].iloc[0])
    share, least = range_of(share_of_year(reader, rows, shipped)), MAJOR_CUSTOMER * len(GROUPS)
    waits = reader.table("outcomes").query("claim_id == 'C29' and unit == 'weeks'").sort_values("happened_on")
    word = one_word(share["low"], share["high"], least, np.inf)
    told = [
        tr("{low:.0f} to {high:.0f} ({month:%Y-%m})", low=row.value_low, high=row.value_high, month=row.happened_on)
        for row in waits.itertuples()
    ]
    return Verdict(
        claim_id="C29",
        word=word,
        why=tr(
            "the two bought {bought:,.0f} in {year}, {share} of what Nvidia shipped, where {major} each make major "
            "customers; weeks to wait for a server: {weeks}",
            bought=taken(rows)["mid"],
            year=year,
            share=_percent(share),
            major=percent(MAJOR_CUSTOMER),
            weeks=", ".join(told),
        ),
        condition=tr("Nvidia shipped no more than the lower of the published totals"),
        **share,
        unit="share",
        hinges_on=tr("how many chips Nvidia shipped in the year: the totals differ by a factor of two"),
        would_change=tr("a total that puts the two below {percent:.0f} %", percent=100 * least),
        sources=cited(rows["source_id"], shipped["source_id"], waits["source_id"]),
    )


def check_microsoft_buys(reader: Reader) -> Verdict:
    """C30: Microsoft takes large volumes of the chips."""
    return _volume("C30", "Microsoft", reader)


def check_meta_buys(reader: Reader) -> Verdict:
    """C31: Meta takes large volumes of the chips."""
    return _volume("C31", "Meta", reader)


def check_arms_race(reader: Reader) -> Verdict:
    """C43: the sums confirm an arms race."""
    race, spending = arms_race(reader), reader.once(capital_spending)
    race["word"] = word_for_range(race["low"], race["high"], 1, np.inf)
    sure = race.loc[race["word"] == "holds", "quantity"]
    each = [
        tr("{quantity} {mid:.2f} ({low:.2f} to {high:.2f})", quantity=tr(name), low=low, mid=mid, high=high)
        for name, low, mid, high in race[["quantity", "low", "mid", "high"]].itertuples(index=False)
    ]
    year, before = spending["value"].iloc[-4:].sum(), spending["value"].iloc[-QUARTERS:-4].sum()
    money = race.set_index("quantity").loc["capital spending"]
    raised = _largest_raise(reader)
    sum_raised = "".join(
        tr("; the largest sum raised at once was {sum}", sum=_billions(usd)) for usd in raised["amount_usd"]
    )
    word = _of_several(race["word"])
    return Verdict(
        claim_id="C43",
        word=word,
        why=tr(
            "growth in a year, times: {each}; in the year to {day} the four large clouds spent {spent}, {times:.2f} "
            "times what they had spent the year before",
            each=", ".join(each),
            day=day(spending["date"].iloc[-1]),
            spent=_billions(year),
            times=year / before,
        )
        + sum_raised,
        condition=tr(
            "the growth of {quantities} is enough to call it one",
            quantities=both(map(tr, sure)) or tr("the best estimates"),
        ),
        low=money["low"],
        mid=money["mid"],
        high=money["high"],
        unit="times a year",
        hinges_on=tr(
            "the money: records of compute and power cannot fall, capital spending can, and is not for AI alone"
        ),
        would_change=tr("capital spending that falls over a year, or records that stand for two"),
        sources=cited(race["sources"], raised["source_id"]),
    )


def _volume(claim_id: str, buyer: str, reader: Reader) -> Verdict:
    """Return the verdict on the volumes of one buyer, measured in machines such as the one planned for Grok-3."""
    rows = newest_year(reader.once(demand), [buyer])
    nvidia = rows[rows["seller"] == "Nvidia"]
    machine = claimed("C25")
    year, count, every = rows["year"].iloc[0], taken(nvidia), taken(rows)
    shipped = totals(reader, year)
    share, made = range_of(share_of_year(reader, nvidia, shipped)), nvidia["chips"].iloc[0].split()[0]
    others = tr("; {count:,.0f} with chips of other makers", count=every["mid"]) if len(rows) > len(nvidia) else ""
    word = one_word(count["low"], every["high"], machine, np.inf)
    return Verdict(
        claim_id=claim_id,
        word=word,
        why=tr(
            "{buyer} bought {count:,.0f} {chips} in {year}, {share} of what Nvidia shipped and {times:.1f} times the "
            "machine planned for Grok-3",
            buyer=buyer,
            count=count["mid"],
            chips=tr(made),
            year=year,
            share=_percent(share),
            times=count["mid"] / machine,
        )
        + others,
        condition=tr("the chips of all makers count"),
        low=float(count["low"]),
        mid=float(count["mid"]),
        high=float(every["high"]),
        unit="accelerators",
        hinges_on=tr("an estimate of one outside analyst: the buyer gave no figure for a year"),
        would_change=tr("a figure of its own for the purchases of a year below {size:,.0f}", size=machine),
        sources=cited(rows["source_id"], shipped["source_id"]),
    )


def _largest_raise(reader: Reader) -> pd.DataFrame:
    """Return the row of the largest sum raised for shares in one deal, closed or announced, or none."""
    table = reader.table("valuations")
    deals = table[(table["kind"] == "raise") & table["status"].isin(["closed", "announced"])]
    return deals.nlargest(1, "amount_usd")


def _of_several(words: "pd.Series[str]") -> Word:
    """Return the word of a claim on several quantities from the words of each."""
    found = set(words)
    return "holds" if found == {"holds"} else "does not hold" if found == {"does not hold"} else "holds if"


def _with_ends(rows: pd.DataFrame) -> pd.DataFrame:
    """Return rows of purchases with `low`, `mid` and `high`: a single figure or a bound is both ends."""
    low, high = rows["value_low"].fillna(rows["value"]), rows["value_high"].fillna(rows["value"])
    return rows.assign(low=low, mid=rows["value"], high=high.fillna(low))


def _percent(share: dict[str, float]) -> str:
    return tr("{low:.0f} to {high:.0f} %", low=100 * share["low"], high=100 * share["high"])


def _billions(usd: float) -> str:
    return tr("{count:.1f} billion dollars", count=usd / BILLION)
