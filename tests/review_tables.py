"""A month's tables, made up by hand for the tests of report, plots and workbook: no estimate was run for them."""

import numpy as np
import pandas as pd

from analysis.estimates.track_record import late_together
from analysis.reporting.columns import about
from analysis.reporting.facts import ReviewFacts
from analysis.sources.cell_words import CHECKLIST
from analysis.sources.quarantine import note, notes
from analysis.wording import say

AS_OF = pd.Timestamp("2026-10-31")
EIGHT = [
    "义乌市晨星工具有限公司", "Hangzhou Best 🏭 Factory", "佛山市南海区盐步某某五金塑料制品实业有限公司第二分厂", "温州皮具",
    "=Ningbo*Tools", "绍兴市柯桥区纺织", "深圳电子配件厂", "never received trading co.",
]  # fmt: skip
CRITERIA = {"defect_rate": 0.4, "lead_time": 0.3, "price_ratio": 0.2, "after_sales_reply": 0.1}


def facts(**changes) -> ReviewFacts:
    given = {
        "source": "example",
        "month": "2026-10",
        "as_of": AS_OF,
        "title": {"en": "Example Trading", "zh": "示例贸易公司"},
        "note": {"en": "Trial orders on 1688.", "zh": "1688 试单。"},
        "simulated": True,
        "limit": 0.05,
        "seed": 20261031,
        "provenance": {
            "package_version": "0.1.0",
            "git_revision": "0123abc",
            "inputs": {"orders_2026-10.xlsx": "ab" * 32, "ledger.xlsx": "cd" * 32},
            "parameters": {"limits": {"defect_rate": 0.05, "interval_level": 0.9}},
            "libraries": {"numpy": "2.4.6", "pandas": "3.1.1"},
        },
    }
    return ReviewFacts(**{**given, **changes})


def is_described(table: str, column: str) -> bool:
    """True when the codebook says what the column is."""
    return about(table, column, "en") != say("codebook.undescribed.about", "en")


def names(count: int) -> list[str]:
    """The eight awkward names, then plain ones."""
    return (EIGHT + [f"供应商 {n:02d} Supplier" for n in range(count)])[:count]


def review_tables(count: int = 8) -> dict[str, pd.DataFrame]:
    suppliers, rng = names(count), np.random.default_rng(7)
    inspected = np.array([120, 60, 22, 40, 15, 5, 0, 0, *rng.integers(5, 90, 200)])[:count]
    defective = np.array([1, 2, 3, 7, 0, 0, 0, 0, *rng.integers(0, 5, 200)])[:count]
    received = np.array([9, 7, 5, 6, 3, 2, 1, 0, *rng.integers(1, 30, 200)])[:count]
    still_open = np.array([1, 2, 1, 0, 1, 0, 1, 2, *rng.integers(0, 4, 200)])[:count]
    tables = {
        "defect_rates": defect_rates(suppliers, inspected, defective),
        "defect_items": defect_items(suppliers, inspected, defective),
        "return_rates": return_rates(suppliers),
        "drift": drift(suppliers),
        "lead_times": lead_times(suppliers, received, still_open),
        "scorecard": scorecard(suppliers, inspected, received, still_open),
        "criteria_values": criteria_values(suppliers, inspected),
        "weights": weights(),
        "orders": orders(suppliers, received, still_open),
        "survival": survival(suppliers),
        "accounting": accounting(),
        "quarantine": told(),
        "remarks": told().head(1),
    }
    tables["scorecard"]["rating"] = rating_of(tables["criteria_values"], suppliers)
    tables["inspections"] = inspections(tables["orders"])
    tables["open_orders"] = open_orders(tables["orders"])
    tables["late_together"] = late_together(tables["open_orders"], no_outcomes(), AS_OF)
    tables["on_time"] = on_time(suppliers, received)
    tables |= {table.__name__: table() for table in MONEY_TABLES}
    before = tables["scorecard"].iloc[:-1].assign(rank=lambda rows: rows["rank"].to_numpy()[::-1])
    tables["previous_scorecard"] = before.assign(grade=["B", *before["grade"].iloc[1:]])
    return tables


