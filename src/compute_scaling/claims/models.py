"""Claims about the models: what computing the chips mean, and what more computing buys.

Chips become training compute through a share of their peak and through days (`training.run`). Nobody had said how many
days; runs of the largest models took two to four months. The share is that of a run of a family not yet seen, from the
runs known by the day. Between two models of one maker the shares go together: their correlation is the part of the
scatter that lies between families.
"""

from typing import Final

import numpy as np
import pandas as pd
import scipy  # its parts load at first use: the core stays quick to import

from compute_scaling import training
from compute_scaling.accelerator import REFERENCE, accelerator
from compute_scaling.checks import Floats
from compute_scaling.claims.verdict import ABOUT, Reader, Verdict, Word, cited, claimed, one_word, percent, range_of
from compute_scaling.distributions import between
from compute_scaling.lines import least_squares
from compute_scaling.outlook import stated_runs, utilisation_odds
from compute_scaling.texts import number, tr
from compute_scaling.uncertainty import interval
from compute_scaling.units import SUPERSCRIPTS

DAYS: Final = (60, 120)  # 90 % of runs of the largest models: GPT-4 took 90 to 100 days
MODELS: Final = {"C24": "Grok-2", "C25": "Grok-3"}
STEP: Final = "R20"  # what was said of the step in compute, there
COUNTS: Final = {"C24": "R13", "C25": "R18"}  # what the chips of each run came to be, in the resolutions
TEST: Final = "MMLU"
WITHOUT_SCORES: Final = ("stated by the developer", "parameters and tokens", "hardware and time")
CONDITION: Final = "what its owner says a model uses is what it needs"
REPORTED_OPERATIONS: Final = 1e26  # a run above it was to be reported: US Executive Order 14110, section 4.2(b)(i)
SAME_RUN: Final = (
    "source_id",
    "model",
    "accelerator",
    "accelerators",
    "tensor",
    "pipeline",
    "data",
    "context",
    "expert",
    "micro_batch",
    "batch_sequences",
    "sequence_length",
    "sharding",
    "recompute",
)  # what two measurements share that differ in precision alone


def drawn_runs(reader: Reader) -> dict[str, dict[str, Floats]]:
    """Return draws of the share of the peak (`utilisation`) and of the `days` of each run, by claim id.

    The utilisation is that of a new family of models. Both inputs are correlated between the two models, by the share
    of the scatter of utilisation that lies between families; one is independent of the other.
    """
    runs = reader.once(stated_runs)
    together = common_scatter(pd.Series(scipy.special.logit(runs["utilisation"]), runs.index), runs["family"])
    ranges = {"odds": utilisation_odds(reader), "days": between(*DAYS)}
    inputs = {f"{name} {claim}": dist for claim in MODELS for name, dist in ranges.items()}
    drawn = reader.draw(inputs, {(f"{name} C24", f"{name} C25"): together for name in ranges})
    return {
        claim: {"utilisation": scipy.special.expit(drawn[f"odds {claim}"]), "days": drawn[f"days {claim}"]}
        for claim in MODELS
    }


def generations(reader: Reader) -> dict[str, Floats]:
    """Return draws of the training compute of Grok-2 and Grok-3 on the chips claimed, by claim id.

    >>> flop = generations(Reader(pd.Timestamp("2024-05-31"), draws=1024))
    >>> [float(f"{np.median(draws):.2g}") for draws in flop.values()]
    [4.3e+25, 2.1e+26]
    """
    peak = accelerator(REFERENCE).bf16_flop_per_s
    return {
        claim: training.run(
            accelerators=claimed(claim),
            peak_flop_per_s=peak,
            mfu=drawn["utilisation"],
            goodput=1,
            days=drawn["days"],
        ).training_flop
        for claim, drawn in reader.once(drawn_runs).items()
    }


def step_factors(reader: Reader) -> dict[str, Floats]:
    """Return draws of Grok-3 over Grok-2 by factor: `utilisation`, `days`, and `compute`, which has the chips in it.

    >>> step = step_factors(Reader(pd.Timestamp("2024-05-31"), draws=1024))
    >>> [round(float(np.quantile(draws, 0.95)), 1) for draws in step.values()]
    [1.7, 1.5, 9.7]
    """
    older, newer = reader.once(drawn_runs).values()
    flop = reader.once(generations)
    return {name: newer[name] / older[name] for name in older} | {"compute": flop["C25"] / flop["C24"]}


