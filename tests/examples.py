"""How many examples the test of a law draws: a few in `make test`, many times as many in `make fuzz`."""

import os
from typing import Any

from hypothesis import settings

TIMES = int(os.environ.get("EXAMPLES_TIMES", "1"))


def examples(few: int, **more: Any) -> settings:
    """A decorator: so `few` examples in `make test`; `more` are settings of hypothesis."""
    return settings(max_examples=few * TIMES, **more)
