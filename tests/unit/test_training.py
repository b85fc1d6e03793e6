"""The chain of a training run, against the article's numbers, the papers' and hand arithmetic."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from compute_scaling import training
from compute_scaling.training import run

H100 = 989.4e12
LINKS = {
    "training_flop": 3.0776e26,
    "accelerators": 100_000,
    "peak_flop_per_s": H100,
    "mfu": 0.4,
    "goodput": 0.9,
    "days": 100,
}
SOME = st.floats(1e-3, 1e3)
SHARE = st.floats(0.01, 1)


def test_what_100_000_h100s_do_in_100_days():
    plan = run(accelerators=100_000, peak_flop_per_s=H100, mfu=0.4, goodput=0.9, days=100)
    assert plan.training_flop == pytest.approx(1e5 * 989.4e12 * 0.36 * 100 * 86_400)
    assert plan.campaign_utilisation == pytest.approx(0.36)
    assert plan.gpu_hours == pytest.approx(240e6)


def test_grok_2_on_20_000_and_24_000():
    grok = run(2.96e25, accelerators=[20_000, 24_000], peak_flop_per_s=H100, mfu=0.4, goodput=1)
    assert grok.days.tolist() == pytest.approx([43.28, 36.07], abs=0.01)


def test_llama_3_1_405b_from_its_gpu_hours():
    llama = run(3.8e25, accelerators=16_384, peak_flop_per_s=H100, mfu=0.41, days=30.84e6 / 16_384 / 24)
    assert llama.goodput == pytest.approx(0.8438, abs=1e-4)
    assert llama.campaign_utilisation == pytest.approx(0.346, abs=5e-4)


@pytest.mark.parametrize("left_out", LINKS)
def test_each_link_is_solved_for_from_the_others(left_out):
    solved = run(**{name: value for name, value in LINKS.items() if name != left_out})
    for name, value in LINKS.items():
        assert getattr(solved, name) == pytest.approx(value, rel=1e-4), name


@given(st.sampled_from(list(LINKS)), SOME, SOME, SHARE, SHARE, SOME)
def test_round_trip(left_out, accelerators, peak, mfu, goodput, days):
    first = run(accelerators=accelerators, peak_flop_per_s=peak, mfu=mfu, goodput=goodput, days=days)
    again = run(**{name: getattr(first, name) for name in LINKS if name != left_out})
    for name in LINKS:
        np.testing.assert_allclose(getattr(again, name), getattr(first, name), rtol=1e-12)


@given(st.lists(st.tuples(SOME, SHARE, SHARE), min_size=1, max_size=5), st.floats(1e-3, 1e3))
def test_arrays_equal_a_loop_and_a_sweep_crosses_them(draws, days):
    accelerators, mfu, goodput = np.array(draws).T
    together = run(accelerators=accelerators, peak_flop_per_s=H100, mfu=mfu, goodput=goodput, days=[[days], [2 * days]])
    alone = [run(accelerators=a, peak_flop_per_s=H100, mfu=m, goodput=g, days=days).training_flop for a, m, g in draws]
    np.testing.assert_allclose(together.training_flop, [alone, 2 * np.array(alone)], rtol=1e-12)
    assert together.gpu_hours.shape == (2, len(draws))


@given(SHARE, SHARE, st.floats(1.01, 100))
def test_twice_the_machine_halves_the_time_and_a_better_one_shortens_it(mfu, goodput, factor):
    given_ = {"peak_flop_per_s": H100, "mfu": mfu, "goodput": goodput}
    plain = run(1e25, accelerators=1000, **given_)
    assert run(1e25, accelerators=1000 * factor, **given_).days == pytest.approx(plain.days / factor)
    assert run(factor * 1e25, accelerators=1000, **given_).days == pytest.approx(plain.days * factor)
    assert run(1e25, accelerators=1000, **given_ | {"mfu": mfu / factor}).days > plain.days
    assert run(1e25, accelerators=1000, **given_ | {"goodput": goodput / factor}).days > plain.days


NAMES = "training_flop, accelerators, peak_flop_per_s, mfu, goodput, days"


@pytest.mark.parametrize(
    ("left_out", "given_"),
    [
        ([], NAMES),
        (["days", "mfu"], "training_flop, accelerators, peak_flop_per_s, goodput"),
        (list(LINKS), "nothing"),
    ],
)
def test_all_but_one_must_be_given(left_out, given_):
    with pytest.raises(ValueError) as caught:
        run(**{name: value for name, value in LINKS.items() if name not in left_out})
    assert str(caught.value) == f"given = {given_}; expected all but one of {NAMES}"


SHARE_WANTED = "a number above 0 to 1"


@pytest.mark.parametrize(
    ("name", "value", "wanted"),
    [
        ("training_flop", -1, "a number above 0"),
        ("accelerators", 0, "a number above 0"),
        ("accelerators", np.inf, "a number above 0"),
        ("peak_flop_per_s", np.nan, "a number above 0"),
        ("days", -3, "a number above 0"),
        ("mfu", 0, SHARE_WANTED),
        ("mfu", 1.4, SHARE_WANTED),
        ("goodput", 0, SHARE_WANTED),
        ("goodput", 1.01, SHARE_WANTED),
        ("goodput", np.nan, SHARE_WANTED),
    ],
)
def test_nonsense_is_refused_by_name(name, value, wanted):
    left_out = "days" if name != "days" else "mfu"
    with pytest.raises(ValueError) as caught:
        run(**{key: old for key, old in LINKS.items() if key != left_out} | {name: [1, value]})
    assert str(caught.value) == f"{name} = {value:g}; expected {wanted}"


@pytest.mark.parametrize("share", ["mfu", "goodput"])
def test_a_machine_that_cannot_do_it_in_the_time_is_refused(share):
    given_ = {name: value for name, value in LINKS.items() if name != share}
    with pytest.raises(ValueError, match=rf"^{share} = [1-9]\S*; expected {SHARE_WANTED}$"):
        run(**given_ | {"days": 30})


def test_rounding_does_not_make_a_full_share_nonsense():
    full = {"accelerators": 7, "peak_flop_per_s": 1 / 3, "mfu": 1, "days": 1 / 86_400}
    whole = float(run(**full, goodput=1).training_flop)
    assert run(whole * (1 + 0.9e-9), **full).goodput == 1
    assert run(whole * (1 - 0.9e-9), **full).goodput == pytest.approx(1 - 0.9e-9, rel=1e-12)
    with pytest.raises(ValueError, match=r"^goodput = 1; "):
        run(whole * (1 + 1.1e-9), **full)
    assert run(3.0, peak_flop_per_s=1, mfu=1, goodput=1, days=1 / 86_400 / (1 + 1e-10)).accelerators > 3


def test_a_run_is_frozen():
    with pytest.raises(AttributeError):
        run(**{name: value for name, value in LINKS.items() if name != "days"}).days = 1


# ------------------------------------------------------------------------------------------------------ conventions


def test_six_n_d():
    assert training.model_flop(175e9, tokens=300e9) == pytest.approx(3.15e23)
    assert training.model_flop([37e9, 671e9], tokens=14.8e12).tolist() == pytest.approx([3.2856e24, 5.95848e25])


def test_recompute_between_mfu_and_hfu():
    assert training.hfu_per_mfu() == pytest.approx(4 / 3)
    assert training.hfu_per_mfu(0) == 1
    assert training.hfu_per_mfu(0.3) == pytest.approx(1.1)
    assert training.mfu_from_hfu(0.48) == pytest.approx(0.36)
    assert training.mfu_from_hfu([0.48, 1], recomputed_share=0).tolist() == [0.48, 1]
    assert training.hardware_flop(3e23, recomputed_share=[0, 1]).tolist() == pytest.approx([3e23, 4e23])
    assert training.hardware_flop(3e23) == pytest.approx(4e23)


@pytest.mark.parametrize(
    ("parameters", "tokens", "gpus", "speed", "days"),
    [(175e9, 300e9, 1024, 140e12, 34), (1008e9, 450e9, 3072, 163e12, 84)],
)
def test_the_days_of_narayanan_2021_section_5_1(parameters, tokens, gpus, speed, days):
    flop = training.hardware_flop(training.model_flop(parameters, tokens=tokens))
    assert flop == pytest.approx(8 * tokens * parameters)
    assert round(float(training.days_at(flop, accelerators=gpus, achieved_flop_per_s=speed))) == days


def test_hours_and_utilisation_of_a_campaign():
    hours = training.gpu_hours(3.6e21, peak_flop_per_s=1e15, campaign_utilisation=[0.25, 0.5])
    assert hours.tolist() == pytest.approx([4000, 2000])
    assert training.campaign_utilisation(3.6e21, peak_flop_per_s=1e15, gpu_hours=hours).tolist() == [0.25, 0.5]
    assert training.campaign_utilisation(3.6e21, peak_flop_per_s=1e15, gpu_hours=500) == pytest.approx(2)


@given(SHARE, SHARE, st.floats(1e18, 1e28))
def test_the_chain_and_the_short_forms_agree(mfu, goodput, flop):
    chain = run(flop, accelerators=512, peak_flop_per_s=H100, mfu=mfu, goodput=goodput)
    hours = training.gpu_hours(flop, peak_flop_per_s=H100, campaign_utilisation=chain.campaign_utilisation)
    assert chain.gpu_hours == pytest.approx(hours)
    back = training.campaign_utilisation(flop, peak_flop_per_s=H100, gpu_hours=hours)
    assert back == pytest.approx(mfu * goodput)
    days = training.days_at(flop, accelerators=512, achieved_flop_per_s=H100 * chain.campaign_utilisation)
    assert days == pytest.approx(chain.days)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: training.model_flop(0, tokens=1), "parameters = 0; expected a number above 0"),
        (lambda: training.model_flop(1, tokens=-1), "tokens = -1; expected a number above 0"),
        (lambda: training.hfu_per_mfu(1.1), "recomputed_share = 1.1; expected a number from 0 to 1"),
        (lambda: training.hfu_per_mfu(-0.1), "recomputed_share = -0.1; expected a number from 0 to 1"),
        (lambda: training.hardware_flop(0), "training_flop = 0; expected a number above 0"),
        (lambda: training.mfu_from_hfu(0), f"hfu = 0; expected {SHARE_WANTED}"),
        (lambda: training.mfu_from_hfu(1.1), f"hfu = 1.1; expected {SHARE_WANTED}"),
        (
            lambda: training.days_at(0, accelerators=1, achieved_flop_per_s=1),
            "executed_flop = 0; expected a number above 0",
        ),
        (
            lambda: training.days_at(1, accelerators=0, achieved_flop_per_s=1),
            "accelerators = 0; expected a number above 0",
        ),
        (
            lambda: training.days_at(1, accelerators=1, achieved_flop_per_s=0),
            "achieved_flop_per_s = 0; expected a number above 0",
        ),
        (
            lambda: training.gpu_hours(0, peak_flop_per_s=1, campaign_utilisation=1),
            "training_flop = 0; expected a number above 0",
        ),
        (
            lambda: training.gpu_hours(1, peak_flop_per_s=0, campaign_utilisation=1),
            "peak_flop_per_s = 0; expected a number above 0",
        ),
        (
            lambda: training.gpu_hours(1, peak_flop_per_s=1, campaign_utilisation=1.1),
            f"campaign_utilisation = 1.1; expected {SHARE_WANTED}",
        ),
        (
            lambda: training.gpu_hours(1, peak_flop_per_s=1, campaign_utilisation=0),
            f"campaign_utilisation = 0; expected {SHARE_WANTED}",
        ),
        (
            lambda: training.campaign_utilisation(0, peak_flop_per_s=1, gpu_hours=1),
            "training_flop = 0; expected a number above 0",
        ),
        (
            lambda: training.campaign_utilisation(1, peak_flop_per_s=0, gpu_hours=1),
            "peak_flop_per_s = 0; expected a number above 0",
        ),
        (
            lambda: training.campaign_utilisation(1, peak_flop_per_s=1, gpu_hours=0),
            "gpu_hours = 0; expected a number above 0",
        ),
    ],
)
def test_bad_input_of_the_conventions_is_named(call, message):
    with pytest.raises(ValueError) as caught:
        call()
    assert str(caught.value) == message
