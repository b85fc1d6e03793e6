"""Dask arrays through the core: the same numbers, nothing computed before it is asked for, the same refusals."""

import ast
from dataclasses import fields, is_dataclass
from pathlib import Path

import dask
import dask.array as da
import numpy as np
import pandas as pd
import pytest

import compute_scaling
from compute_scaling import cost, energy, lazy, ownership, reliability, training, uncertainty, walls
from compute_scaling.accelerator import accelerator, matmul_intensity_flop_per_byte, roofline_flop_per_s
from compute_scaling.claims import ARTICLE_DAY, ledger
from compute_scaling.cluster import Cluster
from compute_scaling.plan import Plan
from compute_scaling.scaling_laws import BESIROGLU_2024, optimal_tokens
from compute_scaling.scaling_laws.laws import PowerLaw
from compute_scaling.scaling_laws.optima import compute_step, data_constrained_loss
from compute_scaling.throughput import all_plans, step_time
from compute_scaling.transformer import Transformer
from compute_scaling.uncertainty import between, interval, propagate, sample

SHARE = np.linspace(0.05, 0.95, 19)
MODEL = Transformer(layers=12, width=1536, heads=12, vocabulary=51_200, context=2048)
MACHINE = Cluster(accelerator("H100 SXM"), 96)
LAW = BESIROGLU_2024
CALLS = {  # module.function -> a call with an array of shares; each argument that may be an array is one
    "training.run": lambda x: training.run(1e25 * x, accelerators=1e4, peak_flop_per_s=1e15, mfu=x, goodput=0.9),
    "training.model_flop": lambda x: training.model_flop(1e11 * x, tokens=1e13),
    "training.hfu_per_mfu": training.hfu_per_mfu,
    "training.hardware_flop": lambda x: training.hardware_flop(1e24, recomputed_share=x),
    "training.mfu_from_hfu": lambda x: training.mfu_from_hfu(x, recomputed_share=x),
    "training.days_at": lambda x: training.days_at(1e24 * x, accelerators=1000, achieved_flop_per_s=4e14),
    "training.gpu_hours": lambda x: training.gpu_hours(1e24, peak_flop_per_s=1e15, campaign_utilisation=x),
    "training.campaign_utilisation": lambda x: training.campaign_utilisation(
        1e24 * x, peak_flop_per_s=1e15, gpu_hours=1e7
    ),
    "energy.it_power_w": lambda x: energy.it_power_w(1e5, tdp_w=700, network_share=x, draw_share=x),
    "energy.facility_power_w": lambda x: energy.facility_power_w(1e5, tdp_w=700 * x, pue=1 + x),
    "energy.energy_mwh": lambda x: energy.energy_mwh(1e8 * x, hours=24),
    "energy.emissions_kg": lambda x: energy.emissions_kg(100, kg_per_kwh=x),
    "energy.homes": lambda x: energy.homes(1e8 * x, mwh_per_year=10),
    "energy.generators": lambda x: energy.generators(1e8 * x, each_w=2.5e6),
    "cost.capital_cost_usd": lambda x: cost.capital_cost_usd(100, server_usd=4e4, interconnect_share=x),
    "cost.amortised_cost_usd": lambda x: cost.amortised_cost_usd(1e9, days=100 * x, age_years=x),
    "cost.straight_line_cost_usd": lambda x: cost.straight_line_cost_usd(1e9, days=100 * x, lifetime_years=5),
    "cost.electricity_cost_usd": lambda x: cost.electricity_cost_usd(1e5, usd_per_kwh=x),
    "cost.rental_cost_usd": lambda x: cost.rental_cost_usd(100, hours=1000, usd_per_hour=4 * x),
    "cost.affordable_accelerators": lambda x: cost.affordable_accelerators(6e9, usd_each=6e4 * x),
    "reliability.mean_time_between_failures_hours": lambda x: reliability.mean_time_between_failures_hours(1e5 * x),
    "reliability.expected_failures": lambda x: reliability.expected_failures(1e5, hours=24 * x),
    "reliability.failure_free_probability": lambda x: reliability.failure_free_probability(1e3, hours=x),
    "reliability.optimal_checkpoint_interval_s": lambda x: reliability.optimal_checkpoint_interval_s(
        x, checkpoint_s=30
    ),
    "reliability.expected_interval_s": lambda x: reliability.expected_interval_s(
        x, interval_s=600, checkpoint_s=30, restart_s=300, detection_s=60 * x
    ),
    "reliability.goodput": lambda x: reliability.goodput(x, checkpoint_s=30, restart_s=300),
    "ownership.payment_years": lambda x: ownership.payment_years(5 * x, interest=x),
    "ownership.left_usd": lambda x: ownership.left_usd(4e4, years=5 * x, site_usd=1e4),
    "ownership.owned_usd": lambda x: ownership.owned_usd(6e4, years=5 * x, running_usd_per_year=700, interest=0.13),
    "ownership.rented_usd": lambda x: ownership.rented_usd(4 * x, years=3, in_use=x),
    "ownership.even_usd_per_hour": lambda x: ownership.even_usd_per_hour(6e4 * x, years=3),
    "walls.run_flop": lambda x: walls.run_flop(1e5, days=90, utilisation=x),
    "walls.text_flop": lambda x: walls.text_flop(1e14 * x),
    "walls.latency_parameters": lambda x: walls.latency_parameters(days=90 * x, batch_tokens=6e7, layer_s=1e-5),
    "walls.latency_flop": lambda x: walls.latency_flop(days=90 * x, batch_tokens=6e7, layer_s=1e-5),
    "scaling_laws.laws.ParametricLaw.loss": lambda x: LAW.loss(1e11 * x, 2e12),
    "scaling_laws.laws.ParametricLaw.optimum": lambda x: LAW.optimum(1e25 * x),
    "scaling_laws.laws.ParametricLaw.optimal_parameters": lambda x: LAW.optimal_parameters(1e13 * x),
    "scaling_laws.laws.ParametricLaw.reaching": lambda x: LAW.reaching(1.95, x),
    "scaling_laws.laws.PowerLaw.loss": lambda x: PowerLaw(floor=0, scale=8.8e13, exponent=0.076).loss(1e11 * x),
    "scaling_laws.laws.optimal_tokens": lambda x: optimal_tokens("llama-3-2024-optimal-tokens", 1e25 * x),
    "scaling_laws.optima.compute_step": lambda x: compute_step(LAW, training_flop=1e25 * x, factor=1 + x),
    "scaling_laws.optima.data_constrained_loss": lambda x: data_constrained_loss(
        LAW, 1e11, 1e13 * x, unique_tokens=1e12
    ),
    "plan.Plan.micro_batches": lambda x: Plan(data=4).micro_batches(8 * np.ceil(10 * x)),
    "plan.Plan.tokens": lambda x: Plan(micro_batch=np.ceil(10 * x)).tokens(2048),
    "cluster.Cluster.seconds_for": lambda x: MACHINE.seconds_for(1e22 * x, utilisation=x),
    "transformer.Transformer.attention_flop_per_token": lambda x: MODEL.attention_flop_per_token(4096 * x),
    "transformer.Transformer.layers_flop_per_token": lambda x: MODEL.layers_flop_per_token(4096 * x),
    "transformer.Transformer.training_flop_per_token": lambda x: MODEL.training_flop_per_token(4096 * x),
    "transformer.Transformer.palm_flop_per_token": lambda x: MODEL.palm_flop_per_token(4096 * x),
    "accelerator.matmul_intensity_flop_per_byte": lambda x: matmul_intensity_flop_per_byte(1e3 * x, 1e3, 1e3),
    "accelerator.roofline_flop_per_s": lambda x: roofline_flop_per_s(
        600 * x, peak_flop_per_s=1e15, memory_bytes_per_s=3.35e12
    ),
    "accelerator.Accelerator.matmul_flop_per_s": lambda x: accelerator("H100 SXM").matmul_flop_per_s(1e4 * x),
}
INSIDE_STEP_TIME = {"throughput.step_time", "plan.Plan.check", "memory.activation_bytes", "layer.layer_seconds",
                    "layer.logit_seconds", "rates.Rates.matmul_s", "rates.Rates.ring_s"}  # fmt: skip
