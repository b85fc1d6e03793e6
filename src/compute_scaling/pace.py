"""Pace: how fast the largest machines for AI grew, as a reader of any day could fit it, and what the answer hangs on.

The trend is the exponential through the records known by a day (`trends.fit_growth`). Four readings of "largest":
confirmed by the owner on one network, or sites by anyone's word; by 16-bit peak, or every accelerator counted as one.
Each cut-off uses what was public on that very day, so that an estimate published later is in no earlier fit.

The questions put to a reading: what does the trend say of one size on one day; which records decide; how often did
the record leap as far before; and how good were such forecasts (`asked_each_quarter`, `scored`).
"""

from typing import Final, Literal

import numpy as np
import pandas as pd
import scipy  # its parts load at first use: the core stays quick to import

from compute_scaling import frontier
from compute_scaling.reader import Reader
from compute_scaling.scores import crps
from compute_scaling.series import largest_site
from compute_scaling.trends import FEWEST, Growth, Method, fit_growth
from compute_scaling.units import DAYS_PER_YEAR
from compute_scaling.validation.growth import FEWEST as FEWEST_OF_FORECAST

Word = Literal["confirmed", "anyone"]
Unit = Literal["H100e", "any"]

WORDS: Final[tuple[Word, ...]] = ("confirmed", "anyone")
UNITS: Final[tuple[Unit, ...]] = ("H100e", "any")
METHODS: Final[tuple[Method, ...]] = ("least_squares", "robust")
LEVEL: Final = 0.9
FEWEST_AFTER: Final = 5  # records of a line that begins late: through fewer, a range spans factors of tens
ERRORS: Final = {"log_error": "mid", "naive_log_error": "naive"}
DRAWS: Final = 2_000  # quantiles that stand for a forecast when it is scored


def records(reader: Reader, *, word: Word = "confirmed", unit: Unit = "H100e") -> pd.DataFrame:
    """Return the records that a reader knows: `date`, `value`, `sources`.

    word: "confirmed", machines on one network, confirmed by the owner, on the day they could be known; or "anyone",
    sites too and reports and estimates, on the day they began. unit: as in `series.largest_site`.

    >>> reader = Reader(pd.Timestamp("2024-05-31"))
    >>> [float(records(reader, word=word)["value"].max()) for word in WORDS]
    [24576.0, 24576.0]
    """
    return frontier.record_machines(unit, reader.as_of) if word == "confirmed" else largest_site(reader, unit)


def spells(days: pd.DatetimeIndex, *, word: Word = "confirmed", unit: Unit = "H100e") -> pd.DataFrame:
    """Return the records as they were known on each day, days with the same ones joined, a row a record.

    days: in their order. Columns `first`, `last` (indexes of days: from the one up to before the other), `date`,
    `value`, `sources`. The confirmed records of a day are the beginning of those of a later day (`frontier`); what
    anyone says of the past changes.

    >>> known = spells(pd.DatetimeIndex(["2024-01-31", "2024-02-29", "2024-03-31"]))
    >>> known.groupby(["first", "last"]).size().to_dict()
    {(0, 2): 8, (2, 3): 9}
    """
    found: list[tuple[int, pd.DataFrame]] = []
    whole = records(Reader(days[-1]), word=word, unit=unit)
    for index, day in enumerate(days):
        known = whole[whole["date"] <= day] if word == "confirmed" else records(Reader(day), word=word, unit=unit)
        if not found or not known[["date", "value"]].equals(found[-1][1][["date", "value"]]):
            found.append((index, known))
    ends = [*(first for first, _ in found[1:]), len(days)]
    return pd.concat(
        [known.assign(first=first, last=last) for (first, known), last in zip(found, ends, strict=True)],
        ignore_index=True,
    )[["first", "last", "date", "value", "sources"]]


