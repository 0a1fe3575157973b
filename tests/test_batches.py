"""Sample batches against the first, and a batch from its sample over its lot to what came back."""

import numpy as np
import pandas as pd
import pytest
from review_tables import facts

from analysis.errors import AnalysisError
from analysis.estimates.batches import batch_trace, sample_batches
from analysis.estimates.defect_rate import fit_lots, inspected_lots
from analysis.estimates.drift import CountComparison, measured_pieces
from analysis.reporting.evidence import check_names, of_batch
from analysis.reporting.explained import explained
from analysis.sources.tables import empty

SUPPLIER, SKU = "A厂", "P"


def table(name: str, rows: list[dict], **same) -> pd.DataFrame:
    blank = empty(name)
    found = pd.DataFrame([{**same, **row} for row in rows]).reindex(columns=blank.columns)
    days = {column: pd.to_datetime(found[column]) for column, kind in blank.dtypes.items() if "datetime" in str(kind)}
    return found.assign(**days).astype(blank.dtypes.to_dict())


def orders(*stages: str) -> pd.DataFrame:
    rows = [{"order_id": str(n), "stage": stage, "received_on": f"2026-0{n}-10"} for n, stage in enumerate(stages, 1)]
    return table(
        "orders",
        rows,
        line_no=1,
        supplier=SUPPLIER,
        sku=SKU,
        category="箱包",
        quantity=100,
        status="received",
        ordered_on="2026-01-01",
    )


def looks(*rows: dict) -> pd.DataFrame:
    return table("inspections", list(rows), line_no=1, inspected_by="ours", reinspection=False)


def look(order: int, defective: int, inspected: int, batch: str | None = None, **more) -> dict:
    return {
        "order_id": str(order),
        "defective": defective,
        "inspected": inspected,
        "batch": batch,
        "inspected_on": f"2026-0{order}-11",
        **more,
    }


def compared(bought: pd.DataFrame, seen: pd.DataFrame) -> tuple[pd.DataFrame, object]:
    lots = inspected_lots(bought, seen)
    fit = fit_lots(lots, bought)
    return sample_batches(lots, measured_pieces(bought, seen), fit), fit


def test_a_clearly_worse_second_sample_is_told_and_a_thin_third_is_not():
    """Beside many lots of another supplier that are all alike: lots differ little here, so that twelve of twenty say something."""
    others = [{"order_id": f"o{n}", "supplier": "B厂", "stage": "bulk", "received_on": "2026-05-10"} for n in range(30)]
    alike = table(
        "orders", others, line_no=1, sku=SKU, category="箱包", quantity=100, status="received", ordered_on="2026-01-01"
    )
    bought = pd.concat([orders("sample", "sample", "sample", "bulk"), alike], ignore_index=True)
    more = [{"order_id": f"o{n}", "inspected": 20, "defective": 1, "inspected_on": "2026-05-11"} for n in range(30)]
    rows, fit = compared(bought, looks(look(1, 0, 20), look(2, 12, 20), look(3, 1, 5), look(4, 0, 50), *more))
    assert rows["number"].tolist() == [1, 2, 3] and rows["verdict"].tolist() == ["first", "worse", "cannot_tell"]
    assert rows[["defective", "inspected"]].to_numpy().tolist() == [[0, 20], [12, 20], [1, 5]], (
        "the bulk lot is no sample"
    )
    assert (
        np.isnan(rows["p_worse"][0])
        and ((rows["rate_low"] <= rows["rate"]) & (rows["rate"] <= rows["rate_high"])).all()
    )
    compare = CountComparison(fit.lot_correlation, 0.95)
    prior = fit.categories.on(compare.grid).masses[0]
    counts = (np.array([value]) for value in (0.0, 20.0, 12.0, 20.0))
    assert rows["p_worse"][1] == pytest.approx(compare(*counts, prior)["p_worse"]), "as samples against bulk"


def test_one_batch_is_compared_with_nothing():
    assert compared(orders("sample", "trial"), looks(look(1, 0, 5), look(2, 9, 20)))[0].empty
    assert sample_batches(
        inspected_lots(orders("sample"), looks().iloc[:0]), measured_pieces(orders("sample"), looks().iloc[:0]), None
    ).empty


