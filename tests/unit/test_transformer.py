"""Counts against released checkpoints, printed tables and lists of tensors written out by hand."""

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from compute_scaling import data
from compute_scaling.transformer import NORM_VECTORS, Transformer, architecture

TABLE = data.load("architectures").set_index("model")
EXACT = TABLE["parameters_exact"].dropna()
GPT_2_XL = {"layers": 48, "width": 1600, "heads": 25, "vocabulary": 50_257, "context": 1024, "learned_positions": True}
LLAMA = {"biases": False, "gated": True, "tied_embedding": False}
SMALL = Transformer(layers=3, width=48, heads=6, vocabulary=100, context=32)
MOE = Transformer(
    layers=5, width=64, heads=4, vocabulary=1000, context=128, gated=True, biases=False, experts=8, active_experts=2
)
LATENT = {"head_width": 8, "kv_rank": 16, "query_rank": 24, "rotary_width": 4, "biases": False}


def elements(*tensors):
    """Return the numbers in tensors of these shapes."""
    return sum(math.prod(shape) for shape in tensors)


# ------------------------------------------------------------------------------------------------ against checkpoints


@pytest.mark.parametrize("name", EXACT.index)
def test_the_count_of_a_released_checkpoint_is_matched_to_the_last_digit(name):
    assert architecture(name).parameters == EXACT[name]


def test_the_exact_counts_are_many_and_of_every_kind_of_model():
    assert len(EXACT) >= 80
    families = ("GPT-2", "Pythia", "OPT", "LLaMA 1", "Llama 2", "Llama 3", "Llama 3.1", "Mixtral", "Grok", "DeepSeek")
    assert set(families) <= set(TABLE.loc[EXACT.index, "family"])
    assert {"qkv", "mlp", "all", "none"} == set(TABLE.loc[EXACT.index, "biases"])
    assert set(NORM_VECTORS) == set(TABLE.loc[EXACT.index, "norm"])


@pytest.mark.parametrize(
    ("shape", "count"),
    [
        (GPT_2_XL, 1_557_611_200),
        (GPT_2_XL | {"layers": 12, "width": 768, "heads": 12}, 124_439_808),
        # MPT-70b and MPT-125m of llm-foundry's benchmarking README
        (GPT_2_XL | {"layers": 80, "width": 8192, "heads": 64, "vocabulary": 50_368, "context": 2048}, 64_862_437_376),
        (GPT_2_XL | {"layers": 12, "width": 768, "heads": 12, "vocabulary": 50_368, "context": 2048}, 125_311_488),
        # Pythia-12B, OPT-13B (2048 + 2 rows of positions)
        (
            {"layers": 36, "width": 5120, "heads": 40, "vocabulary": 50_688, "context": 2048, "tied_embedding": False},
            11_846_072_320,
        ),
        (
            {"layers": 40, "width": 5120, "heads": 40, "vocabulary": 50_272, "context": 2048}
            | {"learned_positions": True, "position_rows": 2050},
            12_853_473_280,
        ),
        # LLaMA-65B, Llama 2 70B, Llama 3 8B, Llama 3.1 405B
        (
            LLAMA
            | {"layers": 80, "width": 8192, "heads": 64, "vocabulary": 32_000, "context": 2048}
            | {"feed_forward": 22_016},
            65_285_660_672,
        ),
        (
            LLAMA
            | {"layers": 80, "width": 8192, "heads": 64, "vocabulary": 32_000, "context": 4096}
            | {"feed_forward": 28_672, "kv_heads": 8},
            68_976_648_192,
        ),
        (
            LLAMA
            | {"layers": 32, "width": 4096, "heads": 32, "vocabulary": 128_256, "context": 8192}
            | {"feed_forward": 14_336, "kv_heads": 8},
            8_030_261_248,
        ),
        (
            LLAMA
            | {"layers": 126, "width": 16_384, "heads": 128, "vocabulary": 128_256, "context": 131_072}
            | {"feed_forward": 53_248, "kv_heads": 8},
            405_853_388_800,
        ),
        # Mixtral 8x7B
        (
            LLAMA
            | {"layers": 32, "width": 4096, "heads": 32, "vocabulary": 32_000, "context": 32_768, "kv_heads": 8}
            | {"feed_forward": 14_336, "experts": 8, "active_experts": 2},
            46_702_792_704,
        ),
    ],
)
def test_a_shape_typed_by_hand_gives_the_exact_count(shape, count):
    assert Transformer(**shape).parameters == count


