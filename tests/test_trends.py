"""Months of each supplier: counts worked by hand, who got worse, and what is missing."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analysis.estimates.trends import monthly_sums, monthly_trends, trend_changes
from analysis.workbench.trend import trend

AS_OF = pd.Timestamp("2026-10-31")
DAY = pd.Timestamp


def orders(*rows) -> pd.DataFrame:
    """(supplier, sku, ordered, promised, received, price) of an order line each."""
    table = pd.DataFrame(rows, columns=["supplier", "sku", "ordered_on", "promised_on", "received_on", "unit_price"])
    dates = {name: pd.to_datetime(table[name]) for name in ("ordered_on", "promised_on", "received_on")}
    return table.assign(**dates, order_id=[f"{n}" for n in range(len(table))], line_no=1, stage="bulk", status=np.where(dates["received_on"].isna(), "open", "received"))  # fmt: skip


def inspections(placed: pd.DataFrame, inspected, defective) -> pd.DataFrame:
    return placed[["order_id", "line_no"]].assign(
        inspected_on=placed["received_on"], inspected=inspected, defective=defective
    )


PLACED = orders(
    ("A", "x", "2026-09-01", "2026-09-15", "2026-09-11", 2.0),
    ("A", "x", "2026-10-01", "2026-10-15", "2026-10-21", 8.0),
    ("B", "x", "2026-10-02", "2026-10-30", None, 4.0),
)


def by_hand(sums, supplier, measure):
    return sums[(sums["supplier"] == supplier) & (sums["measure"] == measure)].set_index("month")


def test_months_by_hand():
    """A took 10 and 20 days and was late once; B's open line was due on the 30th; x costs 4 in the (geometric) middle."""
    table = monthly_trends(monthly_sums(PLACED, inspections(PLACED.head(2), [20, 30], [1, 0]), AS_OF))
    sept, oct_ = DAY("2026-09-01"), DAY("2026-10-01")
    assert by_hand(table, "A", "days")["value"].round(9).to_dict() == {sept: 10.0, oct_: 20.0}
    assert by_hand(table, "A", "on_time")["value"].to_dict() == {sept: 1.0, oct_: 0.0}
    assert by_hand(table, "B", "on_time")["value"].to_dict() == {oct_: 0.0}
    assert by_hand(table, "A", "defect_rate")[["observations", "value"]].to_numpy().tolist() == [
        [20.0, 0.05],
        [30.0, 0.0],
    ]
    assert by_hand(table, "A", "price")["value"].round(9).to_dict() == {sept: 0.5, oct_: 2.0}
    assert by_hand(table, "", "on_time").loc[oct_, ["observations", "value"]].tolist() == [2.0, 0.0]
    inside = (table["value_low"] <= table["value"]) & (table["value"] <= table["value_high"])
    assert inside.all() and by_hand(table, "A", "defect_rate")["value_high"].iloc[1] > 0.02  # 0 of 30 is not perfect


def test_a_second_look_after_rework_is_not_what_the_supplier_delivered():
    """10 of 20 defective, reworked and looked at again: 0 of 20. Delivered were 10 of 20."""
    one = PLACED.head(1)
    seen = pd.concat([inspections(one, 20, 10), inspections(one, 20, 0)]).assign(
        reinspection=pd.array([pd.NA, True], "boolean")
    )
    table = monthly_trends(monthly_sums(PLACED, seen, AS_OF))
    assert by_hand(table, "A", "defect_rate")[["observations", "value"]].to_numpy().tolist() == [[20.0, 0.5]]
    shown = trend({"orders": PLACED, "inspections": seen}, AS_OF, "defect_rate", "A", None, 0.9, 0.05).table
    assert shown[["month", "observations", "value"]].to_numpy().tolist() == [["2026-09", 20, 0.5]]


def test_a_share_is_compared_as_its_two_posteriors():
    """30 of 300 after 10 of 300: second route, the difference of two beta posteriors by simulation."""
    months = [DAY(f"2026-{month:02d}-10") for month in (10, 9, 8, 7, 6, 5)]
    placed = orders(*((name, "x", day - pd.Timedelta(days=5), day, day, 1.0) for name in "ABCDEFGH" for day in months))
    seen = inspections(placed, 100, [10, 10, 10, 3, 3, 4] + 7 * 6 * [5])  # the others do not scatter at all
    row = trend_changes(monthly_sums(placed, seen, AS_OF), AS_OF).query("span == 'quarter' and measure == 'defect_rate' and supplier == 'A'").iloc[0]  # fmt: skip
    rng = np.random.default_rng(1)
    worse = stats.beta(30.5, 270.5).rvs(200_000, random_state=rng) > stats.beta(10.5, 290.5).rvs(
        200_000, random_state=rng
    )
    assert row["p_worse"] == pytest.approx(worse.mean(), abs=0.01) and (row["n_before"], row["n_now"]) == (300, 300)


