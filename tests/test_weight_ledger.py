"""The weights ledger: who decided what, and that nothing written in it can be changed by hand unnoticed."""

import json
import re
from dataclasses import replace

import pytest
from filelock import FileLock
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis.decisions.weights import Proposal, read_ledger, sealed_ledger
from analysis.decisions.weights.back_test import NOTHING_TESTED
from analysis.decisions.weights.decisions import (
    LedgerError,
    approve,
    in_force_table,
    override,
    propose,
    weights_in_force,
)
from analysis.errors import RuleError
from analysis.wording import LANGUAGES, catalogue, worded

ANALYST = {"price": 0.5, "quality": 0.5}
LEARNED = {"price": 0.45, "quality": 0.55}
LATER = {"price": 0.42, "quality": 0.58}


def proposal(month="2026-09", weights=None, previous=None, **other) -> Proposal:
    weights = weights or LEARNED
    return replace(
        Proposal(
            month, weights, previous or ANALYST, ANALYST, (), weights, weights, weights,
            "move", 40, 30.0, float("nan"), True, 0.2, NOTHING_TESTED, "abc",
        ),
        **other,
    )  # fmt: skip


@pytest.fixture
def path(tmp_path):
    return tmp_path / "example" / "weights.jsonl"


@pytest.fixture
def decided(path):
    """September proposed and approved, October proposed."""
    propose(path, proposal(), "2026-10-01")
    approve(path, "2026-09", "李明", "outcomes of 40 trials", "2026-10-02")
    propose(path, proposal("2026-10", LATER, LEARNED), "2026-11-01")
    return path


def in_force(path, month, analyst=ANALYST, since="2000-01"):
    return weights_in_force(read_ledger(path), month, analyst, since)


def test_no_ledger_means_the_analysts_weights(path):
    found = in_force(path, "2026-10")
    assert (found.weights, found.decision) == (ANALYST, None)
    assert "2000-01" in worded(found.explained(), "en")


def test_a_proposal_changes_nothing_until_it_is_approved(path):
    propose(path, proposal(), "2026-10-01")
    assert in_force(path, "2026-10").weights == ANALYST
    approve(path, "2026-09", "Li", "agreed", "2026-10-02")
    assert in_force(path, "2026-09").weights == ANALYST  # the month that was reviewed keeps its weights
    assert in_force(path, "2026-10").weights == LEARNED
    assert in_force(path, "2027-06").weights == LEARNED  # nobody decided since: they go on


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_decision_can_be_explained(decided, language):
    text = worded(in_force(decided, "2026-10").explained(), language)
    assert "李明" in text and "2026-10" in text
    override(decided, "2026-11", ANALYST, ANALYST, "王芳", "季度会议决定", "2026-11-03")
    text = worded(in_force(decided, "2026-11").explained(), language)
    assert "王芳" in text and "季度会议决定" in text


def test_the_same_review_again_writes_nothing(path):
    first = propose(path, proposal(), "2026-10-01")
    written = path.read_bytes()
    assert propose(path, proposal(), "2026-10-05") == first
    assert path.read_bytes() == written


def test_a_review_of_new_data_proposes_anew_and_the_newest_counts(path):
    propose(path, proposal(), "2026-10-01")
    propose(path, proposal(weights=LATER, data="def"), "2026-10-02")
    assert approve(path, "2026-09", "Li", "corrected", "2026-10-03").weights == LATER
    assert [entry.number for entry in read_ledger(path).entries] == [1, 2, 3]


def test_looking_back_at_a_decided_past_writes_nothing(decided):
    approve(decided, "2026-10", "Li", "agreed", "2026-11-02")
    written = decided.read_bytes()
    assert propose(decided, proposal("2026-08", LATER), "2026-12-01") is None
    assert decided.read_bytes() == written


def test_skipped_months_are_named(decided):
    entry = propose(decided, proposal("2027-01", LATER, LEARNED), "2027-02-01")
    assert entry.content["skipped"] == ["2026-11", "2026-12"]
    assert in_force(decided, "2026-12").weights == LEARNED
    assert approve(decided, "2027-01", "Li", "agreed", "2027-02-02").since == "2027-02"


