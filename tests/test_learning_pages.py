"""What the report says of moved ranks, of weights and of the next round, and what it says when there is nothing to say."""

import re
from io import BytesIO

import numpy as np
import pandas as pd
import pytest
from pypdf import PdfReader
from review_tables import AS_OF, CRITERIA, EIGHT, facts, is_described, review_tables

from analysis.reporting.changes import what_changed
from analysis.reporting.learning_pages import rank_change_blocks, weight_blocks
from analysis.reporting.messages import trial_message
from analysis.reporting.next_round_pages import MOST_REFUSALS, next_round_pages
from analysis.reporting.pdf import compile_pdf
from analysis.reporting.report_context import report_context
from analysis.reporting.sections import report_content
from analysis.reporting.workbook import SHEETS, sheet_name
from analysis.wording import LANGUAGES


def rank_changes() -> pd.DataFrame:
    return pd.DataFrame({
        "supplier": [EIGHT[3], EIGHT[0], EIGHT[1]], "rank_before": [1.0, 7.0, 3.0], "rank": [4.0, 1.0, 3.0], "change": [3.0, -6.0, 0.0],
        "corrections": [1.0, 0.0, 0.0], "data": [1.5, -6.0, 0.0], "weights": [0.5, 0.0, 0.0], "candidates": 0.0, "rules": 0.0,
        "reason": ["down 3, mostly by new data", "up 6, mostly by new data", "same rank"],
        "reason_zh": ["下降 3 位，主要由于新数据", "上升 6 位，主要由于新数据", "名次未变"],
    })  # fmt: skip


def weights_proposed() -> pd.DataFrame:
    previous = pd.Series(list(CRITERIA.values()))
    return pd.DataFrame({
        "month": "2026-10", "criterion": list(CRITERIA), "weight": previous.add([-0.05, 0.02, 0.03, 0.0]), "weight_low": previous * 0.5,
        "weight_high": previous * 1.5, "previous": previous, "analyst": previous, "target": previous.add([-0.111, 0.05, 0.061, 0.0]),
        "policy": [False, False, False, True], "reason": "most of all defect rate, from 40.0% to 35.0%", "reason_zh": "变动最大的是“不良率”",
    })  # fmt: skip


def weight_stability() -> pd.DataFrame:
    """The second move is smaller although it is negative."""
    return pd.DataFrame({
        "category": "工具", "winner": EIGHT[0], "criterion": ["lead_time", "price_ratio"], "weight": [0.3, 0.2], "weight_needed": [0.45, 0.13],
        "move": [0.15, -0.07], "rival": [EIGHT[2], EIGHT[3]],
    })  # fmt: skip


def trial_plan() -> pd.DataFrame:
    return pd.DataFrame({
        "supplier": [EIGHT[3]], "sku": ["B-7"], "pieces": [12], "outlay": [150.0], "cost": [96.0], "expected_gain": [840.0], "p_replaces": [0.31],
        "incumbent": [EIGHT[0]], "reason": ["12 pieces from Y: 31% chance"], "reason_zh": ["向乙试单 12 件：有 31% 的可能"],
    })  # fmt: skip


def no_trial(count: int) -> pd.DataFrame:
    return pd.DataFrame({
        "sku": [f"Z-{n:02d}" for n in range(count)], "supplier": [EIGHT[0], *[""] * (count - 1)], "status": "not_worth_it",
        "reason": [f"no trial for Z-{n:02d}" for n in range(count)], "reason_zh": [f"Z-{n:02d} 不试单" for n in range(count)],
    })  # fmt: skip


def trial_policies() -> pd.DataFrame:
    return pd.DataFrame({
        "policy": ["plan", "equal", "none"], "trials": [1, 6, 0], "suppliers": [1, 4, 0], "pieces": [12, 120, 0],
        "outlay": [150.0, 2906.0, 0.0], "cost": [96.0, 1342.0, 0.0], "expected_gain": [840.0, 20.0, 0.0],
        "expected_net": [744.0, -1322.0, -0.0],
    })  # fmt: skip


