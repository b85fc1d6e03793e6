"""Leads in release tables, counted again by plain loops."""

import csv
from datetime import date

import numpy as np
import pandas as pd
import pytest
from past import forget_after

from compute_scaling import data
from compute_scaling.claims import ARTICLE_DAY, check
from compute_scaling.claims.indicators import leads
from compute_scaling.claims.verdict import Reader

THEN = Reader(pd.Timestamp(ARTICLE_DAY))
NOW = Reader(data.updated_on())
COLUMNS = ["table_id", "model", "developer", "source_id", "benchmarks", "share", "lowest", "highest"]


def by_hand(table_id, model, developer, rivals_by):
    """Return benchmarks, share led over all rivals, and over the best and the worst single one."""
    with (data.FOLDER / "benchmarks.csv").open(encoding="utf-8", newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if row["table_id"] == table_id and row["score_percent"]]
    best = {}
    for row in rows:
        key = row["benchmark"], row["model"]
        best[key] = max(best.get(key, 0), float(row["score_percent"]))
    known = {row["model"] for row in rows if row["model_released_on"] and row["model_released_on"] <= rivals_by}
    rivals = {row["model"] for row in rows if row["model"] in known and row["developer"] != developer}
    led, alone = [], {rival: [] for rival in rivals}
    for benchmark in sorted({row["benchmark"] for row in rows}):
        theirs = {rival: best[benchmark, rival] for rival in rivals if (benchmark, rival) in best}
        if (benchmark, model) not in best or not theirs:
            continue
        mine = best[benchmark, model]
        led.append(all(mine > score for score in theirs.values()))
        for rival, score in theirs.items():
            alone[rival].append(mine > score)
    single = [np.mean(counts) for counts in alone.values() if counts]
    return len(led), np.mean(led), min(single), max(single)


@pytest.mark.parametrize(
    ("table_id", "model", "developer", "day", "rivals_by"),
    [
        ("grok-2", "Grok-2", "xAI", "2024-08-13", None),
        ("grok-2", "Grok-2", "xAI", "2024-08-13", ARTICLE_DAY),
        ("grok-2", "Grok-2", "xAI", "2024-08-13", "2024-05-12"),
        ("grok-1-5", "Grok-1.5", "xAI", "2024-03-28", None),
        ("grok-1", "Grok-1", "xAI", "2023-11-03", None),
        ("grok-1-5v", "Grok-1.5V", "xAI", "2024-04-12", None),
        ("gpt-4o", "GPT-4o (May 2024)", "OpenAI", "2024-05-13", None),
        ("gpt-4o", "GPT-4o (May 2024)", "OpenAI", "2024-05-13", "2024-03-04"),
        ("grok-3", "Grok-3", "xAI", "2025-02-19", None),
    ],
)
def test_leads_by_a_loop_over_the_table(table_id, model, developer, day, rivals_by):
    row = leads(NOW, rivals_by=rivals_by).set_index("table_id").loc[table_id]
    assert (row["model"], row["developer"]) == (model, developer)
    assert row[["benchmarks", "share", "lowest", "highest"]].tolist() == pytest.approx(
        by_hand(table_id, model, developer, rivals_by or day)
    )


def test_tables_of_the_day_and_of_today():
    assert list(leads(THEN)) == COLUMNS
    assert leads(THEN)["table_id"].tolist() == ["gpt-4o", "grok-1", "grok-1-5", "grok-1-5v"]
    assert leads(NOW)["table_id"].tolist() == ["gpt-4o", "grok-1", "grok-1-5", "grok-1-5v", "grok-2", "grok-3"]
    assert leads(THEN)["share"].tolist() == pytest.approx([5 / 6, 0, 0, 3 / 7])
    assert leads(NOW)["share"].iloc[4] == 1 / 8
    assert leads(NOW, rivals_by=ARTICLE_DAY).set_index("table_id").at["grok-2", "share"] == 4 / 8
    assert leads(NOW)["source_id"].tolist()[4:] == ["xai-grok-2-2024", "xai-grok-3-2025"]


