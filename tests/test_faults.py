"""What goes wrong beside the data: a file operation that fails, closed streams, small limits, a cell that never ends, files of the
user's own in a review's folder."""

import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from small_review import NOTEBOOKS, make, write_notebook

from analysis.cli import main
from analysis.errors import AnalysisError
from analysis.review import publish
from analysis.review.execution import NotebookError
from analysis.review.kernels import Kernels
from analysis.review.own_files import keep_own_files
from analysis.review.provenance import sha256
from analysis.review.publish import recover, staged, staging
from analysis.store import MonthStore
from analysis.wording import LANGUAGES

WATCHED = {
    "open",
    "os.rename",
    "os.mkdir",
    "os.remove",
    "os.rmdir",
    "os.scandir",
    "os.listdir",
    "shutil.rmtree",
    "os.truncate",
}
"""Operations on files that the interpreter tells of before it does them."""


class Failing:
    """Lets the n-th operation on a file below `folder` fail, once, as on a full or read-only disk."""

    def __init__(self):
        self.folder, self.left = None, 0
        sys.addaudithook(self)  # stays for good: idle unless armed

    def __call__(self, event, arguments):
        if self.left and event in WATCHED and arguments and str(arguments[0]).startswith(self.folder):
            self.left -= 1
            if not self.left:
                raise OSError(28, "No space left on device")


FAILING = Failing()


def fill(folder: Path, text: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("a.txt", "b.txt"):
        (folder / name).write_text(text)


def texts(folder: Path) -> set[str]:
    return {path.read_text() for path in folder.iterdir()} if folder.exists() else set()


@pytest.mark.parametrize("way", ["exchange", "two renames"])
def test_whichever_file_operation_of_publishing_fails_a_whole_review_stands(
    way, tmp_path, monkeypatch, record_property
):
    if way == "two renames":
        monkeypatch.setattr(publish, "_exchange", lambda first, second: False)
    survived = 0
    for step in range(1, 400):
        folders = [tmp_path / str(step) / kind / "2026-10" for kind in ("processed", "reports")]
        for folder in folders:
            fill(folder, "old")
        FAILING.folder, FAILING.left = str(tmp_path / str(step)), step
        try:
            with staged(folders):
                for folder in folders:
                    fill(staging(folder), "new")
                publish.publish(folders)
        except OSError:
            survived += 1
        done, FAILING.left = FAILING.left > 0, 0
        recover(folders)
        assert all(texts(folder) in ({"old"}, {"new"}) for folder in folders), step
        assert texts(folders[0]) == texts(folders[1]), step
        hidden = [path.name for folder in folders for path in folder.parent.iterdir() if path.name.startswith(".")]
        assert all(name.endswith((".lock", ".holder")) for name in hidden), (step, hidden)
        if done:
            break
    assert done and survived > 20
    record_property("faults", survived)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="limits of a forked process")
def test_a_disk_that_fills_while_a_review_is_written_leaves_the_last_one(tmp_path):
    folders = [tmp_path / kind / "2026-10" for kind in ("processed", "reports")]
    for folder in folders:
        fill(folder, "old")
    if (child := os.fork()) == 0:
        import resource

        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
        try:
            with staged(folders):
                fill(staging(folders[0]), "new")
                (staging(folders[1]) / "review.pdf").write_bytes(bytes(100_000))
                publish.publish(folders)
        except OSError:
            os._exit(7)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
    recover(folders)
    assert all(texts(folder) == {"old"} for folder in folders)
    hidden = [path.name for folder in folders for path in folder.parent.iterdir() if path.name.startswith(".")]
    assert all(name.endswith((".lock", ".holder")) for name in hidden), hidden


def test_a_clock_that_was_set_back_is_no_reason_to_keep_an_old_review_or_its_remnants(tmp_path):
    folders = [tmp_path / kind / "2026-10" for kind in ("processed", "reports")]
    for folder in folders:
        fill(folder, "old")
        fill(staging(folder), "of a review that was ended")
    ahead = pd.Timestamp("2100-01-01").timestamp()
    for path in tmp_path.rglob("*"):
        os.utime(path, (ahead, ahead))
    with staged(folders):
        for folder in folders:
            fill(staging(folder), "new")
        publish.publish(folders)
    assert all(texts(folder) == {"new"} for folder in folders)
    assert not [path for folder in folders for path in folder.parent.iterdir() if path == staging(folder)]


def test_a_month_that_is_a_link_stays_one_and_leaves_nothing_behind(tmp_path):
    fill(tmp_path / "elsewhere" / "kept", "old")
    folders = [tmp_path / "processed" / "m", tmp_path / "reports" / "m"]
    for folder in folders:
        folder.parent.mkdir()
    folders[1].symlink_to(tmp_path / "elsewhere" / "kept")
    with staged(folders) as places:
        for place in places:
            fill(place, "new")
        publish.publish(folders)
    assert folders[1].is_symlink() and texts(folders[1]) == texts(folders[0]) == {"new"}
    left = [path.name for parent in (tmp_path / "elsewhere", folders[1].parent) for path in parent.iterdir()]
    assert sorted(name for name in left if not name.endswith(".lock")) == ["kept", "m"]


