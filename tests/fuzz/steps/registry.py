"""The steps of which programs are made."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.fuzz.programs import Writer

__all__ = ["STEPS", "Step", "step"]

Step = Callable[[Writer], Any]

#: Each step as often as its weight says.
STEPS: list[Step] = []


def step(weight: int) -> Callable[[Step], Step]:
    """Register a step: a function that writes one line or a few, or rejects itself."""

    def register(function: Step) -> Step:
        STEPS.extend([function] * weight)
        return function

    return register
