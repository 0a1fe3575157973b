import os
import signal
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.errors import AnalysisError
from analysis.review import publication_checks, publish
from analysis.review.publication_checks import GateError, check_report, check_table
from analysis.review.publish import journal, previous, recover, staged, staging


def _fill(folder: Path, text: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "a.txt").write_text(text)
    (folder / "b").mkdir(exist_ok=True)
    (folder / "b" / "c.txt").write_text(text)


def _contents(folder: Path) -> set[str]:
    """The texts of a folder's files; a whole review has one text in exactly two files."""
    texts = [path.read_text() for path in folder.rglob("*") if path.is_file()]
    return set(texts) if len(texts) == 2 else {"broken"}


def _left_over(parent: Path) -> list[str]:
    return [path.name for path in parent.iterdir() if path.name.startswith(".") and not path.name.endswith(".lock")]


@pytest.fixture
def folders(tmp_path):
    made = [tmp_path / "processed" / "acme" / "2026-10", tmp_path / "reports" / "acme" / "2026-10"]
    for folder in made:
        _fill(folder, "old")
    return made


@pytest.fixture(params=["exchange", "two renames"])
def moves(request, monkeypatch):
    """Both ways in which a folder takes another one's place."""
    if request.param == "two renames":
        monkeypatch.setattr(publish, "_exchange", lambda first, second: False)
    return request.param


def test_publishing_replaces_both_folders_whole(folders, moves):
    with staged(folders):
        for folder in folders:
            (staging(folder) / "only.txt").write_text("new")
        publish.publish(folders)
    for folder in folders:
        assert [path.name for path in folder.iterdir()] == ["only.txt"]
        assert _left_over(folder.parent) == []


def test_first_publication_needs_nothing_there(tmp_path, moves):
    folders = [tmp_path / "one" / "m", tmp_path / "two" / "m"]
    with staged(folders):
        for folder in folders:
            _fill(staging(folder), "new")
        publish.publish(folders)
    assert all(_contents(folder) == {"new"} for folder in folders)


def test_leaving_without_publishing_changes_nothing(folders):
    with pytest.raises(ZeroDivisionError), staged(folders):
        _fill(staging(folders[0]), "new")
        raise ZeroDivisionError
    for folder in folders:
        assert _contents(folder) == {"old"}
        assert _left_over(folder.parent) == []


@pytest.mark.parametrize("failing", range(1, 5))
def test_failing_move_is_undone(folders, moves, monkeypatch, failing):
    """The n-th rename fails as on a full or read-only disk; everything after it works again."""
    count = 0

    def rename(source, target):
        nonlocal count
        count += 1
        if count == failing:
            raise OSError("no space left")
        Path(source).rename(target)

    monkeypatch.setattr(publish, "_rename", rename)
    try:
        with staged(folders):
            for folder in folders:
                _fill(staging(folder), "new")
            publish.publish(folders)
    except OSError:
        assert all(_contents(folder) == {"old"} for folder in folders)
    else:
        assert count < failing
        assert all(_contents(folder) == {"new"} for folder in folders)
    assert all(_left_over(folder.parent) == [] for folder in folders)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.parametrize("way", ["exchange", "two renames"])
def test_killed_at_any_step_the_last_good_review_is_whole(tmp_path, way, monkeypatch, record_property):
    """Fork a child for each step, so that all steps cost one start of Python."""
    if way == "two renames":
        monkeypatch.setattr(publish, "_exchange", lambda first, second: False)
    survived: set[str] = set()
    for step in range(1, 60):
        folders = [tmp_path / str(step) / kind / "2026-10" for kind in ("processed", "reports")]
        for folder in folders:
            _fill(folder, "old")
        if not _dies_at(step, folders):
            break
        seen = [_contents(folder) for folder in folders if folder.exists()]
        assert all(contents in ({"old"}, {"new"}) for contents in seen), step
        if way == "exchange" and sys.platform.startswith("linux"):
            assert len(seen) == 2, "there is no instant without a review"
        with staged(folders):  # the next start
            pass
        after = [_contents(folder) for folder in folders]
        assert after in ([{"old"}, {"old"}], [{"new"}, {"new"}]), step
        assert not any(_left_over(folder.parent) for folder in folders)
        survived |= after[0]
    assert step > 10
    record_property("faults", step - 1)
    assert survived == {"old", "new"}


def _dies_at(step: int, folders: list[Path]) -> bool:
    """Publish in a forked process that kills itself before its `step`-th move; False when it ended before that."""
    pid = os.fork()
    if pid == 0:
        for name in ("_rename", "_exchange", "_remove", "_write_journal", "_move_in", "_clear"):
            setattr(publish, name, _deadly(getattr(publish, name), step))
        with staged(folders):
            for folder in folders:
                _fill(staging(folder), "new")
            publish.publish(folders)
        os._exit(0)
    return os.waitpid(pid, 0)[1] != 0