def eight_bit_gains(reader: Reader) -> pd.DataFrame:
    """Return measured steps at 8 bit beside the same at 16 bit: `model`, `accelerators`, `gain`, `source_id`.

    gain: how many times faster. Same publication, model, chips, plan and batch; the peak itself doubles.

    >>> eight_bit_gains(Reader(pd.Timestamp("2026-11-23")))["gain"].between(1, 2).all()
    np.True_
    """
    rows = reader.table("step_times")
    pairs = rows[rows["precision"] == "bf16"].merge(rows[rows["precision"] == "fp8"], on=list(SAME_RUN))
    faster = (pairs["step_s_x"] / pairs["step_s_y"]).fillna(
        pairs["tokens_per_s_per_accelerator_y"] / pairs["tokens_per_s_per_accelerator_x"]
    )
    return pairs[["model", "accelerators", "source_id"]].assign(gain=faster).dropna(subset=["gain"])


def common_scatter(values: "pd.Series[float]", groups: "pd.Series[str]") -> float:
    """Return the share of the variance that lies between groups: the correlation of two values of one group.

    The intraclass correlation by analysis of variance, for groups of unequal sizes (Donner 1986,
    https://doi.org/10.2307/1403259), 0 where groups differ by no more than their members. Raises ValueError where no
    group has two values, or there are fewer than two groups.

    >>> common_scatter(pd.Series([1.0, 1.2, 3.0, 3.2]), pd.Series(["a", "a", "b", "b"])).__round__(3)
    0.99
    """
    sizes = values.groupby(groups).size()
    free = len(values) - len(sizes)
    if len(sizes) < 2 or not free:
        raise ValueError(f"groups = {len(sizes)} of {len(values)} values; expected 2 or more, one with two values")
    within = (values - values.groupby(groups).transform("mean")).pow(2).sum() / free
    between = (sizes * (values.groupby(groups).mean() - values.mean()).pow(2)).sum() / (len(sizes) - 1)
    size = (len(values) - sizes.pow(2).sum() / len(values)) / (len(sizes) - 1)
    return float(max(0.0, (between - within) / (between + (size - 1) * within)))


def check_chips_of_grok_2(reader: Reader) -> Verdict:
    """C24: Grok-2 will need 20,000 H100."""
    return _chips("C24", reader)


def check_chips_of_grok_3(reader: Reader) -> Verdict:
    """C25: Grok-3 will need the equivalent of 100,000 H100."""
    return _chips("C25", reader)


def _chips(claim_id: str, reader: Reader) -> Verdict:
    counts, estimates = counted(claim_id, reader), estimated(claim_id, reader)
    chips = claimed(claim_id)
    allowed = (chips / ABOUT, chips * ABOUT)
    said = (
        tr("outside estimates have {range} FLOP", range=_spread(estimates))
        if len(estimates)
        else tr("nobody else had an estimate")
    )
    word = one_word(counts.min(), counts.max(), *allowed) if len(counts) else "holds if"
    scatter = pd.Series({name: float(np.log(draws).var()) for name, draws in reader.once(drawn_runs)[claim_id].items()})
    known = tr("trained on {range} chips", range=_spread(counts)) if len(counts) else tr("no count but the owner's")
    runs = reader.once(stated_runs)
    return Verdict(
        claim_id,
        word,
        why=tr(
            "{known}; in {fewest} to {most} days the claimed chips give the compute shown, and {said}",
            known=known,
            fewest=DAYS[0],
            most=DAYS[1],
            said=said,
        ),
        condition=tr(CONDITION),
        **range_of(reader.once(generations)[claim_id]),
        unit="FLOP",
        hinges_on=tr(
            "the owner's word on the chips; for the compute, the {input} of the run, {share} of the scatter",
            input=tr(scatter.idxmax()),
            share=percent(scatter.max() / scatter.sum()),
        ),
        would_change=tr(
            "a count of chips outside {low:,.0f} to {high:,.0f}, or the hours of the run",
            low=allowed[0],
            high=allowed[1],
        ),
        sources=cited(runs["source_id"], estimates.index, counts.index, ["generation-nt-2024"]),
    )


def counted(claim_id: str, reader: Reader) -> "pd.Series[float]":
    """Return the chips that the model came to be trained on, as the sources have it; empty before that was known."""
    rows = reader.table("resolutions")
    return _numbers(rows[rows["resolution_id"] == COUNTS[claim_id]], "value_low", "value", "value_high")


def estimated(claim_id: str, reader: Reader) -> "pd.Series[float]":
    """Return the estimates of the model's training compute in FLOP, lowest and highest included, by source."""
    rows = reader.table("compute_estimates")
    rows = rows[rows["model"] == MODELS[claim_id]]
    return _numbers(rows, "training_flop_low", "training_flop", "training_flop_high")


def _numbers(rows: pd.DataFrame, *columns: str) -> "pd.Series[float]":
    """Return the numbers in some columns, indexed by their source."""
    return pd.concat([rows.set_index("source_id")[name] for name in columns]).dropna().astype(float)


