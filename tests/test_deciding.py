"""`analysis weights approve` and `override` as somebody types them: what is written, what is refused, and in which words."""

import json
import shutil

import house
import numpy as np
import pandas as pd
import pytest

from analysis import cli
from analysis.decisions.weights import (
    Ledger,
    analyst_weights,
    criteria_in,
    learn_weights,
    proposal_table,
    read_ledger,
    sealed_ledger,
    weights_in,
)
from analysis.month import open_month
from analysis.reporting.words import Words
from analysis.review.provenance import FILE, check_ledger, provenance_facts
from analysis.rules import rules_in_force
from analysis.simulate import simulate_company
from analysis.wording import LANGUAGES, catalogue, name_of, worded

SOURCE = "demo"
KEPT = ("2026-05", "2026-06", "2026-07", "2026-08", "2026-09")
ANALYST = analyst_weights(rules_in_force(SOURCE, "2026-10"))
POLICY = rules_in_force(SOURCE, "2026-10")["weights"]["policy"]
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
        open_month(SOURCE, month, folder / "raw", folder / "processed").store.keep_first("forecasts_worths", worths)
    return folder


@pytest.fixture
def ledger(tmp_path, monkeypatch):
    """Where the decisions go: never into the project's own config/. Today is 5 November 2026."""
    monkeypatch.setattr("analysis.month.CONFIG", tmp_path / "config")
    monkeypatch.setattr("analysis.weight_decisions._today", lambda: "2026-11-05")
    monkeypatch.setattr("analysis.month.now", lambda: pd.Timestamp("2026-11-05", tz="UTC"))
    return tmp_path / "config" / "weights" / f"{SOURCE}.jsonl"


@pytest.fixture
def company(place, tmp_path):
    """A month of the source, with processed tables and reports that the test may change."""
    shutil.copytree(place / "processed", tmp_path / "processed")
    return lambda month: open_month(SOURCE, month, place / "raw", tmp_path / "processed", tmp_path / "reports")


@pytest.fixture
def decide(company, ledger, capsys):
    """Run `analysis weights ...`; exit code, standard output and standard error. No traceback, ever."""

    def run(*words, language="en", source=SOURCE):
        there = company("2026-10")
        places = {
            "--data-dir": there.data_dir,
            "--processed-dir": there.processed_dir,
            "--output-dir": there.output_dir,
        }
        folders = [str(word) for pair in places.items() for word in pair]
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
    [("en", "In force from 2026-11: profit margin"), ("zh", "自 2026-11 起生效：利润率")],
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
        assert f"{name_of(name, language)} {weight:.1%}" in out
        assert "_" not in out


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
        text="The proposal of 2026-09 was decided already: entry 2, by 李明",
        text_zh="2026-09 的提案已有决定：第 2 条，李明",
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


@pytest.mark.parametrize(
    ("language", "sentence", "told"),
    [("en", "In force from 2026-11:", "price against market 15.0%"), ("zh", "自 2026-11 起生效：", "价格水平 15.0%")],
)
def test_an_override_sets_what_is_named_and_scales_the_rest(decide, ledger, language, sentence, told):
    """Policy criteria that nobody named keep their weight: the others share what is left beside them."""
    code, out, err = decide("override", "2026-11", "--set", "price_ratio=0.15", "--set", "on_time = 0.2", *WHO, language=language)  # fmt: skip
    assert (code, err) == (0, "") and out.startswith(sentence) and told in out and "_" not in out
    (entry,) = read_ledger(ledger).decisions
    assert (entry.kind, entry.since, entry.by) == ("override", "2026-11", "李明")
    assert sum(entry.weights.values()) == pytest.approx(1)
    assert {name: entry.weights[name] for name in POLICY} == {name: ANALYST[name] for name in POLICY}
    rest = set(ANALYST) - {"price_ratio", "on_time", *POLICY}
    shares = {name: entry.weights[name] / ANALYST[name] for name in rest}
    left = (1 - 0.15 - 0.2 - sum(ANALYST[name] for name in POLICY)) / sum(ANALYST[name] for name in rest)
    assert shares == pytest.approx(dict.fromkeys(rest, left))
    assert (entry.weights["price_ratio"], entry.weights["on_time"]) == (0.15, 0.2)
    assert standing(ledger, "2026-10") == ANALYST and standing(ledger, "2026-11") == entry.weights


