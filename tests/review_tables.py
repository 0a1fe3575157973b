"""A month's tables, made up by hand for the tests of report, plots and workbook: no estimate was run for them."""

import numpy as np
import pandas as pd

from analysis.reporting.facts import ReviewFacts

AS_OF = pd.Timestamp("2026-10-31")
EIGHT = [
    "义乌市晨星工具有限公司", "Hangzhou Best 🏭 Factory", "佛山市南海区盐步某某五金塑料制品实业有限公司第二分厂", "温州皮具",
    "=Ningbo*Tools", "绍兴市柯桥区纺织", "深圳电子配件厂", "never received trading co.",
]  # fmt: skip
CHECKLIST = [
    "appearance",
    "size",
    "function",
    "packaging",
    "quantity_match",
    "labelling",
    "accessories",
    "as_described",
]
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
    tables["on_time"] = on_time(suppliers, received)
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
    columns = ["supplier", "criterion", "value", "value_low", "value_high", "utility", "utility_low", "utility_high", "weight", "n", "missing"]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def rating_of(values, suppliers):
    """100 x the weighted sum, a second route to what the workbook's formula gives."""
    points = (100 * values["weight"] * values["utility"]).groupby(values["supplier"]).sum()
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
            rows.append((f"26{place:04d}{number:012d}", 1, s, f"SKU-{place}", "工具", "trial", day, day + pd.Timedelta(days=14), here, 20, 3.5, 70.0, "received" if number < done else "open"))  # fmt: skip
    columns = ["order_id", "line_no", "supplier", "sku", "category", "stage", "ordered_on", "promised_on", "received_on", "quantity", "unit_price", "paid_amount", "status"]  # fmt: skip
    table = pd.DataFrame(rows, columns=columns)
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
    return pd.DataFrame({
        "table": ["orders", "orders", "orders", "inspections", "inspections"],
        "file": ["orders_2026-10.xlsx"] * 3 + ["ledger.xlsx"] * 2, "sheet": ["订单"] * 3 + ["收货验货"] * 2, "row": [14, 22, 23, 7, 9],
        "column": ["ordered_on", "ordered_on", "quantity", "defective", "defective"],
        "code": ["not_a_date", "not_a_date", "quantity_not_positive", "more_defective_than_inspected", "more_defective_than_inspected"],
        "reason": ["“#####” is no date"] * 2 + ["quantity is 0"] + ["more defective than inspected pieces"] * 2,
        "remedy": ["write the date as 2026-10-31"] * 2 + ["write the pieces ordered"] + ["correct one of the two"] * 2,
        "reason_zh": ["“#####”不是日期"] * 2 + ["数量为 0"] + ["不良数量大于检验数量"] * 2,
        "remedy_zh": ["日期写作 2026-10-31"] * 2 + ["填写订购件数"] + ["更正其中之一"] * 2,
    })  # fmt: skip
