import hashlib
import io
import json
import re
import shutil
from pathlib import Path

import pandas as pd
import pytest
from small_review import NOTEBOOKS, ORDERS, make, write_company, write_notebook

from analysis.errors import AnalysisError
from analysis.review.execution import NotebookError, declared_parameters
from analysis.review.kernels import Kernels
from analysis.review.notebooks import (
    Notebook,
    ParameterError,
    as_type_of,
    check_settings,
    effective_parameters,
    find_notebooks,
)
from analysis.review.progress import Progress
from analysis.review.provenance import files_below, git_state, notebook_sha256
from analysis.review.publication_checks import GateError
from analysis.review.publish import staging


@pytest.fixture(scope="module")
def published(tmp_path_factory, kernels):
    """The reports of one review, to be looked at."""
    folders = write_company(tmp_path_factory.mktemp("published"))
    return make(folders, kernels, settings=["level=0.5"], seed=11)


def _hashes(*folders: Path) -> dict[str, str]:
    return {
        str(path): hashlib.sha256(path.read_bytes()).hexdigest()
        for folder in folders
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.startswith(".")
    }


def test_review_is_published_whole(published):
    assert published.parts[-3:] == ("reports", "acme", "2026-10")
    assert {path.name for path in published.iterdir()} == {
        "notebooks", "provenance.json", "review.en.pdf", "review.html", "review.xlsx", "review.zh.pdf",
    }  # fmt: skip
    assert sorted(path.name for path in (published / "notebooks").iterdir()) == sorted(
        f"{name}.{kind}" for name in NOTEBOOKS for kind in ("ipynb", "html")
    )
    rates = pd.read_parquet(published.parents[2] / "processed" / "acme" / "2026-10" / "defect_rates.parquet")
    assert rates["supplier"].tolist() == ["Ada", "Bao", "Chen"]
    assert rates["defect_rate"].tolist() == [0.5] * 3


def test_two_runs_give_the_same_bytes(review, folders):
    review()
    outputs = [folders["output_dir"], folders["processed_dir"]]
    first = _hashes(*outputs)
    for folder in outputs:
        shutil.rmtree(folder)
    elsewhere = {"TZ": "Pacific/Kiritimati", "LC_ALL": "de_DE.UTF-8", "LANG": "zh_CN.UTF-8"}
    with pytest.MonkeyPatch.context() as patch:
        for name, value in elsewhere.items():
            patch.setenv(name, value)
        with Kernels() as other:
            make(folders, other)
    assert _hashes(*outputs) == first, "in another zone and locale too"


def test_ordinary_kernels_make_the_same_tables(published, folders):
    with Kernels(fork=False) as ordinary:
        made = make(folders, ordinary, settings=["level=0.5"], seed=11)
    own, forked = (json.loads((folder / "provenance.json").read_text())["outputs"] for folder in (made, published))
    assert {name: own[name] for name in own if name.startswith("processed/")} == {
        name: forked[name] for name in forked if name.startswith("processed/")
    }


def test_provenance_tells_all_and_nothing_of_the_machine(published):
    text = (published / "provenance.json").read_text(encoding="utf-8")
    facts = json.loads(text)
    assert facts["inputs"] == {"orders.csv": hashlib.sha256(ORDERS.encode()).hexdigest()}
    assert facts["input_bytes"] == {"orders.csv": len(ORDERS.encode())}
    assert facts["parameters"]["level"] == 0.5
    assert facts["seed"] == facts["parameters"]["seed"] == 11
    assert facts["as_of"] == "2026-10-31"
    pdf = hashlib.sha256((published / "review.en.pdf").read_bytes()).hexdigest()
    assert facts["outputs"]["reports/review.en.pdf"] == pdf
    assert "processed/orders.parquet" in facts["outputs"]
    assert str(published.parents[2]) not in text
    printed = (published / "notebooks" / "07_monthly_review.ipynb").read_text(encoding="utf-8")
    assert facts["inputs"]["orders.csv"] in printed, "the report can print the hashes of its inputs"


