"""The perceptron: its data are complete, its gradients are those derived by hand, and the script runs."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from dualnum import grad
from tests.examples.scripts import EXAMPLES, run_script

sys.path.insert(0, str(EXAMPLES))  # where Python itself finds what examples share when a script is run

import mlp


def test_the_copy_of_the_data_is_complete():
    images, labels = mlp.load()
    assert images.shape == (1797, 64)
    # The table of classes that is published with the data.
    assert np.bincount(labels).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    assert np.array_equal(np.unique(images * 16), np.arange(17))


def test_the_gradient_is_the_one_derived_by_hand():
    images, labels = mlp.load()
    rng = np.random.default_rng(0)
    params = [(W, rng.normal(size=b.shape)) for W, b in mlp.initial(mlp.SIZES, rng)]
    batch = params, images[:100], labels[:100]
    for bars, expected in zip(grad(mlp.loss_fun)(*batch), mlp.grad_by_hand(*batch), strict=True):
        for bar, other in zip(bars, expected, strict=True):
            np.testing.assert_allclose(bar, other, rtol=0, atol=1e-12 * np.max(np.abs(other)))


def test_the_script_learns_compares_and_saves_the_picture(tmp_path):
    pytest.importorskip("matplotlib")
    printed, picture = run_script("mlp.py", tmp_path, "--epochs", "3")
    lines = printed.splitlines()
    epoch, _, training, test = lines[1].split()
    assert epoch == "3"
    assert float(training.rstrip("%")) > 90
    assert float(test.rstrip("%")) > 90
    assert lines[2].startswith("Largest difference")
    assert float(lines[2].split()[-1]) < 1e-12
    assert picture.startswith(b"\x89PNG")
