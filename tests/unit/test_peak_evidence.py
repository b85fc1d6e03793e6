import pytest

from book_figures import peak_evidence, peak_share, readers
from compute_scaling.accelerator import accelerator
from compute_scaling.plan_search import sweep
from compute_scaling.validation import speed


@pytest.fixture(scope="module")
def summaries():
    return peak_evidence.summaries(speed.rows())


def test_tables_come_best_first_and_fitted_ones_are_told_apart(summaries):
    assert summaries["median_abs_error"].is_monotonic_increasing
    spec = peak_evidence.scores(summaries).spec()
    assert all(name in str(spec["datasets"]) for name in peak_evidence.SCORES)
    fitted = summaries[summaries["sample"] == "fitted"]
    assert fitted["winner"].isna().all()
    assert fitted["name"].str.endswith("(fitted)").all()


def test_the_alt_text_counts_who_wins(summaries):
    wins = summaries["winner"].value_counts()
    text = peak_evidence.scores(summaries).alt_text
    assert f"better in {wins['model']} tables, the baseline in {wins['baseline']}" in text


def test_three_shares_of_a_run_come_in_their_order():
    table = peak_evidence.shares_of_runs().set_index(["model", "series"])["share"]
    palm = table["PaLM 540B"]
    assert palm[peak_evidence.HFU].max() > palm[peak_evidence.MFU].max() > palm[peak_evidence.CAMPAIGN].max()
    for model in table.index.unique("model"):
        assert table[model, peak_evidence.MFU].min() > table[model, peak_evidence.CAMPAIGN].max()


def test_the_evidence_has_campaigns_then_and_since_and_four_plans():
    grid = sweep(
        {"1T": peak_share.model("1T")}, [20_000, 100_000], [peak_share.BATCH, peak_share.LARGE_BATCH],
        chip=accelerator("H100 SXM"),
    )  # fmt: skip
    table = peak_evidence.utilisations(grid).table
    assert table["values"].tolist() == [33, 8, 1, 1, 1, 1]
    assert table["evidence"].str.contains("20,000|100,000").sum() == 4


def test_the_reader_of_the_day_knows_fewer_runs_than_today():
    then, today = (len(peak_evidence.stated_runs(reader())) for reader in (readers.then, readers.now))
    assert then < today
