import numpy as np
import pytest
import scipy
from hypothesis import given
from hypothesis import strategies as st

from compute_scaling.scores import (
    Coverage,
    Wins,
    brier,
    coverage,
    covered,
    crps,
    interval_score,
    log_score_event,
    skill,
    weighted_interval_score,
    wins,
)
from compute_scaling.uncertainty import between

VALUE = st.floats(-1e6, 1e6)
DRAWS = st.lists(VALUE, min_size=1, max_size=12)
SCORES = st.lists(st.tuples(st.floats(0, 9), st.floats(0.1, 9)), min_size=1, max_size=9)
QUANTILES = (np.arange(20_000) + 0.5) / 20_000


def crps_of_pairs(draws, outcome):
    """The score over all n x n pairs, as it is defined."""
    draws = np.asarray(draws, dtype=float)
    return np.abs(draws - outcome).mean() - np.abs(draws[:, None] - draws).mean() / 2


def crps_of_normal(mean, deviation, outcome):
    """The closed form for a normal distribution (Gneiting and Raftery 2007, section 4.2)."""
    z = (outcome - mean) / deviation
    normal = scipy.stats.norm
    return deviation * (z * (2 * normal.cdf(z) - 1) + 2 * normal.pdf(z) - 1 / np.sqrt(np.pi))


# --------------------------------------------------------------------------------------------------- ranked probability


@given(DRAWS, VALUE)
def test_crps_is_that_of_all_pairs(draws, outcome):
    found = crps(draws, outcome=outcome)
    assert found.shape == ()
    assert found >= 0
    assert found == pytest.approx(crps_of_pairs(draws, outcome), rel=1e-9, abs=1e-6)


def test_crps_by_hand():
    # distances from 3 are 2, 1, 1; between the draws 1, 3, 2, each pair twice, of 9
    assert crps([4, 1, 2], outcome=3) == pytest.approx(4 / 3 - 6 / 9)
    assert crps([1, 1], outcome=1) == 0


@pytest.mark.parametrize("outcome", [-4.0, 0.3, 1.0, 2.5, 30.0])
def test_crps_of_a_normal(outcome):
    draws = between(-1, 3, shape="normal").ppf(QUANTILES)
    deviation = 2 / scipy.stats.norm.ppf(0.95)
    assert crps(draws, outcome=outcome) == pytest.approx(crps_of_normal(1, deviation, outcome), rel=1e-4)


@given(VALUE, VALUE)
def test_crps_of_one_draw_is_its_absolute_error(point, outcome):
    assert crps(point, outcome=outcome) == crps([point], outcome=outcome) == abs(point - outcome)


@given(DRAWS, VALUE, VALUE, st.floats(0.01, 100))
def test_crps_moves_and_grows_with_its_unit_and_knows_no_order(draws, outcome, shift, scale):
    draws = np.array(draws)
    moved = crps(scale * draws[::-1] + shift, outcome=scale * outcome + shift)
    assert moved == pytest.approx(scale * crps(draws, outcome=outcome), rel=1e-6, abs=1e-6)
    assert crps(-draws, outcome=-outcome) == pytest.approx(crps(draws, outcome=outcome), rel=1e-6, abs=1e-6)


@given(st.lists(st.tuples(VALUE, VALUE, VALUE), min_size=1, max_size=5), st.lists(VALUE, min_size=1, max_size=5))
def test_crps_broadcasts_like_a_loop(draws, outcomes):
    found = crps(np.array(draws)[:, None, :], outcome=outcomes)
    assert found.tolist() == [[float(crps(row, outcome=outcome)) for outcome in outcomes] for row in draws]
    points = np.array(draws)[:, 0]
    assert crps(points[..., None], outcome=1.0).tolist() == [float(crps(point, outcome=1.0)) for point in points]


# --------------------------------------------------------------------------------------------------------------- ranges


def test_an_interval_score_by_hand():
    found = interval_score([[2.0]], 6, outcome=[2, 6, 1, 9], level=0.75)
    assert found.tolist() == [[4, 4, 4 + 8, 4 + 24]]
    assert interval_score(2, 6, outcome=7) == pytest.approx(4 + 20)  # 90 % unless told
    assert interval_score(5, 5, outcome=5) == 0


@pytest.mark.parametrize(
    ("outcome", "outcome_high", "answer"),
    [
        (2, None, "yes"),
        (6, None, "yes"),
        (1.9, None, "no"),
        (6.1, None, "no"),
        (2, 6, "yes"),
        (1, 1.9, "no"),
        (6.1, 9, "no"),
        (1, 2, "depends"),
        (6, 7, "depends"),
        (1, 7, "depends"),
    ],
)
def test_a_range_holds_with_its_ends(outcome, outcome_high, answer):
    assert str(covered(2, 6, outcome=outcome, outcome_high=outcome_high)) == answer