NOT_BLOCK_BY_BLOCK = {
    "reliability.simulated_goodput": "draws by itself",
    "ownership.years_until_even": "reads a curve of all years",
    "ownership.owned_by_years": "takes the draws of `ownership.parts`, a row for each number of years",
    "walls.allowed": "takes draws by name, as `walls.inputs_on` gives them",
    "walls.lowest": "compares all walls",
    "scaling_laws.laws.ParametricLaw.turned": "makes a law",
    "scaling_laws.optima.inference_optimum": "searches for each element",
    "scaling_laws.optima.data_constrained_optimum": "searches for each element",
    "scaling_laws.optima.single_epoch_loss": "searches for each element",
    "scaling_laws.optima.data_constrained_step": "searches for each element",
    "throughput.Step.fastest": "compares all plans",
    "accelerator.h100_equivalents": "looks names of chips up in a table",
    "accelerator.same_peak_count": "looks names of chips up in a table",
}
MODULES = (
    "training", "energy", "cost", "reliability", "ownership", "walls", "scaling_laws.laws", "scaling_laws.optima",
    "throughput", "plan", "memory", "layer", "rates", "transformer", "cluster", "accelerator",
)  # fmt: skip


@pytest.fixture
def nothing_computed():
    def compute(*args, **kwargs):
        raise AssertionError("computed too early")

    with dask.config.set(scheduler=compute):
        yield


