"""At which stage a group is, by gates counted by hand."""

import pandas as pd
import pytest
from house import read
from review_tables import facts

from analysis.decisions.stages import STAGE_COLUMNS, StageRule, stage_gates
from analysis.reporting.report_context import report_context
from analysis.reporting.ways_pages import ways_pages
from analysis.sources.tables import empty

AS_OF = pd.Timestamp("2026-09-30")
RULE = read("stages", StageRule, received_lines=3, inspected_share=0.5, costed_share=0.5, proven_suppliers=1, backed_share=0.5, counted_share=0.5, counted_days=31, scored_forecasts=10, regions=2, on_time_share=0.7, largest_share=0.6, poor_quality_share=0.1)  # fmt: skip


def tables(**changed):
    """Four lines, three of which came in the last year; one of these was inspected."""
    orders = pd.DataFrame({
        "order_id": ["1", "2", "3", "4"], "line_no": [1, 1, 1, 1], "supplier": ["A", "A", "B", "B"], "status": ["received"] * 3 + ["open"],
        "ordered_on": pd.to_datetime(["2025-03-01", "2026-01-05", "2026-08-01", "2026-09-20"]),
        "received_on": pd.to_datetime(["2025-03-20", "2026-01-20", "2026-08-20", None]),
    })  # fmt: skip
    looked = pd.DataFrame({"order_id": ["1", "3", "4"], "line_no": [1, 1, 1], "inspected": [5, 5, None]})
    places = pd.DataFrame({"supplier": ["A", "B", "C"], "region": ["义乌", "广州", "泉州"]})
    counts = pd.DataFrame({"sku": ["cup", "pan"], "counted_on": pd.to_datetime(["2026-09-10", "2026-06-10"])})
    return {"orders": orders, "inspections": looked, "suppliers": places, "stock_counts": counts} | changed


def made(**changed):
    plan = pd.DataFrame({
        "sku": ["cup", "pan", "tin", "lid"], "supplier": ["A", "B", None, "A"], "demand_per_month": [1.0, 1.0, 1.0, None],
        "cost_per_good_piece": [3.0, None, None, 2.0],
    })  # fmt: skip
    return {
        "scorecard": pd.DataFrame({"supplier": ["A", "B"], "grade": ["A", "B"]}),
        "purchase_plan": plan,
        "backups": pd.DataFrame({"supplier": ["A", "B"], "sku": ["cup", "pan"], "readiness": ["ready", "quoted"]}),
        "on_time": pd.DataFrame({"supplier": ["A", "B"], "due": [3, 1], "on_time_in_full": [2, 1]}),
        "exposure": pd.DataFrame({"supplier": ["A", "B"], "share": [0.7, 0.3]}),
        "quality_costs": pd.DataFrame({"cost_of_poor_quality": [30.0, None], "spend": [400.0, 100.0]}),
        "calibration": pd.DataFrame(
            {  # as `calibration_table`: a row a month, and a row "all" that holds them together
                "kind": ["defects", "defects", "lead_time", "lead_time", "lead_time"],
                "month": ["2026-08", "all", "2026-07", "2026-08", "all"],
                "observations": [50, 50, 4, 8, 12],
            }
        ),
    } | changed


def gates(**changed):
    found = stage_gates(tables(), made(**changed), AS_OF, RULE)
    assert list(found) == STAGE_COLUMNS
    return found.set_index("gate")


def test_each_gate_is_counted_from_the_tables():
    found = gates()
    by_hand = {
        "received_lines": (3, 3), "inspected_share": (1 / 2, 2), "costed_share": (1 / 3, 3), "proven_suppliers": (1, 2), "backed_share": (1 / 2, 2),
        "counted_share": (1 / 3, 3), "scored_forecasts": (12, 12), "regions": (2, 2), "on_time_share": (3 / 4, 4), "largest_share": (0.7, 2),
        "poor_quality_share": (30 / 400, 1),
    }  # fmt: skip
    assert list(found.index) == list(by_hand)
    for gate, (reached, n) in by_hand.items():
        assert found.loc[gate, "reached"] == pytest.approx(reached) and found.loc[gate, "observations"] == n, gate
    missed = ["costed_share", "counted_share", "largest_share"]
    assert found.index[~found["met"]].tolist() == missed
    assert dict(zip(found["stage"], found["standing"])) == {"start": "now", "growth": "later", "maturity": "later"}


def test_the_stage_is_the_first_with_a_gate_that_is_not_met():
    costed = made()["purchase_plan"].assign(cost_per_good_piece=3.0)
    assert gates(purchase_plan=costed).groupby("stage")["standing"].first().to_dict() == {
        "start": "reached", "growth": "now", "maturity": "later",
    }  # fmt: skip


def test_what_nobody_knows_opens_no_gate():
    nothing = {name: table.iloc[:0] for name, table in made().items()}
    blank = {name: empty(name) for name in ("orders", "inspections", "suppliers", "stock_counts")}
    found = stage_gates(blank, nothing, AS_OF, RULE).set_index("gate")
    assert (
        not found["met"].any()
        and found.loc[["inspected_share", "on_time_share", "largest_share"], "reached"].isna().all()
    )
    assert (found.loc[found["stage"] == "start", "standing"] == "now").all()


@pytest.mark.parametrize(
    ("language", "gate", "needed", "reached", "told"),
    [("en", "inspected_share", 0.9, 0.896, "received lines inspected 89.6% of 90.0% asked (n 40)"),
     ("zh", "inspected_share", 0.9, 0.896, "到货行验货比例 89.6%，要求 90.0%（n 40）"),
     ("en", "largest_share", 0.4, 0.45, "spend with one supplier 45%, at most 40% asked (n 40)"),
     ("zh", "largest_share", 0.4, 0.45, "单一供应商采购占比 45%，要求不超过 40%（n 40）"),
     ("en", "poor_quality_share", 0.05, 0.0504, "cost of poor quality 5.04% of the spend, at most 5.00% asked (n 40)"),
     ("en", "inspected_share", 0.9, float("nan"), "received lines inspected — of 90% asked")],
)  # fmt: skip
def test_a_gate_that_is_missed_reads_as_missed(language, gate, needed, reached, told):
    row = {
        "stage": "start",
        "standing": "now",
        "gate": gate,
        "needed": needed,
        "reached": reached,
        "observations": 40,
        "met": False,
    }
    table = {"orders": tables()["orders"], "stage_gates": pd.DataFrame([row])}
    [chapter] = ways_pages(report_context(table, facts(as_of=AS_OF), language))
    assert any(told in str(block) for block in chapter["blocks"])


@pytest.mark.parametrize(
    ("language", "told"),
    [("en", "At the stage of starting: 2 of 3 gates reached. Missing: SKUs with a full cost a good piece 33% of 50% asked (n 3)."),
     ("zh", "目前处于初创期：3 项门槛已达到 2 项。尚缺：合格品成本完整的货号比例 33%，要求 50%（n 3）。")],
)  # fmt: skip
def test_the_report_tells_the_stage_at_the_end_of_a_quarter(language, told):
    table = {"orders": tables()["orders"], "stage_gates": gates().reset_index()}
    [chapter] = ways_pages(report_context(table, facts(as_of=AS_OF), language))
    assert any(told in str(block) for block in chapter["blocks"])
