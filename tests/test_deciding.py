"""`analysis weights approve` and `override` as somebody types them: what is written, what is refused, and in which words."""

import json

import numpy as np
import pandas as pd
import pytest

from analysis import cli
from analysis.decisions.reweighting import sealed_ledger
from analysis.decisions.reweighting.learning import analyst_weights, criteria_in
from analysis.decisions.reweighting.sealed_ledger import read_ledger
from analysis.month import open_month
from analysis.rules import rules_in_force
from analysis.simulate import simulate_company
from analysis.wording import LANGUAGES

SOURCE = "demo"
KEPT = ("2026-05", "2026-06", "2026-07", "2026-08", "2026-09")
ANALYST = analyst_weights(rules_in_force(SOURCE, "2026-10"))
WHO = ["--by", "李明", "--why", "agreed in the October meeting"]


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A source on disk and the worths of past months; the worths are noise, since deciding does not ask what they say."""
    folder = tmp_path_factory.mktemp("company")
    company = simulate_company(rounds=8, suppliers=10, seed=3, story=False)
    (folder / "raw" / SOURCE).mkdir(parents=True)
    for name, table in company.tables.items():
        table.to_parquet(folder / "raw" / SOURCE / f"{name}.parquet")
    rng = np.random.default_rng(1)
    for month in KEPT:
        worths = pd.DataFrame({"month": str(pd.Period(month, "M") + 1), "supplier": company.tables["suppliers"]["supplier"]})  # fmt: skip
        for name in ANALYST:
            worths[name], worths[f"{name}_missing"] = rng.random(len(worths)), False
        open_month(SOURCE, month, folder / "raw", folder / "processed").keep("forecasts_worths", worths)
    return folder


@pytest.fixture
def ledger(tmp_path, monkeypatch):
    """Where the decisions go: never into the project's own config/."""
    monkeypatch.setattr("analysis.month.CONFIG", tmp_path / "config")
    return tmp_path / "config" / "weights" / f"{SOURCE}.jsonl"


@pytest.fixture
def decide(place, ledger, capsys):
    """Run `analysis weights ...`; exit code, standard output and standard error. No traceback, ever."""

    def run(*words, language="en", source=SOURCE):
        folders = ["--data-dir", str(place / "raw"), "--processed-dir", str(place / "processed")]
        try:
            code = cli.main(["weights", *words, "--source", source, *folders, "--lang", language])
        except SystemExit as exit:
            code = exit.code
        said = capsys.readouterr()
        assert "Traceback" not in said.out + said.err
        return code, said.out.strip(), said.err.strip()

    return run


def standing(ledger, month):
    return {c.name: c.weight for c in criteria_in(rules_in_force(SOURCE, month), read_ledger(ledger))}


def refused(decide, ledger, *words, text, text_zh, code=1, source=SOURCE):
    """It is refused in both languages, in one sentence, and the ledger is as it was."""
    before = ledger.read_bytes() if ledger.exists() else None
    for language, expected in zip(LANGUAGES, (text, text_zh)):
        left, out, err = decide(*words, language=language, source=source)
        assert (left, out) == (code, "")
        assert expected in err.splitlines()[-1]
    assert (ledger.read_bytes() if ledger.exists() else None) == before


# --- approve


@pytest.mark.parametrize(
    ("language", "sentence"),
    [("en", "In force from 2026-11: profit_margin"), ("zh", "自 2026-11 起生效：profit_margin")],
)
def test_approving_writes_the_proposal_and_the_decision(decide, ledger, language, sentence):
    code, out, err = decide("approve", "2026-10", *WHO, language=language)
    assert (code, err) == (0, "")
    assert out.startswith(sentence) and "config/weights/demo.jsonl" in out
    proposal, approval = read_ledger(ledger).entries
    assert (proposal.kind, proposal.month, proposal.since) == ("proposal", "2026-10", "")
    assert (approval.kind, approval.month, approval.since) == ("approval", "2026-10", "2026-11")
    assert (approval.by, approval.why) == ("李明", "agreed in the October meeting")
    assert approval.weights == proposal.weights and approval.content["proposal"] == proposal.hash
    assert standing(ledger, "2026-10") == ANALYST
    assert standing(ledger, "2026-11") == approval.weights
    for name, weight in approval.weights.items():
        assert f"{name} {weight:.1%}" in out


