"""Decisions hand on a reason as a key with its values; who tells it makes the sentence."""

import ast
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import analysis
from analysis.reasons import chance, joined, named, reason
from analysis.reporting.sentences import worded_in_both, worded_table
from analysis.wording import worded

PACKAGE = Path(analysis.__file__).parent
SENTENCES = {"say", "name_of", "LANGUAGES", "Language", "catalogue", "worded", "chance_text"}


@pytest.mark.parametrize("room", ["decisions", "estimates"])
def test_no_decision_or_estimate_makes_a_sentence(room):
    imports = [
        (file.name, alias.name)
        for file in (PACKAGE / room).rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module == "analysis.wording"
        for alias in node.names
    ]
    assert [found for found in imports if found[1] in SENTENCES] == []


def test_a_reason_is_told_in_either_language():
    told = reason("decisions.change", direction=reason("decisions.change_up", places=np.float64(2.0)), cause="x")
    assert worded(told, "en") == "up 2, mostly by x"
    assert worded(told, "zh") == "上升 2 位，主要由于x"


@pytest.mark.parametrize(("p", "text"), [(0.004, "<1%"), (0.31, "31%"), (0.996, ">99%")])
def test_a_chance_is_never_certain(p, text):
    assert worded(chance(p), "zh") == text


def test_names_are_joined_as_the_language_joins_them():
    names = [named("nobody_knows_a"), named("nobody_knows_b"), named("nobody_knows_c")]
    assert worded(joined("names_and", names), "en") == "nobody knows a, nobody knows b and nobody knows c"
    assert worded(joined("names_and", names), "zh") == "nobody knows a、nobody knows b、nobody knows c"
    assert joined("names", []) == ""


def test_only_reasons_of_a_table_are_worded():
    table = pd.DataFrame({"reason": ["price"], "note": [reason("decisions.change_none")]})
    assert worded_table(table, "zh").to_dict("records") == [{"reason": "price", "note": "名次未变"}]
    assert list(worded_in_both(table)) == ["reason", "note", "note_zh"]