@pytest.mark.parametrize("said", ["price_ratio=15%", "Price against market = 0.15", "价格水平＝15％"])
def test_a_weight_is_set_by_the_name_that_the_report_prints(decide, ledger, said):
    assert decide("override", "2026-11", "--set", said, *WHO)[0] == 0
    (entry,) = read_ledger(ledger).decisions
    assert entry.weights["price_ratio"] == pytest.approx(0.15)


def test_a_second_override_of_a_month_counts_and_scales_what_stands(decide, ledger):
    assert decide("override", "2026-11", "--set", "price_ratio=0.15", *WHO)[0] == 0
    assert decide("override", "2026-11", "--set", "defect_rate=0.3", *WHO)[0] == 0
    first, second = read_ledger(ledger).decisions
    assert second.weights["price_ratio"] / second.weights["on_time"] == pytest.approx(0.15 / first.weights["on_time"])
    assert standing(ledger, "2026-11") == second.weights


def test_one_criterion_may_take_all(decide, ledger):
    none = [word for name in POLICY for word in ("--set", f"{name}=0")]
    assert decide("override", "2026-11", "--set", "defect_rate=1", *none, *WHO)[0] == 0
    assert standing(ledger, "2026-11") == {name: float(name == "defect_rate") for name in ANALYST}


ALL = [word for name, weight in ANALYST.items() for word in ("--set", f"{name}={weight / 2}")]
NO_WEIGHT = "--set takes CRITERION=WEIGHT with a weight between 0 and 1, such as price_ratio=0.15, or the name that the report prints and a percentage; got {}"
REFUSED = {
    "unknown criterion": (["--set", "price=0.2"], NO_WEIGHT.format("price=0.2"), "现为 price=0.2"),
    "no number": (["--set", "price_ratio=much"], NO_WEIGHT.format("price_ratio=much"), "现为 price_ratio=much"),
    "no weight": (["--set", "price_ratio"], NO_WEIGHT.format("price_ratio"), "现为 price_ratio"),
    "over 1": (["--set", "price_ratio=1.5"], NO_WEIGHT.format("price_ratio=1.5"), "现为 price_ratio=1.5"),
    "percent": (["--set", "price_ratio=150%"], NO_WEIGHT.format("price_ratio=150%"), "现为 price_ratio=150%"),
    "below 0": (["--set", "price_ratio=-0.1"], NO_WEIGHT.format("price_ratio=-0.1"), "现为 price_ratio=-0.1"),
    "not a number": (["--set", "price_ratio=nan"], NO_WEIGHT.format("price_ratio=nan"), "现为 price_ratio=nan"),
    "together over 1": (["--set", "price_ratio=0.7", "--set", "on_time=0.5"], "The weights add up to 1.2000; they must add up to 1.", "权重合计为 1.2000"),
    "nothing left beside policy": (["--set", "defect_rate=0.95"], "The weights named add up to 0.9500 and the policy criteria that are not named keep 0.0900 (credentials, dispute_rate, open_risks), together more than 1.", "列出的权重合计 0.9500，未列出的政策性指标（credentials, dispute_rate, open_risks）保留 0.0900"),
    "named twice": (["--set", "on_time=0.1", "--set", "on_time=0.3"], "--set names on_time twice; name it once", "--set 重复列出了 on_time"),
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
        text="entry 2 is in force from 2026-11, and what stands in the ledger is not rewritten",
        text_zh="第 2 条已自 2026-11 起生效",
    )  # fmt: skip