def test_approving_twice_is_told_who_decided_and_when(decide, ledger):
    assert decide("approve", "2026-10", *WHO)[0] == 0
    today = read_ledger(ledger).entries[-1].on
    refused(
        decide, ledger, "approve", "2026-10", "--by", "Wang", "--why", "again",
        text=f"The proposal of 2026-10 was decided already: entry 2, by 李明 on {today}.",
        text_zh="2026-10 的提案已有决定：第 2 条，李明",
    )  # fmt: skip


def test_month_after_month(decide, ledger):
    """The second proposal starts from the weights approved before it."""
    assert decide("approve", "2026-09", *WHO)[0] == 0
    code, out, _ = decide("approve", "2026-10", *WHO)
    assert code == 0 and "No decision" not in out
    second = read_ledger(ledger).proposal_of("2026-10").content["proposal"]
    assert second["previous"] == standing(ledger, "2026-10") != ANALYST
    assert second["analyst"] == ANALYST


@pytest.mark.parametrize(("language", "told"), [("en", "No decision for 2026-08, 2026-09"), ("zh", "2026-08, 2026-09 未作决定")])  # fmt: skip
def test_months_skipped_are_told(decide, ledger, language, told):
    assert decide("approve", "2026-07", *WHO)[0] == 0
    code, out, _ = decide("approve", "2026-10", *WHO, language=language)
    assert code == 0 and told in out.splitlines()[-1]
    assert read_ledger(ledger).proposal_of("2026-10").content["skipped"] == ["2026-08", "2026-09"]
    assert standing(ledger, "2026-10") == standing(ledger, "2026-08")  # what stood went on


def test_a_month_that_was_overridden_was_not_skipped(decide, ledger):
    assert decide("approve", "2026-07", *WHO)[0] == 0
    assert decide("override", "2026-09", "--set", "on_time=0.2", *WHO)[0] == 0  # in place of what August proposes
    assert "No decision for 2026-09:" in decide("approve", "2026-10", *WHO)[1]


def test_a_month_before_a_decision_that_stands_is_not_rewritten(decide, ledger):
    assert decide("approve", "2026-10", *WHO)[0] == 0
    refused(
        decide, ledger, "approve", "2026-08", *WHO,
        text="Weights for 2026-09 cannot be set: entry 2 is in force from 2026-11",
        text_zh="无法设定 2026-09 的权重：第 2 条已自 2026-11 起生效",
    )  # fmt: skip


def test_what_somebody_overrode_cannot_be_approved_afterwards(decide, ledger):
    assert decide("override", "2026-10", "--set", "defect_rate=0.3", *WHO)[0] == 0
    refused(
        decide, ledger, "approve", "2026-09", "--by", "Wang", "--why", "the outcomes say so",
        text="The proposal of 2026-09 was decided already: entry 1, by 李明",
        text_zh="2026-09 的提案已有决定：第 1 条，李明",
    )  # fmt: skip


def test_nothing_to_approve(decide, ledger):
    refused(
        decide, ledger, "approve", "2026-05", *WHO,
        text="demo 2026-05 proposes nothing: no trial with an outcome had its worths kept when it was chosen.",
        text_zh="demo 2026-05 没有建议",
    )  # fmt: skip
    assert not ledger.exists()


@pytest.mark.parametrize(
    ("month", "text", "text_zh", "code"),
    [
        ("2019-01", "2019-01", "2019-01", 1),  # before the first order
        ("2099-01", "2099-01", "2099-01", 1),  # not over yet
        ("2026-13", "'2026-13' is not a month; write it like 2026-10.", "2026-13", 2),
    ],
)
def test_a_month_that_cannot_be_reviewed_cannot_be_approved(decide, ledger, month, text, text_zh, code):
    refused(decide, ledger, "approve", month, *WHO, text=text, text_zh=text_zh, code=code)
    assert not ledger.exists()