def test_criteria_that_the_analyst_changed_can_be_overridden_though_the_ledger_names_the_old(decided):
    wider, own = {"price": 0.4, "quality": 0.4, "speed": 0.2}, {"price": 0.3, "quality": 0.3, "speed": 0.4}
    override(decided, "2026-11", own, wider, "Wang", "speed counts now", "2026-11-02")
    assert in_force(decided, "2026-11", wider, "2026-11").weights == own


def test_an_override_stands_against_the_proposal_and_names_it(decided):
    entry = override(decided, "2026-11", ANALYST, ANALYST, "Wang", "new brand line", "2026-11-02")
    assert entry.content["proposed"] == LATER
    assert in_force(decided, "2026-11").weights == ANALYST
    assert in_force(decided, "2026-10").weights == LEARNED


def test_an_override_writes_the_proposal_that_it_is_given(path):
    entry = override(path, "2026-10", ANALYST, ANALYST, "Wang", "new brand line", "2026-10-02", proposal())
    first, own = read_ledger(path).entries
    assert (first.kind, first.month, first.weights) == ("proposal", "2026-09", LEARNED)
    assert own == entry and own.content == {"proposal": first.hash, "proposed": LEARNED}
    again = override(path, "2026-10", LATER, ANALYST, "Wang", "corrected", "2026-10-03", proposal())
    assert again.number == 3 and again.content == own.content  # the same proposal is not written twice


def test_an_override_that_is_refused_writes_no_proposal_either(decided):
    written = decided.read_bytes()
    with pytest.raises(LedgerError, match="entry 2 is in force from 2026-10"):
        override(decided, "2026-09", ANALYST, ANALYST, "Wang", "new brand line", "2026-10-02", proposal("2026-08"))
    with pytest.raises(RuleError, match=r"add up to 1\.1"):
        override(decided, "2026-11", {"price": 0.5, "quality": 0.6}, ANALYST, "Wang", "x", "d", proposal("2026-10"))
    assert decided.read_bytes() == written


@pytest.mark.parametrize(
    ("language", "kept", "moved", "against", "own"),
    [
        ("en", "kept as they stood, as the outcomes known in 2026-09 advise, approved by Li on 2026-10-02", "learned from outcomes known in 2026-10", "against the proposal", "set by Wang on 2027-01-02, in force since 2027-01: x"),
        ("zh", "依据 2026-09 已知的结果维持此前权重，Li 于 2026-10-02 批准", "依据 2026-10 已知的结果学得", "否决提案", "Wang 于 2027-01-02 自行设定，自 2027-01 起生效：x"),
    ],
)  # fmt: skip
def test_each_kind_of_decision_is_told_as_what_it_is(path, language, kept, moved, against, own):
    propose(path, proposal(weights=ANALYST, reason="keep_close"), "2026-10-01")
    approve(path, "2026-09", "Li", "agreed", "2026-10-02")
    propose(path, proposal("2026-10"), "2026-11-01")
    approve(path, "2026-10", "Li", "agreed", "2026-11-02")
    override(path, "2026-12", LATER, LEARNED, "Wang", "x", "2026-12-02", proposal("2026-11", LEARNED, LEARNED))
    override(path, "2027-01", ANALYST, LATER, "Wang", "x", "2027-01-02")
    told = [
        worded(in_force(path, month).explained(), language) for month in ("2026-10", "2026-11", "2026-12", "2027-01")
    ]
    assert kept in told[0] and "learned" not in told[0] and "学得" not in told[0]
    assert moved in told[1]
    assert against in told[2] and against not in told[3]
    assert own in told[3]


def test_newer_weights_of_the_analyst_begin_anew(decided):
    fresh = {"price": 0.3, "quality": 0.7}
    assert in_force(decided, "2026-12", fresh, "2026-12").weights == fresh
    assert in_force(decided, "2026-12", {"price": 0.2, "speed": 0.8}, "2000-01").decision is None
    propose(decided, proposal("2026-12", {"price": 0.32, "quality": 0.68}, fresh, analyst=fresh), "2027-01-01")
    assert approve(decided, "2026-12", "Li", "agreed", "2027-01-02").since == "2027-01"