def test_an_override_writes_the_proposal_that_it_stands_against(decide, ledger):
    """And says so; in a month whose month before is not over there is none, and nothing is said of any."""
    assert decide("override", "2026-11", "--set", "on_time=0.2", *WHO)[0] == 0
    proposal, own = read_ledger(ledger).entries
    assert (proposal.kind, proposal.month) == ("proposal", "2026-10")
    assert own.content == {"proposal": proposal.hash, "proposed": proposal.weights}
    assert decide("override", "2026-12", "--set", "on_time=0.3", *WHO)[0] == 0
    assert [entry.kind for entry in read_ledger(ledger).entries] == ["proposal", "override", "override"]
    for month, en, zh in [("2026-11", "against the proposal", "否决提案"), ("2026-12", "set by 李明 on 2026-11-05, in force", "李明 于 2026-11-05 自行设定")]:  # fmt: skip
        found = weights_in(rules_in_force(SOURCE, month), read_ledger(ledger))
        assert en in worded(found.explained(), "en") and zh in worded(found.explained(), "zh")
        assert ("against" in worded(found.explained(), "en")) == (month == "2026-11")


def test_without_worths_kept_an_override_has_no_proposal_to_stand_against(decide, ledger, company):
    shutil.rmtree(company("2026-10").processed_dir)
    assert decide("override", "2026-11", "--set", "on_time=0.2", *WHO)[0] == 0
    (entry,) = read_ledger(ledger).entries
    assert entry.kind == "override" and entry.content == {}


# --- the months that were reviewed


def reviewed(company, *months):
    """These months have been reviewed: their ratings are kept."""
    for month in months:
        company(month).store.keep_first(
            "forecasts_ratings", pd.DataFrame({"supplier": ["a"], "rank": [1], "month": month})
        )


WRONG_MONTH = {
    "far away": (["2026-10"], "2999-01", "2026-10 is the newest month that has been reviewed. Choose 2026-11, or 2026-12 at the latest.", "最新已评审的月份是 2026-10。请选择 2026-11，最晚 2026-12。"),
    "one too late": (["2026-09", "2026-10"], "2027-01", "Weights for 2027-01 cannot be set yet", "暂不能设定 2027-01 的权重"),
    "reviewed": (["2026-03", "2026-10"], "2026-10", "2026-10 has been reviewed already, and weights that stood in a review are not changed afterwards. Choose 2026-11, or", "2026-10 已有评审，评审所用的权重不可事后更改。请选择 2026-11，"),
    "before one reviewed": (["2026-10"], "2026-03", "Weights for 2026-03 cannot be set: 2026-10 has been reviewed already", "无法设定 2026-03 的权重：2026-10 已有评审"),
    "none reviewed": ([], "2027-01", "Weights for 2027-01 cannot be set yet: no month has been reviewed. Choose 2026-12 at the latest.", "尚无已评审的月份。最晚请选择 2026-12。"),
}  # fmt: skip


@pytest.mark.parametrize(("months", "since", "text", "text_zh"), WRONG_MONTH.values(), ids=WRONG_MONTH.keys())
def test_an_override_begins_soon_after_the_last_review(decide, ledger, company, months, since, text, text_zh):
    reviewed(company, *months)
    refused(decide, ledger, "override", since, "--set", "on_time=0.2", *WHO, text=text, text_zh=text_zh)
    assert not ledger.exists()


@pytest.mark.parametrize(("months", "since"), [(["2026-10"], "2026-11"), (["2026-10"], "2026-12"), ([], "2026-12"), ([], "2026-03")])  # fmt: skip
def test_the_months_in_which_an_override_may_begin(decide, ledger, company, months, since):
    reviewed(company, *months)
    assert decide("override", since, "--set", "on_time=0.2", *WHO)[0] == 0
    assert standing(ledger, since)["on_time"] == 0.2


