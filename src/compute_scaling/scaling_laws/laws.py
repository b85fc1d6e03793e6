"""Laws: what a language model's loss is, as a function of its parameters, its training tokens or its compute.

The additive law of Hoffmann et al. (2022, https://arxiv.org/abs/2203.15556, section 3.3, equation 2),

    L(N, D) = E + A / N^alpha + B / D^beta,

has a compute-optimal split in closed form (their equation 4). With C = 6 N D,

    N* = G (C / 6)^a,   D* = (C / 6)^b / G,   G = (alpha A / (beta B))^(1 / (alpha + beta)),
    a = beta / (alpha + beta),   b = alpha / (alpha + beta),

and what is left of the loss above E then falls as C^-gamma with gamma = alpha beta / (alpha + beta).
"""

from dataclasses import dataclass, fields
from typing import Final, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from compute_scaling import data
from compute_scaling.checks import Floats, array, positive, within

FLOP_PER_PARAMETER_AND_TOKEN: Final = 6  # 2 forward, 4 backward: Kaplan et al. (2020), section 2.1
NAMED: Final = {
    "HOFFMANN_2022": "hoffmann-2022-approach-3-unrounded",
    "HOFFMANN_2022_ROUNDED": "hoffmann-2022-approach-3",
    "BESIROGLU_2024": "besiroglu-2024",
    "MUENNIGHOFF_2023": "muennighoff-2023",
}
TOKEN_LAWS: Final = (
    "llama-3-2024-optimal-tokens",
    "llama-3-2024-optimal-tokens-figure",
    "deepseek-llm-2024-optimal-tokens",
)
Number: TypeAlias = float | Floats


@dataclass(frozen=True)
class ParametricLaw:
    """L(N, D) = E + A / N^alpha + B / D^beta, in nats per token; a field may be an array: one law a resample.

    Raises ValueError for a coefficient that is not above 0 (E may be 0).
    """

    E: Number
    A: Number
    B: Number
    alpha: Number
    beta: Number

    def __post_init__(self) -> None:
        _keep(self, "E", within("E", self.E, 0, np.inf, open_high=True))
        for name in ("A", "B", "alpha", "beta"):
            _keep(self, name, positive(name, getattr(self, name)))

    def loss(self, parameters: ArrayLike, tokens: ArrayLike) -> Floats:
        """Return the predicted loss in nats per token; arguments and coefficients broadcast.

        >>> published("hoffmann-2022-approach-3-unrounded").loss(70e9, 1.4e12).round(3)
        np.float64(1.921)
        """
        from_parameters = self.A / positive("parameters", parameters) ** self.alpha
        from_tokens = self.B / positive("tokens", tokens) ** self.beta
        return self.E + from_parameters + from_tokens

    @property
    def parameter_exponent(self) -> Number:
        """How optimal parameters grow with compute: a = beta / (alpha + beta).

        >>> published("besiroglu-2024").parameter_exponent.round(3)
        np.float64(0.513)
        """
        return self.beta / (self.alpha + self.beta)

    @property
    def compute_exponent(self) -> Number:
        """How the loss above E falls with optimally spent compute: gamma = alpha beta / (alpha + beta).

        >>> published("besiroglu-2024").compute_exponent.round(3)
        np.float64(0.178)
        """
        return self.alpha * self.parameter_exponent

    def optimum(self, training_flop: ArrayLike) -> tuple[Floats, Floats]:
        """Return the parameters and tokens of least loss at a training compute of 6 x parameters x tokens.

        training_flop: dense FLOP of the whole run, embedding and attention included in the 6ND convention.

        >>> parameters, tokens = published("besiroglu-2024").optimum(5.76e23)
        >>> round(float(parameters / 1e9)), round(float(tokens / 1e12), 2)
        (72, 1.33)
        """
        pairs = positive("training_flop", training_flop) / FLOP_PER_PARAMETER_AND_TOKEN
        parameters = self._balance() * pairs**self.parameter_exponent
        return parameters, pairs / parameters

    def optimal_parameters(self, tokens: ArrayLike) -> Floats:
        """Return the parameters for which so many tokens are the compute-optimal number: N = G (D G)^(beta / alpha).

        >>> law = published("besiroglu-2024")
        >>> bool(np.isclose(law.optimal_parameters(law.optimum(1e24)[1]), law.optimum(1e24)[0]))
        True
        """
        balance = self._balance()
        return balance * (positive("tokens", tokens) * balance) ** (self.beta / self.alpha)

    def reaching(self, loss: ArrayLike, share: ArrayLike) -> tuple[Floats, Floats]:
        """Return parameters and tokens that reach a loss: the points of an iso-loss line, one for each share.

        loss: nats per token, above E. share: part of the loss above E that is due to too few parameters, between 0 and
        1; the rest is due to too few tokens. Arguments broadcast. Raises ValueError for a loss or share out of bounds.

        >>> law = published("besiroglu-2024")
        >>> bool(np.isclose(law.loss(*law.reaching(2.0, 0.25)), 2.0))
        True
        """
        above = within("loss", loss, float(np.max(self.E)), np.inf, open_low=True, open_high=True) - self.E
        part = within("share", share, 0, 1, open_low=True, open_high=True)
        return (self.A / (above * part)) ** (1 / self.alpha), (self.B / (above * (1 - part))) ** (1 / self.beta)

    def turned(self, *, alpha: ArrayLike, beta: ArrayLike, parameters: ArrayLike, tokens: ArrayLike) -> "ParametricLaw":
        """Return the law with other exponents that says the same of one model, about which its curves are turned.

        Coefficients and exponents of a fit are correlated: an exponent that moves alone takes the law out of the fitted
        runs. parameters, tokens: of the model that stays, in the middle of those runs. Arguments broadcast.

        >>> law = published("besiroglu-2024")
        >>> turned = law.turned(alpha=0.38, beta=0.36, parameters=1e9, tokens=5e10)
        >>> bool(np.isclose(turned.loss(1e9, 5e10), law.loss(1e9, 5e10)))
        True
        """
        steeper = positive("alpha", alpha), positive("beta", beta)
        return ParametricLaw(
            self.E,
            self.A * positive("parameters", parameters) ** (steeper[0] - self.alpha),
            self.B * positive("tokens", tokens) ** (steeper[1] - self.beta),
            *steeper,
        )

    def _balance(self) -> Number:
        """Return G = (alpha A / (beta B))^(1 / (alpha + beta))."""
        return ((self.alpha * self.A) / (self.beta * self.B)) ** (1 / (self.alpha + self.beta))