@pytest.fixture(scope="module")
def tables():
    fixed = review_tables()
    same = {"weight_low": fixed["weights"]["weight"], "weight_high": fixed["weights"]["weight"]}
    fixed["weights"] = fixed["weights"].assign(**same, previous=fixed["weights"]["weight"])
    learned = (rank_changes(), weights_proposed(), weight_stability(), trial_plan(), no_trial(3), trial_policies())
    names = ("rank_changes", "weights_proposed", "weight_stability", "trial_plan", "no_trial", "trial_policies")
    return fixed | dict(zip(names, learned))


def words(parts) -> str:
    """All texts of blocks in a row."""
    if isinstance(parts, dict):
        return " ".join(words(value) for key, value in parts.items() if key not in ("svg", "kind", "align"))
    return " ".join(words(part) for part in parts) if isinstance(parts, list | tuple) else str(parts)


def said(tables, language, pages) -> str:
    return words(pages(report_context(tables, facts(), language)))


SENTENCES = {
    "en": [
        "up 6, mostly by new data", "7 → 1", "What the outcomes propose", "most of all defect rate, from 40.0% to 35.0%", "28.9%", "fixed by policy",
        "analysis weights approve 2026-10 --source example", "weighed 13.0% instead of 20.0% (down 7.0 points)",
        "12 pieces from Y: 31% chance", "the purchase plan is expected to save 840 CNY; cost after resale 96 CNY, net 744 CNY", "-1,322", "no trial for Z-02",
    ],
    "zh": [
        "上升 6 位，主要由于新数据", "7 → 1", "根据结果提出的权重建议", "变动最大的是“不良率”", "28.9%", "政策固定",
        "analysis weights approve 2026-10 --source example", "由 20.0% 降至 13.0%（下降 7.0 个百分点）",
        "向乙试单 12 件：有 31% 的可能", "采购计划据此预期节省 840 元，净成本 96 元，预期净节省 744 元", "-1,322", "Z-02 不试单",
    ],
}  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_printed_report_says_what_the_tables_say(tables, language):
    pdf = compile_pdf(report_content(tables, facts(), language), AS_OF)
    text = "".join(re.sub(r"\s", "", page.extract_text()) for page in PdfReader(BytesIO(pdf)).pages)
    assert [told for told in SENTENCES[language] if re.sub(r"\s", "", told) not in text] == []


def test_the_biggest_move_comes_first_with_its_split_and_who_stayed_is_left_out(tables):
    *_, table = rank_change_blocks(report_context(tables, facts(), "en"))
    cells = [[c if isinstance(c, str) else c["text"] for c in row] for row in table["rows"]]
    assert [row[1:8] for row in cells] == [["7 → 1", "-6", "0", "-6", "0", "0", "0"], ["1 → 4", "+3", "+1", "+1.5", "+0.5", "0", "0"]]  # fmt: skip


def test_page_one_gives_the_reason_of_a_new_grade(tables):
    items = dict(what_changed(report_context(tables, facts(), "en")))
    assert items[EIGHT[0]].endswith("; up 6, mostly by new data")


def test_weights_that_the_proposals_table_shows_are_not_shown_twice(tables):
    kinds = [block["kind"] for block in weight_blocks(report_context(tables, facts(), "en"))]
    assert kinds.count("table") == 1 and "figure" not in kinds


@pytest.mark.parametrize(
    ("name", "page", "told"),
    [
        ("rank_changes", rank_change_blocks, "no supplier was ranked both last month and this month"),
        ("weights_proposed", weight_blocks, "no trial with a known outcome was chosen on kept worths"),
        ("weight_stability", weight_blocks, "leads whatever one weight is changed"),
    ],
)
def test_an_empty_table_is_said_to_be_empty_and_an_absent_one_says_nothing(tables, name, page, told):
    empty = tables | {name: tables[name].iloc[:0]}
    assert told in said(empty, "en", page)
    assert told not in said({key: table for key, table in tables.items() if key != name}, "en", page)


def test_a_proposal_to_keep_asks_for_no_decision(tables):
    kept = tables["weights_proposed"].assign(weight=tables["weights_proposed"]["previous"])
    text = said(tables | {"weights_proposed": kept}, "en", weight_blocks)
    assert "Nothing to decide" in text and "weights approve" not in text


