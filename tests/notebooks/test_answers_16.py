"""What chapter 16 says, counted again claim by claim from the checks themselves."""

from datetime import date, timedelta
from math import isnan
from pathlib import Path
from statistics import median

import gates
import pytest

from compute_scaling import data
from compute_scaling.claims import ARTICLE_DAY, Verdict, check

NOTEBOOK = Path(__file__).resolve().parents[2] / "notebooks" / "16_the_ledger.ipynb"
NO_CHECK = "cannot be checked"
UNDECIDED = {"holds if", NO_CHECK}
Pairs = dict[str, tuple[Verdict, Verdict]]


@pytest.fixture(scope="module")
def said() -> dict[str, str]:
    """What the notebook hands to its prose, by name."""
    return gates.said(NOTEBOOK)


@pytest.fixture(scope="module")
def pairs() -> Pairs:
    """Both verdicts of every claim."""
    return {claim: (check(claim, as_of=ARTICLE_DAY), check(claim)) for claim in data.load("claims")["claim_id"]}


def counted(number: int) -> str:
    return {0: "no claim", 1: "1 claim"}.get(number, f"{number} claims")


def test_words_are_counted(pairs: Pairs, said: dict[str, str]) -> None:
    changed = sum(then.word != now.word for then, now in pairs.values())
    assert (said["claims"], said["changed"]) == (str(len(pairs)), counted(changed))
    assert float(said["changed_share"].split()[0]) == pytest.approx(100 * changed / len(pairs), rel=0.05)
    unchecked = [counted(sum(pair[day].word == NO_CHECK for pair in pairs.values())) for day in (0, 1)]
    none = unchecked == ["no claim", "no claim"]
    reach = (
        "No claim is out of reach"
        if none
        else f"Out of reach of any check: {unchecked[0]} in May 2024, {unchecked[1]} "
    )
    assert said["out_of_reach"].startswith(reach)


def test_changes_are_told_apart(pairs: Pairs, said: dict[str, str]) -> None:
    plain = {"holds", "does not hold"}
    changed = {claim: pair for claim, pair in pairs.items() if pair[0].word != pair[1].word}
    decided = [claim for claim, (then, now) in changed.items() if then.word not in plain and now.word in plain]
    loosened = [claim for claim, (then, now) in changed.items() if then.word in plain and now.word not in plain]
    turned = [claim for claim, (then, now) in changed.items() if {then.word, now.word} == plain]
    moved = [
        claim for claim, (then, now) in pairs.items()
        if then.word == now.word and then.unit == now.unit and abs(now.mid - then.mid) > 0.1 * abs(then.mid)
    ]  # fmt: skip
    names = ("decided", "loosened", "turned", "moved")
    assert [said[name] for name in names] == [counted(len(part)) for part in (decided, loosened, turned, moved)]


def test_what_stays_undecided_and_how_long_the_others_took(pairs: Pairs, said: dict[str, str]) -> None:
    undecided = [claim for claim, pair in pairs.items() if {pair[0].word, pair[1].word} <= {"holds if", NO_CHECK}]
    no_number = [claim for claim, (then, now) in pairs.items() if isnan(then.mid) and isnan(now.mid)]
    assert (said["undecided"], said["no_number"]) == (counted(len(undecided)), counted(len(no_number)))
    decided = [claim for claim, (then, now) in pairs.items() if then.word in UNDECIDED and now.word not in UNDECIDED]
    waits = []
    for claim in decided:
        for months in range(1, 100):
            year, month = divmod(2024 * 12 + 5 + months, 12)  # the month after the one counted
            last = date(year, month + 1, 1) - timedelta(days=1)
            if check(claim, as_of=str(last)).word == pairs[claim][1].word:
                waits.append(months)
                break
    assert len(waits) == len(decided)
    assert (said["wait"], said["longest"]) == ((f"{median(waits):g}", str(max(waits))) if waits else ("–", "–"))


def test_exercise_theme(pairs: Pairs, said: dict[str, str]) -> None:
    themes = data.load("claims").set_index("claim_id")["theme"]
    shares = {}
    for theme in set(themes):
        changed = [then.word != now.word for claim, (then, now) in pairs.items() if themes[claim] == theme]
        shares[theme] = sum(changed) / len(changed)
    assert shares[said["most_changed"]] == max(shares.values())
    assert float(said["most_share"].split()[0]) == pytest.approx(100 * max(shares.values()), rel=0.05)


def test_exercise_day(said: dict[str, str]) -> None:
    words = [said[name] for name in ("oracle_may", "oracle_june", "oracle_july")]
    assert words == ["holds if", "holds if", "does not hold"]
    ended = data.load("outcomes").set_index("outcome_id").loc["C21-003":"C21-004", "known_on"]
    assert ended.between("2024-07-01", "2024-07-31").any()