def outlook_of(
    known: pd.DataFrame, *, day: pd.Timestamp, size: float, method: Method = "least_squares"
) -> "pd.Series[float]":
    """Return what the trend through records says of a size on a day.

    known: `date`, `value`. Returns `points`, `record` (the largest), `factor_low`, `factor`, `factor_high` (a year),
    `doubling_months`, `low`, `mid`, `high` (on the day) and `chance` that the largest has the size then: 1 where the
    record has it already. Ranges are of 90 %. Raises ValueError for fewer than three records.

    >>> known = records(Reader(pd.Timestamp("2024-05-31")))
    >>> outlook_of(known, day=pd.Timestamp("2025-12-20"), size=100_000)[["factor", "chance"]].round(2).tolist()
    [2.09, 0.13]
    """
    growth = fit_growth(known["date"], known["value"], method=method)
    low, factor, high = growth.factor_interval(LEVEL)
    ends = (float(end[0]) for end in growth.predict([day], LEVEL))
    record = float(known["value"].max())
    chance = 1.0 if record >= size else float(growth.chance_above([day], size)[0])
    names = ["points", "record", "factor_low", "factor", "factor_high", "doubling_months", "low", "mid", "high"]
    values = [len(known), record, low, factor, high, 12 * growth.doubling_time_years, *ends]
    return pd.Series([*values, chance], index=[*names, "chance"], dtype=float)


def outlooks(known: pd.DataFrame, *, day: pd.Timestamp, size: float, method: Method = "least_squares") -> pd.DataFrame:
    """Return `outlook_of` each spell of `spells` with three records or more, a row a spell, with `first` and `last`."""
    rows = [
        {"first": first, "last": last} | outlook_of(rows, day=day, size=size, method=method).to_dict()
        for (first, last), rows in known.groupby(["first", "last"])
        if len(rows) >= FEWEST
    ]
    return pd.DataFrame(rows)


def bands(known: pd.DataFrame, dates: pd.DatetimeIndex) -> pd.DataFrame:
    """Return the trend of each spell of `spells` with its 90 % range, a row a spell and date.

    Columns `first`, `last`, `date`, `low`, `mid`, `high`. Spells with fewer than three records have none.
    """
    parts = []
    for (first, last), rows in known.groupby(["first", "last"]):
        if len(rows) >= FEWEST:
            low, mid, high = fit_growth(rows["date"], rows["value"]).predict(dates, LEVEL)
            ends = {"low": low, "mid": mid, "high": high}
            parts.append(pd.DataFrame({"first": first, "last": last, "date": dates, **ends}))
    return pd.concat(parts, ignore_index=True)


def points_moved(known: pd.DataFrame, *, day: pd.Timestamp, size: float) -> pd.DataFrame:
    """Return what becomes of the outlook when a record is left out, or the line begins at a later one.

    One row a choice and method: `kind` ("all", "without", "from"), `date` (of the record), `method`, and `outlook_of`.
    A line that begins at a later record has `FEWEST_AFTER` or more.

    >>> known = records(Reader(pd.Timestamp("2024-05-31")))
    >>> moved = points_moved(known, day=pd.Timestamp("2025-12-20"), size=100_000)
    >>> moved[(moved["kind"] == "from") & (moved["method"] == "least_squares")]["chance"].round(2).tolist()
    [0.22, 0.4, 0.74, 0.98]
    """
    dates = known["date"].tolist()
    choices = [("all", pd.NaT, known)]
    choices += [("without", date, known[known["date"] != date]) for date in dates]
    choices += [("from", date, known[known["date"] >= date]) for date in dates[1 : len(dates) - FEWEST_AFTER + 1]]
    rows = [
        {"kind": kind, "date": date, "method": method} | outlook_of(part, day=day, size=size, method=method).to_dict()
        for kind, date, part in choices
        for method in METHODS
    ]
    return pd.DataFrame(rows)


def reached_on(growth: Growth, size: float) -> pd.Timestamp:
    """Return the day on which the middle of a trend reaches a size.

    >>> growth = fit_growth(pd.to_datetime(["2020-01-01", "2021-01-01", "2022-01-01"]), [1.0, 2.0, 4.0])
    >>> reached_on(growth, 8).year
    2023
    """
    years = (np.log(size) - float(growth.line.intercept)) / growth.rate
    return (growth.origin + pd.Timedelta(days=years * DAYS_PER_YEAR)).normalize()


