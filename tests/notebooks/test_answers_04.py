"""The answers of chapter 4, worked out a second time: from the raw tables, with loops and a line by hand."""

import math
from datetime import date, timedelta
from itertools import combinations
from pathlib import Path

import gates
import numpy as np
import pandas as pd
import pytest
from scipy import stats

from book_figures import how_fast, how_sure, numbers

ROOT = Path(__file__).resolve().parents[2]
CONFIRMED = {"public record", "paper", "company statement", "datasheet"}
DAY, TODAY = "2024-05-31", "2026-11-23"
DEADLINE = date(2025, 12, 20)
BREAK = "2023-05-18"
PLANNED, H100 = 100_000, "H100 SXM"
LEAST_SCATTER = 1e-6


def raw(name):
    return pd.read_csv(ROOT / "data" / f"{name}.csv", dtype=str, keep_default_na=False).to_dict("records")


CLUSTERS = raw("clusters")
CHIPS = {row["accelerator"]: row for row in raw("accelerators")}


def peak(chip, day):
    """The chip's weight in H100s, or None where its peak was not public on the day."""
    row = CHIPS.get(chip)
    if not row or not row["bf16_flop_per_s"] or (row["known_on"] > day and chip != H100):
        return None
    return float(row["bf16_flop_per_s"]) / float(CHIPS[H100]["bf16_flop_per_s"])


def rising(points):
    """The points that exceed all before them; of one day the largest."""
    found = []
    for day, size in sorted(points, key=lambda point: (point[0], -point[1])):
        if not found or size > found[-1][1]:
            found.append((day, size))
    return found


def confirmed(day=DAY, unit="peak", without=()):
    points = []
    for row in CLUSTERS:
        good = row["evidence"] in CONFIRMED and row["status"] == "operational"
        if (
            good
            and row["scope"] == "fabric"
            and row["purpose"] == "ai"
            and row["count"]
            and row["owner"] not in without
        ):
            told = max(row["first_operational"], row["known_on"])
            each = peak(row["accelerator"], told) if unit == "peak" else 1.0
            if told <= day and each:
                points.append((told, float(row["count"]) * each))
    return rising(points)


def sites(known=DAY, began=None, unit="peak"):
    points = []
    for row in CLUSTERS:
        good = row["status"] == "operational" and row["purpose"] == "ai" and row["scope"] in ("fabric", "sites")
        if good and row["known_on"] <= known and "" < row["first_operational"] <= (began or known):
            each = peak(row["accelerator"], known) if row["count"] else None
            size = float(row["count"]) * each if each else float(row["h100e_8bit"] or "nan")
            size = size if unit == "peak" else float(row["count"] or "nan")
            if not math.isnan(size):
                points.append((row["first_operational"], size))
    return rising(points)


class Line:
    """Least squares by hand, or the line of Theil and Sen."""

    def __init__(self, points, robust=False):
        self.start = date.fromisoformat(points[0][0])
        self.x = [self.years(date.fromisoformat(day)) for day, _ in points]
        self.y = [math.log(size) for _, size in points]
        self.n, self.mean = len(points), sum(self.x) / len(points)
        self.spread = sum((x - self.mean) ** 2 for x in self.x)
        if robust:
            pairs = combinations(zip(self.x, self.y, strict=True), 2)
            self.slope = float(np.median([(b[1] - a[1]) / (b[0] - a[0]) for a, b in pairs if b[0] > a[0]]))
            self.base = float(np.median([y - self.slope * x for x, y in zip(self.x, self.y, strict=True)]))
            off = sorted(abs(y - self.base - self.slope * x) for x, y in zip(self.x, self.y, strict=True))
            self.scatter = float(np.median(off[2:])) / stats.norm.ppf(0.75)
            self.error = self.scatter * math.sqrt(math.pi / 3 / self.spread)
        else:
            mean_y = sum(self.y) / self.n
            self.slope = sum((x - self.mean) * (y - mean_y) for x, y in zip(self.x, self.y, strict=True)) / self.spread
            self.base = mean_y - self.slope * self.mean
            left = sum((y - self.base - self.slope * x) ** 2 for x, y in zip(self.x, self.y, strict=True))
            self.left = left
            self.scatter = math.sqrt(left / (self.n - 2))
            self.error = self.scatter / math.sqrt(self.spread)

    def years(self, day):
        return (day - self.start).days / 365.25

    def at(self, day):
        x = self.years(day)
        off = math.sqrt(self.scatter**2 * (1 + 1 / self.n) + (self.error * (x - self.mean)) ** 2)
        return stats.t(self.n - 2, self.base + self.slope * x, max(off, LEAST_SCATTER))

    def chance(self, day=DEADLINE, size=PLANNED):
        return float(self.at(day).sf(math.log(size)))

    @property
    def factor(self):
        return math.exp(self.slope)


