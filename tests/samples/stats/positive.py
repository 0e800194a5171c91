"""Calls of the gamma and beta distributions and their relatives."""

from tests.samples.stats import continuous_samples

SAMPLES = [
    *continuous_samples("gamma", 2.3),
    *continuous_samples("chi2", 3.4),
    *continuous_samples("invgamma", 4.7),
    *continuous_samples("expon"),
    *continuous_samples("beta", 1.7, 2.6),
    *continuous_samples("f", 5.5, 9.2),
    *continuous_samples("lognorm", 0.7),
    *continuous_samples("rayleigh"),
    *continuous_samples("pareto", 5.3),
]
