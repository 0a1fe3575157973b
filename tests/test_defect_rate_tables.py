"""From orders and inspections to the tables that the report prints; small tables worked by hand."""

import numpy as np
import pandas as pd
import pytest

from analysis.estimates.defect_rate.tables import (
    LOT_COLUMNS,
    NOT_ASSESSED,
    RATE_COLUMNS,
    check_rates,
    defect_items,
    defect_rate_table,
    fit_lots,
    inspected_lots,
    return_rates,
)
from analysis.sources import tables


def orders_of(*rows) -> pd.DataFrame:
    """(order, line, supplier, sku, category, stage, quantity, status)."""
    names = ["order_id", "line_no", "supplier", "sku", "category", "stage", "quantity", "status"]
    return _canonical("orders", pd.DataFrame(rows, columns=names).assign(ordered_on=pd.Timestamp("2026-01-05")))


def inspections_of(*rows) -> pd.DataFrame:
    """Dicts; a day and line 1 unless said."""
    return _canonical("inspections", pd.DataFrame([{"line_no": 1, "inspected_on": "2026-02-01", **r} for r in rows]))


def _canonical(name: str, rows: pd.DataFrame) -> pd.DataFrame:
    empty = tables.empty(name)
    rows = rows.reindex(columns=empty.columns)
    return pd.DataFrame(
        {c: pd.to_datetime(rows[c]) if t.kind == "M" else rows[c] for c, t in empty.dtypes.items()}
    ).astype(empty.dtypes)


ORDERS = orders_of(
    ("o1", 1, "Ant", "a1", "bags", "trial", 20, "received"),
    ("o2", 1, "Ant", "a2", "bags", "bulk", 50, "received"),
    ("o3", 1, "Bee", "b1", "bags", "trial", 10, "received"),
    ("o3", 2, "Bee", "b2", "bags", "sample", 5, "received"),
    ("o4", 1, "Cat", "c1", "tools", "trial", 30, "open"),
    ("o5", 1, "Dog", None, None, None, 30, "received"),
)


def test_each_row_of_inspections_counts_as_it_should():
    inspections = inspections_of(
        {"order_id": "o1", "batch": "x", "inspected": 10, "defective": 1, "critical": 0},
        {
            "order_id": "o1",
            "batch": "x",
            "inspected": 5,
            "defective": 1,
            "inspected_on": "2026-02-03",
        },  # same lot, later
        {"order_id": "o1", "batch": "y", "inspected": 5, "defective": 0, "critical": 0},  # another batch: another lot
        {"order_id": "o2", "inspected": 8, "defective": 2, "attribute": "weight", "piece": 1, "value": 9.0},
        {
            "order_id": "o2",
            "inspected": 8,
            "defective": 2,
            "attribute": "weight",
            "piece": 2,
            "value": 9.1,
        },  # told again
        {"order_id": "o2", "attribute": "weight", "piece": 3, "value": 9.2},  # a measurement, no count
        {"order_id": "o3", "line_no": None, "inspected": 4, "defective": 0},  # which line is not said: SKU unknown
        {"order_id": "o5", "line_no": None, "inspected": 3, "defective": 1},  # the order has one line
        {"order_id": "nobody's", "inspected": 9, "defective": 9},
    )
    lots = inspected_lots(ORDERS, inspections)
    assert list(lots.columns) == LOT_COLUMNS
    told = lots[["order_id", "batch", "supplier", "sku", "inspected", "defective", "critical"]]
    told = told.astype(object).where(told.notna(), "-")
    assert told.to_numpy().tolist() == [
        ["o1", "x", "Ant", "a1", 15, 2, 0],
        ["o1", "y", "Ant", "a1", 5, 0, 0],
        ["o2", "-", "Ant", "a2", 8, 2, "-"],
        ["o3", "-", "Bee", "-", 4, 0, "-"],
        ["o5", "-", "Dog", "-", 3, 1, "-"],
    ]
    assert lots["inspected_on"].max() == pd.Timestamp("2026-02-03")
    assert lots["line_no"].astype(object).where(lots["line_no"].notna(), "-").tolist() == [1, 1, 1, "-", 1]


INSPECTIONS = inspections_of(
    {"order_id": "o1", "inspected": 20, "defective": 0, "critical": 0, "appearance": 0},
    {"order_id": "o2", "inspected": 50, "defective": 9, "critical": 1, "appearance": 6},
    {"order_id": "o3", "inspected": 10, "defective": 0},
    {"order_id": "o3", "line_no": 2, "inspected": 5, "defective": 1, "critical": 0},
    {"order_id": "o5", "inspected": 30, "defective": 2},
)


