"""The figures of chapter 13: what the companies were valued at, against each other and for each H100."""

from typing import Any, Final

import numpy as np
import pandas as pd

from book_figures import alt_texts, charts, charts_chips, charts_time, numbers, sensitivity
from book_figures.figure import Control, Figure, Readout, figure
from book_figures.readers import now, then
from book_figures.sensitivity import Input
from book_figures.texts import tr, tr_all
from book_figures.theme import BLUE, GREEN, ORANGE
from compute_scaling import data, worth
from compute_scaling.claims import ARTICLE_DAY, money
from compute_scaling.claims.verdict import claimed, one_word
from compute_scaling.reader import Reader

COLOURS: Final = {"xAI": ORANGE, "OpenAI": GREEN, "Anthropic": BLUE}
SIGNED, TALKED = "closed or announced", "talked about or estimated"
SHAPES: Final = {SIGNED: "circle", TALKED: "cross"}
SHORT: Final = {"before the new money": "before", "after the new money": "after"}
COMPANIES: Final = {"xAI": "xAI", "xAI with X": "xAI", "OpenAI": "OpenAI", "Anthropic": "Anthropic"}
MONTHS: Final = pd.date_range("2023-03-31", "2026-06-30", freq="ME")
SINCE: Final = pd.date_range(ARTICLE_DAY, "2026-06-30", freq="ME")
BILLION: Final = 1e9
TICKS: Final = [5, 10, 20, 50, 100, 200, 500, 1000]  # billions
DAYS: Final = {"then": "May 2024", "now": "today"}
BASES: Final = {worth.RUNNING: "the largest machine that ran", worth.WITH_PLANS: "plans and purchases too"}


# --------------------------------------------------------------------------------------------------- values over time


def facts() -> pd.DataFrame:
    """Return every price of the three companies: `date`, `low`, `mid`, `high`, `who`, `kind`, `step`, and its row.

    step: the first month, as a step of the slider, by whose end the fact was public.

    >>> sorted(facts()["who"].unique())
    ['Anthropic', 'OpenAI', 'xAI']
    """
    rows = data.load("valuations")
    rows = rows[rows["kind"].str.startswith("valuation") & rows["company"].isin(list(COMPANIES))]
    middle = rows[["amount_usd_low", "amount_usd_high"]].mean(axis=1)
    mid = rows["amount_usd"].fillna(middle)
    signed = rows["status"].isin(worth.SIGNED)
    return rows.assign(
        date=rows["dated_on"],
        low=rows["amount_usd_low"].fillna(mid),
        mid=mid,
        high=rows["amount_usd_high"].fillna(mid),
        who=rows["company"].map(COMPANIES),
        kind_shown=np.where(signed, tr(SIGNED), tr(TALKED)),
        step=np.searchsorted(MONTHS, rows["known_on"]),
    )  # fmt: skip


def values_over_time() -> Figure:
    """Return the figure of all prices known by a month that the reader chooses."""
    rows = facts().sort_values(["date", "company", "source_id"], ignore_index=True)
    texts = [
        f"{company}, {kind}, {status}: {numbers.usd(value)}"
        for company, kind, status, value in zip(rows["company"], rows["kind"], rows["status"], rows["mid"], strict=True)
    ]
    ends = {end: rows[end] / BILLION for end in worth.ENDS}
    plotted = rows[["date", "who", "step"]].assign(**ends, kind=rows["kind_shown"], text=texts)
    months = {str(step): numbers.month(month) for step, month in enumerate(MONTHS)}
    start = str(MONTHS.get_loc(pd.Timestamp(ARTICLE_DAY)))
    shown = rows[["company", "deal", "kind", "status", "mid", "low", "high", "dated_on", "known_on", "source_id"]]
    return figure(
        charts_time.dated_marks(
            plotted,
            value_title="price, billions of dollars (log scale)",
            colours=COLOURS,
            shapes={tr(name): shape for name, shape in SHAPES.items()},
            ticks=TICKS,
            lines=[
                (claimed("C40") / BILLION, tr("article: xAI")),
                (claimed("C41") / BILLION, tr("article: OpenAI")),
            ],
            keep="datum.step <= month",
            axis_format=",~f",
        ),
        name="fig-valuations",
        caption=tr(
            "Circles are prices of deals, crosses only talk or estimates. In May 2024 no circle of OpenAI reaches the "
            "upper line. Move the month to see what was known by its end."
        ),
        alt_text=_alt_of_values(rows),
        table=shown.rename(
            columns={"mid": "dollars", "dated_on": "of", "known_on": "public on", "source_id": "source"}
        ),
        controls=[Control("month", tr("Known by the end of"), months, start, slider=True)],
        readout=Readout(_readout_of_months()),
    )


