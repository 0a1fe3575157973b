"""The report says what its tables say, in both languages, on pages that print anywhere."""

import io
import json
import math
import re

import numpy as np
import pandas as pd
import pytest
import typst
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader
from review_tables import AS_OF, COMPONENTS, EIGHT, MONEY_TABLES, facts, names, review_tables, stock

from analysis import reasons
from analysis.decisions.actions import action_list
from analysis.decisions.landed_cost import COMPONENTS as decided_components
from analysis.decisions.sourcing import LEVERS, READINESS, REASONS
from analysis.decisions.sourcing.supply_simulation import POLICIES
from analysis.reporting import blocks
from analysis.reporting.chase import what_to_chase
from analysis.reporting.claim_pages import open_claims
from analysis.reporting.facts import ReviewFacts
from analysis.reporting.front_page import best_of_each, front_page, whom_to_buy_from, whom_to_drop
from analysis.reporting.glyphs import lacking, printable, printable_content
from analysis.reporting.inspection_pages import inspection_plans, lot_curves, typical_lot
from analysis.reporting.messages import cost_message, delivery_message, quality_message
from analysis.reporting.money_pages import money_pages, planned_lines, waterfall_bars
from analysis.reporting.pdf import compile_pdf
from analysis.reporting.plan_pages import plan_pages, what_to_order
from analysis.reporting.report import write_review
from analysis.reporting.report_context import ReportContext, names_in, report_context
from analysis.reporting.scorecard_pages import scorecard_pages
from analysis.reporting.sections import open_risks, report_content
from analysis.reporting.stock_pages import stock_pages
from analysis.reporting.supply_pages import backup_suppliers, named_backups
from analysis.reporting.words import Words
from analysis.wording import LANGUAGES, catalogue, worded


def texts(pdf: bytes) -> list[str]:
    """The text of each page without blanks: line breaks fall anywhere."""
    return [re.sub(r"\s+", "", page.extract_text()) for page in PdfReader(io.BytesIO(pdf)).pages]


def pages(tables, language, given=None) -> list[str]:
    given = given or facts()
    return texts(compile_pdf(report_content(tables, given, language), given.as_of))


@pytest.fixture(scope="module")
def tables():
    return review_tables()


@pytest.fixture
def no_figures(monkeypatch):
    """Pages without the time that drawing takes; the figures have tests of their own."""
    blank = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>'
    for room in ("quality", "delivery", "money", "inspection"):
        monkeypatch.setattr(f"analysis.reporting.{room}_pages.drawn", lambda plot, height: blank)
    for room in ("record", "scorecard"):
        monkeypatch.setattr(f"analysis.reporting.{room}_pages.as_svg", lambda axes: blank)


@pytest.fixture(scope="module")
def written(tables, tmp_path_factory):
    """The folder of a review with its three files."""
    folder = tmp_path_factory.mktemp("review")
    write_review(tables, facts(), folder)
    return folder


@pytest.fixture(scope="module")
def printed(written):
    return {language: texts((written / f"review.{language}.pdf").read_bytes()) for language in LANGUAGES}


@pytest.mark.parametrize("language", LANGUAGES)
def test_pages_hold_the_tables_numbers(tables, printed, language):
    text = "".join(printed[language])
    for row in tables["defect_rates"].itertuples():
        if row.inspected:
            assert f"{100 * row.defect_rate:.1f}%" in text
            assert f"{100 * row.defect_rate_low:.1f}–{100 * row.defect_rate_high:.1f}%" in text
    for row in tables["lead_times"].itertuples():
        assert f"{row.lead_time_p90_low:.0f}–{row.lead_time_p90_high:.0f}" in text
    for row in tables["scorecard"].itertuples():
        assert f"{row.rating:.0f}" in text
    for order in tables["open_orders"]["order_id"]:
        assert order in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_supplier_is_named_and_the_emoji_is_replaced_and_reported(printed, language):
    text = "".join(printed[language])
    for name in EIGHT:
        assert re.sub(r"\s+", "", printable(name)) in text
    assert "HangzhouBest※Factory" in text and "U+1F3ED" in text


def test_the_row_account_is_printed_and_adds_up(tables, printed, no_figures):
    assert "89rowsin=83kept+5quarantined+1mergedasduplicates" in "".join(printed["en"])
    assert "读入89行=保留83行+隔离5行+合并重复1行" in "".join(printed["zh"])
    broken = tables | {"accounting": tables["accounting"].assign(kept=1)}
    assert "Donotrelyonthisreport" in "".join(pages(broken, "en"))


def test_provenance_is_printed(printed):
    """What a reader needs to make the report again; hashes and library lists stay in provenance.json."""
    for told in ("0123abc", "20261031", "provenance.json", "analysisreview2026-10--sourceexample"):
        assert told in "".join(printed["en"][-2:]) and told in "".join(printed["zh"][-2:])
    for kept_apart in ("ab" * 32, "2.4.6", "numpy"):
        assert kept_apart not in "".join(printed["en"]) + "".join(printed["zh"])


def test_simulated_data_are_called_so_on_every_page(tables, printed, no_figures):
    assert all("SIMULATEDDATA" in page for page in printed["en"])
    assert all("模拟数据" in page for page in printed["zh"])
    assert "SIMULATED" not in "".join(pages(tables, "en", facts(simulated=False)))


