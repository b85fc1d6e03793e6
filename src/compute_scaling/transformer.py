"""Transformers: how many parameters a shape has, and how many FLOP a token of training costs.

A decoder of L layers and width h has about 12 L h^2 parameters in its matrices: in a layer, 4 h^2 for attention (query,
key, value, output) and 8 h^2 for the feed-forward part. The counts here are exact: biases, norms, embeddings and all.

A matrix of n weights costs 2 n FLOP a token forward and twice that backward, 6 n in training; to look up an embedding
costs none. Besides, attention compares a token with the T tokens of its sequence. Three conventions are in use:

    6 N                    `six_n_flop_per_token`: Kaplan et al. 2020 (https://arxiv.org/abs/2001.08361), section 2.1
    6 N + 12 L H Q T       `palm_flop_per_token`: Chowdhery et al. 2022 (https://arxiv.org/abs/2204.02311), appendix B
    every matrix product   `training_flop_per_token`: Narayanan et al. 2021 (https://arxiv.org/abs/2104.04473),
                           equation 3 without its recomputation, for them 72 L h^2 (1 + T / 6h + V / 12Lh)

None counts what is computed again to save memory, norms, softmax or the optimiser. In a mixture of experts, only the
experts that a token goes through count.
"""

import difflib
import operator
from dataclasses import dataclass, fields
from typing import Any, Final, Literal

from numpy.typing import ArrayLike

from compute_scaling.checks import Floats, positive

FLOP_PER_WEIGHT: Final = 2  # a multiplication and an addition
TRAINING_PER_FORWARD: Final = 3  # forward, and backward once for the inputs and once for the weights
CAUSAL_SHARE: Final = 0.5  # of the pairs of tokens in a sequence, those that look back
USUAL_EXPANSION: Final = 4  # feed-forward width over width

NORM_VECTORS: Final = {"layernorm": 2, "layernorm_nobias": 1, "rmsnorm": 1, "layernorm_noparam": 0}
WORDS: Final[dict[str, tuple[object, ...]]] = {
    "gated": (False, True),
    "tied_embedding": (False, True),
    "learned_positions": (False, True),
    "biases": (False, True, "qkv", "mlp"),
    "norm": (None, *NORM_VECTORS),
}
BIASES: Final[dict[str, bool]] = {"all": True, "none": False}  # in the table; "qkv" and "mlp" as they are
NEEDS: Final = {  # fields that say nothing without another
    "position_rows": "learned_positions",
    "shared_experts": "experts above 1",
    "expert_feed_forward": "experts above 1",
    "dense_layers": "experts above 1",
    "query_rank": "kv_rank",
    "rotary_width": "kv_rank",
}