def _alt_of_values(rows: pd.DataFrame) -> str:
    known = rows[rows["known_on"] <= ARTICLE_DAY]
    parts = [
        tr(
            "{who}: {count} prices, {low} to {high}.",
            who=who, count=len(part), low=numbers.usd(part["low"].min()), high=numbers.usd(part["high"].max()),
        )
        for who, part in known.groupby("who")
    ]  # fmt: skip
    return " ".join(
        [
            tr("Dated marks of the prices of companies known by {day}.", day=numbers.day(pd.Timestamp(ARTICLE_DAY))),
            *parts,
        ]
    )


def sentence(reader: Reader) -> str:
    """Return what was known of xAI and OpenAI by the reader's day, and the ratio of the two."""
    parts = {name: worth.priced(reader, name) for name in ("xAI", "OpenAI")}
    told = [
        tr("{company} {value}", company=name, value=_dollars(*worth.value_usd(reader, name)))
        for name, part in parts.items()
        if len(part)
    ]
    if len(told) < len(parts):
        nothing = tr("No deal of xAI or OpenAI was known.")
        return tr("By deals closed or announced: {told}; xAI had no price yet.", told=told[0]) if told else nothing
    ratio = worth.ratios(pd.DatetimeIndex([reader.as_of])).iloc[0]
    span = numbers.span(numbers.times(ratio["low"]), numbers.times(ratio["high"]))
    return tr("By deals closed or announced: {told}. xAI is {span} of OpenAI.", told=", ".join(told), span=span)


def _dollars(low: float, mid: float, high: float) -> str:
    return numbers.span(numbers.usd(low), numbers.usd(high))


def _readout_of_months() -> pd.DataFrame:
    """Return the sentence of each month, months of one sentence joined."""
    texts = pd.Series([sentence(Reader(month)) for month in MONTHS])
    change = texts.ne(texts.shift()).cumsum()
    steps = pd.Series(range(len(MONTHS))).groupby(change)
    return pd.DataFrame(
        {
            "month_from": steps.min().to_numpy(),
            "month_to": steps.max().to_numpy() + 1,
            "text": texts.groupby(change).first().to_numpy(),
        }
    )


# ---------------------------------------------------------------------------------------------------------- the ratio