def test_gpt_2_xl_is_the_sum_of_its_tensors():
    d = 1600
    layer = elements((d, 3 * d), (3 * d,), (d, d), (d,), (d, 4 * d), (4 * d,), (4 * d, d), (d,), (2, d), (2, d))
    assert Transformer(**GPT_2_XL).parameters == 48 * layer + elements((50_257, d), (1024, d), (2, d))


def test_llama_2_70b_is_the_sum_of_its_tensors():
    d, inner, kv = 8192, 28_672, 1024
    layer = elements((d, d), (kv, d), (kv, d), (d, d), (inner, d), (inner, d), (d, inner), (d,), (d,))
    assert architecture("Llama 2 70B").parameters == 80 * layer + elements((32_000, d), (32_000, d), (d,))


def test_grok_1_is_the_sum_of_its_tensors():
    d, inner = 6144, 32_768
    expert = elements((d, inner), (inner, d), (d, inner))
    rest = elements((d, d), (d, 1024), (d, 1024), (d, d), (d, 8), (4, d))
    model = architecture("Grok-1")
    assert model.parameters == 64 * (8 * expert + rest) + elements((131_072, d), (d,)) == 315_684_820_992
    assert model.active_parameters == 64 * (2 * expert + rest) + elements((131_072, d), (d,))


def test_deepseek_v3_is_the_sum_of_its_tensors():
    d, heads = 7168, 128
    queries = elements((1536, d), (1536,), (heads * (128 + 64), 1536))
    keys_values = elements((512 + 64, d), (512,), (heads * (128 + 128), 512))
    attention = queries + keys_values + elements((d, heads * 128)) + 2 * d
    expert = 3 * d * 2048
    body = 61 * attention + 3 * 3 * d * 18_432 + 58 * (elements((256, d), (256,)) + expert)  # with the shared expert
    outside = elements((129_280, d), (129_280, d), (d,))
    model = architecture("DeepSeek-V3")
    assert model.parameters == body + 58 * 256 * expert + outside == 671_026_419_200
    assert model.active_parameters == body + 58 * 8 * expert + outside


def test_gpt_oss_is_the_sum_of_its_tensors():
    d, queries, kv = 2880, 64 * 64, 8 * 64
    attention = elements((queries, d), (queries,), (2 * kv, d), (2 * kv,), (d, queries), (d,), (64,))
    expert = elements((2 * d, d), (2 * d,), (d, d), (d,))
    layer = attention + 128 * expert + elements((128, d), (128,), (2, d))
    assert architecture("gpt-oss-120b").parameters == 36 * layer + elements((201_088, d), (201_088, d), (d,))


# -------------------------------------------------------------------------------------------- against printed numbers


def test_gpt_3_to_the_rounding_of_its_paper():
    printed = {"Small": 125e6, "Large": 760e6, "XL": 1.3e9, "2.7B": 2.7e9, "6.7B": 6.7e9, "13B": 13e9, "175B": 175e9}
    for name, count in printed.items():
        digits = 3 if count in (125e6, 175e9) else 2
        assert float(f"{architecture(f'GPT-3 {name}').parameters:.{digits - 1}e}") == count, name
    assert architecture("GPT-3 Medium").parameters == 355_871_744  # GPT-2 medium's with 2048 positions; 350M is printed


def test_palm_and_megatron_to_the_digits_printed():
    for name, count in {"8B": 8.63, "62B": 62.50, "540B": 540.35}.items():
        assert architecture(f"PaLM {name}").parameters / 1e9 == pytest.approx(count, abs=0.0071)
    for count in (1.7, 3.6, 7.5, 18.4, 39.1, 76.1, 145.6, 174.6, 310.1, 529.6, 1008):
        assert architecture(f"Megatron {count}B").parameters / 1e9 == pytest.approx(count, abs=0.0501)


LABELS = {"MPT-1b", "MPT-3b", "MPT-7b", "MPT-70b", "OPT-350M", "GPT-2 small", "Llama 2 7B", "Falcon-7B"}