def test_a_proposal_before_a_month_that_was_reviewed_comes_too_late(decide, ledger, company):
    """Approved, it would change the weights that the October review stands on."""
    reviewed(company, "2026-09", "2026-10")
    refused(
        decide, ledger, "approve", "2026-09", *WHO,
        text="2026-10 has been reviewed with the weights that stood then. Approve the proposal of 2026-10.",
        text_zh="2026-10 的评审已按当时的权重完成。请批准 2026-10 的提案。",
    )  # fmt: skip
    assert decide("approve", "2026-10", *WHO)[0] == 0


@pytest.fixture(scope="module")
def published(place):
    """The table of what October's outcomes propose, as its review publishes it."""
    review = open_month(SOURCE, "2026-10", place / "raw", place / "processed")
    worths, nothing_decided = review.store.kept("forecasts_worths"), Ledger(place / "none.jsonl", ())
    learnt = learn_weights(review.load().tables, worths, review.as_of, review.rules, nothing_decided)
    return proposal_table(learnt.proposal)


OTHER = {
    "a weight": lambda table: table.assign(weight=table["weight"] + 1e-6),
    "a criterion": lambda table: table.replace({"criterion": {"on_time": "charm"}}),
    "no proposal": lambda table: table.iloc[:0],
}


@pytest.mark.parametrize("change", OTHER.values(), ids=OTHER.keys())
def test_what_the_review_did_not_publish_is_not_approved(decide, ledger, company, published, change):
    company("2026-10").store.write("weights_proposed", change(published))
    refused(
        decide, ledger, "approve", "2026-10", *WHO,
        text="The review of 2026-10 proposed other weights than its files give now; make the review again.",
        text_zh="2026-10 的评审所提议的权重与现有文件得出的不同",
    )  # fmt: skip
    assert not ledger.exists()


def test_what_the_review_published_is_approved_and_nothing_else_is_overridden(decide, ledger, company, published):
    company("2026-10").store.write("weights_proposed", published)
    assert decide("approve", "2026-10", *WHO)[0] == 0
    assert standing(ledger, "2026-11") == published.set_index("criterion")["weight"].to_dict()
    ledger.unlink()
    company("2026-10").store.write("weights_proposed", published.iloc[:0])
    assert decide("override", "2026-11", "--set", "on_time=0.2", *WHO)[0] == 0
    assert [entry.kind for entry in read_ledger(ledger).entries] == ["override"]


# --- a ledger that reviews have recorded


def record(review):
    """The provenance that a published review leaves."""
    review.report_folder.mkdir(parents=True, exist_ok=True)
    (review.report_folder / FILE).write_text(json.dumps(provenance_facts(review)), encoding="utf-8")


@pytest.mark.parametrize("way", ["missing", "written anew"])
def test_a_ledger_that_is_not_the_one_reviewed_is_refused(decide, ledger, company, way):
    """Every hash of the new ledger is right; the entry that October's review recorded is not in it."""
    assert decide("approve", "2026-09", *WHO)[0] == 0
    record(company("2026-10"))
    seal = read_ledger(ledger).seal
    ledger.unlink()
    if way == "written anew":
        there = company("2026-10")
        shutil.move(there.output_dir, away := there.output_dir.with_name("away"))
        assert decide("approve", "2026-09", "--by", "Wang", "--why", "agreed")[0] == 0
        shutil.move(away, there.output_dir)
    for words in (["approve", "2026-10"], ["override", "2026-11", "--set", "on_time=0.2"]):
        refused(
            decide, ledger, *words, *WHO,
            text=f"is not the one that the review of 2026-10 recorded: its entry 2 ({seal[:12]}) is missing.",
            text_zh=f"与 2026-10 评审所记录的不符：缺少第 2 条（{seal[:12]}）",
        )  # fmt: skip
    with pytest.raises(sealed_ledger.LedgerError, match="review of 2026-10 recorded"):
        provenance_facts(company("2026-11"))  # what every review begins with
    assert provenance_facts(company("2026-08"))  # made before anything was recorded


