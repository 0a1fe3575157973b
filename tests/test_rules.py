"""Dated rules: the entry in force, replacement by source, and errors a person can act on."""

import math
import re
import tomllib
from dataclasses import dataclass, replace
from typing import Literal

import hostile_rules
import numpy as np
import pytest
from house import changed, house_rules, section

from analysis.allowed import Number, OneOf, allowed_of
from analysis.decisions.weights import OutcomeRules
from analysis.decisions.weights.learning import move_limits as move_limits_of
from analysis.decisions.weights.step import floored
from analysis.errors import RuleError
from analysis.house_rules import check_rules
from analysis.paths import CONFIG, PROJECT
from analysis.rules import Limits, rules_in_force
from analysis.rules_page import rules_page
from analysis.wording import catalogue

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
    en, zh = told(lambda: limits.read(Limits, rate=0.02))
    assert en == "There is no setting 'rate'. Known: defect_rate, interval_level."
    assert zh == "没有“rate”这项设置。可用：defect_rate, interval_level。"


def test_a_source_cannot_bring_a_section_that_no_rule_reads(folder):
    (folder / "mine.toml").write_text('[[limit]]\nfrom = "2020-01"\ndefect_rate = 0.2\n', encoding="utf-8")
    en, zh = told(lambda: rules_in_force("mine", "2025-07", folder))
    assert en == "mine.toml has a section [[limit]] that no rule reads; known: grades, limits. Correct the name or delete it."  # fmt: skip
    assert "mine.toml 中的 [[limit]] 一节没有规则用到" in zh


SHARE = "; allowed is a number above 0 and at most 1."
WRONG_LIMITS = {
    "moves away from the target": ({"most_a_criterion": -0.05}, "says most_a_criterion = -0.05" + SHARE, "写有 most_a_criterion = -0.05；应为数字，大于 0，不大于 1。"),
    "never moves": ({"most_a_criterion": 0}, "most_a_criterion = 0" + SHARE, "= 0；"),
    "no cap": ({"most_a_criterion": 5}, "most_a_criterion = 5" + SHARE, "= 5；"),
    "in percent": ({"most_a_criterion": "5%"}, "most_a_criterion = '5%'" + SHARE, "= '5%'；"),
    "not a number": ({"most_a_criterion": float("nan")}, "most_a_criterion = nan" + SHARE, "= nan；"),
    "true": ({"most_in_all": True}, "most_in_all = true" + SHARE, "most_in_all = true；"),
    "below 0": ({"floor": -0.02}, "floor = -0.02; allowed is a number from 0 to 1 (5 % is 0.05).", "floor = -0.02；应为0 至 1 之间的数字"),
    "a number no float holds": ({"floor": 10**400}, "floor = 1000", "floor = 1000"),
    "unknown criterion": ({"policy": ["charm"]}, "policy = ['charm']; allowed is a list in brackets, each one of profit_margin,", "每项为以下之一：profit_margin"),
}  # fmt: skip


@pytest.mark.parametrize(("values", "en", "zh"), WRONG_LIMITS.values(), ids=WRONG_LIMITS.keys())
def test_limits_of_a_step_that_are_none_are_refused(values, en, zh):
    said = told(lambda: move_limits_of(changed(house_rules(), "weights", **values)))
    assert said[0].startswith("In rules.toml the entry of [[weights]] in force in 2026-10 says ")
    assert en in said[0] and zh in said[1]


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


@pytest.mark.parametrize("stages", [["trail"], "trial", [["trial"]], 3])
def test_stages_that_no_order_has_are_named(stages):
    en, zh = told(lambda: outcomes(stages=stages))
    assert f"says stages = {stages!r}; allowed is a list in brackets, each one of sample, trial, bulk." in en
    assert "每项为以下之一：sample, trial, bulk" in zh


@pytest.mark.parametrize("value", ["1", -1.0, float("inf"), True, [1]])
def test_what_a_trial_was_worth_is_counted_in_numbers(value):
    en, zh = told(lambda: outcomes(worth=value))
    assert "says worth = " in en and "allowed is a number from 0 to 100." in en and "应为0 至 100 之间的数字" in zh


def test_a_worth_left_out_is_asked_for():
    en, zh = told(lambda: outcomes(worth=None))
    assert "[[outcomes]] in force in 2026-10 does not say worth" in en and "没有写明 worth" in zh


def test_what_a_day_and_a_unit_of_money_cost_stands_in_one_place():
    """A past trial's delay and financing are counted at the rates of an order's cost."""
    rules = changed(house_rules(), "house_costs", delay_share_per_day=0.01)
    rules = changed(rules, "platform_fees", early_payment_per_day=0.001)
    assert (OutcomeRules.of(rules).delay_per_day, OutcomeRules.of(rules).financing_per_day) == (0.01, 0.001)


# --- what each value may be


