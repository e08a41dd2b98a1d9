"""Intervals and tests of SciPy and statsmodels on random inputs, for `packages/core/src/4-judge/statistics/peers.test.ts`.

pip install numpy scipy statsmodels
python3 bench/known-statistics.py packages/core/src/4-judge/statistics/peers.json
"""
import json
import sys

import numpy as np
import scipy
import statsmodels
from scipy.stats import binomtest, bootstrap
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint

random = np.random.default_rng(14)
levels = [0.8, 0.9, 0.95, 0.99, 0.999]


def wilson():
    n = int(random.choice([1, 2, 5, 20, 100, 1000, 20000]))
    k = int(random.choice([0, n, random.integers(0, n + 1)]))
    level = float(random.choice(levels))
    low, high = proportion_confint(k, n, 1 - level, "wilson")
    again = binomtest(k, n).proportion_ci(level, "wilson")
    assert np.allclose([low, high], [again.low, again.high], atol=1e-12)
    return {"k": k, "n": n, "level": level, "interval": [float(low), float(high)]}


def paired():
    first, second = (int(x) for x in random.integers(0, random.choice([3, 20, 300]), 2))
    both, neither = (int(x) for x in random.integers(0, 50, 2))
    two = mcnemar([[both, first], [second, neither]], exact=True).pvalue
    one = binomtest(first, first + second, 0.5, "greater").pvalue if first + second else 1
    return {"first": first, "second": second, "twoSided": float(two) if first + second else 1, "oneSided": float(one)}


def several():
    values = random.uniform(0, 1, random.integers(1, 9)) ** random.choice([1, 4])
    return {"pValues": values.tolist(), "adjusted": multipletests(values, method="holm")[1].tolist()}


def resampled(statistic, n, draw):
    values = draw(n)
    level = float(random.choice([0.8, 0.9, 0.95]))
    found = bootstrap(
        (values,), statistic, n_resamples=100_000, confidence_level=level, method="percentile",
        batch=1000, rng=np.random.default_rng(1),
    ).confidence_interval
    return {"values": values.tolist(), "level": level, "interval": [float(found.low), float(found.high)]}


normal = lambda n: random.normal(3, 2, n).round(6)
skewed = lambda n: random.exponential(1, n).round(6)

peers = {
    "from": {"scipy": scipy.__version__, "statsmodels": statsmodels.__version__, "numpy": np.__version__},
    "wilson": [wilson() for _ in range(60)],
    "mcnemar": [paired() for _ in range(60)],
    "holm": [several() for _ in range(30)],
    "mean": [resampled(np.mean, n, draw) for n in (10, 50, 300, 1200) for draw in (normal, skewed)],
    "median": [resampled(np.median, n, draw) for n in (25, 301) for draw in (normal, skewed)],
}
with open(sys.argv[1], "w") as file:
    json.dump(peers, file)
    file.write("\n")