def chance(points, **more):
    return Line(points, **more).chance()


@pytest.fixture(scope="module")
def said():
    """The numbers that chapter 4 hands to its prose."""
    return gates.said(next((ROOT / "notebooks").glob("04_*.ipynb")))


def test_the_records_and_the_line_through_them(said):
    points = confirmed()
    line = Line(points)
    assert (said["records"], len(points)) == ("9", 9)
    assert said["newest"] == f"{points[-1][1]:,.0f}" == "24,576"
    assert said["factor"] == f"{line.factor:.2f}" == "2.09"
    reach = stats.t(7).ppf(0.95) * line.error
    assert said["factor_span"] == f"{math.exp(line.slope - reach):.2f} to {math.exp(line.slope + reach):.2f}"
    assert said["doubling"] == f"{12 * math.log(2) / line.slope:.0f}" == "11"
    low, mid, high = (numbers.significant(math.exp(line.at(DEADLINE).ppf(share))) for share in (0.05, 0.5, 0.95))
    assert (said["low"], said["mid"], said["high"]) == (low, mid, high) == ("22,600", "55,600", "137,000")
    assert said["chance"] == numbers.chance(line.chance()) == "13\xa0%"
    days = (math.log(PLANNED) - line.base) / line.slope * 365.25
    assert said["reached"] == f"{line.start + timedelta(days=days):%B %Y}" == "October 2026"
    assert said["before"] == numbers.chance(chance(points[:-1])) == said["least"]
    assert pd.Timestamp(DAY) - pd.Timestamp(points[-1][0]) == pd.Timedelta(days=80)  # two months and a half


def test_what_the_menus_change(said):
    assert said["any_word"] == numbers.chance(chance(sites())) == "29\xa0%"
    counted = confirmed(unit="count")
    assert said["counted_points"] == str(len(counted)) == "3"
    assert said["counted"] == numbers.chance(chance(counted))
    ends = [math.exp(Line(counted).at(DEADLINE).ppf(share)) for share in (0.05, 0.95)]
    assert [said["counted_low"], said["counted_high"]] == [numbers.significant(end, 2) for end in ends]
    both = sites(unit="count")
    assert said["any_counted"] == numbers.chance(chance(both)) == "86\xa0%"
    assert (said["job"], both[-1]) == ("50,944", ("2023-11-08", 50_944.0))


def test_which_records_decide(said):
    points = confirmed()
    alone = [chance(points[:at] + points[at + 1 :]) for at in range(len(points))]
    assert [said["least"], said["most"]] == [numbers.chance(min(alone)), numbers.chance(max(alone))]
    assert (int(np.argmin(alone)), int(np.argmax(alone))) == (8, 0)  # Meta's newest, and the oldest
    assert [value <= 0.1 for value in alone] == [False] * 8 + [True]  # the word that one record decides
    assert said["robust"] == numbers.chance(chance(points, robust=True)) == "28\xa0%"
    later = [chance(points[start:]) for start in range(1, 5)]
    assert said["steps"] == "; ".join(map(numbers.chance, later))
    assert later == sorted(later)
    assert (said["late_records"], said["late_chance"]) == ("5", numbers.chance(later[-1]))
    assert points[4][0] == BREAK