@dataclass(frozen=True, kw_only=True)
class Transformer:
    """The shape of a decoder-only transformer; what is not given is as in GPT-2, but for its learned positions.

    layers, width, heads, vocabulary (rows of the embedding, padding included), context (tokens in a sequence).
    kv_heads: heads of the keys, and of the values (default: heads). head_width: default width / heads.
    feed_forward: inner width of the feed-forward part (default: 4 width); gated: of three matrices (SwiGLU), not two.
    tied_embedding: the output matrix is the embedding. learned_positions: a table of position_rows (default: context).
    biases: on all matrices but the output one, on none, or only in "qkv" or "mlp". norm: one of `NORM_VECTORS`; by
    default "layernorm" (weight and bias), or "rmsnorm" (weight alone) where biases is False or "qkv".
    experts, active_experts: in all and for each token; shared_experts: for every token, beside those. Each has the
    inner width expert_feed_forward (default: feed_forward). dense_layers: how many of the layers have no experts.
    kv_rank, query_rank, rotary_width: multi-head latent attention (DeepSeek-V2, https://arxiv.org/abs/2405.04434,
    section 2.1): ranks of keys and values and of queries (0: not compressed); head_width is then without rotary_width.
    other_parameters_per_layer, other_parameters: what the rest leaves out, such as norms of queries and keys, or (below
    0, in all only) counts too much.

    Raises ValueError for a field that is no whole number in its range, no word it knows, or that contradicts another.
    """

    layers: int
    width: int
    heads: int
    vocabulary: int
    context: int
    kv_heads: int | None = None
    head_width: int | None = None
    feed_forward: int | None = None
    gated: bool = False
    tied_embedding: bool = True
    learned_positions: bool = False
    position_rows: int | None = None
    biases: bool | Literal["qkv", "mlp"] = True
    norm: Literal["layernorm", "layernorm_nobias", "rmsnorm", "layernorm_noparam"] | None = None
    norms_per_layer: int = 2
    experts: int = 1
    active_experts: int = 1
    shared_experts: int = 0
    expert_feed_forward: int | None = None
    dense_layers: int = 0
    query_rank: int = 0
    kv_rank: int = 0
    rotary_width: int = 0
    other_parameters_per_layer: int = 0
    other_parameters: int = 0

    def __post_init__(self) -> None:
        for field in fields(self):
            name, value = field.name, getattr(self, field.name)
            if name in WORDS:
                _expect(value in WORDS[name], name, value, f"one of {', '.join(map(str, WORDS[name]))}")
            elif value is not None or field.default is not None:
                lowest = None if name == "other_parameters" else int(field.default != 0)
                object.__setattr__(self, name, _whole(name, value, lowest))
        self._check_agreement()

    def _check_agreement(self) -> None:
        given = {"learned_positions": self.learned_positions, "kv_rank": self.kv_rank, "experts above 1": self.is_moe}
        for name, other in NEEDS.items():
            _expect(given[other] or not getattr(self, name), name, getattr(self, name), f"none without {other}")
        kv_heads = self.kv_heads or self.heads
        for name, agrees, expected in (
            ("kv_heads", self.heads % kv_heads == 0, f"a divisor of heads, {self.heads}"),
            ("heads", self.attention_width * kv_heads % self.heads == 0, "a number that gives whole heads of keys"),
            ("active_experts", self.active_experts <= self.experts, f"at most experts, {self.experts}"),
            ("dense_layers", self.dense_layers < self.layers, f"fewer than layers, {self.layers}"),
            ("head_width", self.head_width or not self.kv_rank, "a width, as kv_rank is given"),
            ("kv_heads", kv_heads == self.heads or not self.kv_rank, "none, as kv_rank is given"),
            ("biases", self.biases in (False, "mlp") or not self.kv_rank, "False or mlp, as kv_rank is given"),
        ):
            _expect(agrees, name, getattr(self, name), expected)

    # ---------------------------------------------------------------------------------------------- widths and layers

    @property
    def attention_width(self) -> int:
        """Width of the queries, and of what attention returns: all heads together."""
        return self.heads * self.head_width if self.head_width else self.width

    @property
    def kv_width(self) -> int:
        """Width of the keys, and of the values: all their heads together."""
        return self.attention_width * (self.kv_heads or self.heads) // self.heads

    @property
    def mlp_width(self) -> int:
        """Inner width of the feed-forward part in a layer without experts."""
        return self.feed_forward or USUAL_EXPANSION * self.width

    @property
    def expert_width(self) -> int:
        """Inner width of an expert."""
        return self.expert_feed_forward or self.mlp_width

    @property
    def is_moe(self) -> bool:
        """Whether this is a mixture of experts."""
        return self.experts > 1

    @property
    def moe_layers(self) -> int:
        """Layers that have experts."""
        return self.layers - self.dense_layers if self.is_moe else 0

    # --------------------------------------------------------------- parameters of one layer: weights are in matrices

    @property
    def attention_weights(self) -> int:
        """Weights of attention in one layer: query and output, key and value."""
        if self.kv_rank:
            return self._latent_weights
        return self.width * (2 * self.attention_width + 2 * self.kv_width)

    @property
    def _latent_weights(self) -> int:
        """DeepSeek-V2, section 2.1: everything goes down to a rank and up to the heads; one rotary key serves all."""
        queries = self.attention_width + self.heads * self.rotary_width
        query = self.query_rank * (self.width + queries) if self.query_rank else self.width * queries
        key_value = self.width * (self.kv_rank + self.rotary_width) + self.kv_rank * 2 * self.attention_width
        return query + key_value + self.attention_width * self.width

    @property
    def attention_parameters(self) -> int:
        """Parameters of attention in one layer: weights, biases, and norms of compressed queries and keys."""
        biases = self._bias("qkv", self.attention_width + 2 * self.kv_width) + self._bias("output", self.width)
        return self.attention_weights + biases + self.query_rank + self.kv_rank

    @property
    def mlp_weights(self) -> int:
        """Weights of the feed-forward part in one layer without experts."""
        return self._matrices * self.width * self.mlp_width

    @property
    def mlp_parameters(self) -> int:
        """Parameters of the feed-forward part in one layer without experts."""
        return self.mlp_weights + self._mlp_biases(self.mlp_width)

    @property
    def expert_weights(self) -> int:
        """Weights of one expert."""
        return self._matrices * self.width * self.expert_width

    @property
    def expert_parameters(self) -> int:
        """Parameters of one expert."""
        return self.expert_weights + self._mlp_biases(self.expert_width)

    @property
    def router_weights(self) -> int:
        """Weights of the matrix that chooses experts, in one layer that has them."""
        return self.width * self.experts

    @property
    def norm_parameters(self) -> int:
        """Parameters of one norm."""
        usual = "rmsnorm" if self.biases in (False, "qkv") else "layernorm"
        return NORM_VECTORS[self.norm or usual] * self.width

    @property
    def _matrices(self) -> int:
        return 3 if self.gated else 2

    def _mlp_biases(self, inner: int) -> int:
        return self._bias("mlp", (self._matrices - 1) * inner + self.width)

    def _bias(self, part: str, length: int) -> int:
        return length if self.biases in (True, part) else 0

    # ------------------------------------------------------------------------------------------------ parameters in all

    @property
    def parameters(self) -> int:
        """All parameters.

        >>> gpt_2_xl = {"layers": 48, "width": 1600, "heads": 25, "vocabulary": 50_257, "context": 1024}
        >>> Transformer(**gpt_2_xl, learned_positions=True).parameters
        1557611200
        """
        return self._parameters(self.experts)

    @property
    def active_parameters(self) -> int:
        """Parameters that a token meets: all but those of the experts not chosen for it. The embedding counts whole.

        >>> round(architecture("Mixtral 8x7B").active_parameters / 1e9, 1)
        12.9
        """
        return self._parameters(self.active_experts)

    def _parameters(self, experts: int) -> int:
        norms = self.norms_per_layer * self.norm_parameters
        any_layer = self.attention_parameters + norms + self.other_parameters_per_layer
        router = self.router_weights + self._bias("router", self.experts)
        moe_layer = router + (experts + self.shared_experts) * self.expert_parameters
        in_layers = self.layers * any_layer + self._per_kind_of_layer(self.mlp_parameters, moe_layer)
        final_norm = self.norm_parameters
        return in_layers + final_norm + self.embedding_parameters + self.other_parameters

    def _per_kind_of_layer(self, dense: int, moe: int) -> int:
        return (self.layers - self.moe_layers) * dense + self.moe_layers * moe

    @property
    def embedding_parameters(self) -> int:
        """Parameters of the embedding, of the output matrix unless it is the same, and of the table of positions."""
        tables = 1 if self.tied_embedding else 2
        positions = (self.position_rows or self.context) if self.learned_positions else 0
        return self.width * (tables * self.vocabulary + positions)

    @property
    def non_embedding_parameters(self) -> int:
        """All parameters but the embedding's, the output matrix's and the positions'.

        >>> round(architecture("GPT-3 175B").non_embedding_parameters / 1e9)
        174
        """
        return self.parameters - self.embedding_parameters

    # -------------------------------------------------------------------------------------------------- FLOP of a token

    def attention_flop_per_token(self, sequence_length: ArrayLike | None = None, *, causal: bool = False) -> Floats:
        """Return the FLOP of one token's scores (query times key) and of the values they weigh, forward, in all layers.

        sequence_length: in tokens (default: context), may be an array; causal: count only keys that a token may see,
        half of them. Raises ValueError for a length that is not above 0.

        >>> architecture("GPT-3 175B").attention_flop_per_token([2048, 4096])
        array([9.66367642e+09, 1.93273528e+10])
        """
        length = positive("sequence_length", self.context if sequence_length is None else sequence_length)
        scores_and_values = 2 * self.attention_width + self.heads * self.rotary_width
        return FLOP_PER_WEIGHT * self.layers * scores_and_values * length * (CAUSAL_SHARE if causal else 1)

    def layers_flop_per_token(self, sequence_length: ArrayLike | None = None, *, causal: bool = False) -> Floats:
        """Return the FLOP of one token in all layers, forward: what full recomputation does once more.

        Arguments and errors as in `attention_flop_per_token`.

        >>> architecture("GPT-3 175B").layers_flop_per_token()
        np.float64(357556027392.0)
        """
        moe_layer = self.router_weights + (self.active_experts + self.shared_experts) * self.expert_weights
        weights = self.layers * self.attention_weights + self._per_kind_of_layer(self.mlp_weights, moe_layer)
        return FLOP_PER_WEIGHT * weights + self.attention_flop_per_token(sequence_length, causal=causal)

    @property
    def logit_flop_per_token(self) -> int:
        """FLOP of one token in the output matrix, forward."""
        return FLOP_PER_WEIGHT * self.vocabulary * self.width

    def training_flop_per_token(self, sequence_length: ArrayLike | None = None, *, causal: bool = False) -> Floats:
        """Return the FLOP of one token, forward and backward, every matrix product counted once, nothing recomputed.

        Arguments and errors as in `attention_flop_per_token`. Narayanan et al. 2021, equation 3, counts the layers a
        fourth time, for recomputation.

        >>> (architecture("Llama 3.1 405B").training_flop_per_token(8192, causal=True) / 1e12).round(3)
        np.float64(2.524)
        """
        forward = self.layers_flop_per_token(sequence_length, causal=causal) + self.logit_flop_per_token
        return TRAINING_PER_FORWARD * forward

    def six_n_flop_per_token(self, *, embeddings: bool = True) -> int:
        """Return 6 N, the usual estimate of training FLOP for a token: each active parameter is one weight.

        embeddings: N is all active parameters (Hoffmann et al. 2022, https://arxiv.org/abs/2203.15556); False: without
        the embeddings and the output matrix (Kaplan et al. 2020).

        >>> architecture("Llama 3.1 405B").six_n_flop_per_token() / 1e12
        2.4351203328
        """
        without = 0 if embeddings else self.embedding_parameters
        return TRAINING_PER_FORWARD * FLOP_PER_WEIGHT * (self.active_parameters - without)

    def palm_flop_per_token(self, sequence_length: ArrayLike | None = None) -> Floats:
        """Return 6 N + 12 L H Q T: all active parameters, and every pair of tokens (Chowdhery et al. 2022, appendix B).

        L layers, H heads, Q width of a head, T the sequence_length (default: context), which may be an array.

        >>> (architecture("PaLM 540B").palm_flop_per_token() / 1e12).round(3)
        np.float64(3.278)
        """
        return self.six_n_flop_per_token() + TRAINING_PER_FORWARD * self.attention_flop_per_token(sequence_length)


