"""Calls of the distributions of extremes."""

from tests.samples.stats import continuous_samples

SAMPLES = [
    *continuous_samples("gumbel_r"),
    *continuous_samples("gumbel_l"),
    *continuous_samples("weibull_min", 1.8),
    *continuous_samples("genextreme", 0.13),
    *continuous_samples("genextreme", -0.3),
]
