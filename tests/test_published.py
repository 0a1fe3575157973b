"""What was published stays told: a month is not overwritten in silence, and two reviews are compared with their causes."""

import json

import pandas as pd
import pytest
from small_review import NOTEBOOKS, write_notebook

from analysis.cli import main
from analysis.review.differences import Apart, Cause, PublishedError, apart_by_key, causes, rows_apart
from analysis.review.make import DraftError
from analysis.wording import say


def compare(folders, *words):
    places = [f"--{name.replace('_', '-')}={folder}" for name, folder in folders.items()]
    return main(["compare", *words, "--source", "acme", "--lang", "en", *places])


def rates(folders):
    return pd.read_parquet(folders["processed_dir"] / "acme" / "2026-10" / "defect_rates.parquet")["defect_rate"]


def test_the_same_month_again_is_no_overwriting(review):
    assert review() == review()


def test_another_result_of_a_published_month_is_refused_until_replaced(review, folders):
    review()
    with pytest.raises(PublishedError) as caught:
        review(settings=["level=0.5"])
    assert "acme 2026-10 was published and would now say something else: parameters: level 0.25 -> 0.5." in str(caught.value)  # fmt: skip
    assert "参数：level 0.25 -> 0.5" in caught.value.text("zh") and "--replace" in caught.value.text("zh")
    assert rates(folders).tolist() == [0.25] * 3, "the published review stands"
    review(settings=["level=0.5"], replace=True)
    assert rates(folders).tolist() == [0.5] * 3


def test_rows_of_later_months_are_another_account_of_the_files_and_no_other_result(review, folders):
    account = "review.store.write('accounting', pd.DataFrame({'rows_in': [4], 'quarantined': [0], 'later': [LATER]}))"
    for later in ("0", "7"):
        cells = [*NOTEBOOKS["01_load"], account.replace("LATER", later)]
        write_notebook(folders["notebooks"] / "01_load.ipynb", cells)
        review()
    made = folders["processed_dir"] / "acme" / "2026-10" / "accounting.parquet"
    assert pd.read_parquet(made)["later"].tolist() == [7]


def test_a_published_record_that_somebody_spoilt_is_not_overwritten_in_silence(review):
    place = review()
    (place / "provenance.json").write_text("spoilt", encoding="utf-8")
    with pytest.raises(PublishedError):
        review()


def test_compare_names_each_cause_and_counts_rows(review, folders, capsys):
    review()
    assert compare(folders, "2026-10") == 0
    assert "The same in every table." in capsys.readouterr().out
    orders = folders["data_dir"] / "acme" / "orders.csv"
    orders.write_text(orders.read_text(encoding="utf-8") + "5,1,Dora,y,2026-10-05,,5,3.0,open\n", encoding="utf-8")
    assert compare(folders, "2026-10") == 1
    said = capsys.readouterr().out
    assert "They differ, all of it for one cause:\n  rows entered or changed in orders.csv\n" in said
    assert "Grades: 3 B -> 4 B\n  Dora: - -> B (rank 4)\n" in said
    assert "  orders: rows 0 gone, 1 new, 0 changed" in said
    lines = orders.read_text(encoding="utf-8").splitlines()
    orders.write_text("\n".join([*lines[:1], *lines[2:-1], ""]), encoding="utf-8")
    assert compare(folders, "2026-10") == 1
    assert "  orders: rows 1 gone, 0 new, 0 changed; gone: 1 1" in capsys.readouterr().out, "a lost line is named"
    orders.write_text("\n".join([*lines, ""]), encoding="utf-8")
    assert compare(folders, "2026-10", "--set", "level=0.5") == 1
    said = capsys.readouterr().out
    assert "by these causes together:" in said and "  parameters: level 0.25 -> 0.5" in said
    assert rates(folders).tolist() == [0.25] * 3, "nothing was published"


def test_compare_of_two_months_and_of_one_never_published(review, folders, capsys):
    review()
    review(month="2026-09")
    assert compare(folders, "2026-09", "2026-10") == 1
    assert "what happened in between (2026-09-30 -> 2026-10-31)" in capsys.readouterr().out
    assert compare(folders, "2026-10", "2026-10") == 0
    assert compare(folders, "2026-08", "2026-10") == 2
    assert "acme 2026-08 was never published" in capsys.readouterr().err