def test_two_batches_of_one_order_are_two():
    rows, _ = compared(orders("sample", "bulk"), looks(look(1, 0, 5, "1"), look(1, 0, 5, "2"), look(2, 0, 50)))
    assert rows["batch"].tolist() == ["1", "2"] and rows["verdict"].tolist() == ["first", "cannot_tell"]


@pytest.mark.parametrize(("limits", "verdict"), [((80.0, 120.0), "worse"), ((np.nan, np.nan), "differs")])
def test_measurements_show_what_counts_cannot(limits, verdict):
    """Five pieces each and none defective, but the second batch weighs 12 less with a spread of 1."""
    spread = np.array([-1.0, -0.5, 0.0, 0.5, 1.0])
    measured = [
        look(order, 0, 5, attribute="重量(g)", value=value, piece=piece, lower_limit=limits[0], upper_limit=limits[1])
        for order, middle in ((1, 100.0), (2, 88.0))
        for piece, value in enumerate(middle + spread, 1)
    ]
    rows, _ = compared(orders("sample", "sample"), looks(*measured))
    assert rows["attribute"][1] == "重量(g)" and rows["p_worse_measured"][1] > 0.95 and rows["verdict"][1] == verdict


# --- the trace


@pytest.fixture
def tables():
    bought = orders("sample", "bulk", "bulk")
    seen = looks(look(1, 1, 5, "S-100"), look(2, 3, 40, "L-200"), look(3, 2, 30, "L-300"), look(3, 0, 20, "1"))
    outside = looks(look(2, 0, 40, "L-200", inspected_on="2026-02-01")).assign(inspected_by="factory")
    came = table(
        "receipts",
        [{"order_id": "3", "line_no": 1, "batch": "L-300", "received_on": "2026-03-08", "received_quantity": 60}],
    )
    back = table(
        "returns",
        [{"order_id": "2", "returned": 7}, {"order_id": "3", "batch": "L-300", "reworked": 2, "complained": 4}],
        line_no=1,
    )
    return {"orders": bought, "inspections": seen, "outside_inspections": outside, "receipts": came, "returns": back}


def test_a_batch_is_traced_from_sample_to_lot_to_return(tables):
    rows = batch_trace(tables).set_index("batch")
    lot = rows.loc["L-200"]
    assert lot[["sample_batch", "sample_inspected", "sample_defective", "lot_inspected", "lot_defective"]].tolist() == [
        "S-100",
        5,
        1,
        40,
        3,
    ]
    assert lot[["factory_inspected", "factory_defective", "returned", "claimed_by"]].tolist() == [40, 0, 7, "line"]
    assert lot["received_on"] == pd.Timestamp("2026-02-10"), "that of the order line"
    named = rows.loc["L-300"]
    assert named[["received", "reworked", "complained", "claimed_by"]].tolist() == [60, 2, 4, "batch"]
    assert named["received_on"] == pd.Timestamp("2026-03-08") and pd.isna(named["third_party_inspected"])
    assert pd.isna(rows.loc["1", "claimed_by"]), "the return of its line names another batch"
    assert rows.loc["S-100", ["sample_inspected", "sample_batch"]].tolist() == [5, "S-100"] and pd.isna(
        rows.loc["S-100", "lot_inspected"]
    )


def test_a_lot_of_the_samples_own_number_is_one_batch(tables):
    tables["inspections"].loc[1, "batch"] = "S-100"
    rows = batch_trace({**tables, "outside_inspections": tables["outside_inspections"].iloc[:0]}).set_index("batch")
    assert rows.loc["S-100", ["orders", "sample_inspected", "lot_inspected", "returned"]].tolist() == ["1, 2", 5, 40, 7]


def test_short_numbers_are_counted_within_their_order(tables):
    tables["inspections"].loc[[1, 3], "batch"] = "1"
    tables["outside_inspections"] = tables["outside_inspections"].iloc[:0]
    rows = batch_trace(tables)
    assert rows.loc[rows["batch"] == "1", "orders"].tolist() == ["3", "2"]