@pytest.mark.parametrize("name", TABLE.index[TABLE["parameters_published"].notna()])
def test_a_printed_count_is_met_within_three_percent_unless_it_is_a_mere_label(name):
    error = architecture(name).parameters / TABLE.at[name, "parameters_published"] - 1
    assert (abs(error) < 0.03) == (name not in LABELS)


@pytest.mark.parametrize(
    ("name", "total", "active"),
    [
        ("Mixtral 8x7B", 46.7, 12.9),
        ("Mixtral 8x22B", 140.6, 39.2),  # printed 141 and 39
        ("DBRX", 131.6, 36.5),  # 132 and 36
        ("DeepSeek-V2", 235.7, 21.4),  # 236 and 21
        ("DeepSeek-V3", 671.0, 37.6),  # 671 and 37
        ("Qwen3-235B-A22B", 235.1, 22.2),
        ("Grok-1", 315.7, 83.8),  # 314 and 86; a quarter of 314 is 79
        ("Grok-2", 269.5, 114.9),
        ("Llama 4 Maverick", 400.7, 17.2),
        ("Kimi K2", 1026.4, 32.9),
        ("gpt-oss-120b", 116.8, 5.7),
    ],
)
def test_totals_and_active_counts_of_mixtures_in_billions(name, total, active):
    model = architecture(name)
    assert [round(model.parameters / 1e9, 1), round(model.active_parameters / 1e9, 1)] == [total, active]


@pytest.mark.parametrize("name", ["gpt-oss-120b", "gpt-oss-20b"])
def test_openai_counts_active_parameters_without_the_input_embedding(name):
    model = architecture(name)
    without = model.active_parameters - model.vocabulary * model.width
    assert without == pytest.approx(TABLE.at[name, "active_parameters_published"], rel=0.001)


def test_bloom_and_nemotron_embeddings_as_printed():
    assert architecture("BLOOM-176B").embedding_parameters == 3_596_615_680
    nemotron = architecture("Nemotron-4 340B")
    assert nemotron.embedding_parameters / 1e9 == pytest.approx(9.4, abs=0.05)
    assert nemotron.non_embedding_parameters / 1e9 == pytest.approx(331.6, abs=0.05)


def test_narayanan_equation_2_but_for_the_final_norm():
    models = [architecture(name) for name in TABLE.index[TABLE["family"] == "Megatron (SC21 table)"]]
    assert len(models) == 11
    for m in models:
        L, h, s, V = m.layers, m.width, m.context, m.vocabulary
        equation = 12 * L * h**2 * (1 + 13 / (12 * h) + (V + s) / (12 * L * h))
        assert m.parameters == pytest.approx(equation + 2 * h, rel=1e-12)


# --------------------------------------------------------------------------------------------------------------- FLOP


def test_narayanan_equation_3_with_and_without_recomputation():
    for name in TABLE.index[TABLE["family"] == "Megatron (SC21 table)"]:
        m = architecture(name)
        L, h, s, V, B = m.layers, m.width, m.context, m.vocabulary, 1536
        tokens = B * s
        once = 72 * B * s * L * h**2 * (1 + s / (6 * h) + V / (12 * L * h))
        assert tokens * m.training_flop_per_token() == pytest.approx(once, rel=1e-12)
        recomputed = 96 * B * s * L * h**2 * (1 + s / (6 * h) + V / (16 * L * h))
        assert tokens * (m.training_flop_per_token() + m.layers_flop_per_token()) == pytest.approx(
            recomputed, rel=1e-12
        )


def test_palm_reports_46_percent_of_the_peak_by_its_own_convention():
    achieved = 238.3e3 * architecture("PaLM 540B").palm_flop_per_token()  # tokens per second, table 3
    assert achieved / (6144 * 275e12) == pytest.approx(0.462, abs=0.0005)


def test_palm_convention_is_6n_and_12lhqt():
    m = architecture("Llama 3 70B")
    assert m.palm_flop_per_token() == 6 * m.parameters + 12 * 80 * 64 * 128 * 8192
    assert m.palm_flop_per_token(1) == 6 * m.parameters + 12 * 80 * 64 * 128