def parts(result):
    """The arrays of a result: itself, the elements of a tuple, or the fields of a dataclass."""
    if is_dataclass(result):
        return [getattr(result, field.name) for field in fields(result)]
    return list(result) if isinstance(result, tuple) else [result]


def same(lazily, plain):
    for one, other in zip(parts(lazily), parts(plain), strict=True):
        np.testing.assert_allclose(np.asarray(one), other, rtol=1e-12)


@pytest.mark.parametrize("name", CALLS)
def test_a_lazy_array_goes_through_and_stays_lazy(name, nothing_computed):
    found = CALLS[name](da.from_array(SHARE, chunks=5))
    assert any(isinstance(part, da.Array) for part in parts(found))
    with dask.config.set(scheduler="sync"):
        same(found, CALLS[name](SHARE))


def broadcasting(module):
    """The public functions of a module of which an argument may be an array."""
    path = Path(compute_scaling.__file__).parent / f"{module.replace('.', '/')}.py"

    def named(body, before):
        for node in body:
            if isinstance(node, ast.ClassDef):
                yield from named(node.body, f"{before}{node.name}.")
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                arguments = [*node.args.args, *node.args.kwonlyargs]
                kinds = " ".join(ast.unparse(argument.annotation) for argument in arguments if argument.annotation)
                if "ArrayLike" in kinds or "Floats" in kinds:
                    yield f"{before}{node.name}"

    return set(named(ast.parse(path.read_text(encoding="utf-8")).body, f"{module}."))


def test_every_function_that_broadcasts_is_tried_or_excused():
    found = set().union(*map(broadcasting, MODULES))
    assert found == set(CALLS) | INSIDE_STEP_TIME | set(NOT_BLOCK_BY_BLOCK)


def lazy_plan(plan, chunks):
    values = {field.name: getattr(plan, field.name) for field in fields(plan)}
    return Plan(**{name: da.from_array(v, chunks=chunks) if np.ndim(v) else v for name, v in values.items()})


def test_every_plan_of_a_machine_is_timed_lazily(nothing_computed):
    plans = all_plans(MODEL, MACHINE, 48)
    found = step_time(MODEL, MACHINE, lazy_plan(plans, 700), batch_sequences=48)
    assert all(isinstance(part, da.Array) for part in parts(found))
    with dask.config.set(scheduler="sync"):
        same(found, step_time(MODEL, MACHINE, plans, batch_sequences=48))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda x: training.model_flop(x - 0.5, tokens=1), r"parameters = -0\.\d+; expected a number above 0"),
        (
            lambda x: step_time(MODEL, MACHINE, Plan(data=96 + 0 * x), batch_sequences=50).seconds,
            "data x micro_batch = 96",
        ),
        (lambda x: step_time(MODEL, MACHINE, Plan(data=100 * x), batch_sequences=48).seconds, "tensor x pipeline"),
        (
            lambda x: step_time(MODEL, MACHINE, Plan(data=96 + x), batch_sequences=96).mfu,
            r"data = 96\.\d+; expected a whole",
        ),
        (
            lambda x: (
                step_time(
                    MODEL, MACHINE, Plan(data=96, sharding=np.where(x > 0.9, "half", "none")), batch_sequences=96
                ).memory_bytes
            ),
            "sharding = 'half'; expected one of none, optimizer, full",
        ),
    ],
)
def test_a_wrong_element_is_refused_when_its_block_is_computed(call, message):
    found = call(da.from_array(SHARE, chunks=5))
    with dask.config.set(scheduler="sync"), pytest.raises(ValueError, match=f"^{message}"):
        found.compute()


