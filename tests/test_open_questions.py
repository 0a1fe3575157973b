"""Rows of a list of answers in which nobody has answered: open questions, not faulty answers."""

from __future__ import annotations

import pandas as pd
import pytest

from analysis.sources.load import load_source

HEAD = "supplier,SKU,询价日期,回复日期,最小起订量,价格下限,质保,结论\n"


def known(folder, *rows, day="2026-05-31"):
    (folder / "询价回复.csv").write_text(HEAD + "\n".join(rows), encoding="utf-8")
    return load_source(folder).known(pd.Timestamp(day))


@pytest.mark.parametrize("reply", ["", "未回复", "no reply"])
def test_a_row_without_any_answer_is_a_question_that_waits(tmp_path, reply):
    found = known(tmp_path, "Ming,cup,2026-05-03,2026-05-04,40,9.5,,", f"Quiet,cup,2026-05-06,{reply},,,,")
    assert found.tables["answers"]["supplier"].tolist() == ["Ming"] and found.quarantine.empty
    asked = found.tables["inquiries"]
    assert asked["supplier"].tolist() == ["Quiet"] and asked["replied_at"].isna().all()
    assert asked["asked_at"].tolist() == [pd.Timestamp("2026-05-06")] and asked["phase"].tolist() == ["pre-sale"]


def test_one_that_tells_something_or_was_asked_on_no_day_says_what_is_missing(tmp_path):
    found = known(
        tmp_path, "Told,cup,2026-05-03,,40,,,", "Blank,cup,,,,,,", "Later,cup,2026-05-20,2026-05-21,,,一年,可合作"
    )
    assert found.tables["answers"]["supplier"].tolist() == ["Later"] and found.tables["inquiries"].empty
    assert found.quarantine[["row", "column"]].to_numpy().tolist() == [[2, "answered_on"], [3, "asked_at"]]


def test_what_somebody_concluded_without_an_answer_is_not_lost(tmp_path):
    found = known(tmp_path, "Silent,cup,2026-05-03,,,,,不合适")
    assert found.tables["inquiries"].empty and found.quarantine["column"].tolist() == ["answered_on"]


def test_the_day_of_entry_stays_with_the_question(tmp_path):
    """Written down in June: nobody knew of it in May."""
    (tmp_path / "询价回复.csv").write_text(
        "supplier,SKU,询价日期,回复日期,录入日期\nQuiet,cup,2026-05-06,,2026-06-02\n", encoding="utf-8"
    )
    source = load_source(tmp_path)
    may, june = (source.known(pd.Timestamp(day)).tables["inquiries"] for day in ("2026-05-31", "2026-06-30"))
    assert may.empty and june["supplier"].tolist() == ["Quiet"]