def architecture(name: str) -> Transformer:
    """Return a published model's shape from `data/architectures.csv`; raise ValueError for an unknown name.

    >>> architecture("Llama 2 70B").parameters
    68976648192
    """
    from compute_scaling import data  # here, for pandas takes longer to import than all of the core

    table = data.load("architectures").set_index("model")
    if name not in table.index:
        near = difflib.get_close_matches(name, table.index, cutoff=0)
        raise ValueError(
            f"architecture = {name!r}; expected a model of data/architectures.csv, such as {', '.join(near)}"
        )
    row = table.loc[[name]].dropna(axis="columns").iloc[0].to_dict()
    known = {field.name: row[field.name] for field in fields(Transformer) if field.name in row}
    return Transformer(**known | {"biases": BIASES.get(row["biases"], row["biases"])})


def _whole(name: str, value: Any, lowest: int | None) -> int:
    """Return `value` as an int of Python, which is exact at any size."""
    expected = "a whole number" if lowest is None else f"a whole number of {lowest} or more"
    try:
        number = operator.index(value)
    except TypeError:
        raise ValueError(f"{name} = {value!r}; expected {expected}") from None
    _expect(lowest is None or number >= lowest, name, value, expected)
    return number


def _expect(fits: object, name: str, value: object, expected: str) -> None:
    if not fits:
        raise ValueError(f"{name} = {value!r}; expected {expected}")
