"""The share of refused rows: nothing up to 1 %, a line on page one up to 10 %, a draft above."""

import pandas as pd
import pytest
from house import section
from openpyxl import load_workbook

from analysis.errors import RuleError
from analysis.reporting.facts import ReviewFacts
from analysis.reporting.refused import RefusedRule, refused_note, refused_rows
from analysis.reporting.sections import report_content
from analysis.reporting.workbook import write_workbook
from analysis.rules import rules_in_force

NONE = pd.DataFrame()
RULE = RefusedRule(tell=0.01, draft=0.10)


def account(refused):
    return pd.DataFrame({"file": ["a.xlsx"], "sheet": ["s"], "table": ["orders"], "rows_in": [1000], "kept": [1000 - refused], "quarantined": [refused], "merged": [0], "later": [7]})  # fmt: skip


def facts(simulated=False):
    as_of = pd.Timestamp("2026-10-31")
    return ReviewFacts(
        "acme", "2026-10", as_of, {"en": "Acme", "zh": "甲"}, simulated=simulated, limit=0.05, refused=RULE
    )


@pytest.mark.parametrize(("refused", "told", "draft"), [(0, False, False), (10, False, False), (11, True, False), (100, True, False), (101, True, True)])  # fmt: skip
def test_the_shares_are_limits_that_must_be_passed(refused, told, draft):
    found = refused_rows(account(refused), NONE, RULE)
    assert (found.is_told, found.is_draft) == (told, draft)


def test_no_rows_are_no_share():
    assert refused_rows(account(0).iloc[:0], NONE, RULE).share == 0


def test_the_house_rule_is_dated_and_a_share():
    assert rules_in_force("any", "2026-10").read("refused_rows", RefusedRule) == RULE
    with pytest.raises(RuleError, match=r"draft = 10; allowed is a number above 0 and at most 1"):
        section("refused_rows", tell=0.01, draft=10).read(RefusedRule)
    with pytest.raises(RuleError, match=r"tell = 0.2 is above draft = 0.1"):
        section("refused_rows", tell=0.2, draft=0.1).read(RefusedRule)


@pytest.mark.parametrize(("language", "line", "banner"), [
    ("en", "1.1% of the rows (11 of 1,000) could not be used", "DRAFT: 10.1% of the rows (101 of 1,000) could not be used, more than 10%."),
    ("zh", "有 1.1% 的数据行（1,000 行中的 11 行）无法使用", "草稿：有 10.1% 的数据行（1,000 行中的 101 行）无法使用，超过 10%。"),
])  # fmt: skip
def test_page_one_says_it_and_a_draft_is_marked_on_every_page(language, line, banner):
    told = report_content({"accounting": account(11)}, facts(), language)
    assert told["front"]["blocks"][0]["text"].startswith(line) and told["banner"] is None
    draft = report_content({"accounting": account(101)}, facts(simulated=True), language)
    assert draft["banner"].startswith(banner) and "\n" in draft["banner"], "beside that the data are simulated"
    assert draft["footer"].startswith({"en": "DRAFT.", "zh": "草稿。"}[language])


def test_the_workbooks_summary_says_it_too(tmp_path):
    sheet = load_workbook(write_workbook({"accounting": account(101)}, facts(), tmp_path / "a.xlsx")).worksheets[0]
    assert "草稿：" in sheet["A7"].value and "DRAFT:" in sheet["A7"].value
    assert (
        refused_note(account(101), NONE, RULE) == "DRAFT: 101 of 1,000 rows could not be used (10.1%), more than 10%."
    )


def test_totals_and_what_the_buyers_map_leaves_out_are_not_refused():
    codes = ["totals_row"] * 40 + ["excluded_by_map"] * 300 + ["not_a_number"] * 5
    quarantine = pd.DataFrame({"table": "orders", "file": "a.csv", "sheet": "", "row": range(345), "code": codes})
    found = refused_rows(account(345), quarantine, RULE)
    assert (found.refused, found.rows) == (5, 660) and not found.is_told