@pytest.mark.parametrize(
    ("costs", "words"), [(620.0, "620 CNY more"), (-80.0, "80 CNY less"), (np.nan, "is not known")]
)
def test_a_toss_up_is_said_with_the_money(tables, costs, words):
    close = tables["weight_stability"].assign(toss_up=[False, True], skus=3, rival_costs=costs)
    text = said(tables | {"weight_stability": close}, "en", weight_blocks)
    assert f"A toss-up between {EIGHT[0]} and {EIGHT[3]}" in text and words in text
    assert "A toss-up" not in said(tables | {"weight_stability": close.assign(toss_up=False)}, "en", weight_blocks)


def test_what_to_do_with_the_proposal_comes_first(tables):
    advised = tables["weights_proposed"].assign(
        advice="What to do: keep the weights.", advice_zh="建议：维持现行权重。"
    )
    text = said(tables | {"weights_proposed": advised}, "en", weight_blocks)
    assert text.index("What to do") < text.index("most of all defect rate")
    assert "建议：维持现行权重。" in said(tables | {"weights_proposed": advised}, "zh", weight_blocks)


@pytest.mark.parametrize(
    ("language", "expected"), [("en", "Nobody leads; rated alike: "), ("zh", "并列第一，尚无领先者：")]
)
def test_of_suppliers_rated_alike_nobody_is_said_to_lead(tables, language, expected):
    """Such as three of whom nothing is known: no weight would change their order because there is none."""
    alike = tables | {"scorecard": tables["scorecard"].assign(rank=1), "weight_stability": weight_stability().iloc[:0]}
    text = said(alike, language, weight_blocks)
    assert expected in text and "whatever one weight" not in text and "无论调整" not in text and "TOPSIS" not in text


def test_a_supplier_alone_in_its_category_has_no_rival(tables):
    alone = {"scorecard": tables["scorecard"].head(1), "weight_stability": tables["weight_stability"].iloc[:0]}
    assert f"{EIGHT[0]} has no rival here" in said(tables | alone, "en", weight_blocks)


@pytest.mark.parametrize(
    ("statuses", "told", "briefly"),
    [
        (["no_demand"], "no demand is known, so that", "Not assessed: no demand is known"),
        (["none_sells_trials", "minimum_too_large"], "No trial is possible", "No trial is possible"),
        (["ordered_anyway"], "No trial is needed", "No trial is needed"),
        (["no_demand", "not_compared"], "Not assessed: what a trial is worth", "Not assessed;"),
        (["no_demand", "not_worth_it"], "none is expected", "No trial is expected to be worth its cost"),
    ],
)
def test_a_trial_that_was_never_reckoned_is_not_called_not_worth_it(tables, statuses, told, briefly):
    refused = no_trial(len(statuses)).assign(status=statuses)
    m = report_context(tables | {"trial_plan": tables["trial_plan"].iloc[:0], "no_trial": refused}, facts(), "en")
    (chapter,) = next_round_pages(m)
    assert told in chapter["blocks"][0]["text"] and trial_message(m).startswith(briefly)


def test_no_trial_is_said_with_the_reasons(tables):
    none = tables | {"trial_plan": tables["trial_plan"].iloc[:0], "no_trial": no_trial(MOST_REFUSALS + 3)}
    (chapter,) = next_round_pages(report_context(none, facts(), "en"))
    text, table = words(chapter["blocks"]), chapter["blocks"][-2]
    assert "No trial this round" in text and "Not printed here: 3; more of the table is in review.html." in text
    assert len(table["rows"]) == MOST_REFUSALS and table["rows"][0][0] == "Z-01"  # Z-00 is of one supplier only


def test_without_quotes_or_demand_the_next_round_is_not_assessed(tables):
    empty = {name: tables[name].iloc[:0] for name in ("trial_plan", "no_trial")}
    (chapter,) = next_round_pages(report_context(tables | empty, facts(), "en"))
    assert "Not assessed (no quotes or no demand)" in words(chapter["blocks"]) and "No trial" not in words(chapter["blocks"])  # fmt: skip
    assert next_round_pages(report_context({}, facts(), "en")) == []


def test_the_trials_have_a_sheet_and_every_column_a_description(tables):
    assert "trial_plan" in SHEETS and sheet_name("trial_plan")
    for name in ("rank_changes", "weights_proposed", "weight_stability", "trial_plan", "no_trial", "trial_policies"):
        assert [column for column in tables[name] if not is_described(name, column)] == []
