"""Before and around the order: a review without orders, price evidence, contacts, the risk register and the month's actions."""

import numpy as np
import pandas as pd
import pytest
from house import house_rules
from review_tables import facts
from scipy import stats

from analysis.allowed import Text
from analysis.around_orders import around_orders, evidence_around, first_told
from analysis.check_command import checked
from analysis.decisions.actions import action_list
from analysis.decisions.cash import cash_need, not_reckoned, payments_ahead, stock_now
from analysis.decisions.cash.need import due_chance
from analysis.decisions.contacts import ServiceRule, contact_history, open_questions
from analysis.decisions.inspection_plan import RiskyGoods
from analysis.decisions.landed_cost import HouseCosts
from analysis.decisions.offers import Offer, PriceLadder, offers_in_force
from analysis.decisions.price_evidence import PriceRule, benchmark_ratios, capped_prices, compare_offers, trap_offers
from analysis.decisions.rating import CriterionEvidence, criteria_in_force
from analysis.decisions.risk import (
    BuyerLevels,
    KeyAccounts,
    RiskRule,
    bulk_traps,
    buyer_level,
    may_be_key_account,
    medals_in_force,
    never_sent,
    platform_signals,
    risk_register,
    signal_value,
)
from analysis.decisions.sourcing.further_levers import further_levers
from analysis.decisions.stock import stock_position
from analysis.decisions.ways import five_steps, needs_apart, transport_ways
from analysis.estimates.defect_rate import USUAL_LOT_CORRELATION
from analysis.estimates.draws import DRAWS, Draws
from analysis.estimates.drift import bulk_against_before, likeness_within_sides
from analysis.reasons import chance, reason
from analysis.reporting.ahead_pages import cash_line
from analysis.reporting.offer_pages import before_first_order
from analysis.reporting.report_context import report_context
from analysis.reporting.sentences import worded_in_both
from analysis.reporting.ways_pages import ways_pages
from analysis.sources.folding import words_in
from analysis.sources.load import check_files, load_source
from analysis.sources.offer_cells import price_range
from analysis.sources.tables import TABLES, empty
from analysis.wording import LANGUAGES, worded

AS_OF = pd.Timestamp("2026-10-31")
RULES = house_rules()


def table(name, rows):
    made = pd.DataFrame(rows).reindex(columns=TABLES[name].names())
    return made.astype(empty(name).dtypes.to_dict())


def tables(**rows):
    return {name: table(name, rows.get(name, [])) for name in TABLES}


def day(ago):
    return AS_OF - pd.Timedelta(days=ago)


def quote(supplier, price, sku="CUP", **changed):
    return {"quote_id": f"Q{supplier}{sku}", "supplier": supplier, "sku": sku, "quoted_on": day(30), "min_quantity": 1, "unit_price": price} | changed  # fmt: skip


def order(number, supplier, price, pieces=50, sku="CUP", **changed):
    row = {
        "order_id": number,
        "line_no": 1,
        "supplier": supplier,
        "sku": sku,
        "ordered_on": day(20),
        "received_on": day(8),
        "quantity": pieces,
    }
    return row | {"unit_price": price, "goods_amount": price * pieces, "status": "received"} | changed


def compare(made, **wanted):
    offers = offers_in_force(made["quotes"], made["orders"], AS_OF)
    rule = RULES.read("price_evidence", PriceRule)
    rows = compare_offers(made, offers, pd.Series(wanted, dtype=float), AS_OF, rule)
    return rows.set_index("supplier")


def traps(made, **wanted):
    offers, rule = offers_in_force(made["quotes"], made["orders"], AS_OF), RULES.read("price_evidence", PriceRule)
    return trap_offers(made, offers, pd.Series(wanted, dtype=float), AS_OF, rule)


# --- a review without orders ------------------------------------------------------------------------------------------

CANDIDATES = """供应商,品名,规格,类别,登记日期,起订量,价格区间,交期,供货地,样品,近3月交易量,纠纷处理率
甲,帆布包,大号,箱包,2026-10-03,50,12.5-13.8,15,河北,是,300000,0.05%
乙,帆布包,大号,箱包,2026-10-04,100,6.9,12,广东,否,90000,0.2%
丙,双肩包,,箱包,2026-10-05,,,,,,,
"""


@pytest.fixture
def before_orders(tmp_path):
    folder = tmp_path / "fresh"
    folder.mkdir()
    (folder / "candidates.csv").write_text(CANDIDATES, encoding="utf-8")
    (folder / "answers.csv").write_text(
        "supplier,sku,asked_on,answered_on,price_high,min_quantity,freight_discount\n甲,帆布包 大号,2026-10-08,2026-10-09,13.4,50,满500元包邮\n",
        encoding="utf-8",
    )
    return folder


def test_candidates_and_answers_are_offers_and_profiles(before_orders):
    known = load_source(before_orders).known(AS_OF).tables
    quotes = known["quotes"].set_index("supplier")
    assert quotes.loc["甲", ["quote_id", "unit_price"]].tolist() == [
        "answered",
        13.4,
    ]  # the answer stands before the page
    assert quotes.loc["乙", ["quote_id", "unit_price"]].tolist() == ["listed", 6.9]
    assert "丙" not in quotes.index  # no price, no least quantity: asked for, never guessed
    profile = known["suppliers"].set_index("supplier")
    assert profile.loc["甲", "sales_30d"] == 100000 and profile.loc["乙", "gives_samples"] == False  # noqa: E712
    assert profile.loc["乙", "dispute_rate_90d"] == pytest.approx(0.002)


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [("3.2-5.6", 3.2, 5.6), ("¥3.20 ~ ¥5.60（≥50件）", 3.2, 5.6), ("1,200-1,500元/台", 1200, 1500), ("约5元", 5, 5), ("50件起 8.8元/个，500件起 7.9元", 7.9, 8.8), ("面议", None, None),
     ("100-499件:12.5元", 12.5, 12.5), ("10-12元，MOQ 500", 10, 12), ("1-99件 5.5；≥100件 4.8", 4.8, 5.5), ("起订量：200，3.5元", 3.5, 3.5), ("24 pcs 6.2", 6.2, 6.2)],
)  # fmt: skip
def test_a_price_range_is_read_for_its_prices_alone(text, low, high):
    """The unit stands behind each price (5.60/台)."""
    found = price_range(text)
    assert [float(price.partition("/")[0]) for price in found or ()] == ([] if low is None else [low, high])


def test_a_written_quote_stands_before_an_answer_and_the_page(before_orders):
    quotes = pd.DataFrame([quote("甲", 15.0, "帆布包 大号"), quote("乙", 7.5, "帆布包 大号")])
    quotes.to_csv(before_orders / "quotes.csv", index=False)
    known = load_source(before_orders).known(AS_OF).tables["quotes"]
    assert known.set_index("supplier")["unit_price"].to_dict() == {"甲": 15.0, "乙": 7.5}


def test_check_takes_a_source_without_orders(before_orders):
    text, refused = checked([before_orders], "zh")
    assert refused == [] and "candidates" in text


def test_everything_around_the_order_is_made_without_one(before_orders):
    found = load_source(before_orders).known(AS_OF)
    known = found.tables | {"counted_lines": found.counted}
    made = dict.fromkeys(
        ("scorecard", "purchase_plan", "trial_plan", "open_differences", "demand_forecast"), pd.DataFrame()
    )
    made["purchase_plan"] = pd.DataFrame(columns=["pieces", "supplier", "unit_price", "order_total"])
    made["stock"] = pd.DataFrame(columns=["sku", "supplier", "reorder_point", "demand_per_month"])
    made["open_orders"] = pd.DataFrame(columns=["order_id", "line_no", "expected_on"])
    made |= {"drift": pd.DataFrame(), "lead_times": NO_LEAD_TIMES, "arrivals_together": pd.DataFrame()}
    offers = offers_in_force(known["quotes"], known["orders"], AS_OF)
    found = around_orders(known, tables(), made, offers, pd.DataFrame(), AS_OF, RULES)
    asked = found["open_questions"].set_index("supplier")
    assert asked.loc["丙", "complete"] == 0 and asked.loc["甲", "complete"] == 3
    for language in LANGUAGES:
        text = worded(asked.loc["丙", "message"], language)
        assert "丙" in text and "{" not in text and "双肩包" in text
    assert set(found["actions"]["kind"]) == {"ask", "risk"} and found["payments"].empty and found["stock_now"].empty
    assert found["risk_register"].set_index("code").loc["no_sample:乙", "state"] == "new"