def test_causes_by_hand():
    before = {
        "as_of": "2026-10-31", "inputs": {"a.csv": "1", "b.csv": "1"}, "rules": {"rules.toml": "1"},
        "rules_in_force": {"grades": "2000-01", "limits": "2000-01"},
        "parameters": {"seed": 1}, "code_sha256": "1", "git_revision": "abc", "notebooks": {"01.ipynb": "1"},
    }  # fmt: skip
    now = {
        "as_of": "2026-10-31", "inputs": {"a.csv": "2", "c.csv": "1"}, "rules": {"rules.toml": "2", "weights/x.jsonl": "1"},
        "rules_in_force": {"grades": "2026-10", "limits": "2000-01"},
        "parameters": {"seed": 2}, "code_sha256": "2", "git_revision": "abd", "notebooks": {"01.ipynb": "2"},
    }  # fmt: skip
    assert causes(before, now) == [
        Cause("inputs_new", ("c.csv",)), Cause("inputs_changed", ("a.csv",)), Cause("inputs_gone", ("b.csv",)),
        Cause("rules", ("rules.toml", "[[grades]]")), Cause("weights", ("weights/x.jsonl",)), Cause("parameters", ("seed 1 -> 2",)),
        Cause("code", ("src abc -> abd", "01.ipynb")),
    ]  # fmt: skip
    assert causes(before, before) == [Cause("not_recorded", ())]
    assert all(cause.text(language) for cause in causes(before, now) for language in ("en", "zh"))


def test_rows_apart_by_hand():
    before = pd.DataFrame({"a": [1, 1, 2], "b": ["x", "x", None]})
    now = pd.DataFrame({"a": [1, 2, 3], "b": ["x", "y", "z"]})
    assert rows_apart(before, now) == (2, 2)  # one of the twins and the row whose b was missing; 2y and 3z
    assert rows_apart(before, before.iloc[::-1]) == (0, 0)


def test_rows_are_compared_by_what_names_them():
    before = pd.DataFrame(
        {"order_id": ["1", "1", "2"], "line_no": [1, 2, 1], "quantity": [5.0, None, 7.0], "note": "x"}
    )
    now = pd.DataFrame({"line_no": [1, 1, 2], "order_id": ["3", "1", "1"], "quantity": [1.0, 6.0, None], "note": "x"})
    assert apart_by_key(before, now) == Apart(("2 1",), ("3 1",), 1), "two missing cells are alike"
    assert apart_by_key(before, before.iloc[::-1][["note", "line_no", "order_id", "quantity"]]) == Apart((), (), 0)
    wider = now.assign(freight=1.0)
    assert apart_by_key(now, wider).changed == 3, "a column that is new changes every row"
    twice = pd.DataFrame({"supplier": ["A", "A"], "rate": [1.0, 2.0]})
    assert apart_by_key(twice, twice.assign(rate=[1.0, 3.0])) == Apart(("",), ("",), 0, named=False)


# ---- drafts ----

FORECAST = """review.store.keep("forecasts_defects", pd.DataFrame({"mean": [1.0]}))"""


def refusing(folders, rows):
    """The small company's first notebook with an account in which `rows` of 20 rows were refused."""
    account = f"review.store.write('accounting', pd.DataFrame({{'rows_in': [20], 'quarantined': [{rows}]}}))"
    write_notebook(folders["notebooks"] / "01_load.ipynb", [*NOTEBOOKS["01_load"], account, FORECAST])


def test_a_draft_is_marked_fails_and_keeps_no_forecasts(review, folders):
    refusing(folders, 3)
    with pytest.raises(DraftError, match=r"only a DRAFT: 3 of 20 rows could not be used \(15\.0%\), more than 10%"):
        review()
    place = folders["output_dir"] / "acme" / "2026-10"
    told = json.loads((place / "provenance.json").read_text(encoding="utf-8"))
    assert (told["draft"], told["draft_allowed"]) == (True, False)
    kept = folders["processed_dir"] / "acme" / "2026-10" / "forecasts_defects.parquet"
    assert not kept.exists()
    refusing(folders, 2)  # 10 % is not above the limit
    review()  # takes the draft's place unasked
    assert "draft" not in json.loads((place / "provenance.json").read_text(encoding="utf-8"))
    assert kept.exists()


def test_a_draft_that_somebody_allows_is_a_review(review, folders):
    refusing(folders, 3)
    place = review(allow_draft=True)
    told = json.loads((place / "provenance.json").read_text(encoding="utf-8"))
    assert (told["draft"], told["draft_allowed"]) == (True, True)
    assert (folders["processed_dir"] / "acme" / "2026-10" / "forecasts_defects.parquet").exists()
    with pytest.raises(PublishedError):
        review(allow_draft=True, settings=["level=0.5"])


def test_a_draft_is_told_in_both_languages():
    told = {"source": "acme", "month": "2026-10", "refused": "3", "rows": "20", "share": "15.0%", "limit": "10%"}
    assert "草稿" in say("run.draft", "zh", **told) and "--allow-draft" in say("run.draft", "zh", **told)