def _spread(values: "pd.Series[float]") -> str:
    low, high = _count(values.min()), _count(values.max())
    return low if low == high else tr("{low} to {high}", low=low, high=high)


def _count(value: float) -> str:
    """Return a number of chips with its thousands apart, one of FLOP as a power of ten."""
    if value < 1e9:
        return number(f"{value:,.0f}")
    mantissa, exponent = f"{value:.3g}".split("e+")
    return f"{number(mantissa)}\xa0×\xa010{exponent.translate(SUPERSCRIPTS)}"


def check_generation(reader: Reader) -> Verdict:
    """C26: one generation of Grok multiplies the GPUs by five; and what that meant in compute."""
    older, newer = (counted(claim, reader) for claim in MODELS)
    step = claimed("C25") / claimed("C24")
    low, high = (newer.min() / older.max(), newer.max() / older.min()) if len(newer) and len(older) else (step, step)
    flop = reader.once(generations)
    ends = interval(flop["C25"] / flop["C24"])
    said = reader.table("resolutions").query("resolution_id == @STEP")
    others = "".join(
        tr(
            "; xAI and Epoch AI, neither of them independent, say {low:g} to {high:g}",
            low=row.value_low,
            high=row.value_high,
        )
        for row in said.itertuples()
    )
    word = one_word(low, high, step / ABOUT, step * ABOUT)
    return Verdict(
        "C26",
        word,
        why=tr(
            "that is chips; in training compute, each run with days and utilisation of its own, they mean {mid:.2g} "
            "times ({low:.2g} to {high:.2g})",
            low=ends[0],
            mid=ends[1],
            high=ends[2],
        )
        + others,
        condition=tr("the chips are those of the runs, as their owner counted them"),
        low=float(low),
        mid=step,
        high=float(high),
        unit="times",
        hinges_on=tr("counting chips rather than training compute"),
        would_change=tr("another count for either run"),
        sources=cited(older.index, newer.index, said["source_id"], ["generation-nt-2024"]),
    )


def check_compute_counts(reader: Reader) -> Verdict:
    """C14: progress also depends on computing power; points of a test for ten times the training compute."""
    table = compute_and_score(reader)
    low, mid, high = score_slope(table)
    word: Word = "holds" if low > 0 else "does not hold" if high <= 0 else "holds if"
    return Verdict(
        "C14",
        word,
        why=tr(
            "over {count} models with a known score on {test} and an estimate of their compute, ten times the compute "
            "goes with so many points more; data and method count too, and are not held fixed",
            count=len(table),
            test=TEST,
        ),
        condition=tr("the models compared differ in compute alone"),
        low=low,
        mid=mid,
        high=high,
        unit="points",
        hinges_on=tr("estimates of compute, most of them made from outside"),
        would_change=tr("models of equal data and method whose scores do not rise with compute"),
        sources=cited(table["source_id"]),
    )


def score_slope(table: pd.DataFrame) -> tuple[float, float, float]:
    """Return the points of the test that go with ten times the compute: low, mid and high of the slope, at 90 %.

    table: `flop`, `score`; three models or more.

    >>> table = pd.DataFrame({"flop": [1e23, 1e24, 1e25, 1e26], "score": [60.0, 71.0, 79.0, 90.0]})
    >>> [round(end, 1) for end in score_slope(table)]
    [8.6, 9.8, 11.0]
    """
    line = least_squares(np.log10(table["flop"].to_numpy()), table["score"].to_numpy(), np.full(len(table), True))
    slope, reach = float(line.slope), float(line.quantile(0.9) * line.slope_standard_error)
    return slope - reach, slope, slope + reach


def compute_and_score(reader: Reader) -> pd.DataFrame:
    """Return models with training compute and score on the test: `model`, `flop`, `score`, `source_id`, of all sources.

    Estimates made from scores are left out: they would prove themselves. Of several estimates the geometric mean
    counts, of several scores the highest.
    """
    scores = reader.table("benchmarks").query("benchmark == @TEST").dropna(subset=["score_percent"])
    estimates = reader.table("compute_estimates").dropna(subset=["training_flop"])
    estimates = estimates[estimates["method"].isin(WITHOUT_SCORES)]
    flop = np.exp(np.log(estimates["training_flop"]).groupby(estimates["model"]).mean())
    best = scores.groupby("model")["score_percent"].max()
    ids = pd.concat([scores, estimates]).groupby("model")["source_id"].agg(lambda rows: ", ".join(sorted(set(rows))))
    return pd.DataFrame({"flop": flop, "score": best, "source_id": ids}).dropna().reset_index(names="model")
