"""What the readouts of chapter 10 must say, worked out from the raw coefficients for each setting of the controls."""

import csv
from functools import lru_cache
from typing import Any, Final

import numpy as np
import scipy

from book_figures import numbers
from compute_scaling import data
from compute_scaling.scaling_laws import BESIROGLU_2024, ParametricLaw, bootstrap

NAMES: Final = {
    "hoffmann-2022-approach-3": "Hoffmann 2022, as printed",
    "hoffmann-2022-approach-3-unrounded": "Hoffmann 2022, unrounded",
    "besiroglu-2024": "Besiroglu 2024",
    "besiroglu-2024-all-points": "Besiroglu 2024, all points",
    "muennighoff-2023": "Muennighoff 2023",
    "sardana-2023-up-to-10000": "Sardana 2023",
    "krajewski-2024-dense": "Krajewski 2024",
    "llama-3-2024-optimal-tokens": "Llama 3, the paper's text",
    "llama-3-2024-optimal-tokens-figure": "Llama 3, the paper's figure",
    "deepseek-llm-2024-optimal-tokens": "DeepSeek LLM 2024",
}
CHINCHILLA, GPT_4, LLAMA, GROK_3 = 6 * 70e9 * 1.4e12, 2.1e25, 3.8e25, 3.5e26
COMPUTES: Final = sorted([*(10.0**power for power in range(22, 29)), CHINCHILLA, GPT_4, LLAMA, GROK_3])
TEXTS: Final = (1.56e13, 3e13, 6e13, 1.6e14, 3e14)


def expected(figure_name: str, values: dict[str, Any]) -> list[str]:
    """Return texts that must occur in the readout. Raises KeyError for a figure of another chapter."""
    figures = {
        "fig-loss-map": _map, "fig-published-ratios": _ratios, "fig-fit-cloud": _cloud, "fig-data-wall": _wall,
    }  # fmt: skip
    return figures[figure_name](values)


@lru_cache
def law(name: str) -> dict[str, float]:
    """Return the coefficients of a law as they stand in the file."""
    with (data.FOLDER / "scaling_laws.csv").open(encoding="utf-8", newline="") as lines:
        return {row["symbol"]: float(row["value"]) for row in csv.DictReader(lines) if row["law"] == name}


def loss(c: dict[str, float], parameters: float, tokens: float) -> float:
    """Return the loss of the additive law."""
    return c["E"] + c["A"] / parameters ** c["alpha"] + c["B"] / tokens ** c["beta"]


def optimum(name: str, flop: float) -> tuple[float, float]:
    """Return parameters and tokens of least loss, by a search along the line of equal compute."""
    c = law(name)
    if "coefficient" in c:
        tokens = c["coefficient"] * flop ** c["exponent"]
        return flop / 6 / tokens, tokens
    found = scipy.optimize.minimize_scalar(
        lambda log_n: loss(c, np.exp(log_n), flop / 6 / np.exp(log_n)), bounds=(15, 45), method="bounded",
        options={"xatol": 1e-10},
    )  # fmt: skip
    return float(np.exp(found.x)), float(flop / 6 / np.exp(found.x))


def _map(values: dict[str, Any]) -> list[str]:
    flop = COMPUTES[values["compute"]]
    parameters, tokens = optimum(values["law"], flop)
    best = loss(law(values["law"]), parameters, tokens)
    return [
        f"{NAMES[values['law']]}: {numbers.power_of_ten(flop)} FLOP",
        f"on {numbers.large(parameters, 2)} parameters and {numbers.large(tokens, 2)} tokens",
        f"{numbers.significant(tokens / parameters, 2)} for each parameter",
        f"Loss: {best:.3f}.",
    ]