# ---- the first page ----


def crowded() -> dict[str, pd.DataFrame]:
    """A month with more of everything than one page can name."""
    tables = review_tables(25)
    long = "佛山市南海区盐步某某五金塑料制品实业有限公司第二分厂暨广东省五金塑料研究院联合体"
    renamed = {name: f"{long}{n}" for n, name in enumerate(names(25))}
    for name, table in tables.items():
        if "supplier" in table:
            tables[name] = table.assign(supplier=table["supplier"].replace(renamed))
    scorecard = tables["scorecard"]
    reason = "; ".join([scorecard["grade_reason"].iloc[0]] * 3)
    tables["scorecard"] = scorecard.assign(
        grade=["A"] * 12 + ["C"] * 13, grade_reason=reason, grade_reason_zh=reason, missing_criteria="defect_rate"
    )
    tables["previous_scorecard"] = tables["scorecard"].assign(grade="B", rank=range(25, 0, -1)).iloc[3:]
    return tables


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("month", [review_tables, crowded])
def test_the_first_page_is_one_page(month, language, no_figures):
    first, second = pages(month(), language)[:2]
    last_heading, chapter = {
        "en": ("Whatisnotknownyet", "Purchaseplan:whattoordernow"),
        "zh": ("尚不确定的事项", "采购计划：本期下单"),
    }[language]
    assert last_heading in first and last_heading not in second
    assert chapter in second


def test_the_first_page_names_whom_to_buy_from_and_whom_to_drop(tables):
    page = front_page(report_context(tables | {"purchase_plan": pd.DataFrame()}, facts(), "en"))
    lists = [block["rows"] for block in page["blocks"] if block["kind"] == "table"]
    assert [[row[1]["text"] for row in rows] for rows in lists] == [[EIGHT[0], printable(EIGHT[1])], [EIGHT[3]]]


def test_moves_are_counted_against_last_month(tables):
    items = dict(map(tuple, front_items(tables, 0)))
    assert items[EIGHT[0]] == "B → A (rank 7 → 1)"
    texts = [text for _, text in front_items(tables, 0)]
    assert f"Rated for the first time (1): {EIGHT[7]}" in texts


def front_items(tables, number):
    """What changed (0) and what is not known (1); above them stands what to chase."""
    found = [
        block for block in front_page(report_context(tables, facts(), "en"))["blocks"] if block["kind"] == "bullets"
    ]
    return [(item["lead"], item["text"]) for item in found[number + 1]["items"]]


def test_thin_evidence_is_told_with_what_would_settle_it(tables):
    unknown = dict(front_items(tables, 1))
    assert unknown["Never inspected (2):"].endswith(f"{EIGHT[7]}, {EIGHT[6]}")
    assert unknown[EIGHT[2]].startswith("3 of 22 defective") and "About 48 more" in unknown[EIGHT[2]]
    assert unknown["Criteria nobody has looked into yet:"] == "defect rate (2), after-sales reply (2)"


def test_nobody_in_a_is_said_and_the_nearest_are_named(tables, no_figures):
    without = tables | {"scorecard": tables["scorecard"].assign(grade="B"), "purchase_plan": pd.DataFrame()}
    assert "NosupplierhasearnedanAyet" in pages(without, "en")[0]
    assert "暂无供应商达到A级" in pages(without, "zh")[0]


def test_nobody_stands_under_buy_and_stop_at_once(tables):
    """Without an A the page names the nearest, and those of grade C are not near; where all are, it says so."""
    card = tables["scorecard"].sort_values("rank")
    for grades in (["C", "B"], ["C", "C"]):
        graded = tables | {"scorecard": card.assign(grade=np.resize(grades, len(card)))}
        m = report_context(graded, facts(), "en")
        named = [
            {row[1]["text"] for block in made if "rows" in block for row in block["rows"]}
            for made in (whom_to_buy_from(m), whom_to_drop(m))
        ]
        assert not named[0] & named[1] and named[1]
        assert bool(named[0]) == ("B" in grades)


def test_who_is_out_whatever_its_grade_is_named_on_the_first_page(tables):
    """The plan leaves B out for its bulk, and V has sent nothing; both are grade B, and nothing else says to stop."""
    plan = tables["purchase_plan"].assign(out_for_bulk=None)
    plan.loc[plan.index[:2], "out_for_bulk"] = ["B厂; C厂", "B厂"]
    risks = pd.DataFrame({"code": ["vanished:V厂:7", "vanished:W厂:8", "overdue:X厂:9", None], "supplier": ["V厂", "W厂", "X厂", "Y厂"], "state": ["overdue", "closed", "new", "new"]})  # fmt: skip
    calm = tables | {"scorecard": tables["scorecard"].assign(grade="B"), "purchase_plan": plan}
    for language, joint in (("en", ", "), ("zh", "、")):
        said = [
            block["text"] for block in whom_to_drop(report_context(calm | {"risk_register": risks}, facts(), language))
        ]
        assert f"B厂{joint}C厂" in said[2] and "V厂" in said[2] and len(said) == 3
        assert not any(name in str(said) for name in ("W厂", "X厂", "Y厂"))
    assert (
        len(whom_to_drop(report_context(calm | {"purchase_plan": plan.assign(out_for_bulk=None)}, facts(), "en"))) == 2
    )


