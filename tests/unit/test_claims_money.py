"""Claims on money: pinned on both days, against closed forms, and against rows that say something else."""

from itertools import product
from math import exp, log

import numpy as np
import pandas as pd
import pytest
from past import forget_after
from scipy.stats import norm, spearmanr

from compute_scaling import data
from compute_scaling.claims import ARTICLE_DAY, check, money
from compute_scaling.claims.verdict import Reader
from compute_scaling.inputs import published, server_usd
from compute_scaling.uncertainty import sensitivity

CLAIMS = ("C21", "C39", "C40", "C41", "C42", "C45", "C47")
THEN = Reader(pd.Timestamp(ARTICLE_DAY))
NOW = Reader(data.updated_on())
YEAR_HOURS = 365.25 * 24
IT_W = 1.089412 * 10_200 / 8


@pytest.mark.parametrize(
    ("claim_id", "day", "word", "numbers"),
    [
        ("C21", ARTICLE_DAY, "holds if", (53e3, 102e3, 210e3)),
        ("C21", None, "does not hold", (53e3, 102e3, 210e3)),
        ("C39", ARTICLE_DAY, "holds", (6e9, 6e9, 6e9)),
        ("C39", None, "holds", (6e9, 6e9, 6e9)),
        ("C40", ARTICLE_DAY, "holds if", (18e9, 24e9, 24e9)),
        ("C40", None, "holds if", (18e9, 24e9, 24e9)),
        ("C41", ARTICLE_DAY, "does not hold", (80e9, 86e9, 100e9)),
        ("C41", None, "does not hold", (80e9, 86e9, 100e9)),
        ("C42", ARTICLE_DAY, "holds if", (0.18, 0.30, 0.30)),
        ("C42", None, "holds if", (0.18, 0.2895, 0.30)),
        ("C45", ARTICLE_DAY, "holds if", (0.868, 0.967, 1.074)),
        ("C45", None, "holds", (1.139, 1.277, 1.578)),
        ("C47", ARTICLE_DAY, "holds", (56e9, 56e9, 82e9)),
        ("C47", None, "holds", (56e9, 59e9, 82e9)),
    ],
)
def test_words_and_numbers(claim_id, day, word, numbers):
    verdict = check(claim_id, as_of=day)
    assert verdict.word == word
    assert (verdict.low, verdict.mid, verdict.high) == pytest.approx(numbers, rel=5e-3)


def test_conditions_and_reasons_are_built_from_the_rows():
    assert check("C42", ARTICLE_DAY).condition == (
        "xAI counts after the new money, OpenAI at a price talked about; "
        "or before the new money, OpenAI at a price closed"
    )
    assert check("C41").why == (
        "A value is taken for the price of a closed deal; by status, in billions of dollars: announced 86; "
        "closed 86, 80; talked about 100; the next deal closed at 157 on 2 October 2024."
    )
    assert "next" not in check("C41", ARTICLE_DAY).why
    assert "2024-12 Series C 6; 2025-06 equity and loans 5; 2026-01 Series E 20" in check("C39").why
    assert "since" not in check("C39", ARTICLE_DAY).why
    assert "16,000" in check("C21").why
    assert "24,000" in check("C21").why
    assert check("C21").condition == ""
    assert "hardware 3.8; total capital 4.7, 5.3" in check("C45").why


def test_what_six_billion_pays_for_by_may_2024():
    table = money.six_billion(THEN).set_index("way")
    found = table[["low", "mid", "high"]].astype(float).round(-3)
    assert found.loc["built, hardware only"].tolist() == [109e3, 125e3, 144e3]
    assert found.loc["built, with its site"].tolist() == [87e3, 97e3, 107e3]
    assert found.loc["rented for a year"].tolist() == [95e3, 180e3, 342e3]
    assert found.loc["rented for two years"].tolist() == [48e3, 90e3, 171e3]
    assert found.loc["rented for the life of a server"].tolist() == [23e3, 38e3, 63e3]


def test_nothing_told_later_changes_an_answer_of_the_day(folder, read_from):
    def answers():
        return [check(claim_id, ARTICLE_DAY) for claim_id in CLAIMS], money.six_billion(Reader(THEN.as_of))

    verdicts, table = answers()
    assert forget_after(folder, ARTICLE_DAY) > 100
    read_from(folder)
    assert answers()[0] == verdicts
    pd.testing.assert_frame_equal(answers()[1], table)


@pytest.mark.parametrize("claim_id", CLAIMS)
def test_the_same_seed_gives_the_same_bytes_and_another_one_nearly(claim_id):
    first, again, other = (check(claim_id, ARTICLE_DAY, seed=seed) for seed in (0, 0, 1))
    assert first == again
    assert (other.word, other.low, other.mid, other.high) == (
        first.word,
        *(pytest.approx(end, rel=0.01) for end in (first.low, first.mid, first.high)),
    )


