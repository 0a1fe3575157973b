import os
import re
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest
from small_review import NOTEBOOKS, write_company, write_notebook

from analysis import __version__
from analysis.check_command import aligned
from analysis.cli import main
from analysis.typed import months, spoken_language

ENVIRONMENT = {**os.environ, "LC_ALL": "C.UTF-8"}
FOLDERS = ["--data-dir", "raw", "--processed-dir", "processed", "--output-dir", "reports", "--notebooks", "notebooks"]


@pytest.fixture
def company(tmp_path):
    write_company(tmp_path)
    return tmp_path


def _analysis(*words: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """The command in a fresh process, as a scheduler would run it."""
    command = [sys.executable, "-m", "analysis.cli", *words]
    return subprocess.run(
        command, cwd=folder, env={**ENVIRONMENT, **environment}, capture_output=True, text=True, timeout=60
    )


def _one_sentence(done: subprocess.CompletedProcess[str]) -> str:
    """The last line of standard error; there is no traceback above it."""
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    return done.stderr.strip().splitlines()[-1]


def test_the_package_runs_as_the_command(tmp_path):
    command = [sys.executable, "-m", "analysis", "review", "2026-13", "--source", "acme"]
    done = subprocess.run(command, cwd=tmp_path, env=ENVIRONMENT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 2 and "2026-13" in _one_sentence(done)


def test_review_of_a_range_from_the_callers_folder(company):
    done = _analysis("review", "2026-09..2026-10", "--source", "acme", *FOLDERS, "--set", "level=0.5", folder=company)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        f"acme {month}: {company / 'reports' / 'acme' / month}" for month in ("2026-09", "2026-10")
    ]
    plain = done.stderr.splitlines()
    assert [line.split(" ... ")[0] for line in plain if "..." in line] == [
        "[1/3] 01 load",
        "[2/3] 02 rates",
        "[3/3] 07 monthly review",
    ] * 2
    assert "\x1b" not in done.stderr
    assert (company / "reports" / "acme" / "2026-09" / "review.en.pdf").read_bytes().startswith(b"%PDF")


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (["2026-10", "--source", "acne"], 1, "There is no source 'acne' in"),
        (
            ["2026-10", "--source", "acme", "--data-dir", "nowhere"],
            1,
            "does not exist; name another one with --data-dir.",
        ),
        (
            ["2026-10", "--source", "acme", "--set", "levle=1"],
            2,
            "No notebook has a parameter 'levle'. Did you mean: level?",
        ),
        (["2026-10", "--source", "acme", "--set", "level=many"], 2, "a value of type float is needed, such as 0.25."),
        (["2026-13"], 2, "'2026-13' is not a month; write it like 2026-10."),
        (["2026-10..2026-01"], 2, "'2026-10..2026-01' is not a range of months"),
    ],
)
def test_wrong_review_is_told_in_one_sentence(company, capsys, monkeypatch, words, code, sentence):
    monkeypatch.chdir(company)
    monkeypatch.setenv("LC_ALL", "C")
    folders = [*FOLDERS[2:], *(FOLDERS[:2] if "--data-dir" not in words else [])]
    try:
        left = main(["review", *words, *folders])
    except SystemExit as exit:
        left = exit.code
    said = capsys.readouterr()
    assert left == code
    assert sentence in said.err
    assert "Traceback" not in said.err
    assert not (company / "reports").exists()


def test_failing_cell_exits_1_and_speaks_chinese(company):
    write_notebook(company / "notebooks" / "02_rates.ipynb", [*NOTEBOOKS["02_rates"], 'review.store.read("nothing")'])
    done = _analysis("review", "2026-10", "--source", "acme", *FOLDERS, folder=company, LC_ALL="zh_CN.UTF-8")
    assert done.returncode == 1
    assert _one_sentence(done).startswith("02_rates.ipynb 第 4 个单元格：acme 2026-10 还没有数据表")
    assert not (company / "reports" / "acme" / "2026-10").exists()


def test_debug_shows_the_cells_traceback(company):
    write_notebook(company / "notebooks" / "01_load.ipynb", [*NOTEBOOKS["01_load"], "1 / 0"])
    done = _analysis("review", "2026-10", "--source", "acme", *FOLDERS, "--debug", folder=company)
    assert done.returncode == 1
    assert "Traceback" in done.stderr
    assert "1 / 0" in done.stderr
    assert (
        done.stderr.strip()
        .splitlines()[-1]
        .startswith("01_load.ipynb, cell 4: ZeroDivisionError: Something went wrong")
    )


