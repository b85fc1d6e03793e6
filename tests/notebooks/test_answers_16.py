"""What chapter 16 says, counted again claim by claim from the checks themselves."""

from datetime import date
from pathlib import Path
from statistics import median

import gates
import pytest

from compute_scaling import data
from compute_scaling.claims import ARTICLE_DAY, Verdict, check

NOTEBOOK = Path(__file__).resolve().parents[2] / "notebooks" / "16_the_ledger.ipynb"
NO_CHECK = "cannot be checked"
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
    assert said["unchecked_then"] == counted(sum(then.word == NO_CHECK for then, _ in pairs.values()))
    assert said["unchecked_now"] == counted(sum(now.word == NO_CHECK for _, now in pairs.values()))
    still_open = sum(now.word == "open" for _, now in pairs.values())
    assert said["still_open"].startswith(f"For {counted(still_open)}" if still_open else "Every claim")


def test_changes_are_told_apart(pairs: Pairs, said: dict[str, str]) -> None:
    settled = {"holds", "holds if", "does not hold"}
    came = [claim for claim, (then, now) in pairs.items() if then.word == NO_CHECK and now.word in settled]
    turned = [
        claim for claim, (then, now) in pairs.items() if settled >= {then.word, now.word} and then.word != now.word
    ]
    moved = [
        claim for claim, (then, now) in pairs.items()
        if then.word == now.word and abs(now.mid - then.mid) > 0.1 * abs(then.mid)
    ]  # fmt: skip
    assert [said[name] for name in ("settled", "turned", "moved")] == [counted(len(x)) for x in (came, turned, moved)]
    facts = data.load("outcomes", as_of=None)
    later = facts[(facts["known_on"] > ARTICLE_DAY) & (facts["is_plan"] == False)]  # noqa: E712
    waits = [
        (later.loc[later["claim_id"] == claim, "known_on"].min().date() - date(2024, 5, 31)).days for claim in came
    ]
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
    words = [said[name] for name in ("chip_then", "chip_june", "chip_december")]
    assert words == ["cannot be checked", "cannot be checked", "holds"]
    facts = data.load("outcomes")
    built = facts[(facts["claim_id"] == "C22") & (facts["is_plan"] == False)]  # noqa: E712
    assert "2024-06-30" < str(built["known_on"].min().date()) <= "2024-12-31"