def test_6n_with_and_without_embeddings():
    llama, gpt_3 = architecture("Llama 3.1 405B"), architecture("GPT-3 175B")
    assert llama.six_n_flop_per_token() * 15.6e12 == pytest.approx(3.8e25, rel=0.005)  # the herd paper, section 3.2
    assert gpt_3.six_n_flop_per_token(embeddings=False) == 6 * gpt_3.non_embedding_parameters
    assert gpt_3.six_n_flop_per_token(embeddings=False) * 300e9 == pytest.approx(3.14e23, rel=0.006)  # GPT-3, table D.1
    mixtral = architecture("Mixtral 8x7B")
    assert mixtral.six_n_flop_per_token() == 6 * mixtral.active_parameters < 6 * mixtral.parameters
    assert isinstance(mixtral.six_n_flop_per_token(), int)


def test_flop_of_a_small_dense_model_by_hand():
    layer_weights = 4 * 48 * 48 + 8 * 48 * 48
    scores = 2 * 2 * 32 * 48  # query times keys, then weights times values
    assert SMALL.attention_flop_per_token() == 3 * scores
    assert SMALL.layers_flop_per_token() == 3 * (2 * layer_weights + scores)
    assert SMALL.logit_flop_per_token == 2 * 100 * 48
    assert SMALL.training_flop_per_token() == 3 * (3 * (2 * layer_weights + scores) + 2 * 100 * 48)
    assert SMALL.training_flop_per_token(causal=True) == 3 * (3 * (2 * layer_weights + scores / 2) + 2 * 100 * 48)


def test_flop_of_a_small_mixture_by_hand():
    model = dataclasses.replace(MOE, dense_layers=2, shared_experts=1, feed_forward=200, expert_feed_forward=30)
    experts = 3 * 64 * 30 * (2 + 1) + 64 * 8
    weights = 5 * 4 * 64 * 64 + 2 * 3 * 64 * 200 + 3 * experts
    assert model.layers_flop_per_token(10) == 2 * weights + 5 * 4 * 64 * 10


def test_flop_of_latent_attention_by_hand():
    model = Transformer(layers=2, width=32, heads=6, vocabulary=10, context=8, **LATENT)
    weights = 32 * 24 + 24 * 6 * 12 + 32 * (16 + 4) + 16 * 6 * 16 + 6 * 8 * 32
    assert model.attention_weights == weights
    assert model.attention_parameters == weights + 24 + 16
    assert model.attention_flop_per_token() == 2 * 2 * 8 * 6 * (12 + 8)  # keys of 8 + 4, values of 8
    direct = dataclasses.replace(model, query_rank=0)
    assert direct.attention_weights == weights - 32 * 24 - 24 * 6 * 12 + 32 * 6 * 12


# -------------------------------------------------------------------------------------------------- pieces and choices


def test_widths_and_what_they_default_to():
    assert [SMALL.attention_width, SMALL.kv_width, SMALL.mlp_width, SMALL.expert_width] == [48, 48, 192, 192]
    wide = dataclasses.replace(SMALL, kv_heads=2, head_width=10, feed_forward=70)
    assert [wide.attention_width, wide.kv_width, wide.mlp_width, wide.expert_width] == [60, 20, 70, 70]
    assert dataclasses.replace(MOE, expert_feed_forward=9).expert_width == 9
    assert dataclasses.replace(SMALL, kv_heads=1).kv_width == 8


def test_layers_with_experts():
    assert [SMALL.is_moe, SMALL.moe_layers, MOE.is_moe, MOE.moe_layers] == [False, 0, True, 5]
    assert dataclasses.replace(MOE, dense_layers=4).moe_layers == 1


def test_pieces_of_a_layer():
    assert [SMALL.attention_weights, SMALL.attention_parameters] == [4 * 48**2, 4 * 48**2 + 4 * 48]
    assert [SMALL.mlp_weights, SMALL.mlp_parameters] == [8 * 48**2, 8 * 48**2 + 5 * 48]
    assert [MOE.expert_weights, MOE.expert_parameters, MOE.router_weights] == [3 * 64 * 256, 3 * 64 * 256, 64 * 8]
    grouped = dataclasses.replace(SMALL, kv_heads=2, gated=True, feed_forward=100)
    assert [grouped.attention_weights, grouped.attention_parameters] == [48 * 128, 48 * 128 + 48 + 2 * 16 + 48]
    assert [grouped.mlp_weights, grouped.mlp_parameters] == [48 * 300, 48 * 300 + 2 * 100 + 48]