def test_executed_notebooks_carry_no_clock_and_no_staging(published):
    for path in (published / "notebooks").glob("*.ipynb"):
        text = path.read_text(encoding="utf-8")
        assert "papermill" not in json.loads(text)["metadata"]
        assert not re.search(r"start_time|iopub|duration|\.staging|/tmp/review-", text)


def test_pages_ask_no_network(published):
    for path in (published / "notebooks").glob("*.html"):
        page = path.read_text(encoding="utf-8")
        assert not re.search(r"<(script|link|img)[^>]+(src|href)=\"(https?:)?//", page)
        assert 'import("http' not in page


def test_failure_leaves_the_last_good_review(review, folders):
    review()
    outputs = [folders["output_dir"], folders["processed_dir"]]
    before = _hashes(*outputs)
    write_notebook(folders["notebooks"] / "02_rates.ipynb", [*NOTEBOOKS["02_rates"], "1 / 0"])
    with pytest.raises(NotebookError) as caught:
        review()
    assert caught.value.text("en") == "02_rates.ipynb, cell 4: ZeroDivisionError"
    assert _hashes(*outputs) == before
    assert not staging(folders["output_dir"] / "acme" / "2026-10").exists()


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ('review.store.read("scorecards")', {"en": "02_rates.ipynb, cell 4: There is no table 'scorecards'", "zh": "02_rates.ipynb 第 4 个单元格：acme 2026-10 还没有数据表"}),
        ('open_month(source, "2026-13")', {"en": "'2026-13' is not a month; write it like 2026-10.", "zh": "“2026-13”不是月份"}),
        ("import os; os._exit(3)", {"en": "02_rates.ipynb, cell 4: the process that ran it was ended"}),
        ("assert level > 1", {"en": "02_rates.ipynb, cell 4: AssertionError"}),
        ("this is no code", {"en": "02_rates.ipynb, cell 4: SyntaxError"}),
    ],
)  # fmt: skip
def test_cause_is_told_in_the_readers_language(review, folders, cell, words):
    write_notebook(folders["notebooks"] / "02_rates.ipynb", [*NOTEBOOKS["02_rates"], cell])
    with pytest.raises(NotebookError) as caught:
        review()
    for language, text in words.items():
        assert caught.value.text(language).startswith(text)
    assert not (folders["output_dir"] / "acme" / "2026-10").exists()


def test_impossible_numbers_are_not_published(review, folders):
    with pytest.raises(GateError, match="defect_rate has 3 values outside 0 to 1"):
        review(settings=["level=1.5"])
    assert not (folders["output_dir"] / "acme" / "2026-10").exists()
    assert not (folders["processed_dir"] / "acme" / "2026-10").exists()


def test_input_saved_during_the_run_is_not_published(review, folders):
    spoil = f"from pathlib import Path\nPath({str(folders['data_dir'])!r}, 'acme', 'orders.csv').write_text('x')"
    write_notebook(folders["notebooks"] / "02_rates.ipynb", [*NOTEBOOKS["02_rates"], spoil])
    with pytest.raises(AnalysisError, match=r"orders\.csv changed while the review ran"):
        review()


def test_unknown_source_stops_before_anything_runs(review, folders):
    with pytest.raises(AnalysisError, match="Did you mean: acme"):
        review(source="acne")
    assert not folders["output_dir"].exists()


def test_folder_without_notebooks_is_told(review, tmp_path):
    with pytest.raises(AnalysisError, match="no notebooks"):
        review(notebooks=tmp_path)


def test_text_that_is_no_notebook_is_told(review, folders):
    (folders["notebooks"] / "03_broken.ipynb").write_text("not json")
    with pytest.raises(AnalysisError, match=r"03_broken\.ipynb cannot be read"):
        review()


# ---- parameters ----


def test_declared_parameters_are_found(folders):
    assert declared_parameters(folders["notebooks"] / "02_rates.ipynb")["level"] == "0.25"
    assert [notebook.title for notebook in find_notebooks(folders["notebooks"])] == [
        "01 load",
        "02 rates",
        "07 monthly review",
    ]