def ratio_by_pair(pairs: pd.DataFrame) -> Figure:
    """Return the figure of xAI over OpenAI for each pair of values of `claims.money.pairs`."""
    rows = pairs.sort_values(["ratio", "source_id_openai"], ignore_index=True)
    basis, prices = rows["basis_xai"].map(SHORT), rows["usd_openai"].map(numbers.usd)
    names = [tr("xAI {own}, OpenAI {other} at {usd}", own=tr(own), other=tr(other), usd=usd)
             for own, other, usd in zip(basis, rows["status_openai"], prices, strict=True)]  # fmt: skip
    words = [one_word(ratio, ratio, *money.around("C42")) for ratio in rows["ratio"]]
    plotted = pd.DataFrame(
        {
            "name": names, "low": rows["ratio"], "mid": rows["ratio"], "high": rows["ratio"],
            "label": [f"{name}: {numbers.times(ratio)}" for name, ratio in zip(names, rows["ratio"], strict=True)],
            "verdict": words,
        }
    )  # fmt: skip
    sources = rows["source_id_xai"] + ", " + rows["source_id_openai"]
    shown = pd.DataFrame(
        {"pair": names, "xAI, dollars": rows["usd_xai"], "OpenAI, dollars": rows["usd_openai"],
         "ratio": rows["ratio"].map(numbers.times),
         "about a quarter": words, "sources": sources}
    )  # fmt: skip
    return figure(
        charts.range_dots(
            plotted, value_title="xAI over OpenAI (log scale)", band=money.around("C42"),
            line=(claimed("C42"), tr("the article's numbers")),
        ),
        name="fig-value-ratio",
        caption=tr(
            "Each row sets one price of xAI, before or after the new money, over one of OpenAI, as known in May 2024. "
            "The shaded band is what counts as the article's ratio. Like with like, after the money and closed, lies "
            "above it."
        ),
        alt_text=alt_texts.of_values(
            "Dot plot", "the value of xAI over that of OpenAI", plotted["name"], plotted["mid"], numbers.times
        ),
        table=shown,
    )  # fmt: skip


def ratio_over_time() -> Figure:
    """Return the figure of xAI over OpenAI month by month, by the newest deals known."""
    rows = worth.ratios(SINCE)
    plotted = rows.assign(value=rows["mid"], series=tr("xAI over OpenAI"))
    ends = {end: rows[end].map(numbers.times) for end in ("low", "mid", "high")}
    shown = rows.assign(month=rows["date"].dt.strftime("%Y-%m"), **ends)[["month", *ends, "sources"]]
    return figure(
        charts.lines_over_time(
            plotted[["date", "value", "series"]],
            value_title="xAI over OpenAI (log scale)",
            line=(claimed("C42"), "the article"),
        ),
        name="fig-value-ratio-over-time",
        caption=tr(
            "The ratio jumps whenever one of the two sells shares and the other has not yet. It has no trend, and it "
            "comes back to where it was."
        ),
        alt_text=alt_texts.of_lines("the value of xAI over that of OpenAI", plotted, numbers.times),
        table=shown,
    )


# ----------------------------------------------------------------------------------------------------- dollars per H100


def per_h100() -> pd.DataFrame:
    """Return `worth.usd_per_h100` as known on both days, with `day` (a key of DAYS)."""
    parts = [worth.usd_per_h100(reader).assign(day=key) for key, reader in {"then": then(), "now": now()}.items()]
    return pd.concat(parts, ignore_index=True)


def built_usd() -> float:
    """Return what an H100 with its site cost to build at prices of May 2024, the middle of the range."""
    return float(np.median(money.ways(then())[money.WITH_SITE][0]))


def dollars_per_h100(table: pd.DataFrame) -> Figure:
    """Return the figure of a company's price for each H100 of its largest machine; table: `per_h100`."""
    rows = table.assign(
        entity=table["company"],
        value=table["usd_per_h100"],
        label=[
            f"{row.company}: {numbers.usd(row.usd_per_h100)} ({numbers.significant(row.h100e, 2)} H100)"
            for row in table.itertuples()
        ],
    )
    site = built_usd()
    chart = charts_chips.ranked_dots(
        rows[["entity", "value", "label", "day", "basis"]],
        value_title="dollars for each H100 (log scale)",
        rows=int(rows.groupby(["day", "basis"]).size().max()),
        keep="datum.day === day && datum.basis === basis",
        line=(site, tr("an H100 with its site: {usd}", usd=numbers.usd(round(site, -3)))),
    )
    shown = table.assign(
        day=table["day"].map(tr_all(DAYS)), basis=table["basis"].map(tr_all(BASES)),
        h100e=table["h100e"].map(numbers.significant), usd_per_h100=table["usd_per_h100"].map(numbers.usd),
    )[["day", "company", "basis", "usd", "h100e", "usd_per_h100", "entity", "dated_on", "sources"]]  # fmt: skip
    return figure(
        chart,
        name="fig-dollars-per-h100",
        caption=tr(
            "What investors paid for a company, over the H100s of the largest machine that it was known to own or use. "
            "All lie far to the right of what such a chip costs: machines are not what the price is for."
        ),
        alt_text=_alt_of_dollars(table),
        table=shown.rename(
            columns={
                "usd": "price, dollars",
                "basis": "counted",
                "h100e": "H100-equivalents",
                "usd_per_h100": "for each",
                "entity": "machine",
                "dated_on": "deal of",
            }
        ),
        controls=[
            Control("day", tr("As known"), {"then": tr("in May 2024"), "now": tr("today")}, "then"),
            Control("basis", tr("Count"), tr_all(BASES), worth.WITH_PLANS),
        ],
        readout=Readout(_readout_of_dollars(table)),
    )