def best_break(points, fewest=4):
    cuts = range(fewest, len(points) - fewest + 1)
    return min(cuts, key=lambda cut: Line(points[:cut]).left + Line(points[cut:]).left)


def test_the_break_of_2023_and_what_hindsight_makes_of_it(said):
    points = confirmed()
    cut = best_break(points)
    assert points[cut][0] == BREAK == str(how_fast.BREAK.date())
    assert said["break_day"] == "May 2023"
    factors = [f"{Line(part).factor:.2f}" for part in (points[:cut], points[cut:])]
    assert [said["before_factor"], said["after_factor"]] == factors == ["1.30", "6.55"]
    whole, draw = Line(points), np.random.default_rng(11)
    errors = [y - whole.base - whole.slope * x for x, y in zip(whole.x, whole.y, strict=True)]
    strong, tries = 0, 2_000
    days = [day for day, _ in points]

    def gain(logs):
        series = [(day, math.exp(log)) for day, log in zip(days, logs, strict=True)]
        at = best_break(series)
        return Line(series).left / (Line(series[:at]).left + Line(series[at:]).left)

    real = gain(errors)
    for _ in range(tries):
        strong += gain(draw.permutation(errors)) >= real
    assert strong / tries < 0.01
    assert said["p_value"] == "under 1\xa0%"
    seen = [point for point in sites(TODAY, DAY) if point[0] <= DAY]
    at = best_break(seen)
    assert said["leap_day"] == f"{date.fromisoformat(seen[at][0]):%B %Y}" == "April 2022"
    assert said["leap_after"] == f"{Line(seen[at:]).factor:.2f}"
    assert [said["seen_factor"], said["seen_chance"]] == [f"{Line(seen).factor:.2f}", numbers.chance(chance(seen))]
    span = date.fromisoformat(points[-1][0]) - date.fromisoformat(points[4][0])
    assert span.days / 30.4 < 10 < 2 * span.days / 30.4 < (DEADLINE - date.fromisoformat(points[-1][0])).days / 30.4 + 1


def record_on(points, day):
    return [size for told, size in points if told <= str(day)][-1]


def month_ends(first, last):
    return [day.date() for day in pd.date_range(first, last, freq="ME")]


def test_how_often_the_record_had_leapt(said):
    points, left = confirmed(), (DEADLINE - date.fromisoformat(DAY)).days
    windows = [d for d in month_ends(points[0][0], DAY) if str(d + timedelta(days=left)) <= DAY]
    leaps = [
        d for d in windows if record_on(points, d + timedelta(days=left)) / record_on(points, d) >= PLANNED / 24_576
    ]
    assert (said["often"], said["of"]) == (str(len(leaps)), str(len(windows))) == ("9", "30")
    assert said["days_left"] == str(left) == "568"
    assert said["needed"] == f"{PLANNED / 24_576:.2f}"
    four_years = (date.fromisoformat(DAY) - date.fromisoformat(points[0][0])).days
    assert 2 <= four_years / left < 3  # two fit side by side
    assert 2 < (len(leaps) / len(windows)) / chance(points) < 2.5  # the line says half as much


def building_times(kinds):
    """Months and whether finished, of the machines announced by May 2024."""
    trust, by_name = {"low": 0, "medium": 1, "high": 2}, {}
    for row in raw("build_times"):
        if row["known_on"] <= DAY and "" < row["announced_on"] < DAY and row["kind"] in kinds:
            by_name.setdefault(row["machine"], []).append(row)
    for rows in by_name.values():
        rows.sort(key=lambda row: (trust[row["confidence"]], row["known_on"]))
        done = next((row["operational_on"] for row in reversed(rows) if row["operational_on"]), "")
        begun = rows[-1]["announced_on"]
        end = done or max(row["known_on"] for row in rows)
        months = (date.fromisoformat(end) - date.fromisoformat(begun)).days / (365.25 / 12)
        if months > 0:
            yield months, bool(done)


