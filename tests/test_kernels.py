import asyncio
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from analysis.review.kernels import FORKS, LONGEST_SOCKET, Kernels

pytestmark = pytest.mark.skipif(not FORKS, reason="this system does not fork kernels")


async def _run(kernels: Kernels, *cells: str) -> list[str]:
    """What each cell prints, all in one new kernel."""
    manager = kernels.manager()
    await manager.start_kernel(cwd=str(kernels.folder), env={**kernels.environment, "MARK": "here"})
    client = manager.client()
    client.start_channels()
    try:
        await client.wait_for_ready(timeout=30)
        return [await _printed(client, cell) for cell in cells]
    finally:
        await manager.shutdown_kernel(now=True)
        client.stop_channels()


async def _printed(client, cell: str) -> str:
    said: list[str] = []

    def keep(message):
        if message["msg_type"] == "stream":
            said.append(message["content"]["text"])

    await client.execute_interactive(cell, output_hook=keep, timeout=30)
    return "".join(said).strip()


def _alive(pid: int) -> bool:
    """True while the process runs; one that has ended and waits for its parent to notice does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return False
    return state not in "ZX"


def _gone(pids: list[int], seconds: float = 8) -> bool:
    deadline = time.monotonic() + seconds
    while any(map(_alive, pids)) and time.monotonic() < deadline:
        time.sleep(0.05)
    return not any(map(_alive, pids))


@pytest.fixture(scope="module")
def kernels():
    with Kernels() as opened:
        yield opened


def test_kernel_has_its_folder_environment_and_libraries(kernels):
    cell = """
import os, sys
print(os.getcwd(), os.environ["PYTHONHASHSEED"], os.environ["OMP_NUM_THREADS"], os.environ["MARK"], hash("a") == hash("a"))
print("pandas" in sys.modules and "analysis.sources.load" in sys.modules and "matplotlib.pyplot" in sys.modules)"""
    (printed,) = asyncio.run(_run(kernels, cell))
    assert printed.splitlines() == [f"{kernels.folder.resolve()} 0 1 here True", "True"]


def test_a_later_kernel_has_every_library(kernels):
    cell = "import sys; print('analysis.decisions.rating.scorecard' in sys.modules and 'scipy.stats' in sys.modules)"
    asyncio.run(_run(kernels, ""))
    assert asyncio.run(_run(kernels, cell)) == ["True"]


def test_hash_order_is_the_same_in_a_forked_and_an_ordinary_kernel(kernels):
    cell = "print(list({'tools', 'bags', 'toys', 'shoes'}), hash('1688'))"
    forked = asyncio.run(_run(kernels, cell))
    with Kernels(fork=False) as ordinary:
        assert asyncio.run(_run(ordinary, cell)) == forked


def test_kernels_share_nothing(kernels):
    asyncio.run(_run(kernels, "import pandas; pandas.spoilt = True"))
    assert asyncio.run(_run(kernels, "import pandas; print(hasattr(pandas, 'spoilt'))")) == ["False"]


def test_kernel_can_run_processes(kernels):
    """The server ignores the end of its children; a kernel must not have inherited that."""
    cell = "import subprocess; print(subprocess.run(['sh', '-c', 'exit 3']).returncode)"
    assert asyncio.run(_run(kernels, cell)) == ["3"]


def test_a_process_of_a_kernel_does_not_keep_it_from_ending(kernels):
    began = time.monotonic()
    cell = "import multiprocessing, time; multiprocessing.get_context('fork').Process(target=time.sleep, args=(30,)).start()"
    assert asyncio.run(_run(kernels, cell)) == [""]
    assert time.monotonic() - began < 4


def test_figure_is_shown(kernels):
    async def shown():
        manager = kernels.manager()
        await manager.start_kernel(cwd=str(kernels.folder), env=kernels.environment)
        client = manager.client()
        client.start_channels()
        await client.wait_for_ready(timeout=30)
        kinds: list[str] = []
        cell = "import matplotlib.pyplot as plt; plt.subplots();"
        await client.execute_interactive(
            cell, output_hook=lambda m: kinds.extend(m["content"].get("data", {})), timeout=30
        )
        await manager.shutdown_kernel(now=True)
        client.stop_channels()
        return kinds

    assert "image/png" in asyncio.run(shown())


def test_closing_ends_every_kernel_and_removes_the_folder():
    async def start(kernels):
        managers = [kernels.manager(), kernels.manager()]
        for manager in managers:
            await manager.start_kernel(cwd="/", env=kernels.environment)
        return [manager.provisioner.pid for manager in managers]

    with Kernels() as kernels:
        pids = [kernels.server.process.pid, *asyncio.run(start(kernels))]
        assert all(map(_alive, pids))
    assert _gone(pids)
    assert not kernels.folder.exists()


PARENT = """
import asyncio, sys, time
from analysis.review.kernels import Kernels
kernels = Kernels()
async def start():
    manager = kernels.manager()
    await manager.start_kernel(cwd="/", env=kernels.environment)
    print(kernels.server.process.pid, manager.provisioner.pid, kernels.folder, flush=True)
    return manager
manager = asyncio.run(start())
time.sleep(60)
"""


@pytest.mark.parametrize("victim", ["parent", "server and parent"])
def test_no_kernel_outlives_a_killed_review(victim):
    parent = subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    server, kernel, folder = parent.stdout.readline().split()
    for pid in [int(server), parent.pid] if victim == "server and parent" else [parent.pid]:
        os.kill(pid, signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    assert _gone([int(server), int(kernel)])
    if victim == "parent":
        assert not Path(folder).exists()
    shutil.rmtree(folder, ignore_errors=True)


def test_a_dead_server_is_told(kernels):
    with Kernels() as mine:
        os.kill(mine.server.process.pid, signal.SIGKILL)
        mine.server.process.wait()
        with pytest.raises(RuntimeError, match="has ended"):
            mine.server.fork([], "/", {})


def test_long_runtime_folder_goes_without_sockets_in_it(tmp_path, monkeypatch):
    long = tmp_path / ("x" * LONGEST_SOCKET)
    long.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(long))
    with Kernels(fork=False) as ordinary:
        assert ordinary.manager().transport == "tcp"
    with contextlib.closing(Kernels()) as forked:
        assert forked.manager().transport == "tcp"