# --------------------------------------------------------------------------------------------------------- quantiles

RNG = np.random.default_rng(0)
DRAWS = {
    "normal": RNG.standard_normal(300_007),
    "long tails": np.exp(3 * RNG.standard_normal(200_000)),
    "four values": RNG.integers(0, 4, 400_000).astype(float),
    "one value": np.full(100_000, 3.3),
    "seven draws": RNG.standard_normal(7),
    "sorted": np.sort(RNG.standard_normal(200_000)),
    "half of them 0": np.concatenate([np.zeros(150_000), RNG.random(150_000)]),
    "half of them the same": np.concatenate([RNG.standard_normal(150_000), np.full(150_000, 0.5)]),
}


@pytest.mark.parametrize("levels", [[0.05, 0.5, 0.95], [0, 1], [1 / 3, 0.999999]])
@pytest.mark.parametrize("name", DRAWS)
def test_quantiles_are_those_of_numpy_to_the_last_bit(name, levels):
    values = DRAWS[name]
    found = lazy.quantiles(da.from_array(values, chunks=max(1, values.size // 13)), levels)
    assert found.tolist() == np.quantile(values, levels).tolist()


def test_an_interval_refuses_lazy_draws_that_are_no_numbers():
    values = np.where(np.arange(100) == 70, np.nan, 1.0)
    with pytest.raises(ValueError, match=r"^values = nan; expected"):
        interval(da.from_array(values, chunks=10))


# ------------------------------------------------------------------------------------------------------------- draws

RANGES = {"chips": 100_000, "price": between(25_000, 40_000), "share": between(0.3, 0.5, shape="beta")}
TOGETHER = {("price", "share"): 0.6}


def bill(chips, price, share):
    return chips * price * share


@pytest.mark.parametrize("blocks", [1, 2, 3])
def test_draws_are_the_same_whatever_the_chunks(blocks, monkeypatch):
    monkeypatch.setattr(uncertainty, "BLOCK", 2**10)
    monkeypatch.setattr(uncertainty, "CHUNK", blocks * 2**10)
    wanted = {"draws": 5_000, "seed": 3, "correlations": TOGETHER}
    plain, lazily = sample(RANGES, **wanted), sample(RANGES, **wanted, lazy=True)
    assert all((np.asarray(lazily[name]) == plain[name]).all() for name in RANGES)
    assert propagate(bill, RANGES, **wanted).interval() == propagate(bill, RANGES, **wanted, lazy=True).interval()


def test_more_draws_begin_with_the_same_ones_and_blocks_differ(monkeypatch):
    monkeypatch.setattr(uncertainty, "BLOCK", 2**10)
    few, many = (sample(RANGES, draws=draws, seed=3)["price"] for draws in (1_500, 4_096))
    assert (many[:1_500] == few).all()
    assert np.unique(np.round(many, 6)).size > 4_000  # no block has the points of another


@pytest.mark.parametrize("day", [ARTICLE_DAY, None])
def test_the_ledger_is_the_same_lazily(day, monkeypatch):
    monkeypatch.setattr(uncertainty, "BLOCK", 2**11)
    monkeypatch.setattr(uncertainty, "CHUNK", 2**12)
    plain, lazily = (ledger(day, draws=10_000, lazy=lazy) for lazy in (False, True))
    pd.testing.assert_frame_equal(lazily, plain, rtol=1e-12)


def test_without_dask_one_is_told_what_to_install(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "dask.array", None)
    with pytest.raises(ImportError, match=r"pip install \"compute-scaling\[dask\]\""):
        sample(RANGES, draws=10, seed=0, lazy=True)