def test_the_chance_by_building_times(said):
    for_ai = {"AI cluster", "cloud service in existing halls", "own chip machine"}
    announced = next(
        row["announced_on"] for row in raw("build_times") if row["machine"].startswith("Colossus 1, first")
    )
    months = (DEADLINE - date.fromisoformat(announced)).days / (365.25 / 12)
    for kinds, name in ((for_ai, "built"), (for_ai | {"scientific computer"}, "all_built")):
        known = list(building_times(kinds))
        times, finished = (np.array(column) for column in zip(*known, strict=True))
        pairs = [(median, spread) for median in np.geomspace(1, 240, 121) for spread in np.geomspace(0.1, 4, 81)]
        medians, spreads = np.array(pairs).T
        scores = np.log(times / medians[:, None]) / spreads[:, None]
        likely = np.where(finished, stats.norm.logpdf(scores) - np.log(spreads)[:, None], stats.norm.logsf(scores))
        weights = np.exp(likely.sum(axis=1) - likely.sum(axis=1).max())
        mean = float((weights * stats.norm.cdf(np.log(months / medians) / spreads)).sum() / weights.sum())
        assert said[name] == numbers.chance(mean)


def test_the_words_of_the_methods():
    table = how_fast.methods()
    assert len(table) == 7
    assert table["word"].value_counts().to_dict() == {"holds if": 6, "holds": 1}
    assert table["name"].iloc[0] == "line through records since May 2023"
    assert table["name"].iloc[-1] == "line through all records"


# ------------------------------------------------------------------------------------------------ forecasts of the past


def quarter_ends():
    return [day.date() for day in pd.date_range("2020-06-30", TODAY, freq="QE")]


def crps(forecast, came):
    """The score as an integral of the squared distance between the forecast's distribution and the outcome's."""
    x = np.unique(np.concatenate([[came], forecast.ppf(np.linspace(1e-5, 1 - 1e-5, 8_001))]))
    middles = (x[:-1] + x[1:]) / 2
    return float((np.diff(x) * (forecast.cdf(middles) - (middles >= came)) ** 2).sum())


def asked(horizon_days, known=TODAY):
    points, rows = confirmed(TODAY), []
    for quarter in quarter_ends():
        before = [point for point in points if point[0] <= str(quarter - timedelta(days=horizon_days))]
        if len(before) >= 4 and str(quarter) <= known:
            rows.append((Line(before).at(quarter), record_on(points, quarter), before[-1][1]))
    return rows


def by_quarters(unit, horizon_days):
    points, rows = confirmed(TODAY, unit), []
    each = [(str(day), record_on(points, day)) for day in quarter_ends()]
    for day, came in each:
        before = [row for row in each if row[0] <= str(date.fromisoformat(day) - timedelta(days=horizon_days))]
        if len(before) >= 4:
            rows.append((Line(before).at(date.fromisoformat(day)), came, before[-1][1], day))
    return rows


def held(row):
    low, high = row[0].ppf([0.05, 0.95])
    return low <= math.log(row[1]) <= high


def test_ranges_held_in_four_of_ten_forecasts_by_count(said):
    rows = by_quarters("count", 365)
    good = [row for row in rows if held(row)]
    assert (said["count_held"], said["count_all"]) == (str(len(good)), str(len(rows))) == ("8", "19")
    assert said["share_held"] == f"{100 * len(good) / len(rows):.0f}\xa0%" == "42\xa0%"
    still = [row for row in good if row[1] == row[2] and row[3] < BREAK]
    assert said["still"] == str(len(still)) == "5"
    ours = [crps(row[0], math.log(row[1])) for row in rows]
    stays = [abs(math.log(row[1] / row[2])) for row in rows]
    assert float(said["count_score"]) == pytest.approx(np.mean(ours), abs=0.006)
    assert said["count_stays"] == f"{np.mean(stays):.2f}"
    assert np.mean(stays) < np.mean(ours)  # the dumb rival wins


