"""Measurements of speed and accuracy; run `python -m benchmarks`. Not part of the installed package."""
