"""Dated rules: the entry in force, replacement by source, and errors a person can act on."""

from dataclasses import replace

import numpy as np
import pytest
from house import changed, house_rules, section

from analysis.decisions.weights import OutcomeRules
from analysis.decisions.weights.step import MoveLimits, floored
from analysis.errors import RuleError
from analysis.house_rules import check_rules
from analysis.rules import Limits, rules_in_force

HOUSE = """
[[limits]]
from = "2025-06"
defect_rate = 0.04
[[limits]]
from = "2025-01"
defect_rate = 0.05
[[grades]]
from = "2024-01"
a_rating = 50
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "rules.toml").write_text(HOUSE, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("month", "limit"), [("2025-01", 0.05), ("2025-05", 0.05), ("2025-06", 0.04), ("2027-01", 0.04)]
)
def test_the_newest_entry_begun_is_in_force_whatever_the_order_in_the_file(folder, month, limit):
    assert rules_in_force("any", month, folder)["limits"]["defect_rate"] == limit


def test_a_later_rule_does_not_move_a_past_month(folder):
    before = rules_in_force("any", "2025-03", folder)["limits"]
    with (folder / "rules.toml").open("a", encoding="utf-8") as file:
        file.write('[[limits]]\nfrom = "2025-04"\ndefect_rate = 0.01\n')
    assert rules_in_force("any", "2025-03", folder)["limits"] == before


def test_a_source_replaces_whole_sections(folder):
    (folder / "mine.toml").write_text('[[limits]]\nfrom = "2020-01"\ndefect_rate = 0.2\n', encoding="utf-8")
    rules = rules_in_force("mine", "2025-07", folder)
    assert rules["limits"]["defect_rate"] == 0.2
    assert rules["grades"]["a_rating"] == 50
    assert set(rules.files) == {"rules.toml", "mine.toml"}


def test_before_the_first_rule_says_when_the_first_begins(folder):
    with pytest.raises(RuleError, match=r"\[\[limits\]\] is in force in 2024-06: the first begins in 2025-01"):
        rules_in_force("any", "2024-06", folder)


def test_an_unknown_section_and_a_broken_file_are_named(folder):
    with pytest.raises(RuleError, match=r"no section \[weights\]"):
        rules_in_force("any", "2025-07", folder)["weights"]
    (folder / "rules.toml").write_text("[[limits]\n", encoding="utf-8")
    with pytest.raises(RuleError, match=r"rules.toml cannot be read"):
        rules_in_force("any", "2025-07", folder)
    (folder / "rules.toml").write_text("[limits]\ndefect_rate = 1\n", encoding="utf-8")
    with pytest.raises(RuleError, match="first month"):
        rules_in_force("any", "2025-07", folder)


def test_errors_speak_chinese_too(folder):
    with pytest.raises(RuleError) as caught:
        rules_in_force("any", "2024-06", folder)
    assert "没有生效" in caught.value.text("zh")


def told(problem) -> tuple[str, str]:
    """The sentence of what `problem` raises, in both languages."""
    with pytest.raises(RuleError) as caught:
        problem()
    return caught.value.text("en"), caught.value.text("zh")


@pytest.mark.parametrize(
    ("month", "read"),
    [('"2026-9"', "2026-9"), ("2026-09-01", "2026-09-01"), ("2026", "2026"), ('"2026-13"', "2026-13"), ('"soon"', "soon")],
)  # fmt: skip
def test_a_date_that_is_no_month_is_not_passed_over(folder, month, read):
    """As a text "2026-9" comes after "2026-10"; a date cannot be compared with a text at all."""
    (folder / "rules.toml").write_text(f"[[limits]]\nfrom = {month}\ndefect_rate = 0.2\n", encoding="utf-8")
    en, zh = told(lambda: rules_in_force("any", "2026-10", folder))
    assert en == f'In rules.toml an entry of [[limits]] begins from {read}, which is no month; write it in quotes like from = "2026-01".'  # fmt: skip
    assert f"[[limits]] 有一条的起始月份写作 {read}，不是月份" in zh


@pytest.mark.parametrize("text", ["limits = [1, 2]", 'limits = ["from"]', "[[limits]]\ndefect_rate = 0.05"])
def test_an_entry_without_a_month_is_named(folder, text):
    (folder / "rules.toml").write_text(text, encoding="utf-8")
    en, zh = told(lambda: rules_in_force("any", "2026-10", folder))
    assert "every entry of [[limits]] needs its first month" in en and "都要写明起始月份" in zh


def test_a_value_that_a_section_does_not_name_is_asked_for(folder):
    limits = rules_in_force("any", "2025-07", folder)["limits"]
    en, zh = told(lambda: limits["interval_level"])
    assert (
        en
        == "In rules.toml the entry of [[limits]] in force in 2025-07 does not say interval_level. Add it to that entry."
    )
    assert "rules.toml 中 2025-07 生效的 [[limits]] 一条没有写明 interval_level" in zh
    assert "interval_level" not in limits and "defect_rate" in limits


WAYS_AROUND = {
    "get": lambda limits: limits.get("interval_level", 0.9),
    "unpacked": lambda limits: limits.only(("defect_rate", "interval_level")),
    "read": lambda limits: limits.read(Limits),
}


@pytest.mark.parametrize("way", WAYS_AROUND.values(), ids=WAYS_AROUND.keys())
def test_nothing_stands_in_for_a_value_that_is_missing(folder, way):
    limits = rules_in_force("any", "2025-07", folder)["limits"]
    assert told(lambda: way(limits))[0].startswith(
        "In rules.toml the entry of [[limits]] in force in 2025-07 does not say interval_level."
    )


def test_a_value_that_no_rule_reads_is_named():
    limits = section("limits", **{"from": "2025-01", "source": "law", "defect_rate": 0.05, "interval_level": 0.9})
    assert limits.read(Limits) == Limits(0.05, 0.9)
    en, zh = told(lambda: section("limits", **limits, defect_rat=0.04).read(Limits))
    assert en == (
        "In rules.toml the entry of [[limits]] in force in 2026-10 says defect_rat, which no rule reads; known: defect_rate, "
        "interval_level. Correct the name or delete it."
    )
    assert "写有 defect_rat，没有规则用到它" in zh


def test_all_rules_are_read_before_a_review_runs():
    check_rules(house_rules())
    check_rules(house_rules("scms", "2013-06"))
    price = {"weight": 1.0, "anchors": [1, 2, 3, 4]}
    dead = {
        "limits": {"defect_limit": 0.1},
        "stock": {"cover": 90},
        "insurance": {"rate": 0.1},
        "criteria": {"price": price},
    }
    for name, values in dead.items():
        rules = changed(house_rules(), name, **values)
        assert next(iter(values)) in told(lambda rules=rules: check_rules(rules))[0]
    with_one_more = replace(house_rules(), sections={**house_rules().sections, "outage": {"from": "2000-01"}})
    en, zh = told(lambda: check_rules(with_one_more))
    assert (
        "a section [[outage]] that no rule reads; known: backups, criteria" in en
        and "[[outage]] 一节没有规则用到" in zh
    )


def test_a_run_may_ask_for_other_values_but_not_for_unknown_ones():
    limits = section("limits", defect_rate=0.05, interval_level=0.9)
    assert limits.read(Limits, defect_rate=0.02, interval_level=None) == Limits(0.02, 0.9)
    assert "unexpected keyword argument 'rate'" in told(lambda: limits.read(Limits, rate=0.02))[0]


def test_a_source_cannot_bring_a_section_that_no_rule_reads(folder):
    (folder / "mine.toml").write_text('[[limit]]\nfrom = "2020-01"\ndefect_rate = 0.2\n', encoding="utf-8")
    en, zh = told(lambda: rules_in_force("mine", "2025-07", folder))
    assert en == "mine.toml has a section [[limit]] that no rule reads; known: grades, limits. Correct the name or delete it."  # fmt: skip
    assert "mine.toml 中的 [[limit]] 一节没有规则用到" in zh


SHARE = "must be a number above 0 and at most 1, such as 0.05 for 5 %; it reads "
WRONG_LIMITS = {
    "moves away from the target": (-0.05, 0.1, 0.02, "The rule most_a_criterion " + SHARE + "-0.05.", "规则 most_a_criterion 应为大于 0 且不超过 1 的数字"),
    "never moves": (0, 0.1, 0.02, "The rule most_a_criterion " + SHARE + "0.", "现为 0。"),
    "no cap": (5, 0.1, 0.02, "The rule most_a_criterion " + SHARE + "5.", "现为 5。"),
    "in percent": ("5%", 0.1, 0.02, "The rule most_a_criterion " + SHARE + "'5%'.", "现为 '5%'。"),
    "not a number": (float("nan"), 0.1, 0.02, "The rule most_a_criterion " + SHARE + "nan.", "现为 nan。"),
    "true": (0.05, True, 0.02, "The rule most_in_all " + SHARE + "True.", "规则 most_in_all 应为大于 0"),
    "below 0": (0.05, 0.1, -0.02, "The rule floor must be a number of 0 or more; it reads -0.02.", "规则 floor 应为不小于 0 的数字；现为 -0.02。"),
}  # fmt: skip


@pytest.mark.parametrize(("most", "in_all", "floor", "en", "zh"), WRONG_LIMITS.values(), ids=WRONG_LIMITS.keys())
def test_limits_of_a_step_that_are_none_are_refused(most, in_all, floor, en, zh):
    said = told(lambda: MoveLimits(most, in_all, floor, (), 0.01))
    assert said[0] == en and zh in said[1]


@pytest.mark.parametrize("floor", [0.225, 0.5])
def test_a_floor_that_holds_every_weight_in_place_is_refused(floor):
    """Four criteria are learned and share 0.9: at 0.225 each they are all at the floor."""
    analyst, fixed = np.array([0.1, 0.3, 0.3, 0.2, 0.1]), np.array([True, False, False, False, False])
    en, zh = told(lambda: floored(analyst, analyst, fixed, floor))
    assert en == (
        f"The rule floor = {floor} leaves the weights no room to move: 4 learned criteria share 0.9 of the weight. "
        "Write a floor below 0.225."
    )
    assert "4 项可学习的指标合计权重为 0.9" in zh and "floor 应小于 0.225" in zh
    assert floored(analyst, analyst, fixed, 0.22).sum() == pytest.approx(1)


@pytest.mark.parametrize("fixed", [[True, True], [False, True]])
def test_no_floor_is_too_high_where_nothing_is_learned(fixed):
    analyst = np.array([0.0, 1.0])
    assert floored(analyst, analyst, np.array(fixed), 0.02).tolist() == [0.0, 1.0]


def outcomes(**values):
    return OutcomeRules.of(changed(house_rules(), "outcomes", **values))


def test_a_stage_that_no_order_has_is_named():
    en, zh = told(lambda: outcomes(stages=["trail"]))
    assert en == "The rule stages names 'trail', which is none of: sample, trial, bulk."
    assert "'trail' 无法识别" in zh


def test_stages_as_one_text_are_not_taken_for_letters():
    en, zh = told(lambda: outcomes(stages="trial"))
    assert en == """The rule stages must be a list of names, such as stages = ["one", "two"]; it reads 'trial'."""
    assert "规则 stages 应为名称列表" in zh


@pytest.mark.parametrize("value", ["1", -1.0, float("inf"), True])
def test_what_a_trial_was_worth_is_counted_in_numbers(value):
    en, zh = told(lambda: outcomes(worth=value))
    assert en == f"The rule worth must be a number of 0 or more; it reads {value!r}." and f"现为 {value!r}" in zh


def test_a_worth_left_out_is_asked_for():
    en, zh = told(lambda: outcomes(worth=None))
    assert "[[outcomes]] in force in 2026-10 does not say worth" in en and "没有写明 worth" in zh


def test_what_a_day_and_a_unit_of_money_cost_stands_in_one_place():
    """A past trial's delay and financing are counted at the rates of an order's cost."""
    rules = changed(house_rules(), "house_costs", delay_share_per_day=0.01)
    rules = changed(rules, "platform_fees", early_payment_per_day=0.001)
    assert (OutcomeRules.of(rules).delay_per_day, OutcomeRules.of(rules).financing_per_day) == (0.01, 0.001)