REFUSED = [
    (lambda p: approve(p, "2026-08", "Li", "x", "d"), "no proposal for 2026-08; proposals: 2026-09, 2026-10"),
    (lambda p: approve(p, "2026-09", "Li", "x", "d"), "decided already: entry 2, by 李明 on 2026-10-02"),
    (lambda p: approve(p, "2026-10", " ", "x", "d"), "by is empty"),
    (lambda p: approve(p, "2026-10", "Li", "", "d"), "why is empty"),
    (lambda p: approve(p, "2026-13", "Li", "x", "d"), "no month"),
    (lambda p: override(p, "2026-09", ANALYST, ANALYST, "Li", "x", "d"), "entry 2 is in force from 2026-10"),
    (lambda p: override(p, "2026-11", {"price": 0.5, "quality": 0.6}, ANALYST, "Li", "x", "d"), "add up to 1.1"),
    (
        lambda p: override(p, "2026-11", {"price": 0.5, "beauty": 0.5}, ANALYST, "Li", "x", "d"),
        "not in force: beauty, quality",
    ),
    (lambda p: override(p, "2026-11", {"price": 1.5, "quality": -0.5}, ANALYST, "Li", "x", "d"), "between 0 and 1"),
    (
        lambda p: override(p, "2026-11", {"price": float("nan"), "quality": 1}, ANALYST, "Li", "x", "d"),
        "between 0 and 1",
    ),
]


@pytest.mark.parametrize(("attempt", "text"), REFUSED, ids=[text for _, text in REFUSED])
def test_what_cannot_be_is_told_in_words_and_changes_nothing(decided, attempt, text):
    written = decided.read_bytes()
    with pytest.raises((LedgerError, RuleError), match=text) as told:
        attempt(decided)
    assert told.value.text("zh") != told.value.text("en")
    assert decided.read_bytes() == written


def test_a_proposal_from_weights_that_have_changed_since_cannot_be_approved(decided):
    override(decided, "2026-10", ANALYST, ANALYST, "Wang", "new brand line", "2026-11-02")
    with pytest.raises(LedgerError, match=r"no longer in force \(changed by entry 4, from 2026-10\)"):
        approve(decided, "2026-10", "Li", "agreed", "2026-11-03")


def test_a_proposal_that_was_overridden_is_decided(decided):
    override(decided, "2026-11", ANALYST, ANALYST, "Wang", "new brand line", "2026-11-02")
    with pytest.raises(LedgerError, match="decided already: entry 4, by Wang"):
        approve(decided, "2026-10", "Li", "agreed", "2026-11-03")


def test_a_first_proposal_gives_way_to_an_override_made_after_it(path):
    propose(path, proposal(), "2026-10-01")
    override(path, "2026-09", LATER, ANALYST, "Wang", "new brand line", "2026-10-02")
    with pytest.raises(LedgerError, match="no longer in force"):
        approve(path, "2026-09", "Li", "agreed", "2026-10-03")


def test_a_late_approval_supersedes_a_proposal_made_without_it(path):
    propose(path, proposal(), "2026-10-01")
    propose(path, proposal("2026-10", LATER, {"price": 0.46, "quality": 0.54}), "2026-11-01")
    approve(path, "2026-09", "Li", "late", "2026-11-02")
    with pytest.raises(LedgerError, match="no longer in force"):
        approve(path, "2026-10", "Li", "agreed", "2026-11-03")