def test_headline_interval_by_summing_the_density(tables):
    """The second route: Jeffreys' posterior of 13 in 262 on a fine grid, its mass added up from both ends."""
    share = (np.arange(400_000) + 0.5) / 400_000
    density = share ** (13 - 0.5) * (1 - share) ** (249 - 0.5)
    mass = np.cumsum(density) / density.sum()
    expected = share[np.searchsorted(mass, [0.05, 0.95])]
    tile = front_page(report_context(tables, facts(), "en"))["tiles"][1]
    low, high = 100 * expected
    assert tile["value"] == "5.0%"  # 13 / 262
    assert tile["detail"] == f"13 of 262 pieces; interval {low:.1f}–{high:.1f}%"


# ---- what is absent ----


@pytest.mark.parametrize("language", LANGUAGES)
def test_without_inspections_quality_reads_not_assessed(tables, language, no_figures):
    rates = tables["defect_rates"].assign(inspected=0, defective=0)
    absent = ("inspections", "defect_items", "drift", "return_rates")
    without = {name: table for name, table in tables.items() if name not in absent} | {"defect_rates": rates}
    told = pages(without, language)
    word = {"en": "Notassessed(noinspections)", "zh": "未评估（无验货记录）"}[language]
    assert word.casefold() in told[0].casefold() and word in told[1]
    assert "0.0%" not in told[1]


@pytest.mark.parametrize("language", LANGUAGES)
def test_orders_alone_make_a_report(tables, language, no_figures):
    alone = pages({"orders": tables["orders"]}, language, facts(limit=None, provenance={}, seed=None, note={}))
    assert len(alone) == 3
    assert not re.search(r"\b(nan|nat|none|<na>)\b", "".join(alone), re.IGNORECASE)


def test_no_tables_at_all_make_a_report():
    assert "Notassessed" in "".join(pages({}, "en"))


def test_a_supplier_without_inspections_never_reads_as_perfect(tables, printed):
    text = chapter(printed["en"], "Quality", "Leadtime")
    assert text.count("0inspected") == int((tables["defect_rates"]["inspected"] == 0).sum()) > 0
    assert "0.0%0.0" not in text


def test_later_tables_get_a_chapter_with_codebook_headings(tables, no_figures):
    plan = pd.DataFrame({"supplier": ["温州皮具"], "sku": ["B-7"], "pieces": [20], "cost": [412.5], "expected_gain": [1310.0], "reason": ["undecided"], "reason_zh": ["尚无定论"]})  # fmt: skip
    text = "".join(pages(tables | {"trial_plan": plan}, "zh"))
    assert "下一轮试单" in text and "412.50" in text and "尚无定论" in text and "undecided" not in text


def test_closed_risks_are_left_out(tables, no_figures):
    risks = pd.DataFrame({
        "supplier": ["甲", "乙", "丙"], "item": ["late", "patent", "report"], "status": ["open", "closed", "open"],
        "due_on": pd.to_datetime(["2026-12-01", "2026-11-01", "2026-11-15"]),
    })  # fmt: skip
    assert open_risks(risks)["supplier"].tolist() == ["丙", "甲"]
    text = "".join(pages(tables | {"risks": risks}, "en"))
    assert "15Nov2026" in text and "patent" not in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_one_supplier_with_everything_open_and_all_defective(tables, language, no_figures):
    one = {name: table.iloc[[0]] for name, table in tables.items() if name != "previous_scorecard"}
    nothing = [c for c in one["lead_times"] if c.startswith(("lead_time_", "late_"))]
    one["lead_times"] = one["lead_times"].assign(received=0, open=3, status="pooled", **dict.fromkeys(nothing, np.nan))
    one["survival"] = one["survival"].iloc[[0]]
    one["open_orders"] = one["open_orders"].assign(expected_on=pd.NaT, arrives_by_80=pd.NaT, late_probability=np.nan)
    one["defect_rates"] = one["defect_rates"].assign(defective=120, defect_rate=1.0, defect_rate_high=1.0, pieces_to_settle=pd.NA)  # fmt: skip
    told = "".join(pages(one, language))
    assert "—" in told and "100.0%" in told
    assert not re.search(r"(?i)(?<![a-z])(nan|nat|<na>)(?![a-z])", told)


# ---- money, stock, inspection, backup ----

MONEY = {"en": "Money:whatagoodpiececosts", "zh": "成本：每件良品的真实成本"}
STOCK = {"en": "Stock,inspectionandbackup", "zh": "库存、检验与备选供应商"}


def chapter(printed: list[str], title: str, next_title: str) -> str:
    """The pages from the one that begins with `title` to the one with `next_title`, as one text."""
    text = "".join(printed)
    return text[text.rindex(title) : text.rindex(next_title)]