@given(st.lists(st.tuples(VALUE, st.floats(0, 9), VALUE, st.floats(0, 9)), min_size=1, max_size=6))
def test_covered_broadcasts_like_a_loop_and_agrees_with_single_outcomes(rows):
    low, wide, outcome, apart = np.array(rows).T
    found = covered(low, low + wide, outcome=outcome, outcome_high=outcome + apart)
    one_by_one = [
        str(covered(a, a + b, outcome=c, outcome_high=c + d))
        for a, b, c, d in zip(low, wide, outcome, apart, strict=True)
    ]
    assert found.tolist() == one_by_one
    assert (found[found == "yes"] == covered(low, low + wide, outcome=outcome)[found == "yes"]).all()
    assert (covered(low, low + wide, outcome=outcome)[found == "no"] == "no").all()


# --------------------------------------------------------------------------------------------------------------- events


def test_event_scores_by_hand():
    np.testing.assert_allclose(log_score_event([0.25, 0.25], happened=[True, False]), [np.log(4), np.log(4 / 3)])
    np.testing.assert_allclose(brier([0.25, 0.25], happened=[1, 0]), [9 / 16, 1 / 16])
    assert brier([0, 1], happened=[[0], [1]]).tolist() == [[0, 1], [1, 0]]


def test_a_certain_event_scores_nothing_or_without_end():
    found = log_score_event([0, 1], happened=[[False], [True]])
    assert found.tolist() == [[0, np.inf], [np.inf, 0]]
    assert not np.signbit(found).any()


def test_a_tiny_chance_keeps_its_size():
    assert log_score_event(1e-300, happened=True) == pytest.approx(300 * np.log(10))


# ------------------------------------------------------------------------------------------------------------ propriety


def test_the_truth_beats_a_shifted_a_narrow_and_a_wide_forecast():
    truth = scipy.stats.norm.ppf(QUANTILES)[10::20]
    rivals = {"shifted": truth + 0.5, "narrow": truth / 2, "wide": truth * 2}
    expected = crps(truth, outcome=truth).mean()
    assert expected == pytest.approx(1 / np.sqrt(np.pi), rel=0.005)  # half the mean distance of two draws
    for name, rival in rivals.items():
        assert crps(rival, outcome=truth).mean() > expected + 0.02, name


def test_the_true_quantiles_and_chances_expect_the_lowest_score():
    outcomes = scipy.stats.norm.ppf(QUANTILES)
    reach = np.linspace(0.5, 3, 251)[:, None]
    ranges = interval_score(-reach, reach, outcome=outcomes, level=0.8).mean(axis=1)
    assert reach[ranges.argmin(), 0] == pytest.approx(scipy.stats.norm.ppf(0.9), abs=0.011)
    chances, happened = np.linspace(0.01, 0.99, 99), np.arange(10) < 3
    for score in (log_score_event, brier):
        assert chances[score(chances[:, None], happened=happened).mean(axis=1).argmin()] == pytest.approx(0.3)


# ------------------------------------------------------------------------------------------------------------- coverage


def answers(yes, no, depends=0):
    return ["yes"] * yes + ["no"] * no + ["depends"] * depends


def below_one_of_one(share):
    """The part of Beta(3/2, 1/2) below a share: with share = sin(a)^2, (2/pi) (a - sin(a) cos(a))."""
    angle = np.arcsin(np.sqrt(share))
    return 2 / np.pi * (angle - np.sin(angle) * np.cos(angle))


def test_jeffreys_for_one_forecast_by_hand():
    found = coverage(["yes"], level=0.8)
    assert below_one_of_one(found.low) == pytest.approx(0.1)
    assert (found.mid, found.high) == (1, 1)
    missed = coverage(["no"], level=0.8)
    assert (missed.low, missed.mid) == (0, 0)
    assert missed.high == pytest.approx(1 - found.low)


@pytest.mark.parametrize(("yes", "no"), [(1, 9), (5, 5), (18, 2), (49, 51)])
def test_jeffreys_leaves_the_same_out_on_both_sides(yes, no):
    found = coverage(answers(yes, no), level=0.95)
    below = scipy.stats.beta(yes + 0.5, no + 0.5).cdf([found.low, found.high])
    np.testing.assert_allclose(below, [0.025, 0.975])
    assert found.mid == yes / (yes + no)
    assert coverage(answers(yes, no)) == coverage(answers(yes, no), level=0.9)