def defect_rates(suppliers, inspected, defective):
    rate = (defective + 0.5) / (inspected + 10)
    return pd.DataFrame({
        "supplier": suppliers, "sku": pd.NA, "level": "supplier", "category": ["工具", "箱包"] * (len(suppliers) // 2) + ["工具"] * (len(suppliers) % 2),
        "inspected": inspected, "defective": defective, "lots": (inspected > 0).astype(int), "defect_rate": rate,
        "defect_rate_low": rate * 0.3, "defect_rate_high": rate * 2.2 + 0.01,
        "p_over_limit": np.clip(rate * 7 - 0.05, 0.001, 0.97), "limit": 0.05,
        "pieces_to_settle": pd.array(np.maximum(70 - inspected, 12), "Int64"),
        "inverse_yield": 1 / (1 - rate),
    })  # fmt: skip


def defect_items(suppliers, inspected, defective):
    rows = []
    for s, n, x in zip(suppliers, inspected, defective):
        for place, item in enumerate(CHECKLIST):
            rows.append((s, item, "checklist", n, max(x - place, 0)))
        for place, item in enumerate(["critical", "major", "minor"]):
            rows.append((s, item, "severity", n, int(x > place) * (place + 1)))
    table = pd.DataFrame(rows, columns=["supplier", "item", "kind", "inspected", "failed"])
    rate = (table["failed"] + 0.5) / (table["inspected"] + 10)
    return table.assign(rate=rate, rate_low=rate * 0.3, rate_high=rate * 2)


def return_rates(suppliers):
    rows = [(s, kind, 100, 4 - place if place < 3 else 0) for place, s in enumerate(suppliers) for kind in ("returned", "reworked")]  # fmt: skip
    table = pd.DataFrame(rows, columns=["supplier", "kind", "received_pieces", "pieces"])
    rate = (table["pieces"] + 0.2) / 102
    return table.assign(rate=rate, rate_low=rate * 0.4, rate_high=rate * 2)


def drift(suppliers):
    return pd.DataFrame({
        "supplier": suppliers[:3], "sku": ["T-100", "B-7", "T-9"], "kind": ["count", "measurement", "count"], "attribute": [None, "weight_g", None],
        "p_worse": [0.6, 0.97, 0.4], "flagged": [False, True, False], "detectable": [0.22, 1.5, 0.3],
        "note": ["few samples", "lighter by 4 g", "few samples"], "note_zh": ["样品太少", "轻 4 克", "样品太少"],
    })  # fmt: skip


def lead_times(suppliers, received, still_open):
    median = np.linspace(9, 31, len(suppliers))
    table = pd.DataFrame({"supplier": suppliers, "category": "工具", "received": received, "open": still_open, "unknown": [1] + [0] * (len(suppliers) - 1)})  # fmt: skip
    for stem, factor in (("median", 1.0), ("p90", 1.7), ("p95", 2.0)):
        table[f"lead_time_{stem}"] = median * factor
        table[f"lead_time_{stem}_low"], table[f"lead_time_{stem}_high"] = median * factor * 0.8, median * factor * 1.4
    late = np.linspace(0.02, 0.8, len(suppliers))
    promised = [*np.full(len(suppliers) - 1, 20.0), np.nan]
    return table.assign(
        late_probability=late, late_probability_low=late * 0.5, late_probability_high=np.minimum(late * 1.3, 1),
        promised_days=promised, family="lognormal", family_weight=0.6, status="ok",
    )  # fmt: skip


def scorecard(suppliers, inspected, received, still_open):
    count = len(suppliers)
    grade = ["A", "A", "B", "C", "B", "B", "B", "B"] + ["B"] * max(count - 9, 0) + ["C"] * (count > 8)
    best = np.exp(-np.arange(count) * 0.8)
    return pd.DataFrame({
        "supplier": suppliers, "category": "工具", "rating": 0.0, "rating_low": 30.0, "rating_high": 90.0, "rank": range(1, count + 1),
        "p_best": best / best.sum(), "p_top3": np.clip(3 * best / best.sum(), 0, 1), "grade": grade[:count],
        "grade_reason": "defect rate under 5% with 93% (120 pieces inspected); rating at least 50 with 88%",
        "grade_reason_zh": "不良率低于 5% 的概率 93%（已验 120 件）；评分不低于 50 的概率 88%",
        "missing_criteria": ["" if n else "defect_rate, after_sales_reply" for n in inspected],
        "inspected": inspected, "received": received, "open": still_open,
    })  # fmt: skip


def criteria_values(suppliers, inspected):
    rows = []
    for place, (s, n) in enumerate(zip(suppliers, inspected)):
        for number, (criterion, weight) in enumerate(CRITERIA.items()):
            worth = 0.95 - 0.8 * ((place * 3 + number * 5) % 11) / 11
            rows.append((s, criterion, 3.0, 2.0, 4.0, worth, worth * 0.8, min(worth * 1.2, 1), weight, int(n), bool(n == 0 and number in (0, 3))))  # fmt: skip
    columns = ["supplier", "criterion", "value", "value_low", "value_high", "worth", "worth_low", "worth_high", "weight", "observations", "missing"]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def rating_of(values, suppliers):
    """100 x the weighted sum, a second route to what the workbook's formula gives."""
    points = (100 * values["weight"] * values["worth"]).groupby(values["supplier"]).sum()
    return points.reindex(suppliers).to_numpy()


def weights():
    share = np.array(list(CRITERIA.values()))
    return pd.DataFrame({
        "month": "2026-10", "criterion": list(CRITERIA), "weight": share, "weight_low": share * 0.7, "weight_high": share * 1.3,
        "previous": share[::-1], "reason": "moved by outcomes", "reason_zh": "依据订单结果调整",
    })  # fmt: skip


def orders(suppliers, received, still_open):
    rows = []
    for place, (s, done, waiting) in enumerate(zip(suppliers, received, still_open)):
        for number in range(done + waiting):
            day = AS_OF - pd.Timedelta(days=8 + 13 * (done + waiting - number) + place % 6)
            here = day + pd.Timedelta(days=12 + place % 9) if number < done else pd.NaT
            rows.append((f"26{place:04d}{number:012d}", 1, s, f"SKU-{place}", "工具", "trial", day, day + pd.Timedelta(days=14), here, 20, 3.5, 70.0, 70.0, "received" if number < done else "open"))  # fmt: skip
    columns = ["order_id", "line_no", "supplier", "sku", "category", "stage", "ordered_on", "promised_on", "received_on", "quantity", "unit_price", "goods_amount", "paid_amount", "status"]  # fmt: skip
    table = pd.DataFrame(rows, columns=columns).assign(freight=0.0, duty=0.0, discount=0.0)
    table.loc[0, ["status", "received_on"]] = ["cancelled", pd.NaT]
    return table


def inspections(placed):
    here = placed[placed["received_on"].notna()].head(20)
    return pd.DataFrame({
        "order_id": here["order_id"], "line_no": here["line_no"], "inspected_on": here["received_on"], "inspected": 20, "defective": 1,
        "appearance": 1, "attribute": "", "value": np.nan,
    })  # fmt: skip


def open_orders(placed):
    waiting = placed[placed["status"] == "open"]
    late = np.linspace(0.1, 0.95, len(waiting))
    return waiting[["order_id", "line_no", "supplier", "sku", "ordered_on", "promised_on"]].assign(
        days_open=(AS_OF - waiting["ordered_on"]).dt.days,
        expected_on=AS_OF + pd.Timedelta(days=4), arrives_by_80=AS_OF + pd.Timedelta(days=12), late_probability=late,
    )  # fmt: skip


def no_outcomes():
    return pd.DataFrame(columns=["kind", "state", "made_on", "said", "came"])


def on_time(suppliers, received):
    kept = received * 2 // 3
    table = pd.DataFrame(
        {"supplier": suppliers, "due": received + 1, "on_time_in_full": kept, "late": received - kept, "undelivered": 1}
    )
    share = kept / (received + 1)
    return table.assign(otif=share, otif_low=share * 0.7, otif_high=np.minimum(share * 1.3, 1))


def survival(suppliers):
    days = np.arange(0, 46, 3)
    still = np.clip(1 - days / 40, 0, 1)
    parts = [
        pd.DataFrame({"supplier": s, "days": days, "survival": still, "low": np.clip(still - 0.1, 0, 1), "high": np.clip(still + 0.1, 0, 1), "at_risk": 40 - days // 2})
        for s in ("", *suppliers[:4])
    ]  # fmt: skip
    return pd.concat(parts, ignore_index=True)


def accounting():
    return pd.DataFrame({
        "file": ["orders_2026-10.xlsx", "ledger.xlsx", "ledger.xlsx"], "sheet": ["订单", "收货验货", "供应商"],
        "table": ["orders", "inspections", "suppliers"], "rows_in": [50, 31, 8], "kept": [46, 29, 8], "quarantined": [3, 2, 0],
        "merged": [1, 0, 0], "later": [4, 2, 0],
    })  # fmt: skip


def told():
    orders, ledger = ("orders", "orders_2026-10.xlsx", "订单"), ("inspections", "ledger.xlsx", "收货验货")
    return notes([
        *(note(*orders, row, "ordered_on", "not_a_date", value="#####") for row in (14, 22)),
        note(*orders, 23, "quantity", "quantity_not_positive", value=0),
        *(note(*ledger, row, "defective", "more_defective_than_inspected", value=3) for row in (7, 9)),
    ])  # fmt: skip


# ---- money, stock, inspection, backup: three SKUs of five suppliers ----

COMPONENTS = [
    "list_price", "price_step", "sample_fee_credit", "freight", "insurance", "duty", "vat", "clearance", "platform_fee", "order_cost",
    "inspection", "financing", "rework", "returns", "refunds", "escaped_defects", "delay", "yield_loss",
]  # fmt: skip
OFFERS = [  # supplier, sku, wanted, list price, price step, freight, inspection, refunds, yield loss, P(cheapest)
    (EIGHT[0], "T-100", 200, 20.00, -1.50, 0.75, 0.50, -0.25, 0.37, 0.04),
    (EIGHT[1], "T-100", 200, 18.20, 0.00, 0.90, 0.50, -0.10, 0.21, 0.96),
    (EIGHT[2], "T-100", 200, 17.11, 0.00, np.nan, 0.50, 0.00, 0.33, np.nan),
    (EIGHT[3], "B-7", 50, 31.40, 0.00, np.nan, 0.60, 0.00, 0.41, np.nan),
    (EIGHT[4], "T-9", 500, 3.30, -0.20, 0.15, 0.10, 0.00, 0.02, 1.0),
]
PRESENT = {"T-100": EIGHT[0], "B-7": EIGHT[3], "T-9": EIGHT[4]}
PLANNED = PRESENT | {"T-100": EIGHT[1]}
"""Whom the plan buys from: order sizes, negotiation and stock follow it."""


def costs():
    rows = []
    for supplier, sku, wanted, price, step, freight, looking, refunds, lost, chance in OFFERS:
        parts = dict.fromkeys(COMPONENTS, 0.0) | {"list_price": price, "price_step": step, "freight": freight}
        parts |= {"inspection": looking, "refunds": refunds, "yield_loss": lost}
        total, known = np.nansum(list(parts.values())), not np.isnan(freight)
        rows.append({
            "supplier": supplier, "sku": sku, "wanted": wanted, "quantity": wanted, "transport_mode": "truck" if known else "",
            "freight_source": "orders" if known else "", "freight_orders": 5 if known else pd.NA, "basis": "quote", "unit_price": price + step,
            **parts, "cost_per_good_piece": total, "cost_per_good_piece_low": total - 0.4, "cost_per_good_piece_high": total + 0.9,
            "p_cheapest": chance, "complete": known, "missing": "" if known else "freight",
            "note": "" if known else "cost without freight: it is not known", "note_zh": "" if known else "成本未含运费：运费未知",
            "order_quantity": 500, "cost_per_piece": total - 1,
        })  # fmt: skip
    return pd.DataFrame(rows).astype({"freight_orders": "Int64", "order_quantity": "Int64"})


def order_sizes():
    return pd.DataFrame({
        "supplier": list(PLANNED.values()), "sku": list(PLANNED), "demand_per_year": [2400.0, 600.0, 6000.0],
        "min_quantity": pd.array([100, 900, 500], "Int64"), "order_quantity": pd.array([500, pd.NA, 1000], "Int64"),
        "transport_mode": ["truck", None, "seller"], "unit_price": [18.5, np.nan, 3.1], "freight": [375.0, np.nan, 0.0],
        "cost_per_piece": [19.61, np.nan, 3.27], "orders_per_year": [5.0, np.nan, 6.25], "days_covered": [73.0, np.nan, 58.4],
        "next_step": pd.array([1000, pd.NA, pd.NA], "Int64"), "next_step_extra_per_year": [640.0, np.nan, np.nan],
        "complete": [True, False, True], "note": ["", "the minimum covers 18 months", ""], "note_zh": ["", "起订量够卖 18 个月", ""],
    })  # fmt: skip


def negotiation():
    levers = ["lead_time_day", "defect_point", "minimum_tenth", "credit_30_days"]
    worth = {
        "T-100": [0.021, 0.187, 0.044, 0.122],
        "B-7": [np.nan, 0.301, 0.0, 0.207],
        "T-9": [0.003, 0.031, 0.0, 0.019],
    }
    rows = [
        (PLANNED[sku], sku, 200, lever, w, w / 20, 0.126 if lever == "credit_30_days" else np.nan, not np.isnan(w))
        for sku, worths in worth.items()
        for lever, w in zip(levers, worths)
    ]
    columns = ["supplier", "sku", "quantity", "lever", "worth_per_piece", "share_of_price", "cost_to_supplier", "known"]
    return pd.DataFrame(rows, columns=columns).assign(note="worth so much", note_zh="价值若干")


def differences():
    return pd.DataFrame({
        "order_id": ["29004063", "29007601"], "line_no": pd.array([1, 2], "Int64"), "supplier": [EIGHT[0], EIGHT[3]], "sku": ["T-100", "B-7"],
        "stage": ["receipt", "payment"], "reason": ["date", "freight"], "expected": [0.0, 30.0], "actual": [7.0, 42.5], "difference": [0.0, 12.5],
        "note": ["7 days later than promised", "freight charged that was not due"], "note_zh": ["比承诺晚 7 天", "多收运费"],
    })  # fmt: skip


def open_differences():
    table = pd.DataFrame({"supplier": [EIGHT[3], EIGHT[0]], "lines": [3, 1]})
    for reason in (
        "price",
        "quantity",
        "freight",
        "discount",
        "duty",
        "return",
        "date",
        "duplicate",
        "missing",
        "unexplained",
    ):
        table[reason] = 0.0
    table["freight"], table["return"], table["missing"] = [112.5, 0.0], [1730.25, 0.0], [960.0, -48.0]
    return table.assign(open=[2802.75, -48.0])


def quality_costs():
    return pd.DataFrame({
        "supplier": [EIGHT[3], EIGHT[0]], "received_pieces": pd.array([900, 1500], "Int64"), "inspected": pd.array([40, 120], "Int64"),
        "defective": pd.array([7, 1], "Int64"), "spend": [18000.0, 30000.0], "appraisal": [60.0, 180.0], "prevention": [90.0, 20.0],
        "internal_failure": [217.0, 31.0], "external_failure": [1833.0, np.nan], "external_failure_low": [902.0, np.nan],
        "external_failure_high": [3105.0, np.nan], "cost_of_poor_quality": [2050.0, 31.0], "cost_of_quality": [2200.0, 231.0],
        "share_of_spend": [2200 / 18000, 231 / 30000],
    })  # fmt: skip


def stock():
    return pd.DataFrame({
        "sku": ["T-100", "B-7", "T-9"], "supplier": list(PLANNED.values()), "months": pd.array([18, pd.NA, 18], "Int64"),
        "zero_months": pd.array([0, pd.NA, 2], "Int64"), "gap_months": pd.array([0, pd.NA, 0], "Int64"), "family": ["poisson", None, "gamma"], "family_weight": [0.6, np.nan, 0.8],
        "demand_per_month": [200.0, np.nan, 500.0], "demand_per_month_low": [181.0, np.nan, 461.0], "demand_per_month_high": [222.0, np.nan, 543.0],
        "demand_per_year": [2400.0, np.nan, 6000.0], "lead_time_mean": [15.0, np.nan, 21.0], "reorder_point": pd.array([237, pd.NA, 602], "Int64"), "safety_stock": [93.5, np.nan, 141.0],
        "order_quantity": pd.array([160, pd.NA, 1000], "Int64"), "order_up_to": pd.array([397, pd.NA, 1602], "Int64"),
        "good_share": [1.0, np.nan, 0.96], "orders_per_year": [15.0, np.nan, 6.25], "days_between_orders": [24.35, np.nan, 58.44], "cycle_service": [0.951, np.nan, 0.953],
        "fill_rate": [0.985, np.nan, 0.993], "normal_reorder_point": pd.array([211, pd.NA, 598], "Int64"),
        "normal_cycle_service": [0.884, np.nan, 0.949], "average_stock": [173.5, np.nan, 641.0], "turns": [2400 / 173.5, np.nan, 6000 / 641],
        "capital": [3447.0, np.nan, 2160.0], "note_key": ["usual_formula_short", "no_demand", ""], "note": ["", "no demand recorded", ""],
        "note_zh": ["", "没有需求记录", ""],
    })  # fmt: skip


def purchase_plan():
    """T-100 moves to the cheaper supplier, B-7 has no demand, T-9 stays."""
    return pd.DataFrame({
        "sku": ["T-100", "B-7", "T-9"], "action": ["order", "hold", "order"], "supplier": [EIGHT[1], None, EIGHT[4]],
        "pieces": pd.array([500, 0, 1000], "Int64"), "unit_price": [18.2, np.nan, 3.1], "transport_mode": ["truck", None, "seller"],
        "order_total": [9475.0, np.nan, 3100.0], "expected_by": pd.to_datetime(["2026-11-19", None, "2026-11-24"]),
        "cost_per_good_piece": [19.71, np.nan, 3.37], "cost_low": [19.31, np.nan, 3.1], "cost_high": [20.61, np.nan, 3.8],
        "present_supplier": [EIGHT[0], EIGHT[3], EIGHT[4]], "saving_per_month": [32.0, np.nan, 0.0], "saving_low": [-12.0, np.nan, 0.0],
        "saving_high": [71.0, np.nan, 0.0], "p_saving": [0.88, np.nan, np.nan], "backup": [EIGHT[0], None, None],
        "p_over_limit": [0.04, np.nan, 0.2], "demand_per_month": [200.0, np.nan, 500.0],
        "change_supplier": [EIGHT[0], None, None], "change_price": [17.9, np.nan, np.nan], "change_rate": [0.052, np.nan, np.nan],
        "rest_supplier": [None, None, None], "rest_pieces": pd.array([None, None, None], "Int64"), "rest_price": [np.nan] * 3,
        "rest_total": [np.nan] * 3, "rest_by": pd.to_datetime([None, None, None]),
        "reason": ["moves because it pays", "no demand is known", "stays"],
    })  # fmt: skip


def plan_saving():
    table = pd.DataFrame({"changes": [1], "saving_per_month": [32.0], "saving_low": [-12.0], "saving_high": [71.0]})
    return table.assign(p_saving=0.88).astype({"changes": "Int64"})


def demand_forecast():
    first, last = pd.Timestamp("2026-11-01"), pd.Timestamp("2027-01-01")
    rows = [("T-100", EIGHT[0], first, first, 198.0, 131, 277), ("T-100", EIGHT[0], first, last, 612.0, 488, 755)]
    return pd.DataFrame(rows, columns=["sku", "supplier", "from_month", "to_month", "expected", "low", "high"])


def inspection_plans():
    table = pd.DataFrame({
        "order_id": ["2901420031", "2901498157", "2901498158"], "line_no": [1, 1, 2], "supplier": [EIGHT[0], EIGHT[3], EIGHT[3]],
        "sku": ["T-100", "B-7", "B-7"], "stage": ["bulk", "trial", "trial"], "lot_size": [200, 20, 12], "inspected": [120, 40, 40],
        "defect_rate": [0.0086, 0.17, 0.17], "sample_size": [41, 20, 12], "accept_critical": [0, pd.NA, pd.NA], "accept_major": [1, pd.NA, pd.NA],
        "accept_minor": [4, pd.NA, pd.NA], "p_accept_at_limit": [0.0612, 0.0, 0.0], "p_bad_accepted": [0.001, 0.0, 0.0],
        "expected_escapes": [0.9, 0.0, 0.0], "expected_cost": [40.78, 10.0, 6.0], "cost_all": [100.0, 10.0, 6.0], "cost_none": [46.25, 41.0, 25.0],
        "iso_severity": "normal", "iso_sample_size": [32, 5, 5], "iso_accept_major": [2, 0, 0], "iso_accept_minor": [3, 0, 0],
        "iso_p_accept_at_limit": [0.3456, 0.5526, 0.5526], "reason_key": ["cheapest", "small_lot", "small_lot"],
        "reason": ["least expected cost", "too small to sample", "too small to sample"],
        "reason_zh": ["总费用最低", "批量太小不宜抽样", "批量太小不宜抽样"],
    })  # fmt: skip
    whole = ["lot_size", "inspected", "sample_size", "accept_critical", "accept_major", "accept_minor", "iso_sample_size", "iso_accept_major", "iso_accept_minor"]  # fmt: skip
    return table.astype(dict.fromkeys(whole, "Int64"))


def backups():
    return pd.DataFrame({
        "supplier": [EIGHT[0], EIGHT[0], EIGHT[1], EIGHT[3]], "sku": ["T-100", "T-100", "T-100", "B-7"], "spend": [30000.0, 30000.0, 0.0, 18000.0],
        "backup": [EIGHT[1], EIGHT[2], EIGHT[0], None], "readiness": ["ready", "quoted", "ready", "none"], "recovery_days": [19.0, 44.0, 19.0, 60.0],
        "cost_ratio": [0.9437, np.nan, 1.0597, np.nan], "inspected": pd.array([60, 22, 120, pd.NA], "Int64"), "note": "", "note_zh": "",
    })  # fmt: skip


def exposure():
    return pd.DataFrame({
        "supplier": [EIGHT[3], EIGHT[0]], "spend": [18000.0, 30000.0], "share": [0.375, 0.625], "skus": [1, 1], "single_source_skus": [1, 0],
        "recovery_days": [60.0, 19.0], "exposure": [2956.9, 1560.6],
    })  # fmt: skip


def supply_policies():
    return pd.DataFrame({
        "sku": "T-100", "supplier": EIGHT[0], "backup": EIGHT[1], "policy": ["standby", "single_first"], "reorder_point": [246.0, 251.0],
        "order_quantity": [500.0, 500.0], "emergency_point": [77.0, np.nan], "cost_per_year": [48510.0, 50000.0], "tail_cost": [52000.0, 61000.0],
        "cost_change": [-0.0298, 0.0], "cost_change_error": [0.006, 0.0], "tail_change": [-0.1475, 0.0], "served": [0.997, 0.983],
        "average_stock": [399.0, 380.0], "best": [True, False],
    })  # fmt: skip


MONEY_TABLES = (
    purchase_plan, plan_saving,
    costs, order_sizes, negotiation, differences, open_differences, quality_costs, stock, demand_forecast, inspection_plans, backups,
    exposure, supply_policies,
)  # fmt: skip
