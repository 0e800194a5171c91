"""Hyperparameters: the gradient through a training run is that of forward mode, and descending it helps."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from dualnum import grad, jvp
from tests.examples.scripts import EXAMPLES, run_script

sys.path.insert(0, str(EXAMPLES))

import hyperparameters


def test_forward_and_reverse_mode_agree_through_a_training_run():
    data = hyperparameters.load_with_noise()
    hyper = hyperparameters.constant(1.0, 1e-2, steps=5)
    v = np.random.default_rng(0).normal(size=hyper.shape)
    gradient = grad(hyperparameters.validation_loss)(hyper, data)
    slope = jvp(lambda hyper: hyperparameters.validation_loss(hyper, data), (hyper,), (v,))[1]
    assert gradient @ v == pytest.approx(slope, rel=1e-11)


def test_the_script_lowers_the_loss_finds_the_noise_and_saves_the_picture(tmp_path):
    pytest.importorskip("matplotlib")
    printed, picture = run_script("hyperparameters.py", tmp_path, "--steps", "15", "--iterations", "5")
    lines = printed.splitlines()
    losses = {line[:17].strip(): [float(x) for x in line[17:].split()[:3]] for line in lines[2:4]}
    before, after = losses["best of the grid"], losses["learned"]
    assert after[1] < before[1]
    assert after[2] < before[2]
    digit, noise = (float(word) for word in lines[4].split() if "e-" in word)
    assert digit < noise
    assert picture.startswith(b"\x89PNG")