@given(st.integers(0, 30), st.integers(0, 30), st.integers(0, 5), st.floats(0.01, 0.99))
def test_a_coverage_is_ordered_and_counts_what_depends_both_ways(yes, no, depends, level):
    if not yes + no + depends:
        return
    found = coverage(answers(yes, no, depends), level=level)
    total = yes + no + depends
    assert 0 <= found.low <= found.mid <= found.high <= 1
    assert found.mid == pytest.approx((yes + depends / 2) / total)
    assert found.low == coverage(answers(yes, no + depends), level=level).low
    assert found.high == coverage(answers(yes + depends, no), level=level).high
    assert (found.forecasts, found.held, found.depends, found.effective) == (total, yes, depends, total)


def test_a_coverage_of_few_forecasts_in_full():
    found = coverage(answers(2, 1, 1), groups=["a", "a", "b", "b"])
    ends = scipy.stats.beta([1.5, 2], [1.5, 1]).ppf([0.05, 0.95])
    assert found == Coverage(pytest.approx(ends[0]), 0.625, pytest.approx(ends[1]), 4, 2, 1, 2.0)


def test_groups_of_one_change_nothing_and_pairs_count_half():
    words = answers(12, 4)
    assert coverage(words, groups=range(16)) == coverage(words)
    pairs, half = coverage(words, groups=np.arange(16) // 2), coverage(answers(6, 2))
    assert (pairs.low, pairs.mid, pairs.high, pairs.effective) == (half.low, half.mid, half.high, 8)
    assert coverage(words, groups=["a"] * 13 + ["b", "c", "d"]).effective == pytest.approx(256 / 172)


@pytest.mark.parametrize("share", [0.999, 0.001])
def test_the_share_of_one_large_group_is_inside_its_range(share):
    yes = round(1000 * share)
    found = coverage(answers(yes, 1000 - yes), groups=["a"] * 1000)
    assert found.low <= found.mid <= found.high
    assert found.effective == 1


def test_forecasts_that_share_causes_are_covered_where_the_plain_range_is_not():
    # six groups of three, each right as a whole with probability 0.8: 15 or fewer of 18 in most runs
    counts = np.arange(7)
    chance = scipy.stats.binom(6, 0.8).pmf(counts)
    groups = np.repeat(np.arange(6), 3)
    grouped = [coverage(answers(3 * n, 18 - 3 * n), groups=groups) for n in counts]
    plain = [coverage(answers(3 * n, 18 - 3 * n)) for n in counts]
    assert sum(chance[n] for n in counts if grouped[n].low <= 0.8 <= grouped[n].high) > 0.88
    assert sum(chance[n] for n in counts if plain[n].low <= 0.8 <= plain[n].high) < 0.7


# -------------------------------------------------------------------------------------------------------- against naive


def test_skill_by_hand():
    assert skill([1, 2], naive=[2, 4]) == 0.5
    assert skill([0, 0], naive=[0, 3]) == 1
    assert skill([3, 3], naive=[1, 2]) == -1
    assert skill([0.5, 1.0], naive=1) == 0.25  # ratios to the naive score
    assert skill(1, naive=[2, 2]) == 0.5


@given(SCORES, st.floats(0.1, 10))
def test_skill_has_no_unit(scores, unit):
    ours, theirs = np.array(scores).T
    assert skill(unit * ours, naive=unit * theirs) == pytest.approx(skill(ours, naive=theirs))


@pytest.mark.parametrize(
    ("won", "lost", "p_value"),
    [(0, 0, 1), (1, 0, 1), (3, 3, 1), (4, 3, 1), (5, 0, 2 / 32), (1, 5, 2 * 7 / 64), (8, 2, 2 * 56 / 1024)],
)
def test_wins_and_the_sign_test_by_hand(won, lost, p_value):
    score = [1.0] * won + [2.0] * lost + [3.0, 0.0]
    naive = [2.0] * won + [1.0] * lost + [3.0, 0.0]
    assert wins(score, naive=naive) == Wins(won + lost + 2, won, 2, pytest.approx(p_value))


@given(SCORES)
def test_the_sign_test_is_scipys(scores):
    ours, theirs = np.array(scores).T
    found = wins(ours, naive=theirs)
    unequal = found.forecasts - found.ties
    assert found.p_value == pytest.approx(scipy.stats.binomtest(found.wins, unequal).pvalue if unequal else 1)


def test_scores_without_end_are_compared_but_not_added():
    assert wins([np.inf, 1, np.inf], naive=[np.inf, np.inf, 1]) == Wins(3, 1, 1, 1.0)
    assert wins(1, naive=[0, 2, 3]).wins == 2


NUMBERS = "expected a number, or an array of numbers"
FINITE = "expected a number above -inf"


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: crps([], outcome=1), "draws = an array of shape (0,); expected one or more along the last axis"),
        (lambda: crps([1, np.nan], outcome=1), f"draws = nan; {FINITE}"),
        (lambda: crps([1, np.inf], outcome=1), f"draws = inf; {FINITE}"),
        (lambda: crps([1, -np.inf], outcome=1), f"draws = -inf; {FINITE}"),
        (lambda: crps([1], outcome=np.nan), f"outcome = nan; {FINITE}"),
        (lambda: crps([1], outcome="much"), f"outcome = 'much'; {NUMBERS}"),
        (lambda: interval_score(2, 1, outcome=1), "high - low = -1; expected a number of 0 or more"),
        (lambda: interval_score(np.nan, 1, outcome=1), f"low = nan; {FINITE}"),
        (lambda: interval_score(1, np.inf, outcome=1), f"high = inf; {FINITE}"),
        (lambda: interval_score(1, 2, outcome=np.nan), f"outcome = nan; {FINITE}"),
        (lambda: interval_score(1, 2, outcome=1, level=1), "level = 1; expected a number above 0 below 1"),
        (lambda: interval_score(1, 2, outcome=1, level=0), "level = 0; expected a number above 0 below 1"),
        (lambda: covered([2, 4], [3, 1], outcome=1), "high - low = -3; expected a number of 0 or more"),
        (lambda: covered(1, 2, outcome=np.nan), f"outcome = nan; {FINITE}"),
        (
            lambda: covered(1, 2, outcome=1, outcome_high=np.nan),
            f"outcome_high = nan; {FINITE}",
        ),
        (
            lambda: covered(1, 2, outcome=3, outcome_high=1),
            "outcome_high - outcome = -2; expected a number of 0 or more",
        ),
        (lambda: coverage([]), "answers = []; expected yes, no or depends, one or more"),
        (
            lambda: coverage(["yes", "maybe", "No"]),
            "answers = ['No', 'maybe']; expected yes, no or depends, one or more",
        ),
        (lambda: coverage([True]), "answers = ['True']; expected yes, no or depends, one or more"),
        (lambda: coverage(["yes"], level=0), "level = 0; expected a number above 0 below 1"),
        (lambda: coverage(["yes"], level=1), "level = 1; expected a number above 0 below 1"),
        (lambda: coverage(["yes"], groups=["a", "b"]), "groups = 2 labels for 1 answers; expected one each"),
        (lambda: coverage(["yes"] * 2, groups=["a", None]), "groups = 1 labels for 2 answers; expected one each"),
        (lambda: log_score_event(1.1, happened=True), "chance = 1.1; expected a number from 0 to 1"),
        (lambda: log_score_event(0.5, happened=0.5), "happened = 0.5; expected true or false"),
        (lambda: brier(-0.1, happened=True), "chance = -0.1; expected a number from 0 to 1"),
        (lambda: brier(0.5, happened=[1, 0.25]), "happened = 0.25; expected true or false"),
        (lambda: brier(0.5, happened=2), "happened = 2; expected a number from 0 to 1"),
        (lambda: skill([-1, 1], naive=1), "score = -1; expected a number of 0 or more"),
        (lambda: skill(1, naive=-2), "naive = -2; expected a number of 0 or more"),
        (lambda: skill(np.inf, naive=1), "score = inf; expected a number of 0 or more"),
        (lambda: skill(1, naive=[1, np.inf]), "naive = inf; expected a number of 0 or more"),
        (lambda: skill([1, 2], naive=[0, 0]), "sum of naive = 0; expected a number above 0"),
        (lambda: wins([np.nan], naive=1), "score = nan; expected a number of 0 or more"),
        (lambda: wins(1, naive=-1), "naive = -1; expected a number of 0 or more"),
    ],
)
def test_nonsense_is_refused_by_name(call, message):
    with pytest.raises(ValueError) as refused:
        call()
    assert str(refused.value) == message


# --------------------------------------------------------------------------------------------- a middle with its ranges


@pytest.mark.parametrize("outcome", [-2.0, 0.0, 0.7, 3.0])
def test_a_middle_with_many_ranges_scores_as_the_draws_do(outcome):
    draws = scipy.stats.norm.ppf((np.arange(4_000) + 0.5) / 4_000)
    ends = scipy.stats.norm.ppf
    ranges = {level: (ends((1 - level) / 2), ends((1 + level) / 2)) for level in np.linspace(0.005, 0.995, 199)}
    score = weighted_interval_score(0.0, ranges, outcome=outcome)
    assert score == pytest.approx(float(crps(draws, outcome=outcome)), rel=0.01)


def test_a_middle_alone_scores_its_absolute_error():
    assert weighted_interval_score([2.0, 5.0], {}, outcome=3.0).tolist() == [1.0, 2.0]


def test_ranges_of_a_middle_in_the_wrong_order_are_refused():
    with pytest.raises(ValueError, match="high - low"):
        weighted_interval_score(4, {0.9: (6, 2)}, outcome=4)