_moves_made = 0


def _deadly(move, step: int):
    def run(*arguments):
        global _moves_made
        _moves_made += 1
        if _moves_made == step:
            os.kill(os.getpid(), signal.SIGKILL)
        return move(*arguments)

    return run


def test_stale_staging_is_cleared_away(folders):
    _fill(staging(folders[0]), "half")
    with staged(folders) as (first, _):
        assert list(first.iterdir()) == []


def test_review_found_aside_is_put_back(folders):
    """As after a kill between two renames by a version that kept no journal."""
    folders[1].rename(previous(folders[1]))
    recover(folders)
    assert _contents(folders[1]) == {"old"}


def test_journal_of_moves_already_made_does_nothing(folders):
    with staged(folders):
        for folder in folders:
            _fill(staging(folder), "new")
        publish._write_journal(folders)
        text = journal(folders).read_text()
        publish.publish(folders)
    journal(folders).write_text(text)
    recover(folders)
    assert all(_contents(folder) == {"new"} for folder in folders)


def test_second_review_of_a_month_says_whom_it_waits_for_and_then_runs(folders):
    told: list[str] = []
    order: list[str] = []
    inside = threading.Event()

    def first():
        with staged(folders):
            inside.set()
            time.sleep(0.3)
            order.append("first")

    runner = threading.Thread(target=first)
    runner.start()
    inside.wait(5)
    with staged(folders, on_wait=told.append):
        order.append("second")
    runner.join()
    assert order == ["first", "second"]
    assert told[0] == str(os.getpid())


def test_impatient_review_names_the_holder(folders):
    told = f"Process {os.getpid()} has been reviewing"
    with staged(folders), pytest.raises(AnalysisError, match=told), staged(folders, patience=0.1):
        pass


# ---- gates ----


def _rates(**columns) -> pd.DataFrame:
    table = {
        "supplier": ["Ada", "Bao"],
        "sku": [None, None],
        "level": ["supplier", "supplier"],
        "defect_rate": [0.1, 0.2],
    }
    return pd.DataFrame({**table, "defect_rate_low": [0.05, 0.1], "defect_rate_high": [0.2, 0.3], **columns})


def test_sound_table_passes():
    assert check_table("defect_rates", _rates()) is not None


def test_missing_values_are_no_fault():
    check_table("defect_rates", _rates(defect_rate=[np.nan, 0.2], p_over_limit=pd.array([pd.NA, 1.0], dtype="Float64")))


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        (
            {"defect_rate": [0.1, 1.2], "defect_rate_high": [0.2, 1.3]},
            "defect_rate has 1 values outside 0 to 1, the first in row 2",
        ),
        ({"defect_rate_low": [0.15, 0.1]}, "1 intervals do not hold their defect_rate, the first in row 1"),
        ({"supplier": ["Ada", "Ada"]}, "has 1 duplicate rows by supplier, sku, level, the second in row 2"),
        ({"p_over_limit": [-0.1, 0.5]}, "p_over_limit has 1 values outside"),
    ],
)
def test_impossible_table_is_refused(columns, words):
    with pytest.raises(GateError, match=words):
        check_table("defect_rates", _rates(**columns))


def test_sku_rows_of_one_supplier_are_not_told_twice():
    check_table("defect_rates", _rates(supplier=["Ada", "Ada"], sku=["x", "y"], level=["supplier_sku"] * 2))


def test_weights_must_add_up_in_each_month():
    check_table("weights", pd.DataFrame({"month": "2026-10", "criterion": list("ab"), "weight": [0.3, 0.7]}))
    with pytest.raises(GateError, match="do not add up to 1"):
        check_table("weights", pd.DataFrame({"month": "2026-10", "criterion": list("ab"), "weight": [0.3, 0.6]}))


@pytest.mark.parametrize(
    ("name", "content"), [("a.pdf", b""), ("a.pdf", b"<html>"), ("a.xlsx", b"%PDF"), ("a.xlsx", None)]
)
def test_broken_report_is_refused(tmp_path, name, content):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(GateError, match=name):
        check_report(tmp_path / name)


def test_missing_and_broken_tables_are_refused(tmp_path):
    with pytest.raises(GateError, match=r"did not make orders\.parquet"):
        publication_checks.check_review(tmp_path, tmp_path, [], ["orders"])
    (tmp_path / "orders.parquet").write_bytes(b"PAR1 but not quite")
    with pytest.raises(GateError, match=r"orders\.parquet is empty or broken"):
        publication_checks.check_review(tmp_path, tmp_path, [], ["orders"])