def test_rates_of_both_levels():
    lots = inspected_lots(ORDERS, INSPECTIONS)
    table = defect_rate_table(lots, ORDERS, limit=0.05)
    assert list(table.columns) == RATE_COLUMNS and table.attrs["status"] == "assessed"
    suppliers = table[table["level"] == "supplier"].set_index("supplier")
    assert suppliers["inspected"].to_dict() == {"Ant": 70, "Bee": 15, "Cat": 0, "Dog": 30}
    assert suppliers["defective"].to_dict() == {"Ant": 9, "Bee": 1, "Cat": 0, "Dog": 2}
    assert suppliers["lots"].to_dict() == {"Ant": 2, "Bee": 2, "Cat": 0, "Dog": 1}
    assert suppliers["sku"].isna().all() and suppliers["category"].isna().to_dict()["Dog"]
    pairs = table[table["level"] == "supplier_sku"].set_index(["supplier", "sku"])
    assert list(pairs.index) == [("Ant", "a1"), ("Ant", "a2"), ("Bee", "b1"), ("Bee", "b2"), ("Cat", "c1")]
    assert pairs.loc[("Ant", "a1"), "defect_rate"] < pairs.loc[("Ant", "a2"), "defect_rate"]
    assert not table.duplicated(["supplier", "sku", "level"]).any()
    numbers = table[["defect_rate", "defect_rate_low", "defect_rate_high", "p_over_limit", "inverse_yield"]]
    assert np.isfinite(numbers.to_numpy(dtype=float)).all()


def test_a_supplier_never_inspected_has_its_categorys_prior():
    lots = inspected_lots(ORDERS, INSPECTIONS)
    fit = fit_lots(lots, ORDERS)
    row = defect_rate_table(lots, ORDERS, 0.05, fit=fit).set_index("supplier").loc[["Cat"]].iloc[0]
    assert row["defect_rate"] == pytest.approx(fit.categories.of(["tools"]).mean()[0])
    assert row["defect_rate_high"] - row["defect_rate_low"] > 0.05


def test_nothing_inspected_is_not_a_number():
    lots = inspected_lots(ORDERS, tables.empty("inspections"))
    table = defect_rate_table(lots, ORDERS, 0.05)
    assert lots.empty and list(lots.columns) == LOT_COLUMNS
    assert table.empty and list(table.columns) == RATE_COLUMNS and table.attrs["status"] == NOT_ASSESSED
    assert fit_lots(lots, ORDERS) is None
    assert defect_items(lots).empty
    assert return_rates(ORDERS, tables.empty("returns")).empty


def test_items_count_only_where_they_were_filled_in():
    items = defect_items(inspected_lots(ORDERS, INSPECTIONS)).set_index(["supplier", "item"])
    assert set(items.index.get_level_values("item")) == {"critical", "appearance"}
    assert items.loc[("Ant", "critical"), ["kind", "inspected", "failed"]].tolist() == ["severity", 70, 1]
    assert items.loc[("Bee", "critical"), ["inspected", "failed"]].tolist() == [5, 0]
    assert ("Bee", "appearance") not in items.index
    assert items.loc[("Ant", "appearance"), "kind"] == "checklist"


def test_returned_and_reworked_pieces_over_received_ones():
    returns = _canonical(
        "returns",
        pd.DataFrame(
            [
                {"order_id": "o1", "line_no": 1, "returned": 3, "settled_on": "2026-02-10"},
                {"order_id": "o1", "line_no": 1, "returned": 1, "reworked": 2, "settled_on": "2026-03-10"},
                {"order_id": "o3", "line_no": 1, "returned": 99, "settled_on": "2026-02-10"},  # more than it had
            ]
        ),
    )
    table = return_rates(ORDERS, returns).set_index(["supplier", "kind"])
    assert table["received_pieces"].groupby("supplier").first().to_dict() == {"Ant": 70, "Bee": 15, "Dog": 30}
    assert table.loc[("Ant", "returned"), "pieces"] == 4 and table.loc[("Ant", "reworked"), "pieces"] == 2
    assert table.loc[("Bee", "returned"), "pieces"] == 10
    assert table.loc[("Dog", "returned"), "rate_high"] > 0


def test_rows_in_another_order_give_the_same_table():
    lots = inspected_lots(ORDERS, INSPECTIONS)
    mixed = inspected_lots(ORDERS.sample(frac=1, random_state=1), INSPECTIONS.sample(frac=1, random_state=2))
    one, two = (defect_rate_table(some, ORDERS, 0.05) for some in (lots, mixed))
    pd.testing.assert_frame_equal(one, two, rtol=1e-9)


def test_a_rate_outside_its_interval_is_refused():
    bad = pd.DataFrame({"defect_rate": [0.2], "defect_rate_low": [0.3], "defect_rate_high": [0.4]})
    with pytest.raises(ValueError, match="inside its interval"):
        check_rates(bad)
