"""Claims about the machine: when it is to run, how large it is to be, and how large those are that exist.

"Four times larger" is a ratio of the planned machine to the largest existing one, and "existing cluster" must be
defined (`census`). A ratio reads as "four" where it rounds to 4; the source's wording, "at least four times the
largest", needs a ratio that rounds to 4 or more.
"""

from dataclasses import replace
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from compute_scaling import building, census, data
from compute_scaling.accelerator import REFERENCE, accelerator
from compute_scaling.checks import Floats
from compute_scaling.claims.verdict import (
    ABOUT,
    ARTICLE_DAY,
    Reader,
    Verdict,
    cited,
    claimed,
    percent,
    range_of,
    word_for_chance,
    word_for_range,
)
from compute_scaling.cost import electricity_cost_usd
from compute_scaling.energy import WATTS_PER_MW, energy_mwh, facility_power_w, server_factor
from compute_scaling.failure_rates import published_rates
from compute_scaling.inputs import published
from compute_scaling.outlook import failure_free_hours
from compute_scaling.series import largest_cluster
from compute_scaling.texts import day, tr
from compute_scaling.trends import fit_growth
from compute_scaling.uncertainty import interval
from compute_scaling.units import HOURS_PER_DAY, MINUTES_PER_HOUR

FOUR: Final = (3.5, 4.5)  # what rounds to four
AT_LEAST_FOUR: Final = (3.5, np.inf)
STANDARD: Final = census.Definition()
MEANING: Final = "a cluster is one network of H100s built for AI, and its owner had confirmed it"  # of the standard
PLANNED: Final = "Colossus 1, first phase (Memphis)"  # the name that the planned machine got
OF_A_PEAK: Final = ("PUE", "network share")  # what is drawn for the power of the planned machine
OF_A_RUN: Final = (*OF_A_PEAK, "draw share")
FIRST_OF_AUTUMN: Final = pd.Timestamp("2025-09-22")  # of claim C18
LAST_OF_AUTUMN: Final = pd.Timestamp("2025-12-20")


def planned_count() -> float:
    """Return the number of H100s of the planned machine, as the article gives it for Grok-3 (claim C25).

    >>> planned_count()
    100000.0
    """
    return claimed("C25")


def four_times(on: "str | pd.Timestamp | pd.DatetimeIndex" = ARTICLE_DAY, as_of: data.Day = None) -> pd.DataFrame:
    """Return, for each day and definition, the largest existing machine and how many times larger the planned one is.

    Columns of `census.standing`, `times_low`, `times_mid`, `times_high`, and two verdict words: `four` for the
    article's wording, `at_least_four` for its source's.

    >>> table = four_times()
    >>> row = census.select(table, STANDARD).iloc[0]
    >>> round(row["times_mid"], 2), row["four"], row["at_least_four"]
    (np.float64(4.07), 'holds', 'holds')
    """
    return with_words(census.multiples(census.largest(census.standing(on, as_of=as_of)), planned_count()))


