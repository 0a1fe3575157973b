"""What sells no more: months without a sale, and months that nobody wrote down."""

import pandas as pd
import pytest
from examples import examples
from hypothesis import given
from hypothesis import strategies as st

from analysis.decisions.stock import StoppedRule, stopped_selling

RULE, AS_OF = StoppedRule(least_chance=0.05, silent_months=3), pd.Timestamp("2026-12-31")


def sold(sku, units, until="2026-12"):
    """Units of the months up to `until`; None: no row."""
    last = pd.Period(until)
    rows = [(sku, (last - back).to_timestamp(), n) for back, n in enumerate(reversed(units)) if n is not None]
    return pd.DataFrame(rows, columns=["sku", "month", "units"])


def stopped(*tables):
    return stopped_selling(pd.concat(tables), AS_OF, RULE)


@pytest.mark.parametrize(
    ("units", "empty"),
    [
        ([100, 60, 20, 0, 0, 0, 0], 4),
        ([100, 60, 20, 0, 0], 2),  # (1/5)^2
        ([100, 60, 20, 0], 0),  # (1/5)
        ([50] * 12 + [0, 0], 2),
        ([30, 0, 0, 30, 0, 0, 30, 0, 0, 0], 0),  # as often as before
        ([30, 0, 0, 30, 0, 0, 30], 0),
        ([0, 0, 0], 0),  # never sold: nothing has ended
        ([40, 40, 40, 0, 0, 0, 40, 40, 40, 40, 40, 40, 40, 40, 40, 0, 0, 0], 0),  # as in the year before
    ],
)
def test_months_without_a_sale(units, empty):
    found = stopped(sold("cup", units))
    assert found["empty_months"].reindex(["cup"]).fillna(0).item() == empty


def test_months_that_nobody_wrote_down_count_where_the_sheet_goes_on():
    cup, lid = sold("cup", [60, 70, 50], until="2026-08"), sold("lid", [10] * 12)
    found = stopped(cup, lid)
    assert found.index.tolist() == ["cup"]
    assert found.loc["cup", ["silent_months", "last_month", "newest_month"]].tolist() == [4, "2026-08", "2026-12"]
    assert stopped(cup).empty, "the whole sheet ends there"
    assert stopped(sold("cup", [60], until="2026-10"), lid).empty
    gaps = sold("cup", [60, None, None, None, None, 50], until="2026-08")
    assert stopped(gaps, lid).empty, "its list has left out as many before"


def test_a_month_under_way_and_no_table_at_all_say_nothing():
    assert stopped_selling(sold("cup", [5, 5, 5, 0, 0]), pd.Timestamp("2026-11-15"), RULE).empty
    assert stopped(sold("cup", []).astype({"month": "datetime64[us]"})).empty


@examples(25)
@given(st.lists(st.integers(1, 50), min_size=1, max_size=24))
def test_a_longer_silence_never_speaks_for_selling(units):
    """Articles of one list, alike but for the months without a sale, none to seven, at their ends."""
    silences = range(8)
    found = stopped(*(sold(f"cup{n}", units + [0] * n) for n in silences)).index
    told = [f"cup{n}" in found for n in silences]
    assert told == sorted(told), "once it sells no more, it does so after every longer silence"