@pytest.mark.parametrize("reader", [THEN, NOW])
def test_sources_were_there_and_known(reader):
    rows = data.load("sources").set_index("source_id")["published_on"]
    ids = set().union(*(check(claim_id, reader.as_of).sources for claim_id in CLAIMS))
    ids |= {name for cell in money.six_billion(reader)["sources"] for name in cell.split(", ")}
    assert ids <= set(rows.index)
    assert not (rows[list(ids)] > reader.as_of).any()


# ------------------------------------------------------------------------------------------------- means by hand


def mean_of_lognormal(low, high, power=1):
    """Return the mean of x^power for a lognormal with 90 % between two ends."""
    middle, sigma = log(low * high) / 2, log(high / low) / (2 * norm.ppf(0.95))
    return exp(power * middle + (power * sigma) ** 2 / 2)


def mean_of_one_over_years():
    low, high = 2 - 0.05 * 3 / 0.9, 5 + 0.05 * 3 / 0.9
    return log(high / low) / (high - low)


def mean_of(draws):
    return pytest.approx(float(np.mean(draws)), rel=1e-3)


def test_the_mean_cost_of_a_built_h100():
    hardware = mean_of_lognormal(33_750, 44_489.88) / (1 - 0.19)
    ways = money.ways(THEN)
    assert hardware == mean_of(ways["built, hardware only"][0])
    assert hardware + mean_of_lognormal(10, 10.5) * IT_W == mean_of(ways["built, with its site"][0])


def test_the_mean_cost_of_a_rented_h100():
    ways = money.ways(THEN)
    year = YEAR_HOURS * mean_of_lognormal(2, 7.2)
    assert year == mean_of(ways["rented for a year"][0])
    assert 2 * year == mean_of(ways["rented for two years"][0])
    life = YEAR_HOURS * mean_of_lognormal(5, 6) * mean_of_lognormal(2, 5.4)
    assert life == mean_of(ways["rented for the life of a server"][0])


def test_the_mean_number_that_ten_billion_rents():
    expected = 10e9 / YEAR_HOURS * mean_of_one_over_years() * mean_of_lognormal(2, 5.4, power=-1)
    assert expected == mean_of(money.let_for(THEN, 10e9))


def test_the_range_of_the_number_that_ten_billion_rents_by_brute_force():
    rng = np.random.default_rng(5)
    years = rng.uniform(2 - 0.5 / 3, 5 + 0.5 / 3, 400_000)
    rent = np.exp(rng.normal(log(2 * 5.4) / 2, log(5.4 / 2) / (2 * norm.ppf(0.95)), years.size))
    ends = np.quantile(10e9 / (YEAR_HOURS * years * rent), [0.05, 0.5, 0.95])
    verdict = check("C21", ARTICLE_DAY)
    np.testing.assert_allclose([verdict.low, verdict.mid, verdict.high], ends, rtol=0.01)


def test_a_share_is_the_sum_over_the_cost():
    each = money.ways(THEN)["built, with its site"][0]
    verdict = check("C45", ARTICLE_DAY)
    ends = np.quantile(6e9 / (100_000 * each), [0.05, 0.5, 0.95])
    np.testing.assert_allclose([verdict.low, verdict.mid, verdict.high], ends, rtol=1e-3)
    stated = sorted([3_802_927_639, 4_700_000_000, 5_265_598_000])
    verdict = check("C45")
    np.testing.assert_allclose([verdict.high, verdict.mid, verdict.low], 6e9 / np.array(stated))


def test_rents_move_together_and_with_nothing_else():
    costs = {way: each for way, (each, _) in money.ways(THEN).items()}
    year, life = costs["rented for a year"], costs["rented for the life of a server"]
    assert spearmanr(year, costs["rented for two years"]).statistic == pytest.approx(1)
    assert spearmanr(year, life).statistic > 0.95
    assert spearmanr(year, costs["built, hardware only"]).statistic == pytest.approx(0, abs=0.01)


def test_the_verdict_on_the_sum_hangs_on_the_price_of_a_server_most():
    site = {"building": published("building cost", ARTICLE_DAY)}

    def log_cost(server, building):
        return np.log(server / 0.81 + building * IT_W)

    class Price:
        def ppf(self, level):
            return server_usd(pd.Series(["H100 SXM"]), ARTICLE_DAY, level=np.ravel(level))[0].reshape(np.shape(level))

    shares = sensitivity(log_cost, {"server": Price(), **site}, seed=0).set_index("input")["total"]
    assert shares["server"] > 0.95


# ----------------------------------------------------------------------------------------------- values and readings


def test_values_are_of_the_newest_deal_of_each_status():
    then = money.values(THEN, "OpenAI").set_index("status")["usd"] / 1e9
    assert then.to_dict() == {"announced": 86, "talked about": 100, "closed": 80}
    now = money.values(NOW, "OpenAI")
    assert sorted(now.loc[now["status"] == "closed", "usd"] / 1e9) == [80, 86]
    assert (now["dated_on"] <= ARTICLE_DAY).all()
    assert not now["status"].eq("estimated").any()