@pytest.mark.parametrize(
    ("default", "text", "value"),
    [
        (0.25, "0.5", 0.5), (0.25, "1", 1.0), (7, "12", 12), ("x", "12", "12"), ("x", "a=b", "a=b"),
        (False, "yes", True), (True, "FALSE", False), ([1, 2], "[3]", [3]), (None, "3", 3), (None, "sea", "sea"),
    ],
)  # fmt: skip
def test_setting_takes_the_type_of_its_default(default, text, value):
    made = as_type_of(default, "name", text)
    assert made == value
    assert type(made) is type(value)


@pytest.mark.parametrize(
    ("default", "text"),
    [(7, "0.5"), (7, "many"), (0.25, "half"), (0.25, "nan"), (0.25, "inf"), (False, "perhaps"), ([1], "2")],
)
def test_setting_of_another_type_is_refused(default, text):
    with pytest.raises(ParameterError, match=f"--set name={re.escape(text)}: a value of type {type(default).__name__}"):
        as_type_of(default, "name", text)


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ("levle=0.5", "Did you mean: level"),
        ("level", "--set name=value"),
        ("=3", "--set name=value"),
        ("month=2026-09", "given by the command itself"),
    ],
)
def test_settings_that_no_notebook_understands_are_refused(setting, words):
    notebooks = [Notebook(Path("02_rates.ipynb"), {"level": 0.25, "month": "2026-10"})]
    with pytest.raises(ParameterError, match=words):
        check_settings([setting], notebooks)


def test_parameters_of_two_notebooks_that_differ_are_told_apart():
    notebooks = [
        Notebook(Path("02.ipynb"), {"level": 0.9, "seed": 1}),
        Notebook(Path("03.ipynb"), {"level": 0.8, "seed": 1, "data_dir": "d"}),
    ]
    assert effective_parameters(notebooks, {}) == {"02.level": 0.9, "03.level": 0.8, "seed": 1}
    assert effective_parameters(notebooks, {"level": 0.5}) == {"level": 0.5, "seed": 1}


# ---- provenance ----


def test_running_a_notebook_by_hand_does_not_change_its_hash(tmp_path):
    path = tmp_path / "a.ipynb"
    write_notebook(path, NOTEBOOKS["01_load"])
    before = notebook_sha256(path)
    notebook = json.loads(path.read_text())
    notebook["cells"][1]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "x"}]
    notebook["cells"][1]["execution_count"] = 3
    path.write_text(json.dumps(notebook))
    assert notebook_sha256(path) == before
    write_notebook(path, [*NOTEBOOKS["01_load"], "1"])
    assert notebook_sha256(path) != before


def test_project_without_git_has_no_revision(tmp_path):
    assert git_state(tmp_path) == {"git_revision": None, "uncommitted_changes": None}


def test_hidden_and_lock_files_are_no_input(tmp_path):
    for name in ("orders.csv", ".DS_Store", "~$ledger.xlsx", "1688/2026-10.xlsx", ".git/config", "_old/x.csv"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("")
    assert [path.name for path in files_below(tmp_path)] == ["2026-10.xlsx", "orders.csv"]


# ---- progress ----


class _Terminal(io.StringIO):
    def isatty(self):
        return True


def test_log_gets_one_plain_line_a_notebook():
    log = io.StringIO()
    progress = Progress(stream=log)
    progress.start(2, 5, "02 defect rates")
    progress.cell(1, 3)
    progress.done()
    assert re.fullmatch(r"\[2/5\] 02 defect rates \.\.\. \d+\.\d s\n", log.getvalue())


def test_terminal_sees_the_cell_and_the_line_is_cleared():
    terminal = _Terminal()
    progress = Progress("zh", stream=terminal)
    progress.start(2, 5, "02 defect rates")
    progress.cell(1, 3)
    progress._draw()
    progress.done()
    assert "[2/5] 02 defect rates 单元格 1/3" in terminal.getvalue()
    assert terminal.getvalue().rsplit("\x1b[K", 1)[1].startswith("[2/5] 02 defect rates ... ")