# --- override


@pytest.mark.parametrize(("language", "sentence"), [("en", "In force from 2026-11:"), ("zh", "自 2026-11 起生效：")])
def test_an_override_sets_what_is_named_and_scales_the_rest(decide, ledger, language, sentence):
    code, out, err = decide("override", "2026-11", "--set", "price_ratio=0.15", "--set", "on_time = 0.2", *WHO, language=language)  # fmt: skip
    assert (code, err) == (0, "") and out.startswith(sentence) and "price_ratio 15.0%" in out
    (entry,) = read_ledger(ledger).entries
    assert (entry.kind, entry.since, entry.by) == ("override", "2026-11", "李明")
    assert sum(entry.weights.values()) == pytest.approx(1)
    rest = set(ANALYST) - {"price_ratio", "on_time"}
    shares = {name: entry.weights[name] / ANALYST[name] for name in rest}
    left = (1 - 0.15 - 0.2) / (1 - ANALYST["price_ratio"] - ANALYST["on_time"])
    assert shares == pytest.approx(dict.fromkeys(rest, left))
    assert (entry.weights["price_ratio"], entry.weights["on_time"]) == (0.15, 0.2)
    assert standing(ledger, "2026-10") == ANALYST and standing(ledger, "2026-11") == entry.weights


def test_a_second_override_of_a_month_counts_and_scales_what_stands(decide, ledger):
    assert decide("override", "2026-11", "--set", "price_ratio=0.15", *WHO)[0] == 0
    assert decide("override", "2026-11", "--set", "defect_rate=0.3", *WHO)[0] == 0
    first, second = read_ledger(ledger).decisions
    assert second.weights["price_ratio"] / second.weights["on_time"] == pytest.approx(0.15 / first.weights["on_time"])
    assert standing(ledger, "2026-11") == second.weights


def test_one_criterion_may_take_all(decide, ledger):
    assert decide("override", "2026-11", "--set", "defect_rate=1", *WHO)[0] == 0
    assert standing(ledger, "2026-11") == {name: float(name == "defect_rate") for name in ANALYST}


ALL = [word for name, weight in ANALYST.items() for word in ("--set", f"{name}={weight / 2}")]
NO_WEIGHT = "--set takes CRITERION=WEIGHT with a weight between 0 and 1, such as price_ratio=0.15; got {}"
REFUSED = {
    "unknown criterion": (["--set", "price=0.2"], NO_WEIGHT.format("price=0.2"), "现为 price=0.2"),
    "no number": (["--set", "price_ratio=much"], NO_WEIGHT.format("price_ratio=much"), "现为 price_ratio=much"),
    "no weight": (["--set", "price_ratio"], NO_WEIGHT.format("price_ratio"), "现为 price_ratio"),
    "over 1": (["--set", "price_ratio=1.5"], NO_WEIGHT.format("price_ratio=1.5"), "现为 price_ratio=1.5"),
    "percent": (["--set", "price_ratio=15%"], NO_WEIGHT.format("price_ratio=15%"), "现为 price_ratio=15%"),
    "below 0": (["--set", "price_ratio=-0.1"], NO_WEIGHT.format("price_ratio=-0.1"), "现为 price_ratio=-0.1"),
    "not a number": (["--set", "price_ratio=nan"], NO_WEIGHT.format("price_ratio=nan"), "现为 price_ratio=nan"),
    "together over 1": (["--set", "price_ratio=0.7", "--set", "on_time=0.5"], "The weights add up to 1.2000; they must add up to 1.", "权重合计为 1.2000"),
    "all named, below 1": (ALL, "The weights add up to 0.5000; they must add up to 1.", "权重合计为 0.5000"),
}  # fmt: skip