@pytest.mark.parametrize("reader", [THEN, NOW])
def test_pairs_are_all_pairs(reader):
    xai, openai = (18e9, 24e9), money.values(reader, "OpenAI")["usd"]
    table = money.pairs(reader)
    expected = sorted((mine / other, other - mine) for mine, other in product(xai, openai))
    np.testing.assert_allclose(table[["ratio", "gap_usd"]].sort_values(["ratio", "gap_usd"]), expected)
    alike = table[table["alike"]]
    assert set(alike["usd_xai"]) == {24e9}
    assert set(alike["status_openai"]) == {"closed"}


def test_a_price_given_as_a_range_counts_with_its_middle():
    rows = money.deals(THEN, "xAI", money.VALUES).query("source_id == 'pymnts-xai-2024'")
    assert rows["usd"].tolist() == [17.5e9]


def test_a_sum_of_deals_is_no_round():
    assert not money.deals(NOW, "xAI", money.RAISES)["kind"].str.contains("sum").any()


def test_rents_are_of_contracts_up_to_the_day_of_the_article():
    for reader in (THEN, NOW):
        assert (money.rents(reader, "1 year").low, money.rents(reader, "1 year").high) == (2, 7.2)
        assert (money.rents(reader, "3 years").low, money.rents(reader, "3 years").high) == (2, 5.4)


@pytest.mark.parametrize(
    ("call", "table"),
    [
        (lambda reader: money.values(reader, "xAI"), "valuations"),
        (money.raised, "valuations"),
        (lambda reader: money.rents(reader, "1 year"), "rental_prices"),
    ],
)
def test_who_knows_nothing_yet_is_told_so(call, table):
    with pytest.raises(data.DataError, match=rf"^{table}.*public by 2023-10-31"):
        call(Reader(pd.Timestamp("2023-10-31")))


# ------------------------------------------------------------------------------------------ other rows, other words


def change(folder, table, row, **cells):
    """Write other cells into the one row of a table that these words single out, or take it out."""
    path = folder / f"{table}.csv"
    rows = pd.read_csv(path, dtype=str, keep_default_na=False)
    hits = rows[list(row)].eq(pd.Series(row)).all(axis=1)
    assert hits.any()
    if cells:
        rows.loc[hits, list(cells)] = list(cells.values())
    else:
        rows = rows[~hits]
    rows.to_csv(path, index=False, lineterminator="\n")


TENDER = {"source_id": "hindustantimes-nyt-openai-80bn-2024", "status": "closed"}
ROUND = {"deal": "2024-05 Series B", "status": "closed"}


@pytest.mark.parametrize(
    ("claim_id", "day", "table", "row", "cells", "word"),
    [
        ("C41", ARTICLE_DAY, "valuations", TENDER, {"amount_usd": "98000000000", "amount_usd_low": ""}, "holds"),
        ("C42", ARTICLE_DAY, "valuations", TENDER, {"amount_usd": "500000000000", "amount_usd_low": ""}, "holds if"),
        ("C47", ARTICLE_DAY, "valuations", TENDER, {"amount_usd": "40000000000", "amount_usd_low": ""}, "holds if"),
        ("C40", ARTICLE_DAY, "valuations", {**ROUND, "kind": "valuation pre"}, {"amount_usd": "23000000000"}, "holds"),
        ("C39", ARTICLE_DAY, "valuations", {**ROUND, "kind": "raise"}, {"amount_usd": "4000000000"}, "does not hold"),
        ("C45", ARTICLE_DAY, "valuations", {**ROUND, "kind": "raise"}, {"amount_usd": "9000000000"}, "holds"),
        ("C45", ARTICLE_DAY, "valuations", {**ROUND, "kind": "raise"}, {"amount_usd": "5000000000"}, "does not hold"),
        ("C45", None, "clusters", {"capital_cost_usd": "3802927639"}, {"capital_cost_usd": "7802927639"}, "holds if"),
        ("C21", None, "outcomes", {"outcome_id": "C21-004"}, {}, "holds if"),
    ],
)
def test_another_row_gives_another_word(claim_id, day, table, row, cells, word, folder, read_from):
    change(folder, table, row, **cells)
    read_from(folder)
    assert check(claim_id, as_of=day).word == word


def test_a_dearer_contract_rents_less(folder, read_from):
    before = check("C21", ARTICLE_DAY)
    dear = {"usd_per_hour_low": "4", "usd_per_hour_high": "4"}
    change(folder, "rental_prices", {"accelerator": "H100 SXM", "provider": "best large deal"}, **dear)
    read_from(folder)
    after = check("C21", ARTICLE_DAY)
    assert after.high < before.high
    assert after.mid / before.mid == pytest.approx((2 / 4) ** 0.5, rel=0.05)
