"""Dated rules: the entry in force, replacement by source, and errors a person can act on."""

import pytest

from analysis.rules import rules_in_force
from analysis.wording import RuleError

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
