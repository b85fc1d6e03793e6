import numpy as np
import pytest

from compute_scaling.scaling_laws import BESIROGLU_2024, TOKEN_LAWS, data_constrained_loss, optimal_tokens
from compute_scaling.scaling_laws.gains import ADDITIVE, by_law, cloud, open_runs, simulated_runs
from compute_scaling.scaling_laws.optima import (
    compute_step,
    data_constrained_optimum,
    data_constrained_step,
    single_epoch_loss,
)

LAW = BESIROGLU_2024


def test_a_law_is_asked_at_its_own_optimum():
    table = by_law(training_flop=1e25, factor=5).set_index("law")
    assert list(table.index) == [*ADDITIVE, *TOKEN_LAWS]
    row = table.loc["besiroglu-2024"]
    assert 6 * row["parameters"] * row["tokens"] == pytest.approx(1e25)
    assert row["loss"] == pytest.approx(float(LAW.loss(row["parameters"], row["tokens"])))
    before = 1.8172 + 482.01 / (row["parameters"] / 5**0.5126) ** 0.3478
    assert row["gain"] == pytest.approx(
        before + 2085.43 / (row["tokens"] / 5**0.4874) ** 0.3658 - row["loss"], rel=1e-3
    )
    assert row["share"] == pytest.approx(1 - 5**-0.17829, abs=1e-4)


def test_a_law_of_tokens_has_no_loss():
    table = by_law(training_flop=3.8e25).set_index("law").loc[list(TOKEN_LAWS)]
    assert table[["loss", "gain", "share"]].isna().all(axis=None)
    assert table["tokens"].iloc[0] == pytest.approx(0.29 * 3.8e25**0.53)
    assert table["tokens_per_parameter"].iloc[0] == pytest.approx(6 * table["tokens"].iloc[0] ** 2 / 3.8e25)


@pytest.mark.parametrize("law", ["kaplan-2020-optimal-tokens", "besiroglu-2024", "none"])
def test_other_laws_are_refused(law):
    with pytest.raises(ValueError, match=f"^law = '{law}'; expected one of llama-3-2024-optimal-tokens, "):
        optimal_tokens(law, 1e24)


@pytest.mark.parametrize(("argument", "value"), [("training_flop", 0), ("factor", -1)])
def test_nonsense_is_refused(argument, value):
    with pytest.raises(ValueError, match=rf"^{argument} = {value}"):
        by_law(**{"training_flop": 1e24, "factor": 5} | {argument: value})


def test_the_public_runs_are_two_families_of_one_source():
    runs = open_runs()
    assert runs["family"].value_counts().to_dict() == {"Pythia": 8, "Cerebras-GPT": 7}
    assert runs["source_id"].nunique() == 1


def test_simulated_runs_scatter_about_their_law():
    runs = simulated_runs(LAW, seed=3, runs=4000)
    residuals = np.log(runs["loss"] / LAW.loss(runs["parameters"], runs["tokens"]))
    assert residuals.std() == pytest.approx(0.01, rel=0.05)
    flop = 6 * runs["parameters"] * runs["tokens"]
    assert 6e18 < flop.min() < flop.max() < 3e21
    assert 5e7 < runs["parameters"].min() < runs["parameters"].max() < 1.6e10
    assert runs.equals(simulated_runs(LAW, seed=3, runs=4000))
    with pytest.raises(ValueError, match=r"^scatter = 0"):
        simulated_runs(LAW, seed=0, scatter=0)


def test_a_cloud_of_runs_of_a_known_law_holds_the_truth():
    rows = cloud(simulated_runs(LAW, seed=0), training_flop=3.5e26, factor=5, resamples=400, seed=0)
    parameters, tokens = LAW.optimum(3.5e26)
    step = compute_step(LAW, training_flop=7e25, factor=5)
    for column, truth in (("tokens_per_parameter", tokens / parameters), ("gain", step.loss_before - step.loss_after)):
        low, high = rows[column].quantile([0.05, 0.95])
        assert low < truth < high


def test_points_of_one_iso_loss_line_have_one_loss():
    share = np.linspace(0.01, 0.99, 9)
    parameters, tokens = LAW.reaching(1.95, share)
    assert LAW.loss(parameters, tokens) == pytest.approx(np.full(9, 1.95))
    assert (np.diff(parameters) < 0).all()
    assert (np.diff(tokens) > 0).all()
    assert 482.01 / parameters**0.3478 == pytest.approx(share * (1.95 - 1.8172))


@pytest.mark.parametrize(("loss", "share"), [(1.8172, 0.5), (1.0, 0.5), (2.0, 0), (2.0, 1)])
def test_a_loss_below_the_floor_and_a_share_of_all_are_refused(loss, share):
    with pytest.raises(ValueError, match=r"^(loss|share) = "):
        LAW.reaching(loss, share)


def test_a_turned_law_keeps_the_loss_of_its_pivot_alone():
    turned = LAW.turned(alpha=[0.3, 0.4], beta=0.3658, parameters=1e9, tokens=5e10)
    assert turned.loss(1e9, 5e10) == pytest.approx(np.full(2, LAW.loss(1e9, 5e10)))
    low, high = turned.loss(1e12, 5e10)
    assert low > LAW.loss(1e12, 5e10) > high
    same = LAW.turned(alpha=LAW.alpha, beta=LAW.beta, parameters=3e9, tokens=1e11)
    assert same.loss(1e12, 1e13) == pytest.approx(LAW.loss(1e12, 1e13))


def test_reading_each_token_once_is_the_plain_optimum_while_the_text_lasts():
    free = LAW.loss(*LAW.optimum(1e24))
    assert single_epoch_loss(LAW, training_flop=1e24, unique_tokens=1e15) == pytest.approx(free)
    assert single_epoch_loss(LAW, training_flop=1e24, unique_tokens=1e11) == pytest.approx(LAW.loss(1e24 / 6e11, 1e11))


def test_a_step_with_ample_text_is_the_plain_step_and_with_little_text_less():
    plain = compute_step(LAW, training_flop=7e25, factor=5)
    ample, little = data_constrained_step(LAW, training_flop=7e25, factor=5, unique_tokens=[1e16, 1e12])
    assert ample == pytest.approx(plain.loss_before - plain.loss_after, abs=1e-7)
    assert 0 < little < ample
    losses = []
    for flop in (7e25, 3.5e26):
        best = data_constrained_optimum(LAW, training_flop=flop, unique_tokens=1e12)
        losses.append(float(data_constrained_loss(LAW, *best, unique_tokens=1e12)))
    assert little == pytest.approx(losses[0] - losses[1])