@pytest.mark.parametrize(
    ("biases", "attention", "mlp"), [(True, 192, 240), (False, 0, 0), ("qkv", 144, 0), ("mlp", 0, 240)]
)
def test_biases_are_where_they_are_said_to_be(biases, attention, mlp):
    model = dataclasses.replace(SMALL, biases=biases)
    assert model.attention_parameters - model.attention_weights == attention
    assert model.mlp_parameters - model.mlp_weights == mlp


def test_biases_of_experts_and_router():
    with_biases, without = dataclasses.replace(MOE, biases=True, norm="rmsnorm"), MOE
    per_layer = 4 * 64 + 8 + 8 * (2 * 256 + 64)
    assert with_biases.parameters - without.parameters == 5 * per_layer
    in_mlp_alone = dataclasses.replace(MOE, biases="mlp", norm="rmsnorm")
    assert in_mlp_alone.parameters - without.parameters == 5 * 8 * (2 * 256 + 64)


@pytest.mark.parametrize(
    ("fields", "vectors"),
    [
        ({}, 2),
        ({"biases": "mlp"}, 2),
        ({"biases": False}, 1),
        ({"biases": "qkv"}, 1),
        ({"norm": "rmsnorm"}, 1),
        ({"norm": "layernorm_nobias"}, 1),
        ({"norm": "layernorm_noparam"}, 0),
        ({"norm": "layernorm", "biases": False}, 2),
    ],
)
def test_the_norm_follows_the_biases_unless_it_is_named(fields, vectors):
    model = dataclasses.replace(SMALL, **fields)
    assert model.norm_parameters == vectors * 48
    more = dataclasses.replace(model, norms_per_layer=4)
    assert more.parameters - model.parameters == 3 * 2 * vectors * 48


def test_embeddings():
    assert SMALL.embedding_parameters == 48 * 100
    assert dataclasses.replace(SMALL, tied_embedding=False).embedding_parameters == 48 * 200
    assert dataclasses.replace(SMALL, learned_positions=True).embedding_parameters == 48 * 132
    assert dataclasses.replace(SMALL, learned_positions=True, position_rows=34).embedding_parameters == 48 * 134
    assert SMALL.non_embedding_parameters == SMALL.parameters - 48 * 100


def test_other_parameters():
    model = dataclasses.replace(SMALL, other_parameters_per_layer=7, other_parameters=-5)
    assert model.parameters - SMALL.parameters == 3 * 7 - 5


def test_counts_are_ints_of_python_even_from_numpy():
    model = Transformer(layers=np.int32(1000), width=np.int32(200_000), heads=10, vocabulary=10, context=np.int64(4))
    assert model.parameters > 2**47
    assert {type(model.parameters), type(model.active_parameters), type(model.width)} == {int}


# -------------------------------------------------------------------------------------------------- properties

SHAPES = st.builds(
    lambda layers, heads, head, **rest: Transformer(layers=layers, heads=heads, width=heads * head, **rest),
    layers=st.integers(1, 100),
    heads=st.integers(1, 64),
    head=st.integers(1, 128),
    vocabulary=st.integers(1, 200_000),
    context=st.integers(1, 100_000),
    feed_forward=st.none() | st.integers(1, 100_000),
    gated=st.booleans(),
    tied_embedding=st.booleans(),
    learned_positions=st.booleans(),
    biases=st.sampled_from([True, False, "qkv", "mlp"]),
)
LENGTHS = st.lists(st.integers(1, 10**6), min_size=1, max_size=5)


@given(SHAPES, st.sampled_from(["layers", "vocabulary", "norms_per_layer", "other_parameters"]), st.integers(1, 50))
def test_parameters_grow_with_each_field(model, name, more):
    larger = dataclasses.replace(model, **{name: getattr(model, name) + more})
    assert larger.parameters > model.parameters


@given(SHAPES, st.integers(1, 50))
def test_parameters_grow_with_width_and_feed_forward(model, more):
    assert dataclasses.replace(model, width=model.width + model.heads * more).parameters > model.parameters
    assert dataclasses.replace(model, feed_forward=model.mlp_width + more).parameters > model.parameters