def said(tables, language) -> str:
    """What the two chapters say, without blanks and without setting them: quick."""
    m = report_context(tables, facts(), language)
    return re.sub(r"\s+", "", json.dumps([money_pages(m), stock_pages(m)], ensure_ascii=False))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_money_chapter_holds_its_tables_numbers(tables, printed, language):
    text = chapter(printed[language], MONEY[language], STOCK[language])
    for row in tables["purchase_plan"].dropna(subset="supplier").itertuples():
        cost = f"{row.cost_per_good_piece:.2f}", f"{row.cost_low:.2f}–{row.cost_high:.2f}"
        assert cost[0] in text and cost[1] in text, row.supplier
    for row in tables["costs"][~tables["costs"]["complete"]].itertuples():
        assert f"{row.cost_per_good_piece_low:.2f}–{row.cost_per_good_piece_high:.2f}" in text, row.supplier
    for row in tables["negotiation"].query("sku != 'B-7'").itertuples():  # which the plan does not buy
        assert not row.known or f"{row.worth_per_piece:.3f}" in text
    for told in ("2,803", "1,730", "-48", "2,755", "2,050", "902–3,105", "500"):  # 2,755 = 2802.75 - 48, open in all
        assert told in text, told
    assert re.sub(r"\s+", "", printable(EIGHT[1])) in text and "96%" in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_order_size_says_which_costs_it_lacks(tables, language):
    for key, words in {
        "without_border": {
            "en": "19.61,costwithoutduty,importVATandclearance",
            "zh": "19.61，成本未含关税、进口增值税和清关费",
        },
        "without_freight": {"en": "19.61,costwithoutfreight", "zh": "19.61，成本未含运费"},
    }.items():
        sizes = tables["order_sizes"].copy()
        sizes.loc[0, ["complete", "note"]] = [False, reasons.reason(f"costs.{key}")]
        assert words[language] in said({**tables, "order_sizes": sizes}, language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_cost_without_freight_is_marked_and_never_hidden(tables, printed, language, no_figures):
    text = chapter(printed[language], MONEY[language], STOCK[language])
    marked = {"en": "costwithoutfreight", "zh": "成本未含运费"}[language]
    assert text.count(marked) == 2  # both offers in the list of incomplete ones
    complete = tables | {"costs": tables["costs"][tables["costs"]["complete"]]}
    assert marked not in said(complete, language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_stock_chapter_holds_its_tables_numbers(tables, printed, language):
    text = chapter(printed[language], STOCK[language], {"en": "Trackrecord", "zh": "预测成绩"}[language])
    for told in ("237", "211", "88%", "397", "3,447", "13.8"):  # 13.8 = 2400 / 173.5 turns
        assert told in text, told
    for told in ("2901420031-1", "41", "1/4", "6%", "2/3", "35%"):  # sample, accept, risk; the standard's
        assert told in text, told
    own, other = ("reason", "reason_zh") if language == "en" else ("reason_zh", "reason")
    for reason in tables["inspection_plans"][own]:
        assert re.sub(r"\s+", "", reason) in text
    assert not any(re.sub(r"\s+", "", reason) in text for reason in tables["inspection_plans"][other])
    assert {"en": "asabove", "zh": "同上"}[language] in text
    for told in (
        "2,957",
        "37.5%",
        "1.9",
        "+6.0%",
        "-3.0%",
        "-15%",
        "99.7%",
    ):  # 1 / (0.375^2 + 0.625^2) = 1.88 suppliers
        assert told in text, told


def test_the_waterfall_is_of_the_sku_that_costs_most_and_adds_up(tables):
    assert planned_lines(report_context(tables, facts(), "en"))["sku"].tolist() == [
        "T-100",
        "T-9",
    ]  # 200 x 19.71, 500 x 3.37
    bars = waterfall_bars(tables["costs"].iloc[0])
    assert bars["component"].tolist() == [
        "list_price",
        "price_step",
        "freight",
        "inspection",
        "refunds",
        "yield_loss",
        "total",
    ]
    assert bars["per_good_piece"].tolist() == [20.0, -1.5, 0.75, 0.5, -0.25, 0.37, 19.87]
    assert bars["running"].tolist() == pytest.approx([20.0, 18.5, 19.25, 19.75, 19.5, 19.87, 19.87])


def test_the_waterfall_of_a_cost_without_freight_says_so(tables):
    bars = waterfall_bars(tables["costs"].iloc[2])
    assert bars.loc[bars["missing"], "component"].tolist() == ["freight", "total"]
    assert bars["per_good_piece"].iloc[-1] == pytest.approx(17.11 + 0.5 + 0.33)


@settings(max_examples=60)
@given(st.lists(st.floats(-5, 50), min_size=18, max_size=18))
def test_the_bars_always_add_up_to_the_total_in_whole_fen(parts):
    row = pd.Series(parts, index=COMPONENTS, dtype=float)
    row["cost_per_good_piece"] = row.sum()
    bars = waterfall_bars(row)
    assert bars["per_good_piece"].iloc[:-1].sum() == pytest.approx(bars["per_good_piece"].iloc[-1], abs=1e-6)
    assert bars["per_good_piece"].iloc[-1] == pytest.approx(row["cost_per_good_piece"], abs=0.0051)


def test_todays_cost_is_the_plans_and_what_it_saves(tables):
    """T-100: 19.71 at the plan's supplier and 32 a month saved on 200 pieces are 19.87 at today's, as its own cost sheet says."""
    lines = planned_lines(report_context(tables, facts(), "en")).set_index("sku")
    today = tables["costs"].set_index(["supplier", "sku"]).loc[(EIGHT[0], "T-100"), "cost_per_good_piece"]
    assert lines.loc["T-100", "present_cost"] == pytest.approx(today) == pytest.approx(19.87)
    assert lines.loc["T-9", "present_cost"] == pytest.approx(3.37) and lines.loc["T-9", "present_supplier"] == EIGHT[4]


@pytest.mark.parametrize("buys", [True, False])
def test_a_house_that_buys_from_nobody_yet_is_told_nothing_of_todays_supplier(tables, no_figures, buys):
    """Before the first order, and where the plan buys nothing: no sentence on who stays, and no table without a row."""
    plan = tables["purchase_plan"].assign(present_supplier=None, saving_per_month=np.nan)
    m = report_context(tables | {"purchase_plan": plan if buys else plan.assign(supplier=None)}, facts(), "en")
    blocks = money_pages(m)["blocks"]
    assert "Today's supplier" not in str(blocks) and cost_message(m) == ""
    assert all(block["rows"] for block in blocks if block["kind"] == "table")
    assert "Today's supplier" in str(money_pages(report_context(tables, facts(), "en"))["blocks"])


def test_a_supplier_to_stop_ordering_from_is_not_recommended_for_its_price(tables, no_figures):
    def lead(graded):
        items = next(b for b in money_pages(report_context(graded, facts(), "en"))["blocks"] if b["kind"] == "bullets")[
            "items"
        ]
        return [item["lead"] for item in items]

    worse = tables["scorecard"].assign(grade=["A", "C", *["B"] * 6])
    assert lead(tables) == ["", "T-100", ""]
    stays = tables["purchase_plan"].assign(supplier=tables["purchase_plan"]["present_supplier"], saving_per_month=0.0)
    assert lead(tables | {"scorecard": worse, "purchase_plan": stays}) == ["", ""]


@pytest.mark.parametrize(("language", "said"), [("en", "To order: 2 SKUs. 12,575 CNY in all."), ("zh", "下单 2 个货号；合计 1.3 万元。")])  # fmt: skip
def test_page_one_and_the_first_chapter_say_what_to_order(tables, language, said):
    m = report_context(tables, facts(), language)
    front, (chapter,) = what_to_order(m), plan_pages(m)
    assert said in front[1]["text"] and ("change supplier: 1" in front[1]["text"] or "1 个货号更换" in front[1]["text"])
    for block in (front[2], chapter["blocks"][1]):
        first, second = block["rows"]  # by money a month
        assert [first[0], second[0]] == ["T-100", "T-9"]
        assert first[8] == ("32 (-12–71)" if language == "en" else "32（-12–71）")
        assert printable(EIGHT[1]) in str(first[2]) and "500" in first[3] and "9,475" in first[5] and "88%" in first[9]
        assert second[8] == "0" and second[9] == "", "it stays with today's supplier: no saving, which is known"
    assert [row[1] for row in chapter["blocks"][2]["rows"]] == ["60", "15"]  # pieces inspected


@pytest.mark.parametrize(("price", "told"), [(0.235, "0.235"), (0.4, "0.40"), (18.949, "18.95")])
def test_a_cheap_piece_keeps_its_price_on_the_page_and_in_the_message(tables, price, told):
    """0.235 told as 0.24 would order 500 pieces at a price that nobody quoted."""
    plan = tables["purchase_plan"].copy()
    plan.loc[plan["sku"] == "T-100", "unit_price"] = price
    block = what_to_order(report_context(tables | {"purchase_plan": plan}, facts(), "zh"))[2]
    assert next(row for row in block["rows"] if row[0] == "T-100")[4] == told
    sizes = tables["order_sizes"].assign(unit_price=price)
    pages = money_pages(report_context(tables | {"order_sizes": sizes}, facts(), "zh"))["blocks"]
    assert told in [cell for block in pages if block["kind"] == "table" for row in block["rows"] for cell in row]
    steps = action_list({"purchase_plan": plan}, facts().as_of)
    step = steps[steps["supplier"].eq(EIGHT[1]) & steps["kind"].eq("order")].iloc[0]
    assert f"{told} each" in worded(step["message"], "en") and f"单价 {told}" in worded(step["step"], "zh")


def test_what_the_plan_does_not_know_is_said_and_never_a_zero(tables):
    """B-7 has no demand: it stands among what is not known. T-9's freight and cost are not known either."""
    unknown = [lead for lead, _ in front_items(tables, 1)]
    assert "SKUs without demand (1):" in unknown
    plan = tables["purchase_plan"].copy()
    plan.loc[2, ["order_total", "cost_per_good_piece", "cost_low", "cost_high"]] = np.nan
    block = what_to_order(report_context(tables | {"purchase_plan": plan}, facts(), "en"))
    assert "Orders whose freight is not known and not in it: 1." in block[1]["text"]
    assert block[2]["rows"][1][5]["text"] == "3,100, goods alone" and block[2]["rows"][1][7] == "—"
    asked = dict(front_items(tables | {"purchase_plan": plan}, 1))["Orders whose freight is not known (1):"]
    assert asked.startswith("T-9. Write the freight terms into the quote, or the way of transport"), "what settles it"
    nothing = report_context(tables | {"purchase_plan": plan.assign(demand_per_month=np.nan)}, facts(), "en")
    assert what_to_order(nothing) == plan_pages(nothing) == plan_pages(report_context({}, facts(), "en")) == []
    assert "Buy from" in str(front_page(nothing)["blocks"])


def test_the_money_chapter_speaks_of_the_plans_suppliers(tables, no_figures):
    """T-100 moves: its order size and what concessions are worth are the new supplier's, its saving the plan's."""
    chapter = money_pages(report_context(tables, facts(), "en"))["blocks"]
    told = [block["rows"] for block in chapter if block["kind"] == "table" and len(block["rows"]) == 2]
    compared, sizes, levers = (next(row for row in rows if row[0] == "T-100") for rows in told if rows[0][0] == "T-100")
    assert compared[1] == EIGHT[0] and printable(EIGHT[1]) in compared[3]
    assert sizes[1] == levers[1] == printable(EIGHT[1])
    told = next(item["text"] for block in chapter if block["kind"] == "bullets" for item in block["items"] if item["lead"] == "T-100")  # fmt: skip
    assert "saves about 32 CNY (-12–71) a month" in told and EIGHT[0] in told


def test_the_backup_is_the_plans_and_without_a_plan_the_readiest(tables):
    named = named_backups(report_context(tables, facts(), "en")).set_index("sku")
    assert named.loc["T-100", ["supplier", "backup", "readiness"]].tolist() == [printable(EIGHT[1]), EIGHT[0], "ready"]
    assert named.loc["T-100", "spend"] == pytest.approx(200 * 19.71) and named.loc["T-9", "readiness"] == "none"
    unplanned = tables["purchase_plan"].assign(supplier=None)
    best = named_backups(report_context(tables | {"purchase_plan": unplanned}, facts(), "en")).set_index(
        ["supplier", "sku"]
    )
    assert best.loc[(EIGHT[0], "T-100"), "backup"] == printable(EIGHT[1]) and pd.isna(
        best.loc[(EIGHT[3], "B-7"), "backup"]
    )


def test_without_a_plan_each_sku_stands_once_with_the_money_of_a_month(tables):
    backups = tables["backups"]
    other = backups[backups["sku"] == "T-100"].assign(supplier=EIGHT[2], spend=1.0)
    none = tables | {
        "purchase_plan": tables["purchase_plan"].assign(supplier=None),
        "backups": pd.concat([backups, other]),
    }
    m = report_context(none, facts(), "en")
    named = named_backups(m).set_index("sku")
    assert named.index.is_unique and named.loc["T-100", "supplier"] == EIGHT[0]
    spend = backups.loc[backups["sku"].eq("T-100") & backups["supplier"].eq(EIGHT[0]), "spend"].iloc[0]
    bought = tables["orders"].loc[tables["orders"]["status"].isin(["received", "open", "unknown"]), "ordered_on"]
    months = ((facts().as_of - bought.min()).days + 1) / (365.25 / 12)
    assert 1 < months < 12 and named.loc["T-100", "spend"] == pytest.approx(spend / months)
    said = str(backup_suppliers(m))
    assert "The plan's backup" not in said and f"of all {len(named)} have no ready backup" in said
    assert "The plan's backup" in str(backup_suppliers(report_context(tables, facts(), "en")))


def test_the_first_page_asks_back_what_the_page_of_differences_does(tables):
    claims = tables["open_differences"]
    reason = next(name for name in ("price", "quantity", "freight") if name in claims)
    sums = [700.0, 50.0, -300.0]
    rows = pd.concat([claims.head(1)] * 3, ignore_index=True).assign(supplier=EIGHT[:3], open=sums)
    m = report_context(tables | {"open_differences": rows.assign(**{reason: sums})}, facts(), "en")
    page = open_claims(m)[1]["text"]
    assert "To ask back: 750 CNY (suppliers: 2)" in page and "450 CNY (suppliers: 3)" in page
    assert "750 CNY to ask back" in str(what_to_chase(m))


def test_messages_of_a_small_company_say_what_there_is(tables):
    m = report_context(tables | {"open_orders": tables["open_orders"].iloc[:0]}, facts(), "en")
    assert delivery_message(m).endswith("no order line is open")
    rates = m.supplier_rates()
    worst = rates[rates["assessed"] & (rates["p_over_limit"] > 0.5)].sort_values("defect_rate").iloc[-1]
    assert f"{worst['supplier']}, {worst['defective']} of {worst['inspected']}, " in quality_message(m)
    lots = m.table("inspection_plans").iloc[:0]
    empty = report_context(dict(m.tables) | {"inspection_plans": lots}, facts(), "en")
    assert "No order is on the road" in str(inspection_plans(empty))


def test_the_typical_lot_is_a_sampled_one_and_its_curves_are_hypergeometric(tables):
    row = typical_lot(tables["inspection_plans"])
    assert row["order_id"] == "2901420031"
    curves = lot_curves(row, ("ours", "iso")).set_index(["plan", "defectives"])["p_accept"]
    none, one = math.comb(180, 41), 20 * math.comb(180, 40)  # of 200 pieces 20 defective, 41 looked at, 1 allowed
    assert curves["ours", 20] == pytest.approx((none + one) / math.comb(200, 41))
    assert typical_lot(tables["inspection_plans"].tail(2)) is None


@pytest.mark.parametrize("language", LANGUAGES)
def test_without_quotes_and_demand_money_and_stock_read_not_assessed(tables, language, no_figures):
    empty = {table.__name__: table().head(0) for table in MONEY_TABLES}
    for absent in (empty, dict.fromkeys(empty)):
        left = {name: table for name, table in (tables | absent).items() if table is not None}
        text = said(left, language)
        assert {"en": "notassessed(noquotes)", "zh": "未评估（无报价）"}[language] in text
        assert {"en": "notassessed(nodemand)", "zh": "未评估（无需求数据）"}[language] in text


def test_differences_without_money_make_no_table_of_zeros(tables, no_figures):
    claims = tables["open_differences"]
    only_late = claims.assign(**dict.fromkeys(claims.columns[2:], 0.0))
    text = said(tables | {"open_differences": only_late}, "en")
    assert "Nomoneyisopen" in text and "withoutmoney:1." in text and "Notarrived" not in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_cost_of_quality_without_inspections_is_not_assessed(tables, language, no_figures):
    unseen = tables["quality_costs"].assign(inspected=0)
    text = said(tables | {"quality_costs": unseen}, language)
    assert {"en": "Notassessed(noinspections)", "zh": "未评估（无验货记录）"}[language] in text
    assert "2,050" not in text


def test_an_offer_without_a_sensible_order_says_why(tables, no_figures):
    plan = tables["purchase_plan"].assign(supplier=[EIGHT[1], EIGHT[3], EIGHT[4]])
    assert "theminimumcovers18months" in said(tables | {"purchase_plan": plan}, "en")


def test_long_article_names_leave_room_for_the_other_columns():
    assert blocks.name_column("SKU", ["T-100", "BAG-CASE-03"])["width"] is None
    assert blocks.name_column("SKU", ["T-100", "Lamivudine/Zidovudine 150/300mg"])["width"] == 1
    assert (
        blocks.name_column("SKU", ["折叠式不锈钢多功能工具套装"])["width"] == 1
    )  # a Chinese character is as wide as two letters
    assert blocks.name_column("SKU", [])["width"] is None


def test_stock_without_any_demand_says_why(tables, no_figures):
    text = said(tables | {"stock": stock().iloc[[1]]}, "en")
    assert "notassessed(nodemand)" in text and "nodemandrecorded" in text


# ---- the file ----


def test_two_runs_give_the_same_bytes(written, tmp_path):
    again = write_review(review_tables(), facts(), tmp_path)
    assert [file.name for file in again] == [
        "review.en.pdf",
        "review.zh.pdf",
        "review.xlsx",
        "review.html",
        "templates.xlsx",
    ]
    for file in again:
        assert file.read_bytes() == (written / file.name).read_bytes(), file.name


def test_the_pdf_is_archival_accessible_and_holds_one_font(tables, no_figures):
    document = PdfReader(io.BytesIO(compile_pdf(report_content(tables, facts(), "zh"), AS_OF)))
    metadata = document.trailer["/Root"]["/Metadata"].get_data().decode()
    assert re.search(r"pdfaid:part>2<", metadata) and re.search(r"pdfaid:conformance>A<", metadata)
    assert re.search(r"pdfuaid:part>1<", metadata)
    assert document.trailer["/Root"]["/Lang"].startswith("zh")
    assert document.metadata.title == "示例贸易公司 · 2026年10月采购评审"
    fonts = {font for page in document.pages for font in font_names(page)}
    assert fonts and all("NotoSansSC" in font for font in fonts)


def font_names(page) -> set[str]:
    return {font.get_object()["/BaseFont"] for font in page["/Resources"].get("/Font", {}).values()}


def test_every_figure_has_its_alternative_text_in_the_pdf(tables, no_figures):
    content = report_content(tables, facts(), "en")
    told = [block["alt"] for part in content["sections"] for block in part["blocks"] if block["kind"] == "figure"]
    written = alternative_texts(PdfReader(io.BytesIO(compile_pdf(content, AS_OF))))
    assert len(told) >= 6
    assert {printable(alt) for alt in told} <= written


def alternative_texts(document) -> set[str]:
    found, waiting = set(), [document.trailer["/Root"]["/StructTreeRoot"]]
    while waiting:
        node = waiting.pop().get_object()
        if isinstance(node, list):
            waiting += node
        elif isinstance(node, dict):
            if "/Alt" in node:
                found.add(str(node["/Alt"]))
            if "/K" in node and not isinstance(node["/K"].get_object(), int):
                waiting.append(node["/K"])
    return found


def test_a_figure_without_alternative_text_is_an_error(tables, no_figures):
    content = report_content(tables, facts(), "en")
    drawing = next(b for part in content["sections"] for b in part["blocks"] if b["kind"] == "figure")
    with pytest.raises(typst.TypstError, match="alt"):
        compile_pdf({**content, "sections": [blocks.section("X", [{**drawing, "alt": None}])]}, AS_OF)


def test_a_glyph_that_the_font_lacks_is_an_error(tables, monkeypatch, no_figures):
    monkeypatch.setattr("analysis.reporting.pdf.printable_content", lambda content: content)
    content = report_content(tables, facts(), "en")
    with pytest.raises(typst.TypstError, match=r"(?i)font|glyph|codepoint|character"):
        compile_pdf({**content, "sections": [blocks.section("A \U0001f3ed", [])]}, AS_OF)


def test_text_is_data_and_never_markup(tables, no_figures):
    mean = "#panic() *x* $y$ [z] `c` <label> @ref \\u{41} //"
    renamed = tables | {"scorecard": tables["scorecard"].assign(supplier=[mean, *EIGHT[1:]])}
    assert re.sub(r"\s+", "", mean) in "".join(pages(renamed, "en"))


# ---- words ----


def test_characters_are_replaced_by_what_the_font_can_draw():
    assert printable("甲🏭乙") == "甲※乙"
    assert printable("a\u200db\ufe0f\tc") == "ab c"
    assert lacking("甲🏭🏭") == ["🏭"]
    assert printable_content({"a": ["🏭"], "svg": "🏭", "n": 1}) == {"a": ["※"], "svg": "🏭", "n": 1}


def test_numbers_and_dates_by_language():
    english, chinese = Words("en"), Words("zh")
    assert english.date(AS_OF) == "31 Oct 2026" and chinese.date(AS_OF) == "2026-10-31"
    assert chinese.long_date(AS_OF) == "2026年10月31日" and chinese.month("2026-10") == "2026年10月"
    assert english.chance(0.004) == "<1%" and english.chance(0.999) == ">99%" and english.chance(0.5) == "50%"
    for absent in (None, float("nan"), pd.NA, pd.NaT):
        assert (
            english.percent(absent) == english.number(absent) == english.date(absent) == english.chance(absent) == "—"
        )


def test_missing_criteria_as_text_or_list():
    assert names_in("defect_rate, lead_time") == names_in(["defect_rate", "lead_time"]) == ["defect_rate", "lead_time"]
    assert names_in("") == names_in(None) == []
    with pytest.raises(TypeError, match="missing_criteria"):
        names_in(3)


def test_the_month_ends_at_the_reviews_day():
    given: ReviewFacts = facts(as_of=pd.Timestamp("2026-10-20"))
    days = pd.Series(pd.to_datetime(["2026-09-30", "2026-10-01", "2026-10-20", "2026-10-21", None]))
    assert given.in_month(days).tolist() == [False, True, True, False, False]


@pytest.mark.parametrize("room", ["report", "codebook"])
def test_wording_has_both_languages_with_the_same_places(room):
    entries = {key: texts for key, texts in catalogue().items() if key.startswith(f"{room}.")}
    assert len(entries) > 100
    for key, texts in entries.items():
        assert set(texts) == set(LANGUAGES), key
        assert all(texts.values()), key
        places = [set(re.findall(r"\{(\w+)", text)) for text in texts.values()]
        assert places[0] == places[1], key


def test_every_word_of_the_report_is_used():
    """An entry that no module names is a leftover; families of names are built by their prefix."""
    from analysis import reporting

    source = "".join(f.read_text("utf-8") for f in __import__("pathlib").Path(reporting.__file__).parent.glob("*.py"))
    families = (
        "name_",
        "sheet_",
        "unit_",
        "use_",
        "read_",
        "not_claimed_",
        "col_",
        "book_",
        "policy_",
        "ready_",
        "lever_",
        "difference_",
        "record_",
        "plan_counted_",
        "plan_action_",
        "measure_",
        "message_record_",
        "account_",
        "beyond_",
        "festival_",
        "lead_",
        "reliability_",
        "rest_in_",
        "sample_batches_",
        "outside_reports_",
        "customer_feedback_",
        "trend_",
    )
    chapters = tuple(f"{name}_" for name in ("trial_plan", "risks", "calibration", "quarantine", "remarks", "accounting"))  # fmt: skip
    keys = {key.removeprefix("report.") for key in catalogue() if key.startswith("report.")}
    unused = [k for k in keys if f'"{k}"' not in source and not k.startswith((*families, *chapters))]
    assert unused == []


def test_every_code_of_the_decisions_has_its_words():
    codes = {"ready": READINESS, "lever": LEVERS, "policy": POLICIES, "difference": [r for r in REASONS if r != "date"]}
    codes["name"] = [
        *(f"stage_{stage}" for stage in ("sample", "trial", "bulk")),
        *decided_components,
        "seller",
        "total",
    ]
    assert [
        f"{kind}_{code}" for kind in codes for code in codes[kind] if f"report.{kind}_{code}" not in catalogue()
    ] == []


def test_material_of_nothing():
    m = ReportContext({}, facts(), Words("en"))
    assert not m.has("orders") and m.table("orders").empty and m.ranked().empty and m.supplier_rates().empty


def test_the_best_of_each_category_comes_before_anybodys_second():
    ranked = pd.DataFrame({"rank": [1, 2, 3, 4], "category": ["bags", "bags", "tools", None], "supplier": list("abcd")})
    assert best_of_each(ranked, 2)["supplier"].tolist() == ["a", "c"]
    assert best_of_each(ranked, 3)["supplier"].tolist() == ["a", "c", "d"]
    assert best_of_each(ranked)["supplier"].tolist() == ["a", "b", "c", "d"]


def test_weights_that_are_decisions_are_called_fixed(tables, no_figures):
    weights = tables["weights"].assign(weight_low=tables["weights"]["weight"], weight_high=tables["weights"]["weight"])
    blocks_of = scorecard_pages(report_context(tables | {"weights": weights}, facts(), "en"))["blocks"]
    assert [row[2] for row in blocks_of[-1]["rows"]] == ["fixed"] * 4
