"""Losses of language models predicted from those of smaller models of the same family.

Cerebras-GPT (2023) kept 20 tokens a parameter, so its losses are a law of compute alone; Pythia (2023) kept one number
of tokens, so its losses are a law of parameters alone, here those without embeddings, as Kaplan et al. (2020) count
them. The largest model of each is held out. With so few points the irreducible loss is often not to be seen: the law
has a floor only where an F test of the fitted models asks for one. Fits are least squares of log loss; a range is the
90 % prediction interval of the linearised fit, scatter of a single model included.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
import scipy  # its parts load at first use: the core stays quick to import

from compute_scaling import data
from compute_scaling.checks import Floats
from compute_scaling.scaling_laws import PowerLaw, fit_power_law, published_power_law
from compute_scaling.validation.board import LEVEL, board, median_of_others

LEAST_SQUARES: Final = 1.0  # a Huber bound that no residual of log loss reaches
SIGNIFICANCE: Final = 0.05
AUTHORS: Final = "cerebras-gpt-2023"
CHOSEN: Final = "loss"
QUANTITIES: Final = {True: "loss, always with a floor", False: "loss, never with a floor"}


@dataclass(frozen=True)
class Family:
    """Models of one recipe, from one source: the quantity they vary in and the model held out."""

    table: str
    family: str
    source_id: str
    quantity: str
    held_out: str


FAMILIES: Final = (
    Family("Cerebras-GPT", "Cerebras-GPT", "cerebras-modelzoo-cerebras-gpt", "training_flop", "Cerebras-GPT 13B"),
    Family("Cerebras-GPT, model card", "Cerebras-GPT", "cerebras-gpt-1-3b-card", "training_flop", "Cerebras-GPT 13B"),
    Family("Pythia", "Pythia", "cerebras-modelzoo-cerebras-gpt", "non_embedding_parameters", "Pythia-12B"),
    Family(
        "Pythia deduped",
        "Pythia deduped",
        "cerebras-modelzoo-cerebras-gpt",
        "non_embedding_parameters",
        "Pythia-12B deduped",
    ),
)


@dataclass(frozen=True)
class Line:
    """A fitted law of one quantity on log scales: its predictions, slopes and scatter, by least squares."""

    slopes: Floats  # fitted points x coefficients
    predicted: Floats  # log loss, fitted points
    slopes_at: Floats  # the same two at the points to predict
    predicted_at: Floats
    log_loss: Floats

    @property
    def squares(self) -> float:
        """Sum of squared residuals of log loss."""
        return float(((self.log_loss - self.predicted) ** 2).sum())

    @property
    def freedom(self) -> int:
        """Fitted points beyond the number of coefficients."""
        return self.slopes.shape[0] - self.slopes.shape[1]

    def interval(self) -> tuple[Floats, Floats, Floats]:
        """Return low, mid and high of the loss of a new model, at `LEVEL`."""
        spread = np.linalg.inv(self.slopes.T @ self.slopes)
        variance = self.squares / self.freedom * (1 + np.einsum("ij,jk,ik->i", self.slopes_at, spread, self.slopes_at))
        reach = scipy.stats.t.ppf((1 + LEVEL) / 2, self.freedom) * np.sqrt(variance)
        return np.exp(self.predicted_at - reach), np.exp(self.predicted_at), np.exp(self.predicted_at + reach)


def line(quantity: Floats, loss: Floats, at: Floats, *, floor: bool) -> Line:
    """Return the least-squares law of one quantity, with an irreducible floor or without (a straight log-log line).

    quantity, loss: the fitted models. at: quantities to predict. Raises ValueError for values not above 0.
    """
    if not floor:
        slope, height = np.polyfit(np.log(quantity), np.log(loss), 1)
        slopes, slopes_at = (np.stack([np.ones(len(x)), np.log(x)], axis=1) for x in (quantity, at))
        return Line(slopes, slopes @ [height, slope], slopes_at, slopes_at @ [height, slope], np.log(loss))
    law = fit_power_law(quantity, loss, huber_delta=LEAST_SQUARES).law
    return Line(*_floored(law, quantity), *_floored(law, at), np.log(loss))


def _floored(law: PowerLaw, quantity: Floats) -> tuple[Floats, Floats]:
    """Return the slopes of log loss by the logarithms of floor and scale and by the exponent, and log loss."""
    loss = law.loss(quantity)
    share = law.floor / loss
    return np.stack([share, 1 - share, (1 - share) * np.log(quantity)], axis=1), np.log(loss)


def needs_floor(plain: Line, floored: Line) -> bool:
    """Return whether an F test rejects a law without a floor, fitted to the same models, at 5 %."""
    gain = (plain.squares - floored.squares) / (floored.squares / floored.freedom)
    return bool(gain > scipy.stats.f.ppf(1 - SIGNIFICANCE, 1, floored.freedom))


def rows() -> pd.DataFrame:
    """Return every model of the four tables, predicted by the smaller ones of its family, in the columns of the board.

    `loss` is the prediction to judge; two more quantities show the held-out model with and without a floor whatever the
    test says, and a last row the law that the Cerebras authors printed, which has no range.

    >>> table = rows().set_index(["table", "row", "quantity"])
    >>> bool(abs(table.at[("Pythia", "Pythia-12B", "loss"), "error"]) < 0.01)
    True
    """
    losses = data.load("losses")
    parts = [_family_rows(losses[losses["for_fits"].astype(bool)], family) for family in FAMILIES]
    return board(pd.concat([*parts, _authors_row(losses)], ignore_index=True))


def _family_rows(losses: pd.DataFrame, family: Family) -> pd.DataFrame:
    chosen = losses[(losses["family"] == family.family) & (losses["source_id"] == family.source_id)]
    models = chosen.assign(x=chosen[family.quantity].astype(float)).sort_values("x", ignore_index=True)
    out = models["model"] == family.held_out
    fitted = models[~out]
    x, loss, at = (column.to_numpy(float) for column in (fitted["x"], fitted["loss"], models["x"]))
    lines = {floor: line(x, loss, at, floor=floor) for floor in (True, False)}
    best = lines[needs_floor(lines[False], lines[True])]
    parts = [_rows(models, family, best, out).assign(quantity=CHOSEN)]
    parts += [_rows(models, family, lines[floor], out)[out].assign(quantity=name) for floor, name in QUANTITIES.items()]
    return pd.concat(parts, ignore_index=True)


def _rows(models: pd.DataFrame, family: Family, fitted: Line, out: "pd.Series[bool]") -> pd.DataFrame:
    low, mid, high = fitted.interval()
    return pd.DataFrame(
        {
            "table": family.table,
            "row": models["model"],
            "unit": "nats per token",
            "sample": np.where(out, "held out", "fitted"),
            "predicted": mid,
            "low": low,
            "high": high,
            "measured": models["loss"],
            "source_id": models["source_id"],
            "baseline": median_of_others(models["loss"]),
        }
    )


def _authors_row(losses: pd.DataFrame) -> pd.DataFrame:
    """Return the 13B model by the law of the Cerebras-GPT paper, which its authors fitted to the smaller ones."""
    family = FAMILIES[0]
    models = losses[(losses["family"] == family.family) & (losses["source_id"] == family.source_id)]
    model = models.set_index("model").loc[family.held_out]
    others = models.loc[models["model"] != family.held_out, "loss"]
    row = {
        "table": family.table,
        "row": family.held_out,
        "quantity": "loss, by the law its authors printed",
        "unit": "nats per token",
        "sample": "held out",
        "predicted": published_power_law(AUTHORS).loss(model["training_flop"]),
        "low": np.nan,
        "high": np.nan,
        "measured": model["loss"],
        "source_id": model["source_id"],
        "baseline": others.median(),
    }
    return pd.DataFrame([row])