@given(SHAPES)
def test_an_untied_output_matrix_adds_vocabulary_times_width(model):
    tied, untied = (dataclasses.replace(model, tied_embedding=choice) for choice in (True, False))
    assert untied.parameters - tied.parameters == model.vocabulary * model.width
    assert untied.training_flop_per_token() == tied.training_flop_per_token()


@given(SHAPES, st.integers(2, 64), st.data())
def test_a_mixture_of_which_all_are_active_is_as_large_as_it_is_active(model, experts, draw):
    active = draw.draw(st.integers(1, experts))
    moe = dataclasses.replace(model, experts=experts, active_experts=active)
    assert (moe.active_parameters == moe.parameters) == (active == experts)
    assert moe.parameters - moe.active_parameters == model.layers * (experts - active) * moe.expert_parameters
    router = model.layers * (model.width + (model.biases is True)) * experts
    assert moe.parameters - model.parameters == model.layers * (experts - 1) * model.mlp_parameters + router


@given(SHAPES)
def test_one_expert_is_a_dense_model(model):
    assert model.active_parameters == model.parameters
    assert model.layers_flop_per_token(1) == model.attention_flop_per_token(1) + 2 * model.layers * (
        model.attention_weights + model.mlp_weights
    )


@given(SHAPES)
def test_one_head_of_keys_for_each_of_queries_is_the_default(model):
    same = dataclasses.replace(model, kv_heads=model.heads, head_width=model.width // model.heads)
    assert same.parameters == model.parameters
    assert dataclasses.replace(model, kv_heads=1).parameters <= model.parameters


@given(SHAPES, LENGTHS, st.booleans())
def test_flop_over_an_array_of_lengths_equal_a_loop(model, lengths, causal):
    sweep = model.training_flop_per_token(lengths, causal=causal)
    assert sweep.tolist() == [float(model.training_flop_per_token(length, causal=causal)) for length in lengths]
    assert model.palm_flop_per_token(lengths).tolist() == [float(model.palm_flop_per_token(n)) for n in lengths]
    assert model.training_flop_per_token().shape == ()


@given(SHAPES, st.integers(1, 10**6))
def test_flop_are_linear_in_the_length_and_causal_ones_half_as_steep(model, length):
    at_0 = 2 * model.training_flop_per_token(length) - model.training_flop_per_token(2 * length)
    assert at_0 == pytest.approx(model.training_flop_per_token(1e-9), rel=1e-9)
    assert model.training_flop_per_token(2 * length, causal=True) == model.training_flop_per_token(length)
    assert model.training_flop_per_token(model.context) == model.training_flop_per_token()


@given(SHAPES)
def test_the_full_count_lies_below_palms_by_what_no_matrix_multiplies(model):
    no_matrix = (
        model.parameters - model.vocabulary * model.width - model.layers * (model.attention_weights + model.mlp_weights)
    )
    assert model.palm_flop_per_token() - model.training_flop_per_token() == pytest.approx(6 * no_matrix, abs=1e3)


# -------------------------------------------------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"layers": 0}, "layers = 0; expected a whole number of 1 or more"),
        ({"layers": None}, "layers = None; expected a whole number of 1 or more"),
        ({"width": 1.5}, "width = 1.5; expected a whole number of 1 or more"),
        ({"heads": -1}, "heads = -1; expected a whole number of 1 or more"),
        ({"vocabulary": math.nan}, "vocabulary = nan; expected a whole number of 1 or more"),
        ({"context": "2048"}, "context = '2048'; expected a whole number of 1 or more"),
        ({"kv_heads": 0}, "kv_heads = 0; expected a whole number of 1 or more"),
        ({"head_width": 0}, "head_width = 0; expected a whole number of 1 or more"),
        ({"feed_forward": 0}, "feed_forward = 0; expected a whole number of 1 or more"),
        ({"norms_per_layer": 0}, "norms_per_layer = 0; expected a whole number of 1 or more"),
        ({"experts": 0}, "experts = 0; expected a whole number of 1 or more"),
        ({"shared_experts": -1}, "shared_experts = -1; expected a whole number of 0 or more"),
        (
            {"other_parameters_per_layer": -1},
            "other_parameters_per_layer = -1; expected a whole number of 0 or more",
        ),
        ({"other_parameters": 0.5}, "other_parameters = 0.5; expected a whole number"),
        ({"gated": "no"}, "gated = 'no'; expected one of False, True"),
        ({"tied_embedding": None}, "tied_embedding = None; expected one of False, True"),
        ({"learned_positions": 2}, "learned_positions = 2; expected one of False, True"),
        ({"biases": "none"}, "biases = 'none'; expected one of False, True, qkv, mlp"),
        (
            {"norm": "batchnorm"},
            "norm = 'batchnorm'; expected one of None, layernorm, layernorm_nobias, rmsnorm, layernorm_noparam",
        ),
        ({"kv_heads": 4}, "kv_heads = 4; expected a divisor of heads, 6"),
        ({"width": 50, "kv_heads": 1}, "heads = 6; expected a number that gives whole heads of keys"),
        ({"active_experts": 2}, "active_experts = 2; expected at most experts, 1"),
        ({"experts": 4, "active_experts": 5}, "active_experts = 5; expected at most experts, 4"),
        ({"experts": 4, "dense_layers": 3}, "dense_layers = 3; expected fewer than layers, 3"),
        ({"dense_layers": 1}, "dense_layers = 1; expected none without experts above 1"),
        ({"shared_experts": 1}, "shared_experts = 1; expected none without experts above 1"),
        ({"expert_feed_forward": 8}, "expert_feed_forward = 8; expected none without experts above 1"),
        ({"position_rows": 34}, "position_rows = 34; expected none without learned_positions"),
        ({"query_rank": 8}, "query_rank = 8; expected none without kv_rank"),
        ({"rotary_width": 8}, "rotary_width = 8; expected none without kv_rank"),
        (LATENT | {"head_width": None}, "head_width = None; expected a width, as kv_rank is given"),
        (LATENT | {"kv_heads": 3}, "kv_heads = 3; expected none, as kv_rank is given"),
        (LATENT | {"biases": True}, "biases = True; expected False or mlp, as kv_rank is given"),
        (LATENT | {"biases": "qkv"}, "biases = 'qkv'; expected False or mlp, as kv_rank is given"),
    ],
)
def test_a_field_that_makes_no_sense_is_refused_with_its_name_and_value(fields, message):
    with pytest.raises(ValueError) as refusal:
        dataclasses.replace(SMALL, **fields)
    assert str(refusal.value) == message


