"""A parser that aborts, never ends or eats memory is one sentence about its file, and the child is gone."""

import multiprocessing
import os
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from analysis.cli import main
from analysis.errors import SourceError
from analysis.sources import cage, file_reading
from analysis.sources.cage import caged
from analysis.sources.load import END_OF_TIME, load_source
from analysis.wording import LANGUAGES

pytestmark = [
    pytest.mark.caged,
    pytest.mark.skipif(not cage.FORKS, reason="a changed parser is known to a forked child alone"),
]
ORDERS = "order_id,line_no,supplier,sku,ordered_on,received_on,quantity,unit_price,status\n1,1,甲厂,A,2026-01-05,2026-01-15,10,2.0,received\n"


def eat(path):
    return [np.ones(10_000_000) for _ in range(1000)]


def panic(path):
    os.write(2, b"thread panicked at src/lib.rs\n")
    os.abort()


BAD = {
    "reader_ended": panic,
    "reader_slow": lambda path: time.sleep(3600),
    "reader_memory": eat,
}


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "acme"
    folder.mkdir()
    for name in ("orders.csv", "orders_2.csv"):
        (folder / name).write_text(ORDERS.replace("1,1", f"{len(name)},1"), encoding="utf-8")
    return folder


@pytest.mark.parametrize("key", BAD)
def test_a_parser_that_goes_wrong_is_told_with_its_file_and_a_way_out(key, folder, monkeypatch, capfd):
    real = file_reading.read_sheets
    monkeypatch.setattr(
        file_reading,
        "read_sheets",
        lambda path, **how: BAD[key](path) if path.stem == "orders_2" else real(path, **how),
    )
    monkeypatch.setattr(cage, "WAITS", 2)
    assert main(["check", str(folder), "--lang", "en"]) == 1
    said = capfd.readouterr()
    assert said.out == "" or "orders.csv" in said.out
    assert said.err.count("\n") == 1 and said.err.startswith("orders_2.csv ") and "Traceback" not in said.err
    assert not multiprocessing.active_children()
    texts = {SourceError(f"sources.{key}", file="a.xlsx", seconds=3, limit=9).text(language) for language in LANGUAGES}
    assert len(texts) == 2 and all("a.xlsx" in text for text in texts)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="nowhere else is the processor's time limited")
def test_a_file_that_is_merely_slow_is_not_called_damaged(folder, monkeypatch):
    def endless(path):
        while True:
            pass

    monkeypatch.setattr(cage, "SECONDS", 1)
    with pytest.raises(SourceError) as caught:
        list(caged(endless, [folder / "orders.csv"]))
    assert caught.value.key == "sources.reader_slow" and "within 1 seconds" in caught.value.text("en")
    assert "damaged" not in caught.value.text("en") and "1 秒内" in caught.value.text("zh")


def test_what_a_reader_raises_is_raised_here_and_says_where(folder):
    def read(path):
        raise KeyError(path.name)

    with pytest.raises(KeyError, match=r"orders\.csv") as caught:
        list(caged(read, [folder / "orders.csv"]))
    assert "in read" in caught.value.__notes__[0]


def busy(path):
    begun = time.process_time()
    while time.process_time() - begun < 0.7:
        pass
    return path.name


def test_each_file_has_seconds_of_its_own(folder, monkeypatch):
    """Five of .7 s take more than the 2 s that one may."""
    monkeypatch.setattr(cage, "SECONDS", 1)
    files = [folder / f"{number}.csv" for number in range(5)]
    assert list(caged(busy, files)) == [file.name for file in files]


class Odd(Exception):
    def __init__(self, first, second):
        super().__init__(f"{first} and {second}")


def test_an_exception_that_cannot_be_made_anew_is_told_in_its_words(folder):
    def read(path):
        raise Odd("this", "that")

    with pytest.raises(RuntimeError, match="Odd: this and that"):
        list(caged(read, [folder / "orders.csv"]))


def test_one_child_reads_all_files_and_ends_with_them(folder):
    numbers = list(caged(lambda path: os.getpid(), [folder / "orders.csv", folder / "orders_2.csv"]))
    assert len(numbers) == 2 and len(set(numbers)) == 1 and numbers[0] != os.getpid()
    assert len(load_source(folder).known(END_OF_TIME).tables["orders"]) == 2
    assert not multiprocessing.active_children()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_a_child_dies_with_the_process_that_began_it(folder):
    import subprocess

    code = (
        "import os, time; from pathlib import Path; from analysis.sources.cage import caged\n"
        "def read(path):\n    print(os.getpid(), flush=True)\n    time.sleep(600)\n"
        "list(caged(read, [Path('a')]))"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as parent:
        child = int(parent.stdout.readline())
        parent.kill()
    ends = time.monotonic() + 20
    while _alive(child) and time.monotonic() < ends:
        time.sleep(0.05)
    assert not _alive(child)


def _alive(number):
    try:
        return Path(f"/proc/{number}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.skipif((os.cpu_count() or 1) < 2, reason="one child reads all files")
def test_several_files_are_shared_out_and_come_in_their_order(tmp_path):
    """Two children read them; of the faults the first in order is told, after the files before it."""
    paths = [tmp_path / f"{number}.csv" for number in range(7)]
    for path in paths:
        path.write_text("x")

    def read(path):
        time.sleep(0.05 * (path.stem == "1"))
        if path.stem in ("4", "5"):
            raise KeyError(path.name)
        return path.name, os.getpid()

    told = []
    with pytest.raises(KeyError, match=r"4\.csv"):
        told += caged(read, paths[:1])
        told.extend(found for found in caged(read, paths))
    assert [name for name, _ in told] == ["0.csv", "0.csv", "1.csv", "2.csv", "3.csv"]
    assert len({child for _, child in told[1:]}) == 2 and not multiprocessing.active_children()
