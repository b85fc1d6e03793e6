"""Plans: how one training step is split over a machine.

Three ways of splitting multiply to the number of accelerators (Narayanan et al. 2021,
https://arxiv.org/abs/2104.04473, section 2): `tensor` splits each matrix, `pipeline` splits the layers into stages,
`data` splits the batch; `context` (Llama 3, https://arxiv.org/abs/2407.21783, section 3.3.2) splits each sequence.
"""

from dataclasses import dataclass, fields
from typing import Final, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from compute_scaling.checks import Floats, array, floats, is_lazy, positive, refused
from compute_scaling.transformer import Transformer

Recompute = Literal["none", "selective", "full"]
Sharding = Literal["none", "optimizer", "full"]
CHOICES: Final = {"recompute": ("none", "selective", "full"), "sharding": ("none", "optimizer", "full")}
COUNTS: Final = ("tensor", "pipeline", "data", "context", "micro_batch", "interleave")


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How a step is split; every field may be an array, so that one Plan can be a million plans.

    tensor, pipeline, data, context: accelerators along each way of splitting; their product is the machine.
    micro_batch: sequences that pass a stage together. interleave: pieces of the model that each stage holds in turn.
    recompute: which activations are computed again in the backward pass instead of kept: "none", "selective" (the
    attention's scores; Korthikanti et al. 2022, https://arxiv.org/abs/2205.05198) or "full" (everything in a layer).
    sequence_parallel: norms and residuals too are split among the `tensor` accelerators (same paper).
    sharding: what the `data` accelerators keep only a part of: "none", "optimizer" (its state; ZeRO-1) or "full"
    (weights, gradients and state; ZeRO-3 and FSDP; Rajbhandari et al. 2019, https://arxiv.org/abs/1910.02054).
    fused_attention: one kernel that never writes the scores (FlashAttention, Dao et al. 2022,
    https://arxiv.org/abs/2205.14135). overlap: traffic of data and pipeline runs beside the computation. None, the
    default of these two, means the habit of the chip's day: see `throughput`. overlap_tensor: the traffic inside layers
    too runs beside the matrix products, piece by piece (an option of NVIDIA's software, off by default).

    Raises ValueError for a count that is no whole number above 0, or a word that is not one of those named.
    """

    tensor: ArrayLike = 1
    pipeline: ArrayLike = 1
    data: ArrayLike = 1
    context: ArrayLike = 1
    micro_batch: ArrayLike = 1
    interleave: ArrayLike = 1
    recompute: Recompute | NDArray[np.str_] = "none"
    sequence_parallel: bool | NDArray[np.bool_] = False
    sharding: Sharding | NDArray[np.str_] = "none"
    fused_attention: bool | NDArray[np.bool_] | None = None
    overlap: bool | NDArray[np.bool_] | None = None
    overlap_tensor: bool | NDArray[np.bool_] = False

    def __post_init__(self) -> None:
        for name in COUNTS:
            self._count(name, check=True)
        for name in CHOICES:
            _checked_word(name, array(getattr(self, name)))

    @property
    def accelerators(self) -> Floats:
        """Accelerators that the plan uses.

        >>> Plan(tensor=8, pipeline=16, data=128).accelerators
        array(16384.)
        """
        return array(self._count("tensor") * self._count("pipeline") * self.replicas)

    def word(self, name: str) -> NDArray[np.str_]:
        """Return `recompute` or `sharding` as an array of words.

        >>> Plan(sharding="full").word("sharding")
        array('full', dtype='<U4')
        """
        word = array(getattr(self, name))
        return _checked_word(name, word) if is_lazy(word) else word  # others were checked when the plan was made

    @property
    def replicas(self) -> Floats:
        """Accelerators that hold the same weights: those of `data` times those of `context`."""
        return self._count("data") * self._count("context")

    def micro_batches(self, batch_sequences: ArrayLike) -> Floats:
        """Return how many micro-batches pass each stage in one step.

        >>> Plan(data=128, micro_batch=1).micro_batches(2048)
        np.float64(16.0)
        """
        return positive("batch_sequences", batch_sequences) / (self._count("data") * self._count("micro_batch"))

    def tokens(self, sequence_length: ArrayLike) -> Floats:
        """Return the tokens of a micro-batch that one accelerator handles.

        >>> Plan(micro_batch=2, context=4).tokens(8192)
        np.float64(4096.0)
        """
        return self._count("micro_batch") * floats(sequence_length) / self._count("context")

    def stage_layers(self, model: Transformer) -> Floats:
        """Return layers of the fullest stage; where they do not divide evenly, the last stages hold fewer.

        >>> Plan(pipeline=16).stage_layers(Transformer(layers=126, width=16384, heads=128, vocabulary=1, context=1))
        np.float64(8.0)
        """
        return np.ceil(model.layers / self._count("pipeline"))

    def check(self, model: Transformer, accelerators: ArrayLike, batch_sequences: ArrayLike) -> Floats:
        """Return batch_sequences, or raise ValueError, naming field and value, where the plan does not divide.

        It must divide machine, heads and batch. Layers need not divide evenly: published plans leave stages with fewer.
        """
        machine, batch = positive("count", accelerators), positive("batch_sequences", batch_sequences)
        tensor, pipeline, interleave = (self._count(name) for name in ("tensor", "pipeline", "interleave"))
        pass_through = self._count("data") * self._count("micro_batch")
        product = self.accelerators
        for name, value, wrong, expected in (
            ("tensor x pipeline x data x context", product, product != machine, "as many as the cluster has"),
            ("tensor", tensor, model.heads % tensor != 0, f"a divisor of the {model.heads} heads"),
            ("pipeline", pipeline, pipeline > model.layers, f"at most the {model.layers} layers"),
            ("interleave", interleave, interleave > self.stage_layers(model), "at most the layers of a stage"),
            ("data x micro_batch", pass_through, batch % pass_through != 0, "a divisor of batch_sequences"),
        ):
            checked = refused(name, value, wrong, expected)
            batch = batch + 0 * checked if is_lazy(checked) else batch  # so that the check is made with the batch
        return batch

    def at(self, index: int) -> "Plan":
        """Return the one plan at a place of a Plan of arrays (fields that are no array stay as they are)."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return Plan(**{name: array(value)[index].item() if np.ndim(value) else value for name, value in values.items()})

    def _count(self, name: str, *, check: bool = False) -> Floats:
        value = getattr(self, name)
        if not check and not is_lazy(value):  # checked when the plan was made
            return floats(value)
        count = positive(name, value)
        return refused(name, count, count != np.rint(count), "a whole number")


def _checked_word(name: str, word: NDArray[np.str_]) -> NDArray[np.str_]:
    words = CHOICES[name]
    return refused(name, word, ~np.isin(word, words), f"one of {', '.join(words)}")
