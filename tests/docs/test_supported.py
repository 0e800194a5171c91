"""The page of supported functions is what the table says."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest
from scipy import special

from dualnum.table import TABLE

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture(scope="module")
def generator():
    spec = importlib.util.spec_from_file_location("generate_supported", DOCS / "generate_supported.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_is_fresh(generator):
    text = (DOCS / "supported.md").read_text()
    if generator.versions() not in text:
        pytest.skip(f"the page is for other versions than {generator.versions()}")
    assert text == generator.page(), "run: python docs/generate_supported.py"


def test_every_public_row_is_on_the_page(generator):
    page = generator.page()
    assert [row.name for row in TABLE.values() if f"`{row.name}`" not in page and not generator.is_private(row)] == []


def test_names_of_arguments(generator):
    assert generator.parameters(np.add) == ["x1", "x2"]
    assert generator.parameters(np.modf) == ["x"]
    assert generator.parameters(special.jv) == ["v", "z"]
    assert generator.parameters(special.kn) == ["n", "x"]
    assert generator.parameters(np.linalg.solve) == ["a", "b"]


def test_active_arguments_are_bold(generator):
    page = generator.page()
    for call in (
        "`numpy.append`(**arr**, **values**, axis)",
        "`numpy.apply_along_axis`(func1d, axis, **arr**, *args)",
        "`numpy.meshgrid`(***xi**, copy, sparse, indexing)",
        "`numpy.full`(shape, **fill_value**, dtype, order, device)",
    ):
        assert call in page