def _readout_of_dollars(table: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for (day, basis), part in table.groupby(["day", "basis"], sort=False):
        xai = part.set_index("company").loc["xAI"]
        text = tr(
            "xAI: {usd} for {count} H100-equivalents, {each} for each. That is {times} times what building one with "
            "its site cost in May 2024.",
            usd=numbers.usd(xai["usd"]), count=numbers.significant(xai["h100e"]),
            each=numbers.usd(xai["usd_per_h100"]),
            times=numbers.times(xai["usd_per_h100"] / built_usd()),
        )  # fmt: skip
        rows.append({"day": day, "basis": basis, "text": text})
    return pd.DataFrame(rows)


def _alt_of_dollars(table: pd.DataFrame) -> str:
    rows = table[(table["day"] == "then") & (table["basis"] == worth.WITH_PLANS)].reset_index(drop=True)
    return alt_texts.of_values(
        "Dot plot", "dollars of a company's price for each H100, as known in May 2024 with plans", rows["company"],
        rows["usd_per_h100"], numbers.usd,
    )  # fmt: skip


# -------------------------------------------------------------------------------------------------------- sensitivity


def quarter(xai_usd: Any, openai_usd: Any) -> Any:
    """Return the value of xAI over that of OpenAI.

    >>> quarter(24e9, 100e9)
    0.24
    """
    return xai_usd / openai_usd


def word(ratio: float) -> str:
    """Return whether a ratio is the article's quarter.

    >>> word(0.24), word(0.3)
    ('holds', 'does not hold')
    """
    return one_word(ratio, ratio, *money.around("C42"))


def moved() -> pd.DataFrame:
    """Return what each price does to the ratio, as known in May 2024."""
    prices = {
        name: money.values(then(), name).query("status != 'talked about' or company == 'OpenAI'")
        for name in ("xAI", "OpenAI")
    }
    inputs = [_input(name, prices[name]) for name in prices]
    return sensitivity.moved(quarter, inputs, word=word, threshold=money.around("C42")[1])


def _input(company: str, rows: pd.DataFrame) -> Input:
    mid = worth.value_usd(then(), company)[1]
    return Input(
        f"{company.lower()}_usd", tr("price of {company}", company=company), float(rows["usd"].min()), mid,
        float(rows["usd"].max()), numbers.usd, ", ".join(sorted(set(rows["source_id"]))),
    )  # fmt: skip


def tornado(table: pd.DataFrame) -> Figure:
    """Return the tornado of `moved`."""
    return sensitivity.tornado_figure(
        table,
        name="fig-values-tornado",
        what="the value of xAI over that of OpenAI",
        caption=tr(
            "OpenAI's price turns the verdict: at the price only talked about the ratio is the article's. xAI's price "
            "before the new money carries it through the article's band to just below it."
        ),
        value_title="xAI over OpenAI",
        write=numbers.times,
        line=(claimed("C42"), tr("the article's numbers")),
    )
