"""How many examples the test of a law draws: a few in `make test`, many times as many in `make fuzz`."""

from typing import Any

from hypothesis import settings

USUAL = 100
"""Examples of a law that names no number."""


def examples(few: int, **more: Any) -> settings:
    """A decorator: so `few` examples in `make test`; `more` are settings of hypothesis."""
    return settings(max_examples=few * settings().max_examples // USUAL, **more)