def test_the_page_of_rules_is_the_readers_own():
    """`make notebooks` renews it after a change of a reader or of a comment in `config/`."""
    page = (PROJECT / "docs" / "rules.md").read_text(encoding="utf-8")
    assert page == rules_page()
    told = {file: tomllib.loads((CONFIG / file).read_text(encoding="utf-8")) for file in ("rules.toml", "rates.toml")}
    assert all(f"\n## [[{name}]] in " in page for sections in told.values() for name in sections)


def test_a_field_without_a_statement_takes_what_its_type_says():
    @dataclass
    class Kind:
        amount: float
        pieces: int
        on: bool
        name: str
        names: tuple[str, ...]
        kind: Literal["a", "b"]

    allowed = allowed_of(Kind)
    good = {"amount": 0.5, "pieces": 3, "on": True, "name": "x", "names": ["x"], "kind": "b"}
    bad = {"amount": -0.5, "pieces": 3.5, "on": 1, "name": " ", "names": "x", "kind": "c"}
    assert all(allowed[name].takes(value) for name, value in good.items())
    assert not any(allowed[name].takes(value) for name, value in bad.items())


def test_bounds_are_kept_as_they_are_told():
    open_ends = Number(0, 1, above=True, below=True)
    assert [open_ends.takes(x) for x in (0, 1e-12, 1 - 1e-12, 1, True, "0.5", math.nan, 10**400)] == [False, True, True, False, False, False, False, False]  # fmt: skip
    assert open_ends.text("en") == "a number above 0 and below 1" and open_ends.text("zh") == "数字，大于 0，小于 1"
    assert Number(5, 50, whole=True).text("en") == "a whole number from 5 to 50"
    assert not OneOf((1, 2.5)).takes(True) and OneOf((1, 2.5)).takes(1.0) and not OneOf(("1",)).takes(1)


@pytest.mark.parametrize("number", range(0, 500, 10))
def test_a_broken_rule_file_is_told_in_a_sentence(number):
    """A part of the series of `benchmarks/hostile_rules.py`."""
    found = hostile_rules.outcome(number)
    assert found["kind"] in ("told", "taken"), (found["changes"], found["said"])


def test_most_broken_rule_files_are_told():
    """A change may leave a value that can be meant; a reader that takes nearly everything reads nothing."""
    kinds = [hostile_rules.outcome(number)["kind"] for number in range(0, 500, 10)]
    assert kinds.count("told") >= 0.5 * len(kinds)


def test_files_of_windows_are_read_and_other_encodings_are_told(folder):
    plain = rules_in_force("any", "2025-07", folder).sections
    path = folder / "rules.toml"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    assert rules_in_force("any", "2025-07", folder).sections == plain
    path.write_bytes("# 中文\n# 规则\n".encode("gb18030"))
    en, zh = told(lambda: rules_in_force("any", "2025-07", folder))
    assert en == "The rules file rules.toml is not saved as UTF-8 (line 1): save it as UTF-8." and "另存为 UTF-8" in zh


def test_a_section_that_is_nowhere_is_asked_for_before_a_review_runs():
    sections = {name: entry for name, entry in house_rules().sections.items() if name != "stock"}
    en, zh = told(lambda: check_rules(replace(house_rules(), sections=sections)))
    assert "no section [[stock]] for any month" in en and "[[stock]] 一节" in zh


def test_weights_that_do_not_add_up_and_a_floor_too_high_are_told_with_their_place():
    criteria = {
        name: {**entry} for name, entry in house_rules().sections["criteria"].items() if isinstance(entry, dict)
    }
    criteria["defect_rate"]["weight"] += 0.3
    en, zh = told(lambda: check_rules(changed(house_rules(), "criteria", **criteria)))
    assert en.startswith("In rules.toml the entry of [[criteria]]") and "add up to 1.3000" in en and "必须等于 1" in zh
    en, _ = told(lambda: check_rules(changed(house_rules(), "weights", floor=0.5)))
    assert en.startswith("In rules.toml the entry of [[weights]]") and "Write a floor below" in en


def test_what_a_run_asks_for_is_checked_like_the_file():
    with pytest.raises(RuleError, match=r"The setting interval_level = 1\.5 cannot be used; allowed is a number above 0 and below 1"):  # fmt: skip
        house_rules().read("limits", Limits, interval_level=1.5)


def test_every_sentence_that_an_error_names_is_in_the_catalogue():
    named = re.compile(r"""(?:Error|refuse|SourceChoice)\(\s*"([a-z_]+\.[a-z_0-9]+)\"""")
    found = {key for path in (PROJECT / "src").rglob("*.py") for key in named.findall(path.read_text(encoding="utf-8"))}
    assert len(found) > 100 and found - catalogue().keys() == set()


def test_what_python_says_of_values_that_do_not_work_is_said_in_our_words():
    @dataclass(frozen=True)
    class Odd:
        defect_rate: float

        def __post_init__(self):
            math.sqrt(-self.defect_rate)

    with pytest.raises(RuleError) as refused:
        section("limits", defect_rate=0.05).read(Odd)
    assert "nothing can be reckoned with its values together" in refused.value.text("en")
    assert "各值合在一起无法计算" in refused.value.text("zh")
    assert "math" not in refused.value.text("en") + refused.value.text("zh")
