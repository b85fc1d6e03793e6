"""How long 100,000 draws take through a chain of six inputs: `python tests/benchmarks/bench_uncertainty.py`.

Prints milliseconds, the median of several runs, and each as a multiple of the function's own time. Nothing is asserted.
"""

from timing import milliseconds

from compute_scaling.uncertainty import between, propagate, sample, sensitivity

DRAWS = 100_000
RANGES = {
    "accelerators": 100_000,
    "peak_flop_per_s": between(9.0e14, 9.9e14, shape="uniform"),
    "utilisation": between(0.3, 0.45),
    "goodput": between(0.8, 0.97, shape="triangular"),
    "days": between(60, 120),
    "power_w": between(1_200, 1_500, shape="normal"),
    "price_usd_per_mwh": between(40, 90),
}
TOGETHER = {("utilisation", "goodput"): 0.5, ("power_w", "utilisation"): 0.3}


def chain(accelerators, peak_flop_per_s, utilisation, goodput, days, power_w, price_usd_per_mwh):
    """Return FLOP for a dollar of electricity: the training run's FLOP over what its energy costs."""
    training_flop = accelerators * peak_flop_per_s * utilisation * goodput * days * 86_400
    return training_flop / (accelerators * power_w * days * 24 / 1e6 * price_usd_per_mwh)


def main() -> None:
    """Print a line a case."""
    drawn = sample(RANGES, draws=DRAWS, seed=0)
    beta = RANGES | {"goodput": between(0.8, 0.97, shape="beta")}
    cases = {
        "the function alone": lambda: chain(**drawn),
        "draws": lambda: sample(RANGES, draws=DRAWS, seed=0),
        "draws through the chain": lambda: propagate(chain, RANGES, draws=DRAWS, seed=0),
        "the same, correlated": lambda: propagate(chain, RANGES, draws=DRAWS, seed=0, correlations=TOGETHER),
        "the same, one input a beta": lambda: propagate(chain, beta, draws=DRAWS, seed=0),
        "its 90 % interval": lambda: propagate(chain, RANGES, draws=DRAWS, seed=0).interval(),
        "sensitivities, 4,096 draws x 8": lambda: sensitivity(chain, RANGES, seed=0),
    }
    times = {name: milliseconds(call) for name, call in cases.items()}
    for name, taken in times.items():
        print(f"{name:32} {taken:8.1f} ms  {taken / times['the function alone']:6.1f} x")


if __name__ == "__main__":
    main()