BAD = {
    "inquiries": ("supplier,asked_at,replied_at,phase\nA,2026-10-05 10:00,2026-10-05 09:00,pre-sale\n", "replied_before_asked"),
    "answers": ("supplier,asked_on,answered_on\nA,2026-10-05,2026-10-01\n", "answered_before_asked"),
    "suppliers": ("supplier,dispute_rate_90d\nA,-0.01\n", "share_out_of_range"),
    "candidates": ("supplier,name,listed_on,price_low,price_high\nA,cup,2026-10-01,9,5\n", "price_range_crossed"),
    "articles": ("sku,content,content_unit,benchmark_price,benchmark_content,benchmark_unit\nA,500,g,20,1,l\n", "benchmark_other_unit"),
    "risks": ("supplier,item,opened_on,closed_on\nA,late,2026-10-05,2026-10-01\n", "closed_before_opened"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_what_cannot_be_true_is_refused_with_its_row_and_remedy(tmp_path, name):
    text, code = BAD[name]
    (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
    told = worded_in_both(check_files([tmp_path / f"{name}.csv"]).quarantine)
    assert told["code"].tolist() == [code] and told["row"].tolist() == [2]
    assert (told[["reason", "remedy", "reason_zh", "remedy_zh"]] != "").all(axis=None)


def test_a_quote_without_a_unit_is_refused_where_the_article_is_sold_in_cartons(tmp_path):
    (tmp_path / "articles.csv").write_text("sku,unit,pieces_per_unit\nCUP,箱,24\n", encoding="utf-8")
    heads = "quote_id,supplier,sku,quoted_on,min_quantity,unit_price,unit\n"
    (tmp_path / "quotes.csv").write_text(heads + "Q1,A,CUP,2026-10-01,2,48,箱\nQ2,B,CUP,2026-10-01,2,48,\nQ3,C,CUP,2026-10-01,50,2.1,件\n", encoding="utf-8")  # fmt: skip
    known = check_files([tmp_path / "articles.csv", tmp_path / "quotes.csv"])
    assert known.tables["quotes"]["unit_price"].tolist() == [2.0, 2.1]
    assert known.quarantine[["code", "row"]].to_numpy().tolist() == [["unit_missing", 3]]


# --- price evidence ---------------------------------------------------------------------------------------------------


def test_a_price_far_below_the_others_is_a_trap_until_paid_orders_bear_it_out():
    quotes = [quote("low", 6.0), quote("x", 10.0), quote("y", 10.5), quote("z", 9.5)]
    made = tables(quotes=quotes)
    rows = compare(made, CUP=100)
    assert traps(made, CUP=100) == {("low", "CUP"): 40} and rows.loc["low", "below_market"] == pytest.approx(0.4)
    paid = tables(quotes=quotes, orders=[order("1", "low", 6.0), order("2", "low", 6.0)])
    assert not compare(paid, CUP=100)["trap"].any() and traps(paid, CUP=100) == {}
    assert traps(tables(quotes=quotes[1:]), CUP=100) == traps(tables(), CUP=100) == {}
    dearer = tables(quotes=quotes, orders=[order("1", "low", 8.0), order("2", "low", 8.0)])
    assert compare(dearer, CUP=100).loc["low", "trap"]  # what was paid was not what was quoted
    freight = tables(
        quotes=[quote("low", 6.0, freight_terms="包邮"), *quotes[1:]],
        orders=[order(n, "low", 6.0, freight=60.0) for n in "12"],
    )
    rows = compare(freight, CUP=100)
    assert rows.loc["low", "trap"] and rows.loc["low", "over_quote"] == pytest.approx(0.2)


def test_a_sample_below_the_minimum_costs_what_samples_cost():
    """5 pieces at 9.00 with 15.00 of freight are no order of a quote that holds from 100 on; 100 at 9.00 are one, and 50 % dearer."""
    quotes = [quote("low", 6.0, min_quantity=100, freight_terms="包邮")]
    sample = order("1", "low", 9.0, pieces=5, freight=15.0, stage="sample")
    assert pd.isna(compare(tables(quotes=quotes, orders=[sample])).loc["low", "over_quote"])
    bulk = [sample, order("2", "low", 9.0, pieces=100), sample | {"order_id": "3", "ordered_on": day(5)}]
    assert compare(tables(quotes=quotes, orders=bulk)).loc["low", "over_quote"] == pytest.approx(0.5)


def test_before_any_order_who_is_tried_first_is_no_trap_and_whom_the_plan_names():
    known = {
        "offer_comparison": compare(
            tables(quotes=[quote("low", 5.0), quote("x", 10.0), quote("y", 11.0)])
        ).reset_index()
    }
    alone = str(before_first_order(report_context(known, facts(), "zh")))
    assert "CUP：x，" in alone and "low" not in alone
    plan = pd.DataFrame([{"sku": "CUP", "supplier": "y", "pieces": 30, "unit_price": 11.0}])
    assert "CUP：y，30 件单价 11.00；与采购计划一致" in str(
        before_first_order(report_context(known | {"purchase_plan": plan}, facts(), "zh"))
    )


def test_two_prices_alone_say_nothing_of_a_market():
    rows = compare(tables(quotes=[quote("low", 2.0), quote("x", 10.0)]))
    assert not rows["trap"].any() and rows["below_market"].isna().all()
    named = compare(tables(quotes=[quote("low", 2.0, benchmark_price=11.0), quote("x", 10.0, benchmark_price=11.0)]))
    assert named.loc["low", "trap"]  # the reference price is the second other


def test_the_market_is_the_middle_of_the_others_and_the_reference_price():
    rng = np.random.default_rng(4)
    quotes = [
        quote(f"s{n}", float(rng.integers(5, 30)), sku=str(rng.choice(["CUP", "PAN", "POT"])), benchmark_price=18.0)
        for n in range(13)
    ]
    quotes += [quote("alone", 7.0, sku="LID"), quote("named", 7.0, sku="BOX", benchmark_price=9.0)]
    rows = compare(tables(quotes=quotes)).reset_index()
    for row in rows.itertuples():
        others = rows.loc[(rows["sku"] == row.sku) & (rows["supplier"] != row.supplier), "unit_price"].tolist()
        others += {"LID": [], "BOX": [9.0]}.get(row.sku, [18.0])
        assert row.others == len(others)
        assert row.market_price == pytest.approx(np.median(others) if others else np.nan, nan_ok=True)


def test_a_rise_is_told_with_its_money_at_the_same_quantity():
    steps = [quote("a", 13.7), quote("a", 10.96, min_quantity=500)]
    rows = compare(tables(quotes=[s | {"quoted_on": day(2)} for s in steps], orders=[order("1", "a", 10.0, 30), order("2", "a", 8.0, 600, ordered_on=day(10))]))  # fmt: skip
    assert rows.loc["a", "rise"] == pytest.approx(0.37)  # 10.96 against 8.00 at 600 pieces, not 13.70 against 8.00
    assert rows.loc["a", "rise_money"] == pytest.approx(2.96 * 630 / 3)


def test_a_rise_is_told_though_an_older_step_still_holds_or_the_last_order_was_dear_already():
    """An order at 10, then one at 13.7 (more than the quote that still stands), then a quote of 13.7: 37 %. Back at 10 it is none."""
    old, new = (
        {"quote_id": "Q0", "quoted_on": day(90), "valid_until": day(-90)},
        {"quote_id": "Q1", "quoted_on": day(2)},
    )
    bought = [order("1", "a", 10.0, 30, ordered_on=day(60)), order("2", "a", 13.7, 30, ordered_on=day(9))]
    for orders in (bought, bought[:1]):
        rows = compare(tables(quotes=[quote("a", 10.0, **old), quote("a", 13.7, **new)], orders=orders))
        assert rows.loc["a", "unit_price"] == 10.0 and rows.loc["a", "rise"] == pytest.approx(0.37)
        assert rows.loc["a", "price_before"] == 10.0
    assert (
        compare(tables(quotes=[quote("a", 10.0, **old), quote("a", 10.0, **new)], orders=bought)).loc["a", "rise"]
        == 0.0
    )


def test_a_larger_order_at_a_lower_step_is_no_fall_and_no_rise():
    steps = [quote("a", 10.0, quoted_on=day(90)), quote("a", 8.0, min_quantity=500, quoted_on=day(90))]
    orders = [order("1", "a", 8.0, 600, ordered_on=day(40)), order("2", "a", 10.0, 30)]
    assert compare(tables(quotes=steps, orders=orders)).loc["a", "rise"] == pytest.approx(0.0)


def test_a_newer_dearer_quote_does_not_hide_a_step_that_still_holds():
    old = {"quoted_on": day(60), "quote_id": "Q0", "min_quantity": 500, "valid_until": day(-30)}
    quotes = table("quotes", [quote("a", 8.0, **old), quote("a", 10.0), quote("a", 9.5, min_quantity=500)])
    offers = offers_in_force(quotes, empty("orders"), AS_OF)
    assert offers.offers[0].ladder.price([1, 499, 500]).tolist() == [10.0, 10.0, 8.0]
    assert offers.remarks["code"].tolist() == ["older_step_stands", "terms_missing"]
    ended = quotes.assign(valid_until=quotes["valid_until"].mask(quotes["quote_id"] == "Q0", day(1)))
    assert offers_in_force(ended, empty("orders"), AS_OF).offers[0].ladder.price([500]).tolist() == [9.5]
    other_terms = quotes.assign(freight_terms=["自提", "包邮", "包邮"])
    assert offers_in_force(other_terms, empty("orders"), AS_OF).offers[0].ladder.price([500]).tolist() == [9.5]


@pytest.mark.parametrize(
    ("changed", "ratio", "key"),
    [
        ({}, 0.2, "ratio"),
        ({"content": 1.0}, 0.4, "ratio"),  # half of the content for the same price is twice as dear
        ({"benchmark_material": "合成石"}, None, "material"),
        ({"material": None}, None, "material"),
        ({"benchmark_content": None}, None, "content"),
        ({"benchmark_unit": "L"}, None, "content"),
    ],
)  # fmt: skip
def test_a_named_reference_counts_per_content_and_for_the_same_material_only(changed, ratio, key):
    article = {"sku": "POT", "content": 2.0, "content_unit": "kg", "material": "乌金石", "benchmark_price": 42.75, "benchmark_content": 2000.0,
               "benchmark_unit": "g", "benchmark_material": "乌金石", "benchmark_from": "会员店"}  # fmt: skip
    found = benchmark_ratios(
        pd.DataFrame({"sku": ["POT"], "unit_price": [8.55]}), table("articles", [article | changed])
    )
    assert found["ratio_to_named"].tolist() == pytest.approx([np.nan if ratio is None else ratio], nan_ok=True)
    assert f"before_order.benchmark_{key}" in found["benchmark_note"].iloc[0]


def test_a_trap_price_is_worth_acceptable_at_best():
    criteria = criteria_in_force(RULES)
    names = pd.Index(["low", "fair"])
    ratio = CriterionEvidence(Draws(names, np.tile([[0.5], [0.9]], DRAWS)), pd.Series(1, names))
    margin = CriterionEvidence(Draws(names, np.tile([[0.9], [0.5]], DRAWS)), pd.Series(1, names))
    told = capped_prices({"price_ratio": ratio, "profit_margin": margin}, criteria, ["low"])
    worth = {of.name: of.value(told[of.name].draws.values[:, 0]) for of in criteria if of.name in told}
    assert worth["price_ratio"][0] == pytest.approx(0.4) and worth["profit_margin"][0] == pytest.approx(0.4)
    assert worth["price_ratio"][1] > 0.4
    poor = CriterionEvidence(Draws(names, np.tile([[1.2], [0.9]], DRAWS)), pd.Series(1, names))
    kept = capped_prices({"price_ratio": poor}, criteria, ["low"])["price_ratio"].draws.values
    assert kept[0, 0] == 1.2  # never better than it was


# --- contacts ---------------------------------------------------------------------------------------------------------


def asked(supplier, ago, minutes, phase="pre-sale"):
    came = None if minutes is None else day(ago) + pd.Timedelta(minutes=minutes)
    return {"supplier": supplier, "asked_at": day(ago), "replied_at": came, "phase": phase}


def contacts(inquiries, orders):
    made = tables(inquiries=inquiries, orders=orders)
    return contact_history(made, AS_OF, RULES.read("service_evidence", ServiceRule)).set_index("supplier")


def test_five_minutes_before_the_order_and_nineteen_days_of_silence_after_it_is_a_trap():
    row = contacts(
        [asked("a", 60, 5), asked("a", 19, None, "after-sales")], [order("1", "a", 10.0, ordered_on=day(40))]
    ).loc["a"]
    assert row["service_trap"] and row["silent_days"] == 19 and row["hours_before"] == pytest.approx(5 / 60)
    assert "19" in worded(row["note"], "en") and "19" in worded(row["note"], "zh")


def test_a_silence_of_a_few_days_is_not_what_is_told_of_a_late_supplier():
    """Ten answers after 90 hours each, one question open for five days: late, not silent."""
    after = [asked("a", ago, 60 * 90, "after-sales") for ago in range(20, 30)] + [asked("a", 5, None, "after-sales")]
    row = contacts([asked("a", 60, 5), *after], [order("1", "a", 10.0, ordered_on=day(40))]).loc["a"]
    assert RULES.read("service_evidence", ServiceRule).silent_days > row["silent_days"] == 5 and row["service_trap"]
    assert "0 of 11 questions in time" in worded(row["note"], "en")


def test_what_came_after_the_count_is_on_the_shelf():
    """10 counted on 30 September, 200 came on 5 October, 50 of a later order so far: less 31 sold by the 31st."""
    counts = pd.DataFrame({"sku": ["A"], "counted_on": [pd.Timestamp("2026-09-30")], "on_hand": [10]})
    lines = pd.DataFrame({
        "sku": ["A", "A", "A"], "status": ["received", "open", "received"], "quantity": [200, 80, 99], "received_quantity": [200, 50, 99],
        "ordered_on": pd.to_datetime(["2026-09-10", "2026-10-02", "2026-08-01"]), "received_on": pd.to_datetime(["2026-10-05", None, "2026-09-29"]),
        "promised_on": pd.to_datetime(["2026-10-01", "2026-10-20", "2026-08-20"]),
    })  # fmt: skip
    found = stock_position(counts, lines, pd.Series({"A": 30.4375}), pd.Timestamp("2026-10-31")).loc["A"]
    assert found["on_order"] == 30 and found["position"] == pytest.approx(10 + 200 + 50 - 31 + 30, abs=0.01)
    assert found["overdue"] == 30, "they were promised for the 20th"


def test_a_question_asked_today_is_not_late_yet():
    row = contacts(
        [asked("a", 60, 5), asked("a", 0, None, "after-sales")], [order("1", "a", 10.0, ordered_on=day(40))]
    ).loc["a"]
    assert not row["service_trap"] and row["due_after"] == 0 and np.isnan(row["p_slow_after"])


def test_one_open_question_among_many_answered_is_no_silence():
    after = [asked("a", ago, 300, "after-sales") for ago in range(20, 30)] + [asked("a", 15, None, "after-sales")]
    assert not contacts([asked("a", 60, 5), *after], [order("1", "a", 10.0, ordered_on=day(40))]).loc[
        "a", "service_trap"
    ]


def test_slow_before_and_slow_after_is_slow_but_no_trap():
    rows = [asked("a", 60, 60 * 90), *(asked("a", ago, 60 * 90, "after-sales") for ago in (20, 25, 30))]
    assert not contacts(rows, [order("1", "a", 10.0, ordered_on=day(40))]).loc["a", "service_trap"]


def test_nobody_is_asked_again_what_was_bought_or_answered():
    full = {"supplier": "b", "sku": "CUP", "answered_on": day(3), "price_high": 9.0, "min_quantity": 5, "lead_time_days": 9, "freight_discount": "包邮",
            "warranty": "7天", "tax_included": True, "sample_offered": True, "inspection_report": True}  # fmt: skip
    quotes = [quote("a", 10.0), quote("b", 9.0, deposit_share=0.0), quote("c", 8.0)]
    made = tables(quotes=quotes, answers=[full], orders=[order("1", "a", 10.0)])
    found = open_questions(made, pd.Series({"CUP": 120.0}), AS_OF, 0.05)
    assert (
        found["supplier"].tolist() == ["c"]
        and found["complete"].tolist() == [2]
        and "120" in worded(found["message"].iloc[0], "zh")
    )
    assert "采购 CUP，" in worded(found["message"].iloc[0], "zh")
    made["articles"] = table("articles", [{"sku": "CUP", "name": "马克杯", "specification": "陶瓷"}])
    made["candidates"] = table(
        "candidates", [{"supplier": "c", "sku": "CUP", "name": "马克杯", "specification": "350ml"}]
    )
    asks = open_questions(made, pd.Series({"CUP": 120.0}), AS_OF, 0.05).set_index("supplier")["message"]
    assert "采购 马克杯 350ml (CUP)，" in worded(asks["c"], "zh")
    own = open_questions(made | {"candidates": empty("candidates")}, pd.Series(dtype=float), AS_OF, 0.05)
    assert "buy 马克杯 陶瓷 (CUP)," in worded(own["message"].iloc[0], "en")


# --- the register -----------------------------------------------------------------------------------------------------


def findings(**rows):
    return evidence_around(tables(**rows), AS_OF, RULES, pd.DataFrame())["findings"]


def test_profiles_and_orders_speak_for_themselves():
    suppliers = [
        {"supplier": "a", "medal": "7A"}, {"supplier": "b", "medal": "5A", "sales_30d": 800.0}, {"supplier": "c", "payee": "别家公司"},
        {"supplier": "d", "credentials_until": day(-10)}, {"supplier": "e", "ip_authorised": False, "gives_samples": False},
        {"supplier": "f", "category": "儿童玩具"}, {"supplier": "g", "category": "儿童玩具", "third_party_test": True},
        {"supplier": "h", "penalty_points": 36}, {"supplier": "i", "integrity_grade": "B"}, {"supplier": "j", "buyer_protection": False, "integrity_grade": "A", "medal": "3A级", "sales_30d": 3e4, "buyers_30d": 25}, {"supplier": "fine", "medal": "3A", "sales_30d": 3e4, "buyers_30d": 25, "payee": " FINE "},
    ]  # fmt: skip
    late = order("9", "v", 10.0, received_on=None, status="open", promised_on=day(30), paid_amount=500.0)
    found = findings(suppliers=suppliers, orders=[late])
    told = set(found["code"].str.split(":").str[:2].str.join(":"))
    assert told == {
        "medal:a", "medal:b", "payee:c", "credentials:d", "ip:e", "no_sample:e", "no_test:f", "penalty:h", "integrity:i", "no_protection:j", "vanished:v",
        "single_source:v",
    }  # fmt: skip
    assert found.set_index("kind").loc["vanished", "money"] == 500.0
    assert all(worded(text, language) for text in found["item"] for language in LANGUAGES)


def test_a_supplier_that_moved_its_promise_is_late_and_has_not_vanished():
    late = order("9", "v", 10.0, received_on=None, status="open", promised_on=day(30), repromised_on=day(-20))
    lost = order("8", "w", 10.0, received_on=None, status="open", promised_on=day(60), repromised_on=day(30))
    told = dict(findings(orders=[late, lost])[["supplier", "kind"]].drop_duplicates("supplier").to_numpy().tolist())
    assert told == {"v": "overdue", "w": "vanished"}


def test_what_never_left_is_not_on_the_road_and_not_inspected():
    """Three lines 30 days past their promise: one never shipped, one shipped, and one of which a part has come."""
    late = [order(n, n, 10.0, received_on=None, status="open", promised_on=day(30), paid_amount=500.0) for n in "vws"]
    late[1] |= {"shipped_on": day(40)}
    made = tables(orders=late)
    made["orders"] = made["orders"].assign(received_quantity=pd.array([None, None, 20], "Int64"))
    rule = RULES.read("risk_register", RiskRule)
    assert never_sent(made["orders"], AS_OF, rule).tolist() == [True, False, False]
    assert set(findings(orders=late[:2])["kind"]) >= {"vanished", "overdue"}
    held = pd.DataFrame({"kind": "release", "due_on": AS_OF, "supplier": list("vw"), "order_id": list("vw"), "amount": 500.0})  # fmt: skip
    steps = action_list({"payments": held, "risk_register": register(findings(orders=late[:2]))}, AS_OF)
    assert steps.query("kind == 'release'")["supplier"].tolist() == ["w"]


def test_a_third_partys_report_is_the_test_that_a_category_asks_for():
    """Of toys, within a year and passed; not a factory's own report, nor one of other goods (food needs one of its own), nor an old or failed one."""
    names = {
        "sgs": ("third_party", 30, "玩具"),
        "own": ("factory", 30, "玩具"),
        "bags": ("third_party", 30, "箱包"),
        "food": ("third_party", 30, "食品"),
        "old": ("third_party", 400, "玩具"),
        "failed": ("third_party", 30, "玩具"),
        "sharp": ("third_party", 30, "玩具"),
    }
    found_bad = {"failed": {"defective": 3}, "sharp": {"critical": 1, "inspected": 100, "defective": 1}}
    bought = [order(name, name, 10.0, category=of, ordered_on=day(420)) for name, (_, _, of) in names.items()]
    rows = [{"order_id": name, "line_no": 1, "inspected_by": who, "inspected_on": day(ago), "inspected": 9, "defective": 0, **found_bad.get(name, {})} for name, (who, ago, _) in names.items()]  # fmt: skip
    made = tables(suppliers=[{"supplier": name, "category": "儿童玩具"} for name in names], orders=bought)
    made["outside_inspections"] = table("inspections", rows)
    found = evidence_around(made, AS_OF, RULES, pd.DataFrame())["findings"]
    assert set(found.loc[found["kind"] == "no_test", "supplier"]) == set(names) - {"sgs"}


def test_what_others_say_is_a_risk_where_it_is_clear():
    """The factory finds none of 40 where we find 8; of another article customers send back 15 of 98 where we found none of 100."""
    bought = [order("1", "f", 10.0, 100), order("2", "c", 10.0, 100, "MUG")]
    looks = [{"order_id": "1", "line_no": 1, "inspected": 40, "defective": 8}, {"order_id": "2", "line_no": 1, "inspected": 100, "defective": 0}]  # fmt: skip
    back = [{"order_id": "2", "line_no": 1, "origin": "customer", "returned": 15, "opened_on": day(2)}]
    made = tables(orders=bought, inspections=[{**look, "inspected_on": day(7)} for look in looks], returns=back)
    made["outside_inspections"] = table(
        "inspections", [{**looks[0], "defective": 0, "inspected_on": day(9), "inspected_by": "factory"}]
    )
    found = evidence_around(made, AS_OF, RULES, pd.DataFrame(), 0.05)["findings"].set_index("code")
    report, customers = found.loc["report:f"], found.loc["customers:c:MUG"]
    assert report["likelihood"] > 0.95 and report["seen_on"] == day(9) and report["money"] == pytest.approx(1000)
    assert "0 of 40" in worded(report["item"], "en") and "8 件" in worded(report["item"], "zh")
    assert customers["likelihood"] > 0.95 and customers["money"] == pytest.approx(1000)
    assert "15 of 100" in worded(customers["item"], "en") and "15 件" in worded(customers["item"], "zh")
    doubtful = made | {
        "outside_inspections": made["outside_inspections"].assign(defective=6),
        "returns": made["returns"].iloc[:0],
    }
    assert not set(evidence_around(doubtful, AS_OF, RULES, pd.DataFrame(), 0.05)["findings"]["kind"]) & {
        "report",
        "customers",
    }


def samples_of(*lots, measured=()):
    """Findings of sample batches ten days apart of 20 pieces each, by how many are defective; beside them a supplier whose lots are alike."""
    alike = [(f"o{n}", "steady", "bulk", 1, 20) for n in range(30)]
    own = [(str(n), "s", stage, bad, pieces) for n, (stage, bad, pieces) in enumerate(lots)]
    bought = [order(number, who, 10.0, 20, stage=stage, category="箱包") for number, who, stage, *_ in own + alike]
    looks = [{"order_id": number, "line_no": 1, "inspected": of, "defective": bad, "inspected_on": day(90 - 10 * int(number) if who == "s" else 9)} for number, who, _, bad, of in own + alike]  # fmt: skip
    values = [{"order_id": str(n), "line_no": 1, "inspected_on": day(90 - 10 * n), "attribute": "厚度", "piece": piece, "value": value, "lower_limit": 0.9, "upper_limit": 1.1} for n, pieces in enumerate(measured) for piece, value in enumerate(pieces, 1)]  # fmt: skip
    made = tables(orders=bought, inspections=looks + values, quotes=[quote("s", 8.0, min_quantity=200)])
    found = evidence_around(made, AS_OF, RULES)["findings"]
    return found[found["kind"] == "sample_batch"]


def test_a_clearly_worse_sample_batch_is_a_risk_until_as_many_pieces_are_not():
    """The money is the offer's: 200 pieces at 8. A handful of pieces condemns nobody, and a few good ones later absolve nobody."""
    worse = ("sample", 0, 20), ("sample", 14, 20)
    for rest in ((), [("sample", 0, 5), ("trial", 0, 19)]):
        found = samples_of(*worse, *rest)
        assert found["code"].tolist() == ["sample_batch:s:CUP"] and found["money"].tolist() == [1600.0]
        assert found["likelihood"].iloc[0] >= 0.95 and found["seen_on"].tolist() == [day(80)]
        assert "14 of 20" in worded(found["item"].iloc[0], "en") and "第 2 批" in worded(found["item"].iloc[0], "zh")
    for nobody in ([*worse, ("sample", 1, 20)], [*worse, ("bulk", 1, 50)], [("sample", 0, 2), ("sample", 1, 2)]):
        assert samples_of(*nobody).empty


def test_a_sample_batch_that_measures_worse_is_a_risk_though_no_piece_is_defective():
    thick, thin = [1.0, 1.01, 0.99, 1.0, 1.02, 0.98], [0.93, 0.92, 0.94, 0.93, 0.91, 0.95]
    found = samples_of(("sample", 0, 6), ("sample", 0, 6), measured=(thick, thin))
    told = [worded(found["item"].iloc[0], language) for language in LANGUAGES]
    assert all("厚度" in text and "6" in text for text in told) and found["likelihood"].iloc[0] >= 0.95
    assert samples_of(("sample", 0, 6), ("sample", 0, 6), measured=(thick, thick[::-1])).empty


@pytest.mark.parametrize("language", LANGUAGES)
def test_messages_to_suppliers_state_facts_and_no_verdict(language):
    """What stands in the risk of our verdict, or of what our inspection misses, is not what a buyer sends."""
    counts = {"reported_defective": 0, "reported_inspected": 40, "own_defective": 8, "own_inspected": 50}
    told = {
        "report:A": reason("before_order.risk_report", goods="MUG", chance=chance(0.97), **counts),
        "customers:A:MUG": reason("before_order.risk_customers", sku="MUG", pieces=15, of=98, rate=0.02, chance=chance(0.97)),
        "drift:A:MUG": reason("before_order.risk_drift", sku="MUG", stage=reason("before_order.stage_bulk"), chance=chance(0.97)),
        "sample_batch:A:MUG": reason("before_order.risk_sample", sku="MUG", number=2, defective=9, inspected=12, first_defective=0, first_inspected=12, chance=chance(0.97)),
        "sample_batch:A:CUP": reason("before_order.risk_sample_measured", sku="CUP", number=3, attribute="height", pieces=8, chance=chance(0.97)),
        "drift:A": reason("before_order.risk_bulk", bulk=0.08, bulk_low=0.05, bulk_high=0.1, pieces=300, before=0.01, before_low=0.0, before_high=0.02, pieces_before=90, chance=chance(0.97)),
    }  # fmt: skip
    rows = [{"code": code, "supplier": "A", "item": item, "state": "new", "due_on": AS_OF, "money": 1.0, "response": ""} for code, item in told.items()]  # fmt: skip
    made = {"risk_register": pd.DataFrame(rows), "scorecard": pd.DataFrame({"supplier": ["A"], "grade": ["A"], "grade_reason": [""]})}  # fmt: skip
    sent = [worded(message, language) for message in action_list(made, AS_OF)["message"]]
    assert len(sent) == 6 and not any(word in text for text in sent for word in ("97", "probab", "概率", "misses", "遗漏", "understate", "少报"))  # fmt: skip
    assert any("15" in text and "MUG" in text for text in sent) and any("50" in text and "40" in text for text in sent)


def test_medals_follow_the_platforms_own_rules():
    medals = medals_in_force(RULES)
    assert medals["consumer_1"].earned(1e5, 20, 0.0) == 3 and medals["consumer_1"].earned(1e5, 19, 0.0) == 2
    assert medals["non_consumer"].earned(5e4, 3, 0.0) == 3 and medals["consumer_1"].earned(0.0, 0, 0.0) == 0
    assert medals["consumer_1"].earned(1e6, 4000, 0.001) == 2  # disputes forbid 3A and up
    assert medals["consumer_1"].earned(1e6, 40, 0.001) == 5  # one single dispute is forgiven
    shown = platform_signals(table("suppliers", [{"supplier": "x", "medal": "5A", "sales_30d": 800.0}]), medals)
    assert shown[["earned", "impossible"]].to_numpy().tolist() == [[1.0, True]]
    seven = findings(suppliers=[{"supplier": "x", "medal": "7A", "sales_30d": 1e5}])
    assert "平台并无此级别" in worded(seven["item"].item(), "zh")


def test_our_level_on_the_platform_and_who_may_be_a_key_account():
    """Twelve orders of 500 in the month are L3 (10 orders, 5,000); those of other months and unpaid ones are none of it."""
    lines = [order(str(n), "a", 10.0, 50, paid_amount=500.0, ordered_on=day(n)) for n in range(12)]
    lines += [order("u", "a", 10.0, status="unpaid", ordered_on=day(3)), order("old", "a", 1e6, ordered_on=day(40))]
    row = buyer_level(table("orders", lines), AS_OF, RULES.read("platform_levels", BuyerLevels)).iloc[0]
    assert row.tolist() == ["L3", 12, 6000.0, "L4", 15, 10000.0]
    known = {
        "orders": table("orders", lines),
        "buyer_level": row.to_frame().T,
        "platform_value": pd.DataFrame({"verdict": ["cannot_tell"], "suppliers": [3]}),
    }
    fits = {"medal": "3A", "sales_30d": 2.5e6, "repurchase_rate": 0.25, "penalty_points": 35}
    more = [
        {},
        {"medal": "2A"},
        {"sales_30d": 2.4e6},
        {"repurchase_rate": 0.2},
        {"penalty_points": 36},
        {"repurchase_rate": None},
        {"sales_30d": None},
    ]
    suppliers = table("suppliers", [{**fits, **changed, "supplier": f"s{n}"} for n, changed in enumerate(more)])
    told = may_be_key_account(suppliers, RULES.read("key_accounts", KeyAccounts))
    assert told.astype(object).where(told.notna(), None).tolist() == [True, False, False, False, False, True, None]
    known["platform_signals"] = suppliers[["supplier"]].assign(key_account=told)
    page = str(ways_pages(report_context(known, facts(), "zh")))
    assert "采购等级为 L3（12 单" in page and "L4 需每月 15 单" in page and "2 家：s0、s5" in page


def register(found, before=None, written=(), told=None):
    rows = table("risks", list(written))
    kept = pd.DataFrame() if told is None else told
    return risk_register(
        found, found.iloc[:0] if before is None else before, rows, kept, AS_OF, RULES.read("risk_register", RiskRule)
    )


def test_what_people_write_stays_with_its_risk():
    found = findings(suppliers=[{"supplier": "c", "payee": "别家公司"}])
    note = {"supplier": "c", "item": "payee", "status": "open", "opened_on": day(50), "owner": "王", "due_on": day(-5), "code": "payee:c", "response": "已发函", "remark": "等回复"}  # fmt: skip
    own = {"supplier": "z", "item": "合同未签", "status": "open", "opened_on": day(40), "due_on": day(3)}
    rows = register(found, found, [note, own]).set_index("supplier")
    assert rows.loc["c", ["state", "owner", "remark"]].tolist() == ["open", "王", "等回复"]
    assert rows.loc["c", "due_on"] == day(-5) and worded(rows.loc["c", "response"], "zh") == "已发函"
    assert rows.loc["z", ["state", "days_overdue", "found_by"]].tolist() == ["overdue", 3, "people"]
    closed = register(found, found, [note | {"status": "closed", "closed_on": day(2)}]).iloc[0]
    assert closed["state"] == "closed" and closed["closed_on"] == day(2)


def test_a_risk_is_new_then_open_then_overdue_and_closes_with_its_evidence():
    found = findings(suppliers=[{"supplier": "c", "payee": "别家公司"}])
    first = register(found)
    assert first["state"].tolist() == ["new"] and first["due_on"].tolist() == [AS_OF + pd.Timedelta(days=14)]
    assert register(found, found)["state"].tolist() == ["new"], "evidence as old as that, in a first review"
    kept = first_told(first, "2026-09", pd.Timestamp("2026-09-30"))
    later = register(found, found, told=kept)
    assert later["state"].tolist() == ["overdue"] and later["days_overdue"].tolist() == [17]
    gone = register(found.iloc[:0], found, told=kept)
    assert gone["state"].tolist() == ["closed"] and gone["found_by"].tolist() == ["review"]


def test_what_was_written_of_a_late_order_stays_with_it_when_its_supplier_has_vanished():
    late = order("9", "v", 10.0, received_on=None, status="open", promised_on=day(30))
    now = findings(orders=[late])
    then = now.assign(code=now["code"].str.replace("vanished", "overdue"), kind="overdue")
    note = {
        "supplier": "v",
        "item": "late",
        "status": "open",
        "opened_on": day(20),
        "owner": "王",
        "code": "overdue:v:9",
    }
    rows = register(now, then, [note], first_told(register(then), "2026-09", pd.Timestamp("2026-09-30"))).set_index(
        "code"
    )
    assert set(rows.index) == {"vanished:v:9", "single_source:v:CUP"} and rows.loc["vanished:v:9", "owner"] == "王"
    assert rows.loc["vanished:v:9", ["state", "due_on"]].tolist() == ["overdue", day(17)]


def test_what_was_written_of_a_risk_that_is_long_gone_is_no_risk_of_ones_own():
    """Found and answered in September, gone since October: in November neither month's findings have it, the kept ones do."""
    found = findings(suppliers=[{"supplier": "c", "payee": "别家公司"}])
    note = {"supplier": "c", "item": "payee", "status": "open", "opened_on": day(60), "due_on": day(40), "code": "payee:c"}  # fmt: skip
    kept = first_told(register(found), "2026-09", pd.Timestamp("2026-09-30"))
    assert register(found.iloc[:0], found, [note], kept)["state"].tolist() == ["closed"]
    assert register(found.iloc[:0], found.iloc[:0], [note], kept).empty
    ones_own = register(found.iloc[:0], None, [note | {"code": "2026-07 audit"}], kept)
    assert ones_own[["state", "found_by"]].to_numpy().tolist() == [["overdue", "people"]]


def test_a_risk_of_ones_own_without_a_due_date_is_due_as_soon_as_any_other():
    own = {"supplier": "z", "item": "合同未签", "status": "open"}
    found = findings(suppliers=[{"supplier": "c"}])
    rows = register(found.iloc[:0], None, [own | {"opened_on": day(20)}, own | {"opened_on": day(10)}])
    assert rows["due_on"].tolist() == [day(6), day(-4)] and rows["state"].tolist() == ["overdue", "open"]


# --- money and stock ahead --------------------------------------------------------------------------------------------


NO_LEAD_TIMES = pd.DataFrame(columns=["supplier", "lead_time_median", "lead_time_p90"], dtype=float)


def test_payments_fall_due_as_the_terms_say():
    quotes = table("quotes", [quote("a", 10.0, deposit_share=0.3, credit_days=30)])
    partly = order("1", "a", 10.0, 100, paid_amount=300.0, received_on=day(10))
    unpaid = order("2", "a", 10.0, 10, status="unpaid", received_on=None, paid_amount=0.0)
    held = order("3", "a", 10.0, 20, status="open", received_on=None, paid_amount=200.0, promised_on=day(-6))
    plan = pd.DataFrame(
        [
            {
                "sku": "CUP",
                "supplier": "a",
                "pieces": 50,
                "unit_price": 10.0,
                "order_total": 520.0,
                "expected_by": day(-20),
            }
        ]
    )
    offers = offers_in_force(quotes, empty("orders"), AS_OF)
    waiting = pd.DataFrame({"order_id": ["3"], "line_no": [1], "expected_on": [day(-9)], "arrives_by_80": [day(-14)]})
    placed = table("orders", [partly, unpaid, held])
    rows = payments_ahead(placed, empty("inspections"), empty("returns"), offers, plan, waiting, NO_LEAD_TIMES, AS_OF)
    due = rows.set_index(["kind", "order_id"])[["due_on", "amount"]]
    assert due.loc[("balance", "1")].tolist() == [day(-20), 700.0] and due.loc[("unpaid", "2")].tolist() == [
        day(-1),
        100.0,
    ]
    assert due.loc[("release", "3")].tolist() == [day(-9), 200.0] and due.loc[("release", "1")].tolist() == [
        day(10),
        300.0,
    ]
    planned = rows[rows["order_id"].isna()].set_index("kind")[["due_on", "amount"]]
    assert planned.loc["deposit"].tolist() == [day(-1), 170.0] and planned.loc["planned"].tolist() == [day(-50), 350.0]


@pytest.mark.parametrize(
    ("paid", "back", "found"),
    [
        (200.0, {}, {"release": 200.0}), (180.0, {"returned": 2, "refund": 20.0}, {"release": 180.0}),  # shown net
        (180.0, {"returned": 2}, {"release": 180.0}), (180.0, {"returned": 2, "settled_on": None}, {"balance": 20.0, "release": 180.0}),
        (150.0, {"refund": 20.0}, {"balance": 30.0, "release": 130.0}), (200.0, {"refund": 120.0}, {"release": 80.0}), (200.0, {"refund": 200.0}, {}),
    ],
)  # fmt: skip
@pytest.mark.parametrize("came", [{}, {"status": "open", "received_on": None, "promised_on": day(-6)}])
def test_what_came_back_is_no_balance_to_pay_and_nothing_to_release(paid, back, found, came):
    placed = table("orders", [order("1", "a", 10.0, 20, paid_amount=paid) | came])
    returns = table("returns", [{"order_id": "1", "line_no": 1, "settled_on": day(2)} | back] if back else [])
    offers = offers_in_force(empty("quotes"), empty("orders"), AS_OF)
    plan = pd.DataFrame(columns=["sku", "supplier", "pieces", "unit_price", "order_total", "expected_by"])
    rows = payments_ahead(placed, empty("inspections"), returns, offers, plan, pd.DataFrame(), NO_LEAD_TIMES, AS_OF)
    assert rows.set_index("kind")["amount"].to_dict() == found


WAYS_TO_PAY = {
    "货到付款": [(1, 20), (20, 500)],
    "运费险；货到30天付款": [(1, 20), (50, 500)],
    "分阶段付款 30/40/30": [(1, 170), (11, 200), (20, 150)],
    "30%定金，尾款发货前付清": [(1, 170), (11, 350)],
    "月结，每月25号结算": [(1, 20), (55, 500)],
    "融易收，全款": [(1, 520)],
    "30% deposit, balance on receipt": [(1, 170), (20, 350)],
    "面议": [(1, 520)],
}
"""Of 50 pieces at 10 with 20 of freight, dispatched ten days after the order and expected on 20 November: days from the review, and money."""


@pytest.mark.parametrize("text", WAYS_TO_PAY)
def test_the_words_on_payment_say_when_the_money_goes(text):
    offers = offers_in_force(
        table("quotes", [quote("a", 10.0, payment_terms=text, lead_time_days=10)]), empty("orders"), AS_OF
    )
    assert (offers.remarks["code"] == "payment_unknown").sum() == (text == "面议")
    plan = pd.DataFrame([{"sku": "CUP", "supplier": "a", "pieces": 50, "unit_price": 10.0, "order_total": 520.0, "expected_by": day(-20)}])  # fmt: skip
    rows = payments_ahead(
        empty("orders"), empty("inspections"), empty("returns"), offers, plan, pd.DataFrame(), NO_LEAD_TIMES, AS_OF
    )
    assert list(zip(rows["due_on"], rows["amount"])) == [(day(-ago), pytest.approx(money)) for ago, money in WAYS_TO_PAY[text]]  # fmt: skip


MONEY_AFTER = {
    "担保交易，收货后7天自动确认": (1, 0, 0, 0), "款到发货，货到7天内无理由退换": (1, 0, 0, 0), "全款预付，到货7天内包退": (1, 0, 0, 0),
    "交期15天，付全款": (1, 0, 0, 0), "合同签订后3天内付30%定金，余款发货前付清": (0.3, 0.7, 0, 0),
    "下单后3天内付30%定金，70%货到付款": (0.3, 0, 0, 0), "货到30天": (0, 0, 30, 0), "账期45天": (0, 0, 45, 0),
    "每月25日对账，次月10日付款": (0, 0, 25, 10), "30% deposit, balance 30 days after delivery": (0.3, 0, 30, 0), "net 60": (0, 0, 60, 0),
}  # fmt: skip
"""Share with the order, share at dispatch, days of credit, day of the month."""


@pytest.mark.parametrize("text", MONEY_AFTER)
def test_days_in_words_on_payment_are_credit_only_where_money_waits(text):
    offers = offers_in_force(table("quotes", [quote("a", 10.0, payment_terms=text)]), empty("orders"), AS_OF)
    [offer] = offers.offers
    terms = offer.payment
    found = (terms.paid_with_order, terms.dispatch_share, terms.credit_days, terms.settles_on)
    assert found == pytest.approx(MONEY_AFTER[text])


def test_columns_of_deposit_and_credit_stand_before_the_words_on_payment():
    both = [
        quote("a", 10.0, payment_terms="30%定金，尾款货到付", deposit_share=0.2), quote("b", 10.0, payment_terms="发货前付70%", deposit_share=0.5),
        quote("c", 10.0, payment_terms="货到付款", credit_days=15),
    ]  # fmt: skip
    found = offers_in_force(table("quotes", both), empty("orders"), AS_OF)
    terms = {of.supplier: of.payment for of in found.offers}
    assert terms["a"].deposit_share == 0.2 and terms["b"].deposit_share == 0.5 and terms["b"].dispatch_share == 0
    assert terms["c"].paid_with_order == 0 and terms["c"].credit_days == 15
    assert found.remarks.loc[found.remarks["code"] == "payment_unknown", "supplier"].tolist() == ["b"]


def test_what_is_paid_after_the_arrival_falls_due_with_it():
    """Of three balances two hang on one order; its goods come within the 16 days that 15 days of credit leave as likely as not."""
    quotes = table("quotes", [quote("a", 10.0, deposit_share=0.3, credit_days=15)])
    offers = offers_in_force(quotes, empty("orders"), AS_OF)
    waiting = {"status": "open", "received_on": None, "paid_amount": 0.0}
    placed = table("orders", [order("1", "a", 10.0, 60, **waiting), order("2", "a", 10.0, 40, **waiting)])
    placed = pd.concat([placed.iloc[[0]], placed.iloc[[0]].assign(line_no=2), placed.iloc[[1]]])
    left = (AS_OF + pd.DateOffset(months=1) - AS_OF).days - 15
    expected = placed[["order_id", "line_no"]].assign(
        expected_on=[day(-left), day(-left), day(-40)], arrives_by_80=[day(-left - 8), day(-left - 8), day(-45)]
    )
    plan = pd.DataFrame([{"sku": "CUP", "supplier": "b", "pieces": 5, "unit_price": 10.0, "order_total": 50.0, "expected_by": day(-9)}])  # fmt: skip
    rows = payments_ahead(placed, empty("inspections"), empty("returns"), offers, plan, expected, NO_LEAD_TIMES, AS_OF)
    assert rows.set_index("kind")["due_chance"].to_dict() == {"balance": pytest.approx(0, abs=1e-9), "deposit": 1.0}
    assert rows["due_chance"].tolist() == pytest.approx([1.0, 0.5, 0.5, 0.0], abs=1e-9)
    need = cash_need(rows, pd.DataFrame({"shock": [0.3]}), AS_OF, 0.9).iloc[0]
    assert need[["need", "need_low", "need_high"]].tolist() == pytest.approx([650.0, 50.0, 1250.0])
    assert cash_need(rows.iloc[:0], pd.DataFrame(), AS_OF, 0.9).empty
    tables = {"payments": rows, "cash_need": cash_need(rows, pd.DataFrame(), AS_OF, 0.9)}
    for language, said in (("en", "650 CNY (50 CNY of it for orders planned here); with 90% probability 50 CNY to 1,250 CNY"), ("zh", "90% 概率下合计为 50 元至1,250 元。")):  # fmt: skip
        assert said in cash_line(report_context(tables, facts(), language))[0]["text"]


def test_the_coming_month_has_its_last_day():
    days = pd.DataFrame({"due_on": pd.to_datetime(["2026-10-31", "2026-11-01"]), "credit_days": 0.0, "spread": np.nan, "uncertain": False})  # fmt: skip
    assert due_chance(days, pd.Timestamp("2026-09-30")).tolist() == [1.0, 0.0]


def test_the_range_of_a_months_cash_holds():
    """Sixty months of twenty orders on credit, whose luck the month shares: what fell due lies within the range as often as it says."""
    rng, held, shock = np.random.default_rng(3), 0, 0.5
    until = (AS_OF + pd.DateOffset(months=1) - AS_OF).days
    for _ in range(60):
        median, spread, amount = rng.uniform(8, 50, 20), rng.uniform(0.15, 0.5, 20), rng.uniform(500, 9000, 20)
        rows = pd.DataFrame({"due_on": AS_OF + pd.to_timedelta(np.round(median), unit="D"), "credit_days": 0.0})
        rows = rows.assign(
            spread=spread, uncertain=True, amount=amount, kind="balance", supplier="a", order_id=rows.index.astype(str)
        )
        rows["due_chance"] = due_chance(rows, AS_OF)
        luck = (shock * rng.standard_normal() + rng.standard_normal(20)) / np.hypot(shock, 1)
        came = amount[np.rint(np.exp(np.log(median) + spread * luck)) <= until].sum()
        need = cash_need(rows, pd.DataFrame({"shock": [shock]}), AS_OF, 0.9).iloc[0]
        held += need["need_low"] - 0.01 <= came <= need["need_high"] + 0.01
    assert stats.binomtest(held, 60, 0.9).pvalue > 1e-3


@pytest.mark.parametrize(("language", "told"), [("en", "1 order lines"), ("zh", "1 个订单行")])
def test_an_order_of_which_nobody_wrote_what_was_paid_is_counted_where_the_sums_stand(language, told):
    """Of four lines one is paid, one not placed for good and one not paid; of the fourth nobody knows."""
    lines = [order("1", "a", 10.0, paid_amount=500.0), order("2", "a", 10.0), order("3", "a", 10.0, status="unpaid"), order("4", "a", 10.0, status="cancelled")]  # fmt: skip
    placed = table("orders", lines)
    assert not_reckoned(placed) == 1
    offers = offers_in_force(empty("quotes"), empty("orders"), AS_OF)
    plan = pd.DataFrame(columns=["sku", "supplier", "pieces", "unit_price", "order_total", "expected_by"])
    rows = payments_ahead(
        placed, empty("inspections"), empty("returns"), offers, plan, pd.DataFrame(), NO_LEAD_TIMES, AS_OF
    )
    assert "2" not in set(rows["order_id"])
    said = cash_line(report_context({"orders": placed, "payments": rows}, facts(), language))
    assert told in said[-1]["text"] and len(said) == 2
    known = cash_line(report_context({"orders": placed.drop(index=1), "payments": rows}, facts(), language))
    assert known == said[:1]


def test_stock_says_order_now_or_in_how_many_days():
    plan = pd.DataFrame({"sku": ["A", "B", "C"], "supplier": "a", "reorder_point": 60.0, "demand_per_month": 30.4375})
    counts = table(
        "stock_counts",
        [{"sku": "A", "counted_on": day(5), "on_hand": 60}, {"sku": "B", "counted_on": day(0), "on_hand": 70}],
    )
    road = table("orders", [order("1", "a", 1.0, 5, "B", status="open", received_quantity=0)])
    rows = stock_now(counts, road, plan, AS_OF).set_index("sku")
    assert rows.loc["A", "days_until_order"] == 0 and rows.loc["A", "position"] == pytest.approx(55.0)
    assert rows.loc["B", "days_until_order"] == 15 and rows.loc["B", "order_by"] == day(-16)
    assert np.isnan(rows.loc["C", "position"]) and "not counted" in worded(rows.loc["C", "note"], "en")
    waits = stock_now(counts, road, plan, AS_OF, waiting=["A", "B", "C"]).set_index("sku")
    assert waits[["days_until_order", "order_by"]].loc[["A", "C"]].isna().all(axis=None), "the plan orders none of A"
    assert waits.loc["B", "days_until_order"] == 15 and "55 days are covered" in worded(waits.loc["A", "note"], "en")


# --- levers, ways and signals -----------------------------------------------------------------------------------------


def test_every_further_lever_has_its_money_or_says_why_not():
    costs = HouseCosts.counting(inspection_per_piece=0.5, inspection_per_lot=20.0, inspected_share=0.4, order_cost=30.0, carrying_rate=0.25)  # fmt: skip
    offer = Offer("a", "CUP", PriceLadder((100,), (10.0,)), sample_fee=40.0)
    found = further_levers(offer, 200, 60.0, costs, 0.1, 1.25, 400.0).set_index("lever")
    worth = found["worth_per_piece"]
    assert worth["delivered"] == pytest.approx(60 / 200 * 1.25)
    assert worth["inspection_report"] == pytest.approx((0.5 * 0.4 + 20 / 200) * 1.25)
    assert worth["sample_credit"] == pytest.approx(40 / 200) and worth["longer_production"] == pytest.approx(-1.0)
    # orders of sqrt(2 x 400 x 30 / 2.5) = 98 instead of the least 100
    assert worth["mixed_batch"] == pytest.approx(30 / 100 + 1.25 * 100 / 400 - (30 / 98 + 1.25 * 98 / 400), abs=1e-3)
    assert found.loc[["after_sales", "forecast"], "known"].tolist() == [False, False]
    unknown = further_levers(Offer("a", "CUP", PriceLadder((1,), (10.0,))), 200, None, costs, np.nan, 1.0, np.nan)
    assert unknown.set_index("lever")["known"].to_dict() == dict.fromkeys(found.index, False) | {
        "inspection_report": True
    }
    for language in LANGUAGES:
        assert all("{" not in worded(text, language) for text in [*found["note"], *unknown["note"]])


def test_transport_is_told_by_mode_and_region_with_its_losses():
    lines = [
        order("1", "a", 10.0, 100, transport_mode="express", freight=50.0, shipped_on=day(12), received_quantity=90),
        order("2", "a", 10.0, 100, transport_mode="express", freight=None, shipped_on=day(10), received_quantity=None),
        order(
            "3", "b", 10.0, 50, transport_mode="sea", freight=10.0, duty=40.0, shipped_on=day(18), received_quantity=50
        ),
        order("4", "b", 10.0, 50, transport_mode="sea", duty=0.0, shipped_on=day(18)),
    ]
    places = table("suppliers", [{"supplier": "a", "region": "义乌"}, {"supplier": "b"}])
    counted = pd.DataFrame({"order_id": ["1", "3"], "line_no": [1, 1], "pieces": [90, 50]}).astype(
        {"order_id": "str", "line_no": "Int64"}
    )
    costs = HouseCosts.counting(cargo_rate=0.002, uplift=1.10)
    rows = transport_ways(table("orders", lines), places, counted, costs, 0.9)
    whole = rows[rows["region"].isna()].set_index("transport_mode")
    assert whole.loc["express", ["lines", "counted_pieces", "lost_pieces"]].tolist() == [2, 100, 10]
    assert whole.loc["express", "loss_rate"] == pytest.approx(0.1) and whole.loc["express", "loss_rate_high"] < 0.2
    assert whole.loc["express", "freight_share"] == pytest.approx(0.05) and whole.loc["express", "days_median"] == 3.0
    assert whole.loc["sea", "loss_rate"] == 0.0 and whole.loc["sea", "loss_rate_high"] > 0.01
    assert rows.dropna(subset="region")[["transport_mode", "region"]].to_numpy().tolist() == [["express", "义乌"]]
    assert whole.loc["sea", "duty_share"] == pytest.approx(40 / 1000) and np.isnan(whole.loc["express", "duty_share"])
    for way, told in (("sea", True), ("express", False)):
        known = {"orders": table("orders", lines), "transport_ways": rows[rows["transport_mode"] == way]}
        assert ("关税占比" in str(ways_pages(report_context(known, facts(), "zh")))) == told


def test_insurance_is_told_by_way_where_the_goods_travel_at_our_risk():
    """By sea an import of 1,000 and 100 of freight: 0.2 % of 110 % of 1,100 / 0.9978, of goods; CIF and what comes at the seller's risk say
    nothing. Express at home: 0.5 % of each order, 4 at least, over both orders: (4 + 10) / 2,300. Rates of 0: not insured."""
    sea, air, express = ({"transport_mode": way, "shipped_on": day(12)} for way in ("sea", "air", "express"))
    lines = [
        order("1", "a", 10.0, 100, freight=100.0, duty=70.0, **sea), order("2", "a", 10.0, 100, freight_terms="CIF Shanghai", **sea),
        order("3", "a", 10.0, 100, freight=0.0, **air), order("4", "a", 10.0, 10, freight=None, **air),
        order("5", "b", 10.0, 15, freight=9.0, **express), order("5", "b", 10.0, 15, line_no=2, freight=0.0, freight_terms="买家承担", **express),
        order("6", "b", 20.0, 100, freight=30.0, **express),
    ]  # fmt: skip
    orders, nobody = table("orders", lines), pd.DataFrame(columns=["order_id", "line_no", "pieces"])
    costs = HouseCosts.counting(cargo_rate=0.002, uplift=1.10, domestic_rate=0.005, domestic_minimum=4.0)
    ways = transport_ways(orders, table("suppliers", []), nobody, costs, 0.9).set_index("transport_mode")
    told = ways["insurance_share"]
    assert told["sea"] == pytest.approx((1100 / 0.9978 - 1100) / 1000) and np.isnan(told["air"])
    assert told["express"] == pytest.approx((4 + 10) / 2300)
    free = transport_ways(orders, table("suppliers", []), nobody, HouseCosts.counting(), 0.9)
    page = str(ways_pages(report_context({"orders": orders, "transport_ways": free}, facts(), "zh")))
    assert free["insurance_share"].dropna().eq(0).all() and "未保价" in page and "0.00%" not in page


def test_a_piece_costs_what_the_lines_with_a_price_say():
    """100 pieces for 800 and 50 of which nobody wrote the price: 8 a piece. Of what has no price at all nothing is known."""
    unknown = {"unit_price": None, "goods_amount": None}
    lines = [order("1", "a", 8.0, 100, need="bulk"), order("2", "a", 0.0, 50, need="bulk", **unknown), order("3", "a", 0.0, 5, need="test", **unknown)]  # fmt: skip
    rows = needs_apart(table("orders", lines), pd.DataFrame(columns=["order_id", "line_no", "inspected", "defective"]))
    found = rows.set_index("need")
    assert found.loc["bulk", ["pieces", "goods", "price_per_piece"]].tolist() == [150, 800.0, 8.0]
    assert found.loc["test", ["goods", "price_per_piece"]].isna().all() and found.loc["test", "pieces"] == 5


def test_each_step_counts_what_it_names_once():
    """One order of two lines paid after a day, one of one line after 5, one never paid: 2 orders, 3 days in the middle. A candidate listed
    after its first quote says nothing of how long it took to find."""
    lines = [
        order("1", "a", 8.0, paid_on=day(19)), order("1", "a", 8.0, line_no=2, paid_on=day(19)),
        order("2", "a", 8.0, paid_on=day(15)), order("3", "a", 8.0, status="unpaid", received_on=None),
    ]  # fmt: skip
    listed = [{"supplier": who, "sku": "CUP", "listed_on": day(ago)} for who, ago in (("a", 10), ("b", 34))]
    made = tables(orders=lines, candidates=listed, quotes=[quote("a", 8.0), quote("b", 8.0)])
    steps = five_steps(made, AS_OF).set_index("step")
    assert steps.loc["pay"].tolist() == [2, 3.0, 2] and steps.loc["find"].tolist() == [2, 4.0, 1]
    page = ways_pages(report_context({**made, "five_steps": steps.reset_index()}, facts(), "en"))
    assert "pay 2 times, median 3.0 days (n 2)" in str(page)


def test_a_quantity_taken_from_the_order_is_no_count_and_says_nothing_of_losses():
    way = {"transport_mode": "sea", "received_quantity": 50}
    lines = [
        order("1", "a", 10.0, 50, freight=10.0, **way),
        order("2", "a", np.nan, 50, freight=90.0, **way),  # its goods are not known: no part of the share
    ]
    nothing = table("suppliers", [{"supplier": "a"}])
    counted = pd.DataFrame({"order_id": ["9"], "line_no": [1], "pieces": [3]}).astype(
        {"order_id": "str", "line_no": "Int64"}
    )
    row = transport_ways(table("orders", lines), nothing, counted, HouseCosts.counting(), 0.9).iloc[0]
    assert row["loss_rate"] != row["loss_rate"] and row["loss_rate_high"] != row["loss_rate_high"]
    assert row["counted_pieces"] == 0 and row["freight_share"] == pytest.approx(10 / 500)


def test_terms_of_payment_that_nobody_stated_are_not_known():
    made = tables(
        quotes=[quote("a", 10.0, deposit_share=0.3, credit_days=30), quote("b", 11.0), quote("c", 12.0, credit_days=0)]
    )
    rows = compare(made)
    assert rows.loc["a", ["deposit_share", "credit_days"]].tolist() == [0.3, 30.0]
    assert rows.loc["b", ["deposit_share", "credit_days"]].isna().all()
    assert np.isnan(rows.loc["c", "deposit_share"]) and rows.loc["c", "credit_days"] == 0.0


@pytest.mark.parametrize(("days", "due"), [(3, 3), (7, 7), (40, 7), (None, 7)])
def test_a_planned_order_is_placed_within_the_week(days, due):
    """The plan's arrival is that of an order placed now, whenever the stock alone would call for it."""
    plan = {"sku": "CUP", "supplier": "a", "pieces": 9, "unit_price": 2.0, "order_total": 18.0, "action": "order"}
    by = pd.NaT if days is None else AS_OF + pd.Timedelta(days=days)
    made = {"purchase_plan": pd.DataFrame([plan]), "stock_now": pd.DataFrame({"sku": ["CUP"], "order_by": [by]})}
    made |= {"scorecard": pd.DataFrame({"supplier": ["a"], "grade": ["A"], "grade_reason": [""]})}
    assert action_list(made, AS_OF)["due_on"].tolist() == [AS_OF + pd.Timedelta(days=due)]


def test_an_order_says_what_comes_before_it_by_the_open_risks_of_its_supplier():
    risks = [
        ("drift:a:CUP", "CUP", "open"), ("payee:a", None, "overdue"), ("drift:a:PAN", "PAN", "new"), ("ip:a", None, "closed"),
        ("medal:a", None, "new"), ("payee:b", None, "new"),
    ]  # fmt: skip
    found = pd.DataFrame(risks, columns=["code", "sku", "state"])
    found = found.assign(
        supplier=found["code"].str[-1].where(found["code"].str.count(":") == 1, "a"),
        due_on=AS_OF,
        money=1.0,
        item=reason("before_order.risk_ip"),
    )
    found["response"] = [reason(f"before_order.respond_{code.split(':')[0]}") for code in found["code"]]
    plan = pd.DataFrame(
        [{"sku": "CUP", "supplier": "a", "pieces": 9, "unit_price": 2.0, "order_total": 18.0, "action": "order"}]
    )
    done = action_list({"purchase_plan": plan, "risk_register": found}, AS_OF)
    why = worded(done.loc[done["kind"] == "order", "reason"].iloc[0], "zh")
    assert "按封样索赔" in why and "收款账户" in why and why.count("逐件检验") == 1
    assert "授权书" not in why and "勋章" not in why
    by_people = found.assign(code=None)  # what people wrote down has no code of ours
    for calm in ({"purchase_plan": plan}, {"purchase_plan": plan, "risk_register": by_people}):
        orders = action_list(calm, AS_OF).query("kind == 'order'")
        assert worded(orders["reason"].iloc[0], "zh") == "按采购计划的供应商和数量下单。"


def test_needs_are_never_averaged_together():
    lines = [order("1", "a", 20.0, 5, need="新品测款"), order("2", "a", 8.0, 500, need="大额批发")]
    lots = pd.DataFrame({"order_id": ["2"], "line_no": [1], "inspected": [50], "defective": [2]})
    rows = needs_apart(table("orders", lines), lots).set_index("need")
    assert rows["price_per_piece"].to_dict() == {"大额批发": 8.0, "新品测款": 20.0}
    assert rows.loc["大额批发", "defective"] == 2 and pd.isna(rows.loc["新品测款", "inspected"])


@pytest.mark.parametrize(("sign", "verdict"), [(-1, "foretells"), (1, "misleads"), (0, "cannot_tell")])
def test_a_signal_foretells_only_where_our_own_outcomes_say_so(sign, verdict):
    names, rng = [f"s{n:02d}" for n in range(20)], np.random.default_rng(4)
    bad = np.arange(20) if sign else rng.permutation(20)
    lots = pd.DataFrame({"supplier": names, "inspected": 100, "defective": bad})
    profiles = table(
        "suppliers", [{"supplier": name, "years_on_platform": (sign or 1) * n + 20} for n, name in enumerate(names)]
    )
    rows = signal_value(profiles, lots, 0.9).set_index("signal")
    assert rows["verdict"].to_dict() == {"years_on_platform": verdict}
    if not sign:  # a 90 % interval leaves out 0 in a tenth of such worlds
        others = [lots.assign(defective=rng.permutation(20)) for _ in range(40)]
        told = [signal_value(profiles, world, 0.9)["verdict"].item() for world in others]
        assert told.count("cannot_tell") >= 30
    few = signal_value(profiles, lots.assign(inspected=10), 0.9)
    assert few["verdict"].tolist() == ["cannot_tell"] and few["correlation"].isna().all()


@pytest.mark.parametrize(
    ("bulk", "lots", "flagged"),
    [((40, 12), 4, True), ((40, 3), 4, False), ((40, 12), 1, False), ((400, 80), 10, True), ((400, 22), 10, False)],
)
def test_worse_bulk_is_told_of_a_supplier_as_a_whole_where_its_lots_are_enough(bulk, lots, flagged):
    """2 of 100 before; 12 of 40 in four lots is worse, in one lot it may be that lot; 22 of 400 is worse by less than the limit."""
    pieces, bad = bulk
    rows = [{"supplier": "a", "stage": "trial", "inspected": 10, "defective": int(n < 2)} for n in range(10)]
    rows += [
        {"supplier": "a", "stage": "bulk", "inspected": pieces // lots, "defective": bad // lots + (n < bad % lots)}
        for n in range(lots)
    ]
    found = bulk_traps(pd.DataFrame(rows), 0.2, pd.Series({"a": 100.0}), 0.05)
    assert found["code"].tolist() == (["drift:a"] if flagged else [])


def test_lots_that_differ_because_bulk_is_worse_are_no_less_alike():
    """Four lots of 25 a side, of pieces as alike as 0.08, bulk at 30 % against 10 %: the step is none of the lots' own variation."""
    rng, suppliers, r = np.random.default_rng([7, 2]), 400, 0.08
    rates = {"trial": 0.1, "bulk": 0.3}
    own = {stage: rng.beta(p * (1 / r - 1), (1 - p) * (1 / r - 1), (suppliers, 4)) for stage, p in rates.items()}
    lots = pd.concat(
        pd.DataFrame({"supplier": np.repeat(np.arange(suppliers), 4).astype(str), "sku": "CUP", "stage": stage, "inspected": 25, "defective": rng.binomial(25, each).ravel()})
        for stage, each in own.items()
    )  # fmt: skip
    assert likeness_within_sides(lots, 0.2) == pytest.approx(r, abs=0.01)
    assert likeness_within_sides(lots.assign(stage="bulk"), 0.2) > 0.1, "both sides as one"
    assert likeness_within_sides(lots.head(1), 0.2) == 0.2 and 0 < likeness_within_sides(lots.iloc[:0], None) < 0.2


def test_the_likeness_of_unequal_lots_weighs_the_large_ones():
    """Bulk lots of 200 and four of 20: a piece is in a lot of 200 x 200 + 4 x 20 x 20 over 280 = 148.6 pieces, not of 56."""
    rows = [{"supplier": "a", "stage": "trial", "inspected": 10, "defective": 0}] * 10
    rows += [{"supplier": "a", "stage": "bulk", "inspected": n, "defective": n // 10} for n in (200, 20, 20, 20, 20)]
    found = bulk_against_before(pd.DataFrame(rows), 0.05).loc["a"]
    weight = 1 / (1 + (148.571428 - 1) * 0.05)
    low, high = stats.beta.ppf([0.05, 0.95], 28 * weight + 0.5, 252 * weight + 0.5)
    assert (found["bulk_low"], found["bulk_high"]) == pytest.approx((low, high), rel=1e-5)


@pytest.mark.parametrize("alike", [0.2, None])
def test_both_rates_are_told_with_their_intervals_and_pieces(alike):
    """Ten trials of 10 with 0 of 100 defective, ten bulk lots of 40 with 80 of 400. Counts weigh 1 / (1 + (lot - 1) x likeness)."""
    rows = [{"supplier": "a", "stage": "trial", "inspected": 10, "defective": 0}] * 10
    rows += [{"supplier": "a", "stage": "bulk", "inspected": 40, "defective": 8}] * 10
    found = bulk_traps(pd.DataFrame(rows), alike, pd.Series({"a": 100.0}), 0.05)
    like = USUAL_LOT_CORRELATION if alike is None else alike
    bulk, trial = 1 / (1 + 39 * like), 1 / (1 + 9 * like)
    low, high = stats.beta.ppf([0.05, 0.95], 80 * bulk + 0.5, 320 * bulk + 0.5)
    top = stats.beta.ppf(0.95, 0.5, 100 * trial + 0.5)
    told = f"20% defective ({low:.0%}–{high:.0%}, 400 pieces), samples and trials 0% (0%–{top:.0%}, 100 pieces"
    assert told in worded(found["item"].item(), "en") and f"（0%–{top:.0%}，100 件" in worded(
        found["item"].item(), "zh"
    )


@pytest.mark.parametrize("category", ["Toys", "Food", "Electric kettle", "小家电", "兒童用品"])
def test_risky_goods_and_goods_to_be_tested_are_named_alike(category):
    assert words_in(category, RULES.read("risk_register", RiskRule).tested_categories)
    assert RULES.read("risky_goods", RiskyGoods).are(category)


def test_a_word_of_nothing_is_in_no_category():
    assert words_in("箱包", ["", " ", "\u200b"]) == set()
    assert [Text(100).takes(word) for word in ("", " ", "\u3000", "\u200b", "toy")] == [False] * 4 + [True]