def made_up(folder, rows):
    """Write a table of benchmarks of one release, with so many models."""
    columns = pd.read_csv(folder / "benchmarks.csv", dtype=str, nrows=0).columns
    table = pd.DataFrame(
        rows, columns=["benchmark", "model", "developer", "model_released_on", "setting", "score_percent"]
    )
    table = table.assign(table_id="grok-2", table_on="2024-03-10", source_id="xai-grok-1-5-2024",
                         evidence="company statement", confidence="high", known_on="2024-03-28", note="")  # fmt: skip
    table = table[columns].sort_values(["table_id", "benchmark", "model", "setting"], kind="stable")
    table.to_csv(folder / "benchmarks.csv", index=False, lineterminator="\n")


NEW = ("Mine", "xAI", "2024-03-10")
OTHERS = {"Older": ("Anthropic", "2024-01-01"), "Same day": ("Google", "2024-03-10"), "Later": ("Meta", "2024-03-18"),
          "Mine mini": ("xAI", "2024-03-10")}  # fmt: skip
TESTS = ["MMLU", "MATH", "GPQA", "MMMU"]


def scores(**others):
    """Return rows in which the new model has 50 everywhere, and others a score on each test."""
    rows = [(test, *NEW, "s", "50") for test in TESTS]
    for name, values in others.items():
        developer, day = OTHERS[name]
        rows += [(test, name, developer, day, "s", value) for test, value in zip(TESTS, values, strict=True)]
    return rows


@pytest.mark.parametrize(
    ("others", "numbers"),
    [
        ({"Older": ["50", "49.9", "10", "60"]}, (4, 0.5, 0.5, 0.5)),  # a tie is no lead
        ({"Older": ["40", "40", "40", "40"], "Same day": ["60", "60", "30", "40"]}, (4, 0.5, 0.5, 1)),
        ({"Older": ["40", "", "40", "40"], "Same day": ["40", "60", "", "49"]}, (4, 0.75, 2 / 3, 1)),
        ({"Older": ["40", "40", "40", "60"], "Later": ["60", "60", "60", "60"]}, (4, 0.75, 0.75, 0.75)),
        ({"Older": ["40", "40", "40", "40"], "Mine mini": ["45", "45", "45", "45"]}, (4, 1, 1, 1)),
    ],
)
def test_what_counts_as_a_lead(others, numbers, folder, read_from):
    made_up(folder, scores(**others))
    read_from(folder)
    row = leads(Reader(THEN.as_of)).iloc[0]
    assert row["model"] == "Mine"
    assert row[["benchmarks", "share", "lowest", "highest"]].tolist() == pytest.approx(numbers)


def test_of_several_settings_the_best_counts(folder, read_from):
    rows = scores(Older=["40", "40", "60", "60"])
    rows += [("GPQA", *NEW, "t", "70"), ("MMLU", "Older", *OTHERS["Older"], "t", "55")]
    made_up(folder, rows)
    read_from(folder)
    assert leads(Reader(THEN.as_of))["share"].tolist() == [0.5]  # ahead on MATH and GPQA


def test_a_table_of_three_benchmarks_is_none_and_a_benchmark_without_rivals_does_not_count(folder, read_from):
    made_up(folder, scores(Older=["40", "40", "40", ""]))
    read_from(folder)
    assert leads(Reader(THEN.as_of)).empty


@pytest.mark.parametrize(
    ("day", "tables"), [("2024-03-03", 1), ("2024-03-02", 0), ("2024-03-17", 1), ("2024-03-18", 0)]
)
def test_a_release_table_appears_within_a_week_of_its_model(day, tables, folder, read_from):
    rows = [(test, "Mine", "xAI", day, "s", "50") for test in TESTS]
    rows += [(test, "Older", *OTHERS["Older"], "s", "40") for test in TESTS]
    made_up(folder, rows)
    read_from(folder)
    assert len(leads(Reader(THEN.as_of))) == tables


def test_the_new_model_is_the_better_one_of_two(folder, read_from):
    rows = scores(Older=["45", "45", "45", "45"], **{"Mine mini": ["40", "40", "40", "99"]})
    made_up(folder, rows)  # mini has the higher mean: 54.75
    read_from(folder)
    row = leads(Reader(THEN.as_of)).iloc[0]
    assert (row["model"], row["share"]) == ("Mine mini", 0.25)