def test_by_peak_the_trend_and_the_dumb_rival_are_even():
    rows = by_quarters("peak", 365)
    ours = np.mean([crps(row[0], math.log(row[1])) for row in rows])
    stays = np.mean([abs(math.log(row[1] / row[2])) for row in rows])
    assert sum(map(held, rows)) == 7
    assert ours == pytest.approx(stays, rel=0.03)


def test_the_line_through_the_records_asked_each_quarter(said):
    rows = asked(365)
    low = [row for row in rows if row[0].ppf(0.95) < math.log(row[1])]
    counted = (str(sum(map(held, rows))), str(len(rows)), str(len(low)))
    assert (said["asked_held"], said["asked_all"], said["asked_low"]) == counted == ("5", "15", "9")
    scores = {
        "asked_score": [crps(row[0], math.log(row[1])) for row in rows],
        "asked_middle": [abs(row[0].median() - math.log(row[1])) for row in rows],
        "asked_stays": [abs(math.log(row[1] / row[2])) for row in rows],
    }
    for name, values in scores.items():
        assert float(said[name]) == pytest.approx(np.mean(values), abs=0.006)
    assert np.mean(scores["asked_score"]) < np.mean(scores["asked_middle"]) < np.mean(scores["asked_stays"])
    in_may = asked(365, known=DAY)
    too_low = [row for row in in_may if row[0].ppf(0.95) < math.log(row[1])]
    assert (said["may_all"], said["may_held"], said["may_low"]) == ("5", "0", "4")
    assert (len(in_may), sum(map(held, in_may)), len(too_low)) == (5, 0, 4)


def test_the_line_asked_for_record_days_held_none(said):
    points, rows = confirmed(TODAY), []
    for day, size in points:
        origin = str(date.fromisoformat(day) - timedelta(days=365))
        before = [point for point in points if point[0] <= origin]
        if len(before) >= 4:
            rows.append((Line(before).at(date.fromisoformat(day)), size, before[-1][1]))
    assert (said["next_all"], len(rows), sum(map(held, rows))) == ("7", 7, 0)


def test_further_ahead_it_held_less(said):
    days = (DEADLINE - date.fromisoformat(DAY)).days
    rows = asked(days)
    assert (said["further_held"], said["further_all"]) == (str(sum(map(held, rows))), str(len(rows))) == ("3", "13")
    assert 3 / 13 < 5 / 15


# ------------------------------------------------------------------------------------------------------------ what came


def test_what_came(said):
    ran = sorted(
        row["operational_on"]
        for row in raw("build_times")
        if row["machine"] == "Colossus 1, first phase (Memphis)" and row["operational_on"]
    )
    assert ran == ["2024-07-22", "2024-09-02", "2024-09-23"]
    assert (said["first_day"], said["last_day"]) == ("22 July 2024", "23 September 2024")
    last = date.fromisoformat(ran[-1])
    points = confirmed()
    chances = [Line(points).chance(last), Line(points[4:]).chance(last)]
    assert [said["then_line"], said["then_steep"]] == list(map(numbers.chance, chances))
    assert max(chances) < 0.15
    others = confirmed(TODAY, without=("xAI",))
    line = Line(others)
    assert (others[-1], said["others_day"]) == (("2024-10-30", 100_000.0), "30 October 2024")
    reached = line.start + timedelta(days=(math.log(PLANNED) - line.base) / line.slope * 365.25)
    assert said["others_reach"] == f"{reached:%B %Y}" == "January 2026"
    assert 0 < (reached - DEADLINE).days < 21  # within weeks
    known = sites(TODAY)
    then = [point for point in known if point[0] <= DAY][-1]
    years = (date.fromisoformat(known[-1][0]) - date.fromisoformat(then[0])).days / 365.25
    times = known[-1][1] / then[1]
    assert [said["sites_times"], said["sites_years"]] == [f"{times:.1f}", f"{years:.1f}"]
    assert said["sites_a_year"] == f"{times ** (1 / years):.2f}"
    assert confirmed(TODAY)[-1] == ("2025-02-18", 200_000.0)  # the confirmed record has stood since


