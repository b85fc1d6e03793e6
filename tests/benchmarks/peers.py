"""The same jobs with other people's tools, run by `bench_peers.py` in `.venv-peers`; prints seconds as JSON."""

import json
import logging
import statistics
import sys
import tempfile
import time

import numpy as np

LOUD = logging.CRITICAL


def seconds(call, rounds):
    """The median time of a call after one that warms up."""
    call()
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def llm_analysis():
    """The training time of one plan of a model of GPT-3's shape on 1,024 A100s."""
    from llm_analysis.analysis import ActivationRecomputation, DSZeRO, LLMAnalysis
    from llm_analysis.config import ParallelismConfig, get_gpu_config_by_name, get_model_config_by_name
    from llm_analysis.config import get_dtype_config_by_name as dtype

    model = get_model_config_by_name("megatron-lm-175b")
    gpu = get_gpu_config_by_name("a100-sxm-80gb")

    def plan():
        split = ParallelismConfig(tp_size=8, pp_size=8, dp_size=16)
        analysis = LLMAnalysis(model, gpu, dtype("w16a16e16"), split, flops_efficiency=0.5)
        analysis.training(
            batch_size_per_gpu=1,
            global_batch_size=1536,
            seq_len=2048,
            total_num_tokens=300_000_000_000,
            activation_recomputation=ActivationRecomputation.FULL,
            ds_zero=DSZeRO.NONE,
        )

    return seconds(plan, 50)


def chinchilla():
    """A fit of the five constants to the points in the file, from a grid of 108 starts."""
    from chinchilla import Chinchilla

    parameters, tokens, loss = np.load(sys.argv[2])
    powers, logs = [0.3, 0.5], np.linspace(1, 10, 3)
    grid = {"e": np.log([1, 1.5, 2]), "a": logs, "b": logs, "alpha": powers, "beta": powers}
    with tempfile.TemporaryDirectory() as folder:
        law = Chinchilla(folder, param_grid=grid, seed_ranges={"C": (1e18, 1e21), "N_to_D": (1, 100)}, log_level=LOUD)
        for n, d, value in zip(parameters, tokens, loss, strict=True):
            law.database.append(C=6 * n * d, N=n, D=d, loss=value)
        return seconds(law.fit, 1)


def squigglepy():
    """100,000 draws of a product of six ranges."""
    import squigglepy as sq

    def chain():
        share = sq.to(0.3, 0.45) * sq.to(0.8, 0.97)
        return sq.to(9.0e14, 9.9e14) * share * sq.to(60, 120) / (sq.to(1_200, 1_500) * sq.to(40, 90))

    return seconds(lambda: np.quantile(chain() @ 100_000, [0.05, 0.5, 0.95]), 5)


if __name__ == "__main__":
    logging.disable(LOUD)
    print(json.dumps({sys.argv[1]: globals()[sys.argv[1]]()}))