def test_a_ledger_that_grew_since_the_review_is_the_same_ledger(decide, ledger, company):
    assert "weights_ledger_seal" not in provenance_facts(company("2026-08"))
    assert decide("approve", "2026-09", *WHO)[0] == 0
    facts = provenance_facts(company("2026-10"))
    assert (facts["weights_ledger_entries"], facts["weights_ledger_seal"]) == (2, read_ledger(ledger).seal)
    for name, en, zh in [
        ("entries", "entries in", "权重台账条数"),
        ("seal", "seal of", "权重台账封签"),
    ]:  # as the report prints them
        told = [Words(language).name_of(f"weights_ledger_{name}") for language in LANGUAGES]
        assert told == [f"{en} the weights ledger", zh]
    record(company("2026-10"))
    assert decide("approve", "2026-10", *WHO)[0] == 0
    assert provenance_facts(company("2026-11"))["weights_ledger_entries"] == 4


def test_a_provenance_that_records_no_ledger_stops_nobody(ledger, company):
    company("2026-09").report_folder.mkdir(parents=True)
    for text in ("{", "[]", "{}"):
        (company("2026-09").report_folder / FILE).write_text(text)
        assert check_ledger(company("2026-10")).entries == ()


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


# --- rules that are wrong


WRONG_RULES = {
    "moves away from the target": ({"most_a_criterion": -0.05}, "says most_a_criterion = -0.05; allowed is a number above 0 and at most 1.", "most_a_criterion = -0.05"),
    "no cap": ({"most_a_criterion": 5}, "says most_a_criterion = 5; allowed is a number above 0 and at most 1.", "most_a_criterion = 5"),
    "no cap in all": ({"most_in_all": 1.5}, "says most_in_all = 1.5; allowed is a number above 0 and at most 1.", "most_in_all = 1.5"),
    "below 0": ({"floor": -0.01}, "says floor = -0.01; allowed is a number from 0 to 1", "floor = -0.01"),
    "frozen": ({"floor": 0.5}, "The rule floor = 0.5 leaves the weights no room to move: 12 learned criteria share 0.91 of the weight. Write a floor below 0.0758.", "floor 应小于 0.0758"),
    "missing": ({"floor": None}, "In rules.toml the entry of [[weights]] in force in 2026-10 does not say floor.", "[[weights]] 一条没有写明 floor"),
}  # fmt: skip


@pytest.mark.parametrize(("changed", "text", "text_zh"), WRONG_RULES.values(), ids=WRONG_RULES.keys())
def test_rules_for_moving_weights_that_are_wrong_are_named(decide, ledger, monkeypatch, changed, text, text_zh):
    rules = rules_in_force(SOURCE, "2026-10")
    wrong = house.changed(rules, "weights", **changed)
    monkeypatch.setattr("analysis.month.rules_in_force", lambda *_: wrong)
    refused(decide, ledger, "approve", "2026-10", *WHO, text=text, text_zh=text_zh)


def test_policy_criteria_as_one_text_are_not_taken_for_none(decide, ledger, monkeypatch):
    rules = rules_in_force(SOURCE, "2026-11")
    wrong = house.changed(rules, "weights", policy="open_risks")
    monkeypatch.setattr("analysis.month.rules_in_force", lambda *_: wrong)
    refused(
        decide, ledger, "override", "2026-11", "--set", "on_time=0.2", *WHO,
        text="says policy = 'open_risks'; allowed is a list in brackets", text_zh="policy = 'open_risks'",
    )  # fmt: skip


def test_every_fact_of_the_provenance_page_has_a_name_in_both_languages(decide, company):
    assert decide("override", "2026-11", "--set", "defect_rate=0.3", *WHO)[0] == 0
    printed = set(provenance_facts(company("2026-11"))) - {"input_bytes"}
    assert {"kept_forecasts", "weights_ledger_seal"} <= printed
    assert {f"report.name_{name}" for name in printed} <= set(catalogue())