@pytest.mark.parametrize(("words", "text", "text_zh"), REFUSED.values(), ids=REFUSED.keys())
def test_weights_that_are_none_are_refused(decide, ledger, words, text, text_zh):
    refused(decide, ledger, "override", "2026-11", *words, *WHO, text=text, text_zh=text_zh)
    assert not ledger.exists()


def test_an_override_before_a_decision_that_stands_is_refused(decide, ledger):
    assert decide("override", "2026-11", "--set", "price_ratio=0.15", *WHO)[0] == 0
    refused(
        decide, ledger, "override", "2026-10", "--set", "price_ratio=0.2", *WHO,
        text="entry 1 is in force from 2026-11, and what stands in the ledger is not rewritten",
        text_zh="第 1 条已自 2026-11 起生效",
    )  # fmt: skip


# --- both


VERBS = {"approve": ["approve", "2026-10"], "override": ["override", "2026-11", "--set", "price_ratio=0.15"]}
verbs = pytest.mark.parametrize("words", VERBS.values(), ids=VERBS.keys())


@verbs
@pytest.mark.parametrize(("by", "why", "missing"), [(" ", "agreed", "--by"), ("Li", "", "--why")])
def test_a_decision_needs_a_name_and_a_reason(decide, ledger, words, by, why, missing):
    refused(
        decide, ledger, *words, "--by", by, "--why", why,
        text=f"A decision on weights needs a name and a reason; {missing} is empty.", text_zh=f"{missing} 为空",
    )  # fmt: skip
    assert not ledger.exists()


@verbs
def test_a_name_mistyped_begins_no_ledger_of_its_own(decide, ledger, words):
    refused(
        decide, ledger, *words, *WHO, source="dmeo", text="There is no source 'dmeo'", text_zh="dmeo",
    )  # fmt: skip
    assert not ledger.parent.exists() or not list(ledger.parent.glob("*.jsonl"))


@verbs
def test_what_is_left_out_is_wrong_usage(decide, ledger, words):
    code, _, err = decide(*words)
    assert code == 2 and "--by" in err
    assert not ledger.exists()


def edited(text, number, **changed):
    """The ledger's text with fields of one entry changed by hand."""
    lines = text.splitlines()
    record = json.loads(lines[number - 1]) | changed
    lines[number - 1] = sealed_ledger._text(record)
    return "\n".join(lines) + "\n"


TAMPERED = {
    "a weight": (lambda text: edited(text, 2, weights=ANALYST), "edited by hand: entry 2 (2026-09)", "被手工改动：第 2 条"),
    "the name": (lambda text: text.replace("李明", "王芳"), "edited by hand: entry 2 (2026-09)", "被手工改动：第 2 条"),
    "an entry cut": (lambda text: "\n".join(text.splitlines()[:1]) + "\n", "shortened or lengthened by hand", "被手工增删"),
    "a note added": (lambda text: text + "checked\n", "cannot be read: line 4 is no entry", "第 4 行不是有效记录"),
    "another file": (lambda _: "price_ratio: 0.15\n", "cannot be read: line 1 is no entry", "第 1 行不是有效记录"),
    "emptied": (lambda _: "", "shortened or lengthened by hand", "被手工增删"),
}  # fmt: skip


@verbs
@pytest.mark.parametrize(("change", "text", "text_zh"), TAMPERED.values(), ids=TAMPERED.keys())
def test_a_ledger_edited_by_hand_is_refused_and_left_alone(decide, ledger, words, change, text, text_zh):
    assert decide("approve", "2026-09", *WHO)[0] == 0
    ledger.write_text(change(ledger.read_text(encoding="utf-8")), encoding="utf-8")
    refused(decide, ledger, *words, *WHO, text=text, text_zh=text_zh)
    assert "Nothing was changed." in decide(*words, *WHO)[2]


@verbs
def test_a_ledger_that_cannot_be_written_is_named(decide, ledger, words):
    ledger.parent.parent.mkdir(parents=True)
    ledger.parent.write_text("a file where the folder should be")
    code, out, err = decide(*words, *WHO)
    assert (code, out) == (1, "") and "weights" in err and len(err.splitlines()) == 1
