"""The weights that stand in a month, and where they came from."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from analysis.decisions.criteria import Criterion
from analysis.rules import Rules
from analysis.wording import say


def weights_table(criteria: Sequence[Criterion], previous: Sequence[Criterion], rules: Rules) -> pd.DataFrame:
    """One row a criterion: its weight in the month, the month before's, and the reason in both languages.

    The analyst's weights are decisions, not estimates: low and high equal the weight.
    """
    before = {criterion.name: criterion.weight for criterion in previous}
    since = rules["criteria"]["from"]
    return pd.DataFrame(
        {
            "month": rules.month,
            "criterion": [criterion.name for criterion in criteria],
            "weight": [criterion.weight for criterion in criteria],
            "weight_low": [criterion.weight for criterion in criteria],
            "weight_high": [criterion.weight for criterion in criteria],
            "previous": [before.get(criterion.name, 0.0) for criterion in criteria],
            "reason": say("decisions.weights_analyst", "en", since=since),
            "reason_zh": say("decisions.weights_analyst", "zh", since=since),
        }
    )