def test_what_changed_is_told_as_it_was_counted():
    """One of one on time, then none of one; 1 of 20 defective, then none of 30: nobody counts 75 % and 25 %."""
    sums = monthly_sums(PLACED, inspections(PLACED.head(2), [20, 30], [1, 0]), AS_OF)
    month = trend_changes(sums, AS_OF).query("span == 'month' and supplier == 'A'").set_index("measure")
    assert (
        month.loc["on_time", ["before", "now"]].tolist() == [1.0, 0.0] and 0.5 < month.loc["on_time", "p_worse"] < 0.99
    )
    assert month.loc["defect_rate", ["before", "now"]].tolist() == [0.05, 0.0]
    assert month.loc["days", ["before", "now"]].round(9).tolist() == [10.0, 20.0]


def test_fewer_on_time_is_worse_and_fewer_days_are_better():
    rows = [("A", "x", day, day + pd.Timedelta(days=12), day + pd.Timedelta(days=took), 1.0) for day, took in _took(9, 10, "2026-02-01") + _took(9, 20, "2026-08-01")]  # fmt: skip
    changes = trend_changes(monthly_sums(orders(*rows), inspections(orders(*rows), 1, 0), AS_OF), AS_OF)
    quarter = changes.query("span == 'quarter' and supplier == 'A'").set_index("measure")["p_worse"]
    assert quarter["days"] > 0.99 and quarter["on_time"] > 0.99
    assert quarter["price"] == pytest.approx(0.5, abs=0.01)


def test_a_single_delivery_a_day_longer_is_noise():
    """7 days a delivery, once 8: by hand log(8/7) over sqrt(2/6)/7 is 1.6 standard errors, of the dates' hours alone."""
    took = [("2026-04-03", 7), ("2026-05-04", 7), ("2026-06-01", 7), ("2026-07-03", 7), ("2026-08-03", 7), ("2026-09-04", 7), ("2026-10-05", 8)]  # fmt: skip
    placed = orders(*(("A", "x", DAY(day), DAY(day), DAY(day) + pd.Timedelta(days=n), 1.0) for day, n in took))
    twice = pd.concat([placed, placed.assign(line_no=2)], ignore_index=True)  # two articles in one parcel
    for lines in (placed, twice):
        month = trend_changes(monthly_sums(lines, inspections(lines, 1, 0), AS_OF), AS_OF).query("span == 'month' and measure == 'days'")  # fmt: skip
        assert month["p_worse"].between(0.5, 0.95).all() and month["n_now"].eq(1).all()


def test_another_mix_of_suppliers_is_no_change_of_all():
    """A always takes 10 days and B 20: a month with B alone is not a worse month of everybody's."""
    rows = [(who, "x", DAY(f"2026-{month:02d}-01"), None, DAY(f"2026-{month:02d}-01") + pd.Timedelta(days=days), 1.0)
            for month in range(4, 11) for who, days in (("A", 10), ("B", 20)) if month < 10 or who == "B"]  # fmt: skip
    changes = trend_changes(monthly_sums(orders(*rows), inspections(orders(*rows), 1, 0), AS_OF), AS_OF)
    days = changes.query("span == 'month' and measure == 'days'").set_index("supplier")["p_worse"]
    assert days["B"] == pytest.approx(0.5) and days[""] < 0.95


def test_bulk_that_costs_less_than_its_trial_has_not_become_cheaper():
    rows = [("A", "x", f"2026-{month:02d}-01", None, f"2026-{month:02d}-11", 1.2 if month == 5 else 1.0) for month in (5, 8, 9, 10)]  # fmt: skip
    placed = orders(*rows).assign(stage=["trial", "bulk", "bulk", "bulk"])
    quarter = trend_changes(monthly_sums(placed, inspections(placed, 1, 0), AS_OF), AS_OF)
    quarter = quarter.query("span == 'quarter' and measure == 'price'").set_index("supplier")
    assert quarter.loc["A", "p_worse"] == pytest.approx(0.5) and quarter.loc["A", "now"] == pytest.approx(1.0)


def _took(count, days, first):
    return [(DAY(first) + pd.Timedelta(days=7 * n), days + n % 3) for n in range(count)]


def test_lots_that_scatter_more_than_chance_prove_less():
    """The same pieces, once spread evenly over the months and once in clumps."""
    months = [DAY(f"2026-{month:02d}-10") for month in range(2, 11)]
    placed = orders(*(("A", "x", day - pd.Timedelta(days=5), day, day, 1.0) for day in months))

    def width(defective):
        table = monthly_trends(monthly_sums(placed, inspections(placed, 50, defective), AS_OF))
        own = by_hand(table, "A", "defect_rate")
        return (own["value_high"] - own["value_low"]).iloc[0]

    assert width([5, 0, 18, 0, 16, 0, 6, 0, 0]) > 1.3 * width([5, 5, 5, 5, 5, 5, 5, 5, 5])


def test_nothing_seen_is_no_row_and_the_future_is_not_seen():
    nothing = monthly_sums(PLACED.head(0), inspections(PLACED.head(0), 1, 0), AS_OF)
    assert monthly_trends(nothing).empty and trend_changes(nothing, AS_OF).empty
    early = monthly_sums(PLACED, inspections(PLACED.head(2), 20, 1), DAY("2026-09-30"))
    assert early["month"].max() == DAY("2026-09-01")