def _ratios(values: dict[str, Any]) -> list[str]:
    flop = COMPUTES[values["compute"]]
    ratio = {}
    for name in NAMES:
        parameters, tokens = optimum(name, flop)
        ratio[name] = tokens / parameters
    least, most = min(ratio, key=ratio.__getitem__), max(ratio, key=ratio.__getitem__)
    return [
        f"At {numbers.power_of_ten(flop)} FLOP",
        f"from {numbers.significant(ratio[least], 2)} tokens for each parameter ({NAMES[least]})",
        f"to {numbers.significant(ratio[most], 2)} ({NAMES[most]})",
    ]


def _cloud(values: dict[str, Any]) -> list[str]:
    parameters, tokens, losses = _runs(values["runs"])
    laws = bootstrap(parameters, tokens, losses, 2000, seed=0)
    laws = laws[laws["converged"]]
    fitted = ParametricLaw(*(laws[name].to_numpy() for name in ("E", "A", "B", "alpha", "beta")))
    best = fitted.optimum(GROK_3)
    gain = fitted.loss(*fitted.optimum(GROK_3 / 5)) - fitted.loss(*best)
    ends = [np.quantile(column, [0.05, 0.95]) for column in (best[1] / best[0], gain)]
    ratio = " to ".join(numbers.significant(float(end), 2) for end in ends[0])
    nats = " to ".join(f"{end:.3f}" for end in ends[1])
    return [f"{ratio} tokens for each parameter", f"{nats} nats off the loss"]


def _runs(name: str) -> tuple[Any, Any, Any]:
    if name == "open":
        with (data.FOLDER / "losses.csv").open(encoding="utf-8", newline="") as lines:
            rows = [
                row for row in csv.DictReader(lines)
                if row["family"] in ("Cerebras-GPT", "Pythia") and row["source_id"] == "cerebras-modelzoo-cerebras-gpt"
            ]  # fmt: skip
        return tuple(np.array([float(row[key]) for row in rows]) for key in ("parameters", "tokens", "loss"))
    rng = np.random.default_rng(0)
    flop = np.exp(rng.uniform(np.log(6e18), np.log(3e21), 240))
    parameters = np.exp(rng.uniform(np.log(5e7), np.log(1.6e10), 240))
    tokens = flop / 6 / parameters
    return parameters, tokens, BESIROGLU_2024.loss(parameters, tokens) * np.exp(0.01 * rng.standard_normal(240))


def _wall(values: dict[str, Any]) -> list[str]:
    unique = TEXTS[values["stock"]]
    texts = [f"With {numbers.significant(unique / 1e12, 2)} trillion different tokens"]
    for flop in (GROK_3, 100 * GROK_3):
        readings, cost = limited(flop, unique)
        amount = numbers.percent(readings) if readings < 1 else f"the text {numbers.significant(readings, 2)} times"
        texts += [amount, f"costs {numbers.significant(cost, 2) if cost >= 1e-4 else 'less than 0.0001'} nats"]
    return texts


def limited(flop: float, unique: float) -> tuple[float, float]:
    """Return how often the text is read at the best use of a compute, and what the limit adds to the loss."""
    c = law("muennighoff-2023")
    balance = (c["alpha"] * c["A"] / (c["beta"] * c["B"])) ** (1 / (c["alpha"] + c["beta"]))

    def with_repeats(log_n: float) -> float:
        parameters = np.exp(log_n)
        tokens = flop / 6 / parameters
        fresh = min(unique, tokens)
        matched = min(balance * (fresh * balance) ** (c["beta"] / c["alpha"]), parameters)
        worth = fresh * (1 + c["R_D"] * (1 - np.exp(-(tokens / fresh - 1) / c["R_D"])))
        size = matched * (1 + c["R_N"] * (1 - np.exp(-(parameters / matched - 1) / c["R_N"])))
        return float(loss(c, size, worth))

    free = optimum("muennighoff-2023", flop)
    start = np.log(free[0])
    found = scipy.optimize.minimize_scalar(
        with_repeats, bounds=(start - 3, start + 3), method="bounded", options={"xatol": 1e-9}
    )
    return float(flop / 6 / np.exp(found.x) / unique), found.fun - loss(c, *free)