def leaps(known: pd.DataFrame, starts: pd.DatetimeIndex, *, days: int, times: float, until: str) -> tuple[int, int]:
    """Return how often a record had grown by a factor within some days, and how often one could look.

    known: `date`, `value`. starts: days to look from, as far as the record and the end of the window, which must not be
    later than `until`, are known. Windows that overlap share what they saw.

    >>> known = pd.DataFrame({"date": pd.to_datetime(["2020-01-01", "2020-07-01"]), "value": [1.0, 5.0]})
    >>> leaps(known, pd.date_range("2020-01-01", periods=12, freq="MS"), days=90, times=4, until="2020-12-31")
    (2, 10)
    """
    ends = starts + pd.Timedelta(days=days)
    kept = (starts >= known["date"].min()) & (ends <= pd.Timestamp(until))
    before, after = (_record_on(known, when[kept]) for when in (starts, ends))
    return int((after >= times * before).sum()), int(kept.sum())


def asked_each_quarter(known: pd.DataFrame, quarters: pd.DatetimeIndex, *, horizon_years: float = 1.0) -> pd.DataFrame:
    """Return a forecast of the record at the end of each quarter, from the records of so long before, with what came.

    Columns as `trends.backtest` gives them. Unlike there, the values forecast are not only days on which a record was
    set, and the line goes through the records alone. A forecast needs four records.
    """
    lead = pd.Timedelta(days=np.floor(horizon_years * DAYS_PER_YEAR))
    rows = []
    for quarter in quarters:
        before = known[known["date"] <= quarter - lead]
        if len(before) < FEWEST_OF_FORECAST:
            continue
        low, mid, high = (float(end[0]) for end in fit_growth(before["date"], before["value"]).predict([quarter]))
        rows.append((horizon_years, quarter - lead, quarter, len(before), low, mid, high, before["value"].iloc[-1]))
    columns = ["horizon_years", "origin", "date", "points", "low", "mid", "high", "naive"]
    table = pd.DataFrame(rows, columns=columns)
    table["actual"] = _record_on(known, pd.DatetimeIndex(table["date"]))
    table["covered"] = (table["low"] <= table["actual"]) & (table["actual"] <= table["high"])
    errors = {name: np.log(table[of] / table["actual"]) for name, of in ERRORS.items()}
    return table.assign(**errors)


def scored(forecasts: pd.DataFrame) -> pd.DataFrame:
    """Return forecasts of `trends.backtest` with `low_50`, `high_50` and the scores of each, and of two naive ones.

    `crps` is that of the forecast with its range, on natural logarithms; `crps_middle` of its middle alone;
    `crps_stays` of the newest value known. 0 is best. The distribution is the t of the fit, with `points` - 2 degrees
    of freedom.

    >>> from compute_scaling.trends import backtest
    >>> found = backtest(pd.date_range("2015-01-01", periods=8, freq="YS"), 2.0 ** np.arange(8), horizon_years=2)
    >>> scored(found)[["crps_middle", "crps_stays"]].round(2).values.tolist()
    [[0.0, 1.39], [0.0, 1.39]]
    """
    freedom = (forecasts["points"] - 2).to_numpy(float)[:, None]
    middle = np.log(forecasts["mid"].to_numpy())[:, None]
    reach = np.log(forecasts["high"].to_numpy())[:, None] - middle
    deviation = reach / scipy.stats.t.ppf((1 + LEVEL) / 2, freedom)
    quantiles = (np.arange(DRAWS) + 0.5) / DRAWS
    draws = middle + deviation * scipy.stats.t.ppf(quantiles, freedom)
    inner = deviation[:, 0] * scipy.stats.t.ppf(0.75, freedom[:, 0])
    return forecasts.assign(
        low_50=np.exp(middle[:, 0] - inner),
        high_50=np.exp(middle[:, 0] + inner),
        crps=crps(draws, outcome=np.log(forecasts["actual"].to_numpy())),
        crps_middle=forecasts["log_error"].abs(),
        crps_stays=forecasts["naive_log_error"].abs(),
    )


def _record_on(known: pd.DataFrame, days: pd.DatetimeIndex) -> "pd.Series[float]":
    """Return the record on each day; the records in the order of their days."""
    places = known["date"].searchsorted(days, side="right") - 1
    return known["value"].iloc[places].reset_index(drop=True)
