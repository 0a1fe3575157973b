"""What changed is told against what was published, ranks and grades alike, with the cause of each change of grade."""

import pandas as pd
import pytest
from review_tables import facts

from analysis.decisions.rating import as_published, grade_changes
from analysis.reasons import reason
from analysis.reporting.changes import what_changed
from analysis.reporting.facts import ReviewFacts
from analysis.reporting.report_context import report_context
from analysis.review.differences import listed


def grades(**given):
    return pd.Series(given, dtype="str").rename_axis("supplier")


# published  corrected  this month by the old rules  now
CASES = {
    "still": ("B", "B", "B", "B", ""),
    "stricter": ("B", "B", "B", "C", "rules"),  # without the new rules nothing had changed
    "entered": ("B", "C", "C", "C", "corrections"),  # late entries alone make it a C
    "worse": ("A", "A", "B", "B", "data"),
    "undone": ("B", "C", "B", "B", ""),  # a correction that this month's data outweigh changes nothing
}
COLUMNS = ["published", "corrected", "by_old_rules", "now", "cause"]
TABLE = pd.DataFrame.from_dict(CASES, orient="index", columns=COLUMNS)


def changes(published=TABLE["published"]):
    return grade_changes(published, TABLE["corrected"], TABLE["by_old_rules"], TABLE["now"])


def test_causes_by_hand():
    assert changes().set_index("supplier")["cause"].to_dict() == TABLE["cause"].to_dict()


def test_a_month_that_was_never_published_has_no_corrections():
    assert set(changes(None)["cause"]) <= {"", "rules", "data"}
    assert changes(None).set_index("supplier").loc["entered", "grade_before"] == "C"


def test_suppliers_of_one_month_alone_have_no_change():
    found = grade_changes(
        grades(a="A", gone="B"), grades(a="A", new="B"), grades(a="A", new="B"), grades(a="A", new="B")
    )
    assert found["supplier"].tolist() == ["a"]


def test_last_month_as_published():
    card = pd.DataFrame({"supplier": ["a", "b", "late"], "rank": [1, 2, 3], "grade": ["A", "C", "B"], "grade_reason": ["x", "y", "z"]})  # fmt: skip
    shown = as_published(card, pd.Series({"a": 2, "b": 1}), grades(a="A", b="B"))
    assert shown[["supplier", "rank", "grade", "grade_reason"]].to_numpy().tolist() == [
        ["b", 1, "B", ""],
        ["a", 2, "A", "x"],
    ]
    assert as_published(card, None, None) is card


def card(column):
    return pd.DataFrame({"supplier": TABLE.index, "grade": TABLE[column].to_numpy(), "rank": range(1, len(TABLE) + 1)})


@pytest.mark.parametrize(("language", "corrected", "ruled"), [
    ("en", "Published for September 2026: 1 A, 4 B; with entries made since: 1 A, 2 B, 2 C (entered, undone).",
     "B → C (rank 2 → 2); made by the rules or weights that changed; by last month's the grade would have stayed"),
    ("zh", "2026年9月已发布：1 A, 4 B；计入其后的录入：1 A, 2 B, 2 C（entered、undone）。", "由规则或权重调整造成"),
])  # fmt: skip
def test_page_one_tells_corrections_and_the_cause_of_each_grade(language, corrected, ruled):
    acme = ReviewFacts("acme", "2026-10", pd.Timestamp("2026-10-31"), {"en": "Acme", "zh": "甲"})
    tables = {"previous_scorecard": card("published"), "scorecard": card("now"), "grade_changes": changes()}
    told = what_changed(report_context(tables, acme, language))
    assert ("", corrected) in told
    assert ruled in dict(told)["stricter"]
    assert {lead for lead, _ in told if lead} == {"stricter", "entered", "worse"}


def test_long_lists_of_causes_are_cut():
    assert listed(tuple("abcdefghij"), "en") == "a, b, c, d, e, f, g, h and 2 more"


@pytest.mark.parametrize(
    ("language", "said"), [("en", "sells more than expected: 90 pieces"), ("zh", "销量高于预期：最近 2 个月售出 90 件")]
)
def test_page_one_names_what_sells_otherwise_than_expected_by_its_demand(language, said):
    """Three do; the two of the most demand are named, what sells as expected is not."""
    more = [reason("stock.sells_more", sold=sold, expected=40.0, recent=2) for sold in (30.0, 90.0, 60.0)]
    stock = pd.DataFrame(
        {
            "sku": ["lid", "cup", "pan", "tin"],
            "note_key": [*["sells_more"] * 3, "gaps"],
            "demand_per_month": [1.0, 3.0, 2.0, 9.0],
        }
    )
    tables = {"stock": stock.assign(note=[*more, ""])}
    told = what_changed(report_context(tables, facts(), language))[-2:]
    assert [name for name, _ in told] == ["cup", "pan"] and said in told[0][1]