def with_words(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table of multiples with the verdict words of both wordings."""
    low, high = table["times_low"], table["times_high"]
    return table.assign(
        four=word_for_range(low, high, *FOUR),
        at_least_four=word_for_range(low, high, *AT_LEAST_FOUR),
    )


def one_choice_moved(table: pd.DataFrame, standard: census.Definition = STANDARD) -> pd.DataFrame:
    """Return the rows of `four_times` that differ from a definition in no choice or one, with `moved` and `to`.

    >>> moved = one_choice_moved(four_times())
    >>> set(moved["moved"]) <= {"none", "scope", "evidence", "unit", "purpose"}
    True
    """
    choices = {
        "scope": census.SCOPES, "evidence": census.EVIDENCE, "unit": census.UNITS, "purpose": census.PURPOSES
    }  # fmt: skip
    parts = [census.select(table, standard).assign(moved="none", to="")]
    for field, values in choices.items():
        for value in values:
            if value != getattr(standard, field):
                rows = census.select(table, replace(standard, **{field: value}))  # type: ignore[arg-type]
                parts.append(rows.assign(moved=field, to=value))
    return pd.concat(parts, ignore_index=True)


def check_four_times(reader: Reader) -> Verdict:
    """C23: four times larger than the clusters of the day."""
    table = reader.once(_times_known)
    standard = census.select(table, STANDARD).iloc[0]
    fits = {wording: int((table[wording] == "holds").sum()) for wording in ("four", "at_least_four")}
    moved = one_choice_moved(table).assign(reach=lambda rows: np.abs(np.log(rows["times_mid"] / standard["times_mid"])))
    widest = moved.loc[moved["reach"].idxmax()]
    return Verdict(
        claim_id="C23",
        word="holds" if fits["four"] == len(table) else "holds if" if fits["four"] else "does not hold",
        condition=tr(MEANING),
        why=tr(
            "{times:.2f} under that definition; of {count} definitions, 'four' fits {four} and 'at least four' "
            "{at_least_four}. The range is the one over definitions",
            times=standard["times_mid"],
            count=len(table),
            **fits,
        ),
        low=float(table["times_mid"].min()),
        mid=float(standard["times_mid"]),
        high=float(table["times_mid"].max()),
        unit="times",
        hinges_on=tr("what 'existing cluster' means; most on the {choice}", choice=tr(widest["moved"])),
        would_change=tr(
            "a confirmed AI cluster of more than {size:,.0f} H100 in use by May 2024", size=planned_count() / FOUR[0]
        ),
        sources=cited(table["sources"]),
    )


def check_largest_existing(reader: Reader) -> Verdict:
    """C48: the largest existing cluster has about 25,000 GPUs (100,000 over four)."""
    table = reader.once(_times_known)
    standard = census.select(table, STANDARD).iloc[0]
    implied = planned_count() / 4
    fits = int((word_for_range(table["mid"], table["mid"], implied / ABOUT, implied * ABOUT) == "holds").sum())
    return Verdict(
        claim_id="C48",
        word="holds" if fits == len(table) else "holds if" if fits else "does not hold",
        condition=tr(MEANING),
        why=tr(
            "under that definition {machine} was the largest, with {size:,.0f} H100; the article implies "
            "{implied:,.0f}, within a quarter of which {fits} of {count} definitions lie",
            machine=standard["entity"],
            size=standard["mid"],
            implied=implied,
            fits=fits,
            count=len(table),
        ),
        low=float(table["mid"].min()),
        mid=float(standard["mid"]),
        high=float(table["mid"].max()),
        unit="H100",
        hinges_on=tr("one fabric or all sites of an owner"),
        would_change=tr("a larger single AI cluster, confirmed by its owner"),
        sources=cited(table["sources"]),
    )


def check_autumn(reader: Reader) -> Verdict:
    """C18: the machine runs from autumn 2025 on; a chance before it ran, days early or late after."""
    days = reader.table("build_times").query("machine == @PLANNED").dropna(subset=["operational_on"])
    return _forecast_of_autumn(reader) if days.empty else _day_of_autumn(days)


def chances_of_autumn(reader: Reader) -> pd.DataFrame:
    """Return the chance that such a machine runs by the end of autumn 2025, a row a method: low, mid, high, sources.

    Building times ask how long other machines took; growth asks whether the largest machine of anyone will be so large.

    >>> chances_of_autumn(Reader(pd.Timestamp(ARTICLE_DAY))).index.tolist()
    ['building times, for AI', 'building times, all', 'growth of the largest']
    """
    months = (LAST_OF_AUTUMN - announced_on(reader)) / pd.Timedelta(days=building.DAYS_PER_MONTH)
    rows = {}
    for name, kinds in {"building times, for AI": building.FOR_AI, "building times, all": building.ALL_KINDS}.items():
        known = building.known_times(reader, kinds=kinds)
        ends = building.times_of(known["months"], finished=known["finished"]).chance_within(months)
        rows[name] = (*ends, ", ".join(cited(known["sources"])))
    found = reader.once(largest_cluster)
    chance = float(fit_growth(found["date"], found["value"]).chance_above([LAST_OF_AUTUMN], planned_count())[0])
    rows["growth of the largest"] = (chance, chance, chance, ", ".join(cited(found["sources"])))
    return pd.DataFrame.from_dict(rows, orient="index", columns=["low", "mid", "high", "sources"])


def announced_on(reader: Reader) -> pd.Timestamp:
    """Return the day on which the plan became public.

    >>> announced_on(Reader(pd.Timestamp(ARTICLE_DAY)))
    Timestamp('2024-05-25 00:00:00')
    """
    return pd.Timestamp(reader.table("build_times").set_index("machine").loc[[PLANNED], "announced_on"].iloc[0])


def _forecast_of_autumn(reader: Reader) -> Verdict:
    chances = chances_of_autumn(reader)
    ours = chances.loc["building times, for AI"]
    low, high = float(chances["low"].min()), float(chances["high"].max())
    growth = chances.at["growth of the largest", "mid"]
    return Verdict(
        "C18",
        word_for_chance(low, high),
        why=tr(
            "by the time that machines for AI took to build, a new one runs then with a chance of {chance}; by the "
            "growth of the largest machine alone, one so large stands by then with a chance of {by_growth}",
            chance=percent(ours["mid"]),
            by_growth=percent(growth),
        ),
        condition=tr("a record machine takes no longer to build than others did"),
        low=low,
        mid=float(ours["mid"]),
        high=high,
        unit="chance",
        hinges_on=tr("which machines it is compared with: those of clouds in existing halls, or new sites"),
        would_change=tr("a site with power, under contract; none was named"),
        sources=cited(chances["sources"]),
    )


def _day_of_autumn(days: pd.DataFrame) -> Verdict:
    ordered = days.assign(trust=days["confidence"].map(census.CONFIDENCE_RANK)).sort_values(["trust", "known_on"])
    early = (FIRST_OF_AUTUMN - ordered["operational_on"]).dt.days
    trusted = ordered.iloc[-1]
    return Verdict(
        "C18",
        "holds" if (ordered["operational_on"] <= LAST_OF_AUTUMN).all() else "holds if",
        why=tr(
            "it ran on {day} by its owner's word; other sources give {first} to {last}",
            day=day(trusted["operational_on"]),
            first=day(ordered["operational_on"].min()),
            last=day(ordered["operational_on"].max()),
        ),
        low=float(early.min()),
        mid=float(early.iloc[-1]),
        high=float(early.max()),
        unit="days early",
        hinges_on=tr("what running means: a first job, a start by the owner's word, or all chips at once"),
        would_change=tr("proof that the chips did not run together before the autumn was over"),
        sources=cited(ordered["source_id"]),
    )


def power_mw(reader: Reader) -> Floats:
    """Return draws of the power of the planned machine's site at its peak, in MW.

    Inputs are the published ranges of PUE and network share, independent of each other.

    >>> float(np.median(power_mw(Reader(pd.Timestamp(ARTICLE_DAY), draws=1024))).round(-1))
    160.0
    """
    return _site_w(reader, _drawn(reader, OF_A_PEAK)) / WATTS_PER_MW


def run_energy_mwh(reader: Reader, *, days: ArrayLike) -> Floats:
    """Return draws of the electricity of a run on the whole planned machine, in MWh, a row for each length.

    days: length of the run. As in `power_mw`, with a published range of the share of their peak that servers draw.

    >>> energy = run_energy_mwh(Reader(pd.Timestamp(ARTICLE_DAY), draws=1024), days=[60, 120])
    >>> np.median(energy, axis=1).round(-4)
    array([160000., 330000.])
    """
    return _run_mwh(reader, _drawn(reader, OF_A_RUN), days)


def run_electricity_usd(reader: Reader, *, days: ArrayLike) -> Floats:
    """Return draws of what that electricity costs at published prices, in dollars, a row for each length.

    >>> bill = run_electricity_usd(Reader(pd.Timestamp(ARTICLE_DAY), draws=1024), days=[60, 120])
    >>> (np.median(bill, axis=1) / 1e6).round()
    array([12., 25.])
    """
    draws = _drawn(reader, (*OF_A_RUN, "electricity price"))
    return electricity_cost_usd(_run_mwh(reader, draws, days), usd_per_kwh=draws["electricity price"])


def _drawn(reader: Reader, names: tuple[str, ...]) -> dict[str, Floats]:
    return reader.draw({name: published(name, reader.as_of) for name in names})


def _run_mwh(reader: Reader, draws: dict[str, Floats], days: ArrayLike) -> Floats:
    return energy_mwh(_site_w(reader, draws), hours=HOURS_PER_DAY * np.reshape(days, (-1, 1)))


def _site_w(reader: Reader, draws: dict[str, Floats]) -> Floats:
    """Return the power of the planned machine's site in watts for draws of its inputs; a peak without a draw share."""
    return facility_power_w(
        planned_count(),
        tdp_w=accelerator(REFERENCE).tdp_w,
        pue=draws["PUE"],
        server_factor=server_factor(REFERENCE, reader.as_of),
        network_share=draws["network share"],
        draw_share=draws.get("draw share", np.ones(1)),
    )


def check_challenges(reader: Reader) -> Verdict:
    """C44: AI has new challenges; the heading names none, so it is read as power and failures at the planned size."""
    low, mid, high = interval(failure_free_hours(reader, planned_count()))
    rates, inputs = published_rates(reader.as_of), reader.table("machine_inputs")
    return Verdict(
        "C44",
        "holds if" if high < HOURS_PER_DAY else "cannot be checked",
        why=tr(
            "the heading names no challenge; a machine of {size:,.0f} chips draws the power given here and meets a "
            "failure every {every} ({low} to {high})",
            size=planned_count(),
            every=_duration(mid),
            low=_duration(low),
            high=_duration(high),
        ),
        condition=tr(
            "a challenge is that such a machine never runs a day without a failure, and the power that it draws"
        ),
        **range_of(power_mw(reader)),
        unit="MW",
        hinges_on=tr("what the heading means; for failures, which site the machine resembles"),
        would_change=tr("a machine of that size that runs for days without interruption"),
        sources=cited(rates["source_id"], inputs.loc[inputs["quantity"].isin(["PUE", "network share"]), "source_id"]),
    )


def _duration(hours: float) -> str:
    if hours >= 1:
        return tr("{count:.2g} hours", count=hours)
    return tr("{count:.2g} minutes", count=hours * MINUTES_PER_HOUR)


def _times_known(reader: Reader) -> pd.DataFrame:
    return four_times(as_of=reader.as_of)
