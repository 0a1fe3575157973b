"""Reviews of several sources at once: the same as one after the other, and nothing lost when a worker is killed."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest
from small_review import write_company

from analysis.cli import _told_review, main
from analysis.workers import finished, pool_of

MONTH = "2026-10"


def two_companies(folder: Path) -> list[str]:
    """Two sources below `folder`; the words that name its folders."""
    folders = write_company(folder)
    shutil.copytree(folder / "raw" / "acme", folder / "raw" / "beta")
    with (folder / "raw" / "beta" / "orders.csv").open("a", encoding="utf-8") as orders:
        orders.write("5,1,Dao,x,2026-09-07,2026-09-17,10,2.0,received\n")
    return [word for name, place in folders.items() for word in (f"--{name.replace('_', '-')}", str(place))]


def made(folder: Path) -> dict[str, dict[str, str]]:
    """The hashes of what each review published."""
    found = sorted((folder / "reports").glob("*/*/provenance.json"))
    return {
        f"{path.parts[-3]} {path.parts[-2]}": {
            name: sha for name, sha in json.loads(path.read_text(encoding="utf-8"))["outputs"].items() if "notebooks/" not in name
        }
        for path in found
    }  # fmt: skip


@pytest.fixture(scope="module")
def one_by_one(tmp_path_factory):
    """Both reviewed in this process, one after the other."""
    folder = tmp_path_factory.mktemp("one")
    words = two_companies(folder)
    assert main(["review", MONTH, "--source", "acme", "--source", "beta", *words]) == 0
    return made(folder)


def test_each_of_several_sources_is_reviewed(one_by_one):
    assert sorted(one_by_one) == ["acme 2026-10", "beta 2026-10"]
    assert one_by_one["acme 2026-10"] != one_by_one["beta 2026-10"]


def test_the_workers_asked_for_are_processes_of_this_machine():
    found = set(finished(own_process, [0, 1, 2], pool_of(2)))
    assert found and os.getpid() not in found and pool_of(1) is None


def own_process(_number: int) -> int:
    return os.getpid()


def fail_or_wait(number: int) -> int:
    if not number:
        raise ValueError("the first fails")
    time.sleep(0.3)
    return number


def test_what_has_not_begun_is_not_done_after_a_failure():
    begun = time.monotonic()
    with pytest.raises(ValueError, match="the first fails"):
        list(finished(fail_or_wait, list(range(60)), partial(ThreadPoolExecutor, 1)))
    assert time.monotonic() - begun < 6, "sixty would take eighteen seconds"


def review_or_die(options: argparse.Namespace) -> int:
    """The first to come publishes its month and is killed."""
    marker = options.output_dir / "died"
    if options.source == "beta" and not marker.exists():
        _told_review(options)
        marker.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return _told_review(options)


def test_two_at_once_with_a_worker_killed_give_the_same_bytes(one_by_one, tmp_path, capfd):
    two_companies(tmp_path)
    (tmp_path / "reports").mkdir()
    usual = {"lang": "en", "debug": False, "months": [MONTH], "settings": [], "seed": None, "keep_going": False,
             "replace": False, "allow_draft": False, "catch_up": False, "hand_over": False}  # fmt: skip
    folders = {"data_dir": "raw", "processed_dir": "processed", "output_dir": "reports", "notebooks": "notebooks"}
    folders = {name: tmp_path / place for name, place in folders.items()}
    tasks = [argparse.Namespace(**usual, **folders, source=name, label=f"{name}: ") for name in ("acme", "beta")]
    assert list(finished(review_or_die, tasks, partial(ProcessPoolExecutor, 2))) == [0, 0]
    assert (tmp_path / "reports" / "died").exists() and made(tmp_path) == one_by_one
    told = capfd.readouterr().err
    assert "acme: [1/3]" in told and "beta: [3/3]" in told