@pytest.mark.parametrize("number", ["第1批", "001", "１号", "12"])
def test_parcel_numbers_in_other_spellings_are_short_too(tables, number):
    tables["inspections"].loc[[1, 3], "batch"] = number
    tables["outside_inspections"] = tables["outside_inspections"].iloc[:0]
    rows = batch_trace(tables)
    assert rows.loc[rows["batch"] == number, "orders"].tolist() == ["3", "2"]


def test_a_sample_is_as_old_as_its_own_look(tables):
    """S-100 was sampled in January; a lot of July bears the number again: the lots of February and March still follow that sample."""
    reused = looks(look(3, 5, 20, "S-100", inspected_on="2026-07-01"))
    tables["inspections"] = pd.concat([tables["inspections"], reused], ignore_index=True)
    rows = batch_trace(tables).set_index("batch")
    assert rows.loc[["L-200", "L-300"], "sample_batch"].tolist() == ["S-100", "S-100"]
    assert rows.loc["L-200", ["sample_inspected", "sample_defective"]].tolist() == [5, 1]


def test_a_later_sample_without_a_number_is_the_last(tables):
    """Between the numbered sample and the lot of March: 3 of 4 defective, and no number to tell."""
    more = orders("sample", "sample", "sample", "sample").iloc[3:]
    tables["orders"] = pd.concat([tables["orders"], more], ignore_index=True)
    late = looks(look(4, 3, 4, None, inspected_on="2026-03-01"))
    tables["inspections"] = pd.concat([tables["inspections"], late], ignore_index=True)
    rows = batch_trace(tables).set_index("batch")
    assert rows.loc["L-300", ["sample_inspected", "sample_defective"]].tolist() == [4, 3]
    assert pd.isna(rows.loc["L-300", "sample_batch"]) and rows.loc["L-200", "sample_batch"] == "S-100"


def test_of_a_factorys_looks_the_first_is_told(tables):
    again = tables["outside_inspections"].assign(inspected_on=pd.Timestamp("2026-02-03"), defective=9)
    tables["outside_inspections"] = pd.concat([tables["outside_inspections"], again], ignore_index=True)
    row = batch_trace(tables).set_index("batch").loc["L-200"]
    assert row[["factory_inspected", "factory_defective"]].tolist() == [40, 0]


def test_a_batch_and_the_name_of_another_are_told_apart(tables):
    made = {**tables, "batch_trace": batch_trace(tables)}
    made["orders"] = pd.concat([made["orders"], made["orders"].assign(order_id="9", supplier="B厂")], ignore_index=True)
    check_names(made, SUPPLIER, SKU, "x", "2026-10", "L-200")
    with pytest.raises(AnalysisError, match=f"L-200.*B厂.*{SUPPLIER}"):
        check_names(made, "B厂", None, "x", "2026-10", "L-200")


def test_what_is_known_by_a_number(tables):
    found = of_batch({**tables, "batch_trace": batch_trace(tables)}, "L-200")
    assert {name: len(rows) for name, rows in found.items()} == {
        "orders": 1,
        "inspections": 1,
        "outside_inspections": 1,
        "receipts": 0,
        "returns": 1,
        "batch_trace": 1,
    }
    assert found["returns"]["returned"].tolist() == [7], "of its line, naming no batch"


def test_nothing_is_traced_to_nothing(tables):
    none = batch_trace({name: rows.iloc[:0] for name, rows in tables.items()})
    assert none.empty and none.dtypes.equals(batch_trace(tables).dtypes)


def test_explained_by_its_number_in_both_languages(tables):
    known = {
        **tables,
        "batch_trace": batch_trace(tables),
        "scorecard": pd.DataFrame({"supplier": [SUPPLIER], "grade": ["A"]}),
    }
    for language, title, rating in (
        ("en", "Batches: sample, lot, returns (1)", "== Rating"),
        ("zh", "批号追溯：样品、大货、退换 (1)", "== 评分"),
    ):
        text = explained(known, facts(), None, None, language, batch="L-200")
        assert title in text and "S-100" in text and "L-300" not in text and rating not in text
    with pytest.raises(AnalysisError) as caught:
        check_names(known, None, None, "mine", "2026-10", "L-20")
    assert "L-200" in caught.value.text("en") and "批号" in caught.value.text("zh")