@dataclass(frozen=True)
class PowerLaw:
    """L(x) = floor + (scale / x)^exponent, of one quantity alone; a field may be an array.

    Kaplan et al. (2020) write their laws this way with floor 0, Cerebras-GPT (2023) with a floor. Raises ValueError for
    a scale or exponent not above 0, or a negative floor.
    """

    floor: Number
    scale: Number
    exponent: Number

    def __post_init__(self) -> None:
        _keep(self, "floor", within("floor", self.floor, 0, np.inf, open_high=True))
        for name in ("scale", "exponent"):
            _keep(self, name, positive(name, getattr(self, name)))

    def loss(self, quantity: ArrayLike) -> Floats:
        """Return the predicted loss in nats per token at a quantity, in the unit of `scale`.

        >>> published_power_law("cerebras-gpt-2023").loss(2.3e22).round(2)
        np.float64(1.58)
        """
        return self.floor + (self.scale / positive("quantity", quantity)) ** self.exponent


def _keep(law: object, name: str, value: Floats) -> None:
    """Set a field of a frozen law to its checked value, a number where it has no dimensions."""
    object.__setattr__(law, name, value[()])


def coefficients(law: str) -> pd.DataFrame:
    """Return the rows of a published law from `data/scaling_laws.csv`, indexed by symbol: value, standard error, unit.

    Raises ValueError for an unknown law.

    >>> coefficients("besiroglu-2024").loc["alpha", ["value", "standard_error"]].tolist()
    [0.3478, 0.02]
    """
    table = data.load("scaling_laws")
    rows = table[table["law"] == law]
    if rows.empty:
        raise ValueError(f"law = {law!r}; expected one of {', '.join(sorted(set(table['law'])))}")
    return rows.set_index("symbol")


def published(law: str) -> ParametricLaw:
    """Return a published law of parameters and tokens; raise ValueError for an unknown one or one of another form.

    >>> published("hoffmann-2022-approach-3-unrounded").alpha
    np.float64(0.3392)
    """
    values = _values(law, [field.name for field in fields(ParametricLaw)])
    return ParametricLaw(**values)


def published_power_law(law: str) -> PowerLaw:
    """Return a published law of one quantity, without a floor where the source has none; errors as `published`.

    >>> published_power_law("kaplan-2020-parameters")
    PowerLaw(floor=np.float64(0.0), scale=np.float64(88000000000000.0), exponent=np.float64(0.076))
    """
    values = _values(law, ["scale", "exponent"])
    return PowerLaw(floor=float(coefficients(law)["value"].get("floor", 0)), **values)


def optimal_tokens(law: str, training_flop: ArrayLike) -> Floats:
    """Return the compute-optimal tokens by a published law D = coefficient C^exponent of `TOKEN_LAWS`.

    training_flop: C, of the whole run. Raises ValueError for another law: that of Kaplan et al. counts in PF-days.

    The text of the paper on Llama 3 and its own figure disagree:

    >>> [float(f"{optimal_tokens(law, 3.8e25):.3g}") for law in TOKEN_LAWS[:2]]
    [10500000000000.0, 16300000000000.0]
    """
    if law not in TOKEN_LAWS:
        raise ValueError(f"law = {law!r}; expected one of {', '.join(TOKEN_LAWS)}")
    values = coefficients(law)["value"]
    return array(values["coefficient"] * positive("training_flop", training_flop) ** values["exponent"])


def _values(law: str, symbols: list[str]) -> dict[str, float]:
    values = coefficients(law)["value"]
    if not set(symbols) <= set(values.index):
        raise ValueError(f"law = {law!r}; expected one with the coefficients {', '.join(symbols)}")
    return {symbol: float(values[symbol]) for symbol in symbols}


def __getattr__(name: str) -> ParametricLaw:
    """Return a law of `NAMED` when it is first asked for: the table is not read at import."""
    if name not in NAMED:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return published(NAMED[name])