def test_then_and_today():
    table = how_fast.then_and_today()
    growth = {text: row for text, *row in table.itertuples(index=False)}
    key = "growth a year (90 % range)"
    expected = {"one network, confirmed by its owner": (confirmed(), confirmed(TODAY)),
                "sites too, by anyone's word": (sites(), sites(TODAY))}  # fmt: skip
    for name, both in expected.items():
        assert [text.split()[0] for text in growth[f"{name}: {key}"]] == [f"{Line(p).factor:.2f}" for p in both]


def test_owners_with_ten_thousand_accelerators(said):
    assert said["large"] == "10,000"
    table = how_fast.owners(10_000)
    counts = {(who, where): (int(then), int(now)) for who, where, then, now, _ in table.itertuples(index=False)}
    assert min(then for then, _ in counts.values()) == min(now for _, now in counts.values()) == 2
    large = {
        row["owner"]
        for row in CLUSTERS
        if row["known_on"] <= DAY and row["evidence"] == "public record" and row["status"] == "operational"
        and row["purpose"] == "ai" and float(row["count"] or 0) >= 10_000
    }  # fmt: skip
    assert counts[("an outside list", "on one network")][0] == len(large)
    assert {"Microsoft", "NVIDIA"} == large


# ----------------------------------------------------------------------------------------------------- what was assumed


def test_where_the_word_turns(said):
    line, points = Line(confirmed()), confirmed()
    turns = math.exp(line.at(DEADLINE).ppf(0.9))
    assert said["size_at"] == numbers.significant(turns) == "109,000"
    day = next(d for d in (date(2025, 9, 22) + timedelta(days=n) for n in range(90)) if line.chance(d) > 0.1)
    assert said["wanted_at"] == f"{day:%B %Y}" == "November 2025"
    assert 9 <= day.day <= 16  # its middle
    assert said["known_at"] == "March 2024"
    assert chance(points[:-1]) < 0.1 < chance(points)
    assert said["begins_at"] == f"{date.fromisoformat(points[3][0]):%B %Y}" == "January 2022"
    assert chance(points[3:]) < 0.9 < chance(points[4:])
    quarters = [(str(d), record_on(points, d)) for d in quarter_ends() if str(d) <= DAY]
    assert said["quarters"] == numbers.chance(chance(quarters)) == "4.2\xa0%"
    assert said["each_one"] == numbers.chance(chance(confirmed(unit="count")))


def test_the_words_of_the_tornado(said):
    table = how_sure.assumed().set_index("input")
    assert said["inputs"] == str(len(table)) == "10"
    ends = {name: {row["word_low"], row["word_high"]} for name, row in table.iterrows()}
    assert [name for name, words in ends.items() if "holds" in words] == ["begins"]
    down = {name for name, words in ends.items() if "does not hold" in words}
    assert down == {"left_out", "points", "known", "size", "wanted", "unit"}  # six
    assert set(ends) - down - {"begins"} == {"way", "word", "fit"}


def test_the_exercise_from_the_newest_record(said):
    years = (DEADLINE - date(2024, 3, 12)).days / 365.25
    assert said["needed_factor"] == f"{(100_000 / 24_576) ** (1 / years):.2f}" == "2.21"
    line = Line(confirmed())
    assert said["at_the_pace"] == numbers.significant(24_576 * line.factor**years) == "91,300"
    ahead = math.log(24_576) - (line.base + line.slope * line.years(date(2024, 3, 12)))
    assert 0.5 < ahead / line.slope < 1  # years that the newest record is ahead of the line