# --------------------------------------------------------------------------------------------------------- the verdict


def test_before_grok_2_the_record_of_tables_is_the_forecast():
    verdict = check("C16", ARTICLE_DAY)
    assert verdict.word == "holds if"  # a chance of one in four
    assert (verdict.low, verdict.mid, verdict.high) == pytest.approx((0, 3 / 14, 5 / 6))
    assert verdict.unit == "share"
    assert verdict.why == (
        "Of 4 release tables, 1 had the new model ahead on nearly every benchmark; "
        "those of xAI had it ahead on 0\xa0% to 43\xa0%."
    )
    assert verdict.condition == "the new model makes a leap that earlier ones of its maker did not make"
    assert verdict.sources == (
        "openai-simple-evals-2024", "xai-grok-1-2023", "xai-grok-1-5-2024", "xai-grok-1-5v-2024",
    )  # fmt: skip


def test_afterwards_its_own_table_counts():
    verdict = check("C16")
    assert verdict.word == "holds if"
    assert (verdict.low, verdict.mid, verdict.high) == (0.5, 0.5, 1)
    assert verdict.why == (
        "In its maker's own table of 8 benchmarks it leads all AIs of the article's day at once on 50\xa0%; "
        "the strongest alone on 50\xa0%, others on up to 100\xa0%; users' votes put it 5 to 9 points ahead of the "
        "best of them."
    )
    assert "xai-grok-2-2024" in verdict.sources
    on_the_day = check("C16", "2024-08-13")  # no votes yet
    assert (on_the_day.low, on_the_day.mid, on_the_day.high) == (0.5, 0.5, 1)
    assert on_the_day.why.endswith("; the strongest alone on 50\xa0%, others on up to 100\xa0%.")
    assert on_the_day.sources == ("xai-grok-2-2024",)
    assert check("C16", "2024-08-12").why.startswith("Of 4 release tables")


@pytest.mark.parametrize(("gained", "word"), [(100, "holds"), (-50, "does not hold"), (0, "holds if")])
def test_other_scores_give_another_word(gained, word, folder, read_from):
    path = folder / "benchmarks.csv"
    rows = pd.read_csv(path, dtype=str, keep_default_na=False)
    mine = (rows["table_id"] == "grok-2") & (
        rows["model"].isin(["Grok-2", "Grok-2 mini"] if gained < 0 else ["Grok-2"])
    )
    rows.loc[mine, "score_percent"] = rows.loc[mine, "score_percent"].map(
        lambda score: f"{min(100, max(0, float(score) + gained)):g}"
    )
    rows.to_csv(path, index=False, lineterminator="\n")
    read_from(folder)
    assert check("C16").word == word


@pytest.mark.parametrize(("better", "word"), [(0, "does not hold"), (1, "holds if"), (4, "holds")])
def test_a_forecast_by_how_many_tables_led(better, word, monkeypatch):
    from compute_scaling.claims import indicators

    table = leads(THEN).assign(share=[0.8] * better + [0.79] * (4 - better))
    monkeypatch.setattr(indicators, "leads", lambda reader, rivals_by=None: table)
    assert indicators.check_indicators(THEN).word == word


def test_the_same_seed_gives_the_same_verdict_and_nothing_later_changes_it(folder, read_from):
    verdict = check("C16", ARTICLE_DAY)
    assert check("C16", ARTICLE_DAY) == verdict
    assert check("C16", ARTICLE_DAY, seed=5).mid == pytest.approx(verdict.mid, abs=0.3)
    forget_after(folder, ARTICLE_DAY)
    read_from(folder)
    assert check("C16", ARTICLE_DAY) == verdict


def test_days_of_tables_are_those_of_the_loops_above():
    on = data.load("benchmarks").groupby("table_id")["table_on"].first().dt.date
    assert on["grok-1"] == date(2023, 11, 3)
    assert on["grok-1-5v"] == date(2024, 4, 12)
    assert on["grok-3"] <= date(2025, 2, 19)