def test_shapes_at_the_edge_are_accepted():
    assert dataclasses.replace(SMALL, width=50).parameters  # heads of 8 1/3, as GPT-3 XL prints
    assert dataclasses.replace(SMALL, experts=4, active_experts=4, dense_layers=2).moe_layers == 1
    assert dataclasses.replace(SMALL, **LATENT | {"biases": "mlp", "kv_heads": 6}).parameters
    assert dataclasses.replace(SMALL, **LATENT | {"query_rank": 0, "rotary_width": 0}).parameters


@pytest.mark.parametrize("length", [0, -1, math.nan, math.inf, [1, 0]])
@pytest.mark.parametrize(
    "method", ["attention_flop_per_token", "layers_flop_per_token", "training_flop_per_token", "palm_flop_per_token"]
)
def test_a_sequence_length_is_above_zero(method, length):
    with pytest.raises(ValueError, match=r"^sequence_length = .*; expected a number above 0$"):
        getattr(SMALL, method)(length)


def test_an_unknown_name_is_answered_with_names_like_it():
    with pytest.raises(ValueError) as refusal:
        architecture("Llama 3 405B")
    assert str(refusal.value).startswith(
        "architecture = 'Llama 3 405B'; expected a model of data/architectures.csv, such as Llama 3.1 405B, "
    )


def test_a_row_of_the_table_becomes_the_fields_of_the_same_names():
    model = architecture("Mixtral 8x7B")
    assert model == Transformer(
        **LLAMA, layers=32, width=4096, heads=32, kv_heads=8, vocabulary=32_000, context=32_768, norm="rmsnorm",
        experts=8, active_experts=2, expert_feed_forward=14_336,
    )  # fmt: skip
    assert architecture("Qwen2.5-7B").biases == "qkv"
    assert architecture("GPT-2 XL") == Transformer(**GPT_2_XL, kv_heads=25, feed_forward=6400, norm="layernorm")


def test_a_shape_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        SMALL.layers = 4