def lines(path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()


def write(path, new_lines) -> None:
    path.write_text("\n".join(new_lines) + "\n", encoding="utf-8")


def with_weight(path, number, weight, rehash):
    """Entry `number` with another weight, its own hash recomputed or not."""
    edited = lines(path)
    record = json.loads(edited[number - 1])
    record["weights"]["price"] = weight
    if rehash:
        record.pop("hash")
        record["hash"] = sealed_ledger._hash(record)
    edited[number - 1] = sealed_ledger._text(record)
    return edited


TAMPERED = {
    "a weight": (lambda p: with_weight(p, 2, 0.9, False), "edited by hand: entry 2"),
    "a weight and its hash": (lambda p: with_weight(p, 2, 0.9, True), "edited by hand: entry 3"),
    "the last weight and its hash": (lambda p: with_weight(p, 3, 0.9, True), "shortened or lengthened"),
    "the reason": (lambda p: [x.replace("40 trials", "90 trials") for x in lines(p)], "edited by hand: entry 2"),
    "first line gone": (lambda p: lines(p)[1:], "edited by hand: entry 1"),
    "last entry gone": (lambda p: [*lines(p)[:2], lines(p)[-1]], "should hold 3 entries and holds 2"),
    "last lines gone": (lambda p: lines(p)[:2], "shortened or lengthened"),
    "a line twice": (lambda p: [*lines(p)[:3], *lines(p)[2:]], "edited by hand: entry 4"),
    "two lines exchanged": (lambda p: [lines(p)[1], lines(p)[0], *lines(p)[2:]], "edited by hand: entry 1"),
    "a note added": (lambda p: [*lines(p), "checked, Li"], "line 5 is no entry"),
    "all gone": (lambda p: [""], "line 1 is no entry"),
}


@pytest.mark.parametrize(("edited", "text"), TAMPERED.values(), ids=TAMPERED.keys())
def test_a_ledger_edited_by_hand_is_refused_and_left_alone(decided, edited, text):
    write(decided, edited(decided))
    written = decided.read_bytes()
    for attempt in (
        lambda: read_ledger(decided),
        lambda: approve(decided, "2026-10", "Li", "agreed", "2026-11-02"),
        lambda: propose(decided, proposal("2026-11", LATER, LEARNED), "2026-12-01"),
        lambda: override(decided, "2026-12", ANALYST, ANALYST, "Li", "x", "2026-12-01"),
    ):
        with pytest.raises(LedgerError, match=text):
            attempt()
    assert decided.read_bytes() == written


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_no_single_changed_byte_goes_unnoticed(decided, data):
    original = decided.read_bytes()
    at = data.draw(st.integers(0, len(original) - 2))  # the newline at the very end carries nothing
    other = data.draw(st.integers(0, 255).filter(lambda byte: byte != original[at]))
    decided.write_bytes(original[:at] + bytes([other]) + original[at + 1 :])
    try:
        with pytest.raises(LedgerError):
            read_ledger(decided)
    finally:
        decided.write_bytes(original)


def test_an_empty_file_is_no_ledger(path):
    path.parent.mkdir()
    path.write_bytes(b"")
    with pytest.raises(LedgerError, match="shortened"):
        read_ledger(path)


def test_two_writers_at_once_wait_or_are_told(decided, monkeypatch):
    monkeypatch.setattr(sealed_ledger, "PATIENCE", 0.05)
    with FileLock(decided.with_name(f".{decided.name}.lock")), pytest.raises(LedgerError, match="Somebody else"):
        approve(decided, "2026-10", "Li", "agreed", "2026-11-02")


def test_the_seal_is_the_last_hash_and_moves_with_every_entry(decided):
    before = read_ledger(decided).seal
    entry = approve(decided, "2026-10", "Li", "agreed", "2026-11-02")
    assert read_ledger(decided).seal == entry.hash != before
    assert entry.previous_hash == before


def test_the_table_of_a_month_holds_weights_intervals_and_reasons(path):
    narrow = {"price": 0.30, "quality": 0.60}, {"price": 0.40, "quality": 0.70}
    propose(path, proposal(low=narrow[0], high=narrow[1]), "2026-10-01")
    approve(path, "2026-09", "Li", "agreed", "2026-10-02")
    table = in_force_table("2026-10", in_force(path, "2026-10"), in_force(path, "2026-09")).set_index("criterion")
    assert table["weight"].to_dict() == LEARNED
    assert table["previous"].to_dict() == ANALYST
    assert table.loc["price", ["weight_low", "weight_high"]].tolist() == [0.30, 0.45]  # still on its way down
    assert table.loc["quality", ["weight_low", "weight_high"]].tolist() == [0.55, 0.70]
    assert table["reason"].map(worded).str.contains("approved by Li").all()
    by_analyst = in_force_table("2026-09", in_force(path, "2026-09"), in_force(path, "2026-08"))
    assert (by_analyst["weight_low"] == by_analyst["weight"]).all()


def test_both_languages_fill_the_same_places():
    places = [{f"{language}": set(re.findall(r"{(\w+)", text[language])) for language in LANGUAGES}
              for key, text in catalogue().items() if key.startswith("weights.")]  # fmt: skip
    assert len(places) > 15
    assert all(found["en"] == found["zh"] for found in places)
