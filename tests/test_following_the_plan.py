"""What following the plan is worth is measured by `benchmarks/decisions.py`: one company of it, so that it does not break unseen."""

from __future__ import annotations

import pandas as pd
import pytest
from decisions import SIMPLE, WAYS, measured, told


@pytest.mark.parametrize("world", ["simulator", "rough"])
def test_a_company_is_played_and_every_way_of_choosing_judged(world):
    row = measured(world, 345_001, 3)
    missed = pd.Series(row)[list(WAYS)].astype(float)
    assert (missed >= -1e-6).all()  # nothing is cheaper than the truly cheapest
    assert missed["plan"] < missed["random"] and missed[list(SIMPLE)].gt(0).any()
    assert row["chosen"] > 0 and 0 <= row["cost_held"] <= row["chosen"]
    assert "best simple way" in told(pd.DataFrame([row, row]))