def _kernels_below(pid: int) -> list[int]:
    """The processes that a review has started, and those that they have."""
    found, generation = [], [pid]
    while generation:
        children = [int(child) for parent in generation for child in _children(parent)]
        found, generation = [*found, *children], children
    return found


def _children(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, -signal.SIGTERM)])
def test_interrupted_review_leaves_no_process_and_no_report(company, number, code):
    write_notebook(company / "notebooks" / "02_rates.ipynb", [*NOTEBOOKS["02_rates"], "import time; time.sleep(60)"])
    command = [sys.executable, "-m", "analysis.cli", "review", "2026-10", "--source", "acme", *FOLDERS]
    heard = partial(
        signal.signal, signal.SIGINT, signal.SIG_DFL
    )  # tests that run behind a shell are deaf to it, and so were what they start
    review = subprocess.Popen(
        command, cwd=company, env=ENVIRONMENT, stderr=subprocess.PIPE, text=True, preexec_fn=heard
    )
    assert review.stderr is not None
    assert "01 load" in review.stderr.readline()
    time.sleep(1)
    started = _kernels_below(review.pid)
    review.send_signal(number)
    said = review.communicate(timeout=30)[1]
    assert review.returncode == code
    assert "Traceback" not in said
    assert len(started) >= 2, "the server and a kernel were running"
    deadline = time.monotonic() + 5
    while any(Path(f"/proc/{pid}").exists() for pid in started) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(Path(f"/proc/{pid}").exists() for pid in started)
    assert not (company / "reports" / "acme" / "2026-10").exists()


