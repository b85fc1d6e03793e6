"""Forecasts as of May 2024, scored by what came.

Each resolution (`data/resolutions.csv`) that follows from numbers public in May 2024 gets one forecast, by the rules of
`outlook` and of the checks of the claims; the others have a reason in `NOT_FORECAST`. Beside each forecast stand naive
ones: that all stays as it is, the article at its word, and, for a trend, its middle without a range.

The forecasts were computed later, by people who knew the outcomes. Against that stand three things: every input is
dated, every forecast follows a rule that serves many, and no number is set for a single one. What they cannot undo is
the choice of rules and of questions, so that coverage here flatters.

Scores are taken on logarithms, where a score is a factor and quantities can be put together; shares as they are.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any, Final

import numpy as np
import pandas as pd
import scipy  # its parts load at first use: the core stays quick to import

from compute_scaling import building, data, outlook
from compute_scaling.checks import Floats
from compute_scaling.claims import indicators, machine, models, money
from compute_scaling.claims.verdict import ARTICLE_DAY, claimed
from compute_scaling.distributions import between, one_of
from compute_scaling.failure_rates import published_rates
from compute_scaling.inputs import Published
from compute_scaling.reader import DRAWS, Reader
from compute_scaling.reliability import mean_time_between_failures_hours
from compute_scaling.scores import coverage, covered, crps, skill, wins
from compute_scaling.uncertainty import interval

Expect = Callable[[Reader, pd.Timestamp], Floats]
Guess = Callable[[Reader], float]

QUARTERS: Final = 4
TO_MIDDLE: Final = pd.DateOffset(months=4, days=15)  # half of three quarters
JOB: Final = 16_384  # accelerators of the run whose failures and share of useful time came to be published
ENDS: Final = {0.9: ("low", "mid", "high"), 0.5: ("low_50", "mid", "high_50")}
KEPT: Final = ["resolution_id", "quantity", "group", "claim_id", "target_on", "unit", "source_id", "known_on"]
SHARE: Final = "share"  # a unit that is scored as it is
DATE: Final = "date"  # a unit that is scored as days since the plan became public
NAIVE: Final = ("stays", "word", "middle")

CLUSTER: Final = "largest AI cluster"
SITE: Final = "largest AI site"
RUN: Final = "largest training run"
QUARTER: Final = "Nvidia's data-centre revenue in a quarter"
SPENDING: Final = "capital spending of four clouds in a quarter"


@dataclass(frozen=True)
class Question:
    """How a resolution is forecast.

    rule: in words. expect: draws, for a reader and the day the forecast is for. stays: the forecast that all stays as
    it is, or the plainest number at hand. word: the article at its word. is_trend: the middle alone is naive too.
    """

    rule: str
    expect: Expect
    stays: Guess | None = None
    word: Guess | None = None
    is_trend: bool = False


# ------------------------------------------------------------------------------------------------------------ the rules


def _trend(name: str, *, word: Guess | None = None) -> Question:
    expect = partial(_along, name)
    return Question(f"trend: {name}", expect, stays=partial(outlook.newest, name=name), word=word, is_trend=True)


def _along(name: str, reader: Reader, day: pd.Timestamp) -> Floats:
    return outlook.trend(reader, name, day)


def _word(claim_id: str, reader: Reader) -> float:
    return claimed(claim_id)


def _year_of_spending(reader: Reader, day: pd.Timestamp) -> Floats:
    """Return draws of a year's spending: four times that of a quarter in its middle.

    Quarters are dated by their ends, three to twelve months into the year; the middle of these is `TO_MIDDLE` before
    the year's.
    """
    return QUARTERS * outlook.trend(reader, SPENDING, day - TO_MIDDLE)


def _days_to_build(reader: Reader, day: pd.Timestamp) -> Floats:
    known = building.known_times(reader)
    drawn = reader.draw({name: scipy.stats.uniform() for name in ("pair", "time")})
    times = building.times_of(known["months"], finished=known["finished"])
    return times.ppf((drawn["pair"], drawn["time"])) * building.DAYS_PER_MONTH


def _days_claimed(reader: Reader) -> float:
    return float((machine.FIRST_OF_AUTUMN - machine.announced_on(reader)).days)


def _times_larger(reader: Reader, day: pd.Timestamp) -> Floats:
    return machine.planned_count() / outlook.trend(reader, CLUSTER, day)


def _cost_of_machine(reader: Reader, day: pd.Timestamp) -> Floats:
    return machine.planned_count() * money.ways(reader)[money.WITH_SITE][0]


def _cost_of_run(reader: Reader, day: pd.Timestamp) -> Floats:
    """Return draws of what the claimed chips use up in the days of a run; utilisation has no part in it."""
    years = outlook.years_between(reader.as_of, day)
    drawn = outlook.chip_day_usd(reader, {"days": between(*models.DAYS)}, years_ahead=years)
    return machine.planned_count() * drawn["days"] * drawn["usd"]


def _largest_bill(reader: Reader) -> float:
    return float(reader.table("run_bills").query("unit == 'USD'")["value"].max())


def _step(reader: Reader, day: pd.Timestamp) -> Floats:
    flop = reader.once(models.generations)
    return flop["C25"] / flop["C24"]


def _lead(reader: Reader, day: pd.Timestamp) -> Floats:
    return reader.draw({"share": one_of(indicators.leads(reader)["share"])})["share"]


def _newest_lead(reader: Reader) -> float:
    tables = indicators.leads(reader)
    return float(tables.loc[tables["developer"] == indicators.DEVELOPER, "share"].iloc[-1])


def _useful_share(reader: Reader, day: pd.Timestamp) -> Floats:
    shares = reader.table("reliability").query("quantity == 'goodput'")["value"]
    return reader.draw({"share": Published(shares.min(), shares.max(), ceiling=1)})["share"]


def _newest_useful_share(reader: Reader) -> float:
    return float(reader.table("reliability").query("quantity == 'goodput'").sort_values("known_on")["value"].iloc[-1])


def _step_shares(reader: Reader) -> pd.DataFrame:
    return reader.table("training_runs").dropna(subset=["step_mfu"]).sort_values(["known_on", "run_id"])


def _utilisation(reader: Reader, day: pd.Timestamp) -> Floats:
    runs = _step_shares(reader)
    odds = outlook.odds_of_new_family(runs["step_mfu"], runs["family"])
    return np.asarray(scipy.special.expit(reader.draw({"odds": odds})["odds"]))


def _newest_failures(reader: Reader) -> float:
    told = reader.table("reliability").groupby("source_id")["known_on"].max()
    rates = published_rates(reader.as_of).assign(told=lambda rows: rows["source_id"].map(told))
    rate = rates.sort_values("told", kind="stable")["failures_per_gpu_hour"].iloc[-1]
    return float(mean_time_between_failures_hours(JOB, failures_per_gpu_hour=rate))


SAID: Final = {claim: partial(_word, claim) for claim in ("C23", "C25", "C26", "C39", "C48")}
QUESTIONS: Final[dict[str, Question]] = {
    "R01": _trend(CLUSTER, word=SAID["C48"]),
    "R02": _trend(SITE, word=SAID["C48"]),
    "R03": _trend(SITE, word=SAID["C25"]),
    "R05": Question("building times of machines for AI", _days_to_build, word=_days_claimed),
    "R07": Question("power of servers, network and cooling", lambda reader, _: machine.power_mw(reader)),
    "R09": Question("prices of servers, network and site", _cost_of_machine, word=SAID["C39"]),
    "R11": Question(
        f"the plan over the trend: {CLUSTER}",
        _times_larger,
        stays=lambda reader: machine.planned_count() / outlook.newest(reader, CLUSTER),
        word=SAID["C23"],
    ),
    "R12": Question("chips, days and utilisation", lambda reader, _: reader.once(models.generations)["C24"],
                    stays=partial(outlook.newest, name=RUN)),
    "R15": Question("record of release tables", _lead, stays=_newest_lead, word=lambda _: indicators.NEARLY_ALL),
    "R17": Question("chips, days and utilisation", lambda reader, _: reader.once(models.generations)["C25"],
                    stays=partial(outlook.newest, name=RUN)),
    "R20": Question("chips, days and utilisation", _step, word=SAID["C26"]),
    **dict.fromkeys(("R21", "R22", "R23", "R24", "R25", "R26", "R56", "R57", "R58"), _trend(QUARTER)),
    "R30": Question("quotes of the year, ageing", outlook.rent_usd, stays=outlook.newest_rent_usd),
    "R42": _trend(RUN),
    "R44": _trend(RUN),
    "R45": Question("hardware used up and electricity", _cost_of_run, stays=_largest_bill),
    "R46": Question("failure rates of other sites", lambda reader, _: outlook.failure_free_hours(reader, JOB),
                    stays=_newest_failures),
    "R47": Question("useful shares of other sites", _useful_share, stays=_newest_useful_share),
    "R48": Question("utilisation of steps of other models", _utilisation,
                    stays=lambda reader: float(_step_shares(reader)["step_mfu"].iloc[-1])),
    "R49": Question(f"trend: {SPENDING}, of a year", _year_of_spending,
                    stays=lambda reader: QUARTERS * outlook.newest(reader, SPENDING), is_trend=True),
    "R60": Question(f"trend: {SPENDING}, of a year", _year_of_spending,
                    stays=lambda reader: QUARTERS * outlook.newest(reader, SPENDING), is_trend=True),
}  # fmt: skip
OWN_WORD: Final = "only the owner's plan to go by: its word is the forecast"
NO_HISTORY: Final = "no history of it was public"
TOO_FEW: Final = "two deals were known, and a trend needs four values"
REPEATS: Final = "the same question as another one here"
NOT_ASKED: Final = "not a quantity of the article, and without a rule here"
NOT_FORECAST: Final[dict[str, str]] = {
    **dict.fromkeys(("R06", "R13", "R18", "R32", "R55"), OWN_WORD),
    **dict.fromkeys(("R14", "R16", "R19", "R33", "R37", "R38", "R41", "R64", "R65", "R67"), NO_HISTORY),
    **dict.fromkeys(("R35", "R36", "R39", "R40", "R66"), TOO_FEW),
    **dict.fromkeys(("R28", "R50", "R59", "R61", "R62", "R63", "R68"), REPEATS),
    **dict.fromkeys(("R52", "R54", "R69"), NOT_ASKED),
}


# ----------------------------------------------------------------------------------------------------------- the scores


def forecasts(as_of: data.Day = ARTICLE_DAY, *, seed: int = 0, draws: int = DRAWS) -> dict[str, Floats]:
    """Return the draws of every forecast by its resolution, from rows public by a day.

    >>> len(forecasts(draws=1024)) == len(QUESTIONS)
    True
    """
    return _forecasts(Reader(pd.Timestamp(as_of), seed, draws))


def _forecasts(reader: Reader) -> dict[str, Floats]:
    targets = data.load("resolutions").set_index("resolution_id")["target_on"]
    return {name: question.expect(reader, targets[name]) for name, question in QUESTIONS.items()}


def scored(as_of: data.Day = ARTICLE_DAY, *, seed: int = 0, draws: int = DRAWS) -> pd.DataFrame:
    """Return each forecast with its outcome and its scores, a row a resolution.

    Columns: those of `KEPT`; `rule`; `low`, `mid`, `high` at 90 %, `low_50` and `high_50` at 50 %; the naive forecasts
    `stays`, `word` and `middle` (missing where there is none); the outcome `value` with the range `value_low` to
    `value_high` over sources; `covered` and `covered_50`: yes, no, or depends on the source; `crps`, and `crps_stays`,
    `crps_word`, `crps_middle` of the naive ones. Dates are days since the plan became public. Scores are of natural
    logarithms, of shares as they are; missing where the outcome is only a bound.

    >>> table = scored(draws=1024)
    >>> bool((table["low"] <= table["mid"]).all() and (table["mid"] <= table["high"]).all())
    True
    """
    reader = Reader(pd.Timestamp(as_of), seed, draws)
    found = _forecasts(reader)
    outcomes = _outcomes(machine.announced_on(reader)).set_index("resolution_id", drop=False).loc[list(found)]
    rows = [_scored(reader, QUESTIONS[name], found[name], outcome) for name, outcome in outcomes.iterrows()]
    return pd.concat([outcomes[KEPT].reset_index(drop=True), pd.DataFrame(rows)], axis=1)


def _outcomes(start: pd.Timestamp) -> pd.DataFrame:
    """Return the resolutions with their values as numbers: dates as days since `start`, one number as its own range."""
    table = data.load("resolutions")
    for name in ("value", "value_low", "value_high"):
        on = name.replace("value", "value_on")
        table[name] = table[name].fillna((table[on] - start) / pd.Timedelta(days=1))
    low, high = table["value_low"].fillna(table["value"]), table["value_high"].fillna(table["value"])
    return table.assign(value_low=low, value_high=high)


def _scored(reader: Reader, question: Question, draws: Floats, outcome: "pd.Series[Any]") -> dict[str, Any]:
    scale = (lambda value: value) if outcome["unit"] == SHARE else np.log
    row: dict[str, Any] = {"rule": question.rule}
    for level, names in ENDS.items():
        row |= dict(zip(names, interval(draws, level=level), strict=True))
    row["stays"] = question.stays(reader) if question.stays else np.nan
    row["word"] = question.word(reader) if question.word else np.nan
    row["middle"] = row["mid"] if question.is_trend else np.nan
    row |= {name: float(outcome[name]) for name in ("value", "value_low", "value_high")}
    ends = {"outcome": row["value_low"], "outcome_high": row["value_high"]}
    row["covered"] = str(covered(row["low"], row["high"], **ends))
    row["covered_50"] = str(covered(row["low_50"], row["high_50"], **ends))
    came = scale(row["value"])
    row["crps"] = float(crps(scale(draws), outcome=came)) if np.isfinite(came) else np.nan
    return row | {f"crps_{name}": float(np.abs(scale(row[name]) - came)) for name in NAIVE}


def overall(table: pd.DataFrame) -> pd.DataFrame:
    """Return how the forecasts did against each naive one: a row a rival, over the forecasts that both made.

    Columns: `rival`, `forecasts`, `wins`, `ties`, `p_value` (of a sign test, for independent forecasts), `skill` (of
    scores on logarithms; 1 is perfect, 0 no better).
    """
    rows = []
    for name in NAIVE:
        both = table[table[["crps", f"crps_{name}"]].notna().all(axis=1)]
        logs = both[both["unit"] != SHARE]
        gained = skill(logs["crps"], naive=logs[f"crps_{name}"])
        rows.append({"rival": name, **asdict(wins(both["crps"], naive=both[f"crps_{name}"])), "skill": gained})
    return pd.DataFrame(rows)


def held(table: pd.DataFrame) -> pd.DataFrame:
    """Return how many ranges held, at 50 and at 90 %, as `scores.Coverage` says; a group counts as one forecast."""
    kinds = {0.5: "covered_50", 0.9: "covered"}
    rows = [{"level": level, **asdict(coverage(table[name], groups=table["group"]))} for level, name in kinds.items()]
    return pd.DataFrame(rows)