def test_notes_and_changes_of_ones_own_are_kept(tmp_path):
    old, new = tmp_path / "old", tmp_path / "new"
    fill(old, "made")
    fill(new, "made anew")
    made = {"outputs": {f"reports/{name}": sha256(old / name) for name in ("a.txt", "b.txt")}}
    (old / "b.txt").write_text("by hand")
    (old / "notes").mkdir()
    (old / "notes" / "note.md").write_text("ask Li")
    assert list(keep_own_files(old, made, new)) == [("b.txt", "b.edited.txt")]
    kept = {path.relative_to(new).as_posix(): path.read_text() for path in new.rglob("*") if path.is_file()}
    assert kept == {"a.txt": "made anew", "b.txt": "made anew", "b.edited.txt": "by hand", "notes/note.md": "ask Li"}


def test_a_review_keeps_the_note_and_verify_tells_what_is_changed(review, folders, capsys):
    place = review()
    places = [f"--{name.replace('_', '-')}={folder}" for name, folder in folders.items() if name != "notebooks"]

    def verify() -> tuple[int, str]:
        return main(["verify", "2026-10", "--source", "acme", "--lang", "en", *places]), capsys.readouterr().out

    code, said = verify()
    assert code == 0 and "stands as it was made" in said
    (place / "note.md").write_text("ask Li")
    code, said = verify()
    assert code == 0 and "not of the review: reports/note.md" in said
    review()
    assert (place / "note.md").read_text() == "ask Li" and verify()[0] == 0
    orders = folders["data_dir"] / "acme" / "orders.csv"
    orders.write_text(orders.read_text() + "9,1,Ada,x,2026-09-02,2026-09-12,10,2.0,received\n")
    code, said = verify()
    assert code == 0 and "changed: orders.csv" in said, "the review stands, though it would not be made the same again"
    (place / "review.xlsx").write_bytes(b"PK other")
    (place / "review.en.pdf").unlink()
    code, said = verify()
    assert code == 1 and "changed: reports/review.xlsx" in said and "gone: reports/review.en.pdf" in said
    (place / "provenance.json").unlink()
    assert main(["verify", "2026-10", "--source", "acme", "--lang", "zh", *places]) == 1
    assert "尚未发布" in capsys.readouterr().err


def test_a_cell_that_never_ends_is_given_up_and_told(folders):
    cells = [*NOTEBOOKS["01_load"][:2], "import time\ntime.sleep(3600)"]
    write_notebook(folders["notebooks"] / "01_load.ipynb", cells)
    with Kernels(cell_minutes=0.1) as kernels, pytest.raises(NotebookError) as caught:
        make(folders, kernels)
    assert "01_load.ipynb, cell " in caught.value.text("en") and "longer than 0.1 minutes" in caught.value.text("en")
    assert "已中止" in caught.value.text("zh")
    assert not (folders["output_dir"] / "acme" / "2026-10").exists()


def test_a_kept_forecast_that_was_cut_off_is_named_with_what_to_do(tmp_path):
    pd.DataFrame({"supplier": ["a"], "rank": [1]}).to_parquet(tmp_path / "whole.parquet")
    (tmp_path / "2026-09").mkdir()
    cut = (tmp_path / "whole.parquet").read_bytes()[:-40]
    for content in (cut, b"", b"PAR1"):
        (tmp_path / "2026-09" / "forecasts_ratings.parquet").write_bytes(content)
        store = MonthStore("2026-10", tmp_path / "2026-10", tmp_path / "2026-10")
        with pytest.raises(
            AnalysisError, match=r"2026-09/forecasts_ratings\.parquet was cut off or is damaged: put it back"
        ):
            store.kept("forecasts_ratings")


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_streams_are_no_reason_to_fail(closed, tmp_path):
    command = f"{sys.executable} -m analysis template {tmp_path / 'ledger.xlsx'} {closed}"
    assert subprocess.run(["sh", "-c", command], capture_output=True, timeout=120).returncode == 0
    assert (tmp_path / "ledger.xlsx").stat().st_size > 5000


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="limits of Linux")
@pytest.mark.parametrize(
    ("limit", "says"),
    [
        ("ulimit -n 40", "40 files"),
        ("ulimit -v 900000", "921 MB"),
        ("ulimit -v 380000", "389 MB"),
        ("ulimit -v 200000", "204 MB"),
    ],
)
def test_limits_too_small_are_told_before_anything_runs(limit, says, tmp_path):
    done = subprocess.run(["sh", "-c", f"{limit}; {sys.executable} -m analysis review 2026-10 --source example --lang en"], capture_output=True, text=True, timeout=120)  # fmt: skip
    assert done.returncode == 1 and done.stderr.count("\n") == 1 and says in done.stderr, done.stderr


def test_the_limits_sentences_speak_both_languages():
    for key in ("run.few_handles", "run.little_memory"):
        assert len({AnalysisError(key, most=1, least=2).text(language) for language in LANGUAGES}) == 2