def test_help_answers_at_once():
    """Argparse and the wording alone: nothing heavy is imported before a command runs."""
    heavy = "import sys; from analysis.cli import main\ntry: main(['--help'])\nexcept SystemExit: pass\nassert not {'numpy', 'pandas', 'jupyter_client'} & set(sys.modules)"
    done = subprocess.run([sys.executable, "-c", heavy], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "review" in done.stdout


def test_unexpected_exception_is_one_sentence(company, monkeypatch, capsys):
    monkeypatch.setattr("analysis.review.make.find_notebooks", lambda folder: [][0])
    arguments = ["review", "2026-10", "--source", "acme", "--lang", "en"]
    assert main(arguments) == 1
    said = capsys.readouterr().err
    assert (
        said.count("\n") == 1
        and "list index" not in said
        and "send the file" in said
        and f"version {__version__}" in said
    )
    log = Path(re.search(r"file (\S+\.log)", said)[1])
    assert "IndexError: list index out of range" in log.read_text(encoding="utf-8")
    assert main([*arguments[:-1], "zh"]) == 1
    assert "请把文件" in capsys.readouterr().err
    assert main([*arguments, "--debug"]) == 1
    assert "Traceback" in capsys.readouterr().err


def test_place_that_cannot_be_written_is_named(company, capsys, monkeypatch):
    (company / "reports").write_text("a file")
    monkeypatch.chdir(company)
    assert main(["review", "2026-10", "--source", "acme", *FOLDERS, "--lang", "en"]) == 1
    said = capsys.readouterr().err
    assert f"{company / 'reports'}" in said
    assert "cannot be read or written" in said


ORDERS = """order_id,line_no,supplier,sku,ordered_on,received_on,quantity,unit_price,status
1,1,Ada,x,2026-09-02,2026-09-12,10,2.0,received
2,1,Bao,x,2026-09-03,#####,20,1.5,received
3,1,Chen,y,2026-10-20,,-5,3.0,open
"""


def test_check_accounts_for_every_row_and_tells_the_bad_ones(tmp_path, capsys):
    (tmp_path / "orders.csv").write_text(ORDERS)
    assert main(["check", str(tmp_path / "orders.csv"), "--lang", "en"]) == 1
    said = capsys.readouterr()
    assert re.search(r"^orders.csv +orders +3 +1 +2 +0$", said.out, re.M), "3 rows in = 1 kept + 2 quarantined"
    assert "Rows that cannot be used (2)" in said.out
    assert re.search(r"^  3: received_on reads #####", said.out, re.M)
    assert re.search(r"^  4: quantity is negative: -5", said.out, re.M)
    assert "only a DRAFT: 1 of 2 rows could not be used (50.0%), more than 10%" in said.err


def test_check_of_a_file_that_cannot_be_read_exits_1_and_still_checks_the_rest(tmp_path, capsys):
    (tmp_path / "orders.csv").write_text(ORDERS)
    (tmp_path / "broken.xlsx").write_bytes(b"PK\x03\x04 cut off")
    files = [str(tmp_path / name) for name in ("orders.csv", "broken.xlsx", "missing.csv")]
    assert main(["check", *files, "--lang", "zh"]) == 1
    said = capsys.readouterr()
    assert "orders.csv" in said.out
    assert [name in line for name, line in zip(("broken.xlsx", "missing.csv"), said.err.splitlines(), strict=True)] == [
        True,
        True,
    ]


def test_check_of_a_folder_reads_it_as_the_source_that_it_is(tmp_path, capsys):
    folder = tmp_path / "mine"
    folder.mkdir()
    assert main(["check", str(folder), "--lang", "zh"]) == 1
    assert "没有数据文件" in capsys.readouterr().err
    (folder / "orders.csv").write_text(ORDERS)
    (folder / "inspections.csv").write_text("order_id,inspected_on,inspected,defective\n99,2026-09-30,5,0\n")
    assert main(["check", str(folder), "--lang", "en"]) == 1
    assert re.search(r"^inspections.csv +inspections +1 +0 +1 +0$", capsys.readouterr().out, re.M), "of no known order"


def test_check_of_headers_without_rows_does_not_praise_them(tmp_path, capsys):
    (tmp_path / "orders.csv").write_text(ORDERS.splitlines()[0] + "\n")
    assert main(["check", str(tmp_path / "orders.csv"), "--lang", "en"]) == 1
    said = capsys.readouterr().out
    assert "no row below them" in said and "Every row can be used" not in said


def test_columns_line_up_beside_chinese():
    lines = aligned([["文件", "行"], ["a.csv", "12"], ["采购台账", "3"]], right=1).splitlines()
    assert lines == ["文件      行", "a.csv     12", "采购台账   3"]


def test_template_never_overwrites(tmp_path, capsys):
    file = tmp_path / "new" / "台账.xlsx"
    assert main(["template", str(file), "--lang", "zh"]) == 0
    before = file.read_bytes()
    assert before.startswith(b"PK")
    assert main(["template", str(file), "--lang", "en"]) == 1
    assert "exists already" in capsys.readouterr().err
    assert file.read_bytes() == before


def test_simulate_refuses_a_folder_with_real_files(tmp_path, capsys):
    (tmp_path / "orders.csv").write_text(ORDERS)
    assert main(["simulate", str(tmp_path), "--rounds", "1", "--suppliers", "2", "--lang", "en"]) == 1
    assert "holds files that are not simulated" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["orders.csv"]


def test_simulate_twice_gives_the_same_files(tmp_path):
    asked = ["simulate", str(tmp_path / "made"), "--rounds", "1", "--suppliers", "3", "--seed", "5"]
    assert main(asked) == 0
    first = {path.name: path.read_bytes() for path in (tmp_path / "made").iterdir()}
    assert main(asked) == 0
    assert {path.name: path.read_bytes() for path in (tmp_path / "made").iterdir()} == first


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-10", ["2026-10"]),
        ("2025-11..2026-02", ["2025-11", "2025-12", "2026-01", "2026-02"]),
        ("2026-10..2026-10", ["2026-10"]),
    ],
)
def test_months_of_a_range(text, expected):
    assert months(text) == expected


@pytest.mark.parametrize(
    "text", ["2026-00", "2026-10..", "..2026-10", "2026-10..2026-09", "2026-10...2026-11", "202610", ""]
)
def test_what_is_no_range_is_refused(text):
    with pytest.raises(ValueError, match=r"^"):
        months(text)


@pytest.mark.parametrize(
    ("words", "environment", "language"),
    [
        ([], {}, "en"),
        ([], {"LANG": "zh_CN.UTF-8"}, "zh"),
        ([], {"LANG": "zh_CN.UTF-8", "LC_ALL": "C"}, "en"),
        (["review", "--lang", "zh"], {"LANG": "en_GB"}, "zh"),
        (["review", "--lang=en"], {"LANG": "zh_CN"}, "en"),
    ],
)
def test_language_of_messages(words, environment, language):
    assert spoken_language(words, environment) == language
