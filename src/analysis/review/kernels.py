"""Kernels that start at once: one process imports the libraries, and each notebook's kernel is forked from it.

A kernel of its own costs every notebook about two seconds of imports. Here a server process imports them once, while the
review is still reading the notebooks, and forks a ready kernel on demand; what only later notebooks need is imported while
the first one runs. The server leads a process group of its own: it ends the whole group as soon as the review's end of their
socket closes, however the review ended, so that no kernel outlives it. Where forking is not safe (Windows, macOS) every notebook gets an ordinary kernel.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import pkgutil
import queue
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import zmq.asyncio
from jupyter_client.asynchronous import AsyncKernelClient
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning import LocalProvisioner

from analysis.current import read_desk

FORKS = hasattr(os, "fork") and sys.platform != "darwin"
"""macOS has `fork`, but its system libraries may crash in a forked process."""

ENVIRONMENT = {
    "PYTHONHASHSEED": "0",  # the order of a set is the same in every run
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    "OMP_NUM_THREADS": "1",  # sums in one order, and no thread is alive where a kernel is forked
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",  # nobody debugs these kernels; spare the log a warning
}
EVERY_KERNEL = (
    *("ipykernel.kernelapp", "ipykernel.ipkernel", "ipykernel.debugger", "matplotlib_inline.backend_inline"),
    *("numpy", "pandas", "pyarrow.parquet", "matplotlib.pyplot", "analysis.month", "analysis.sources.load"),
    "analysis.reporting.plots",
)
"""Imported before the first kernel is forked."""
LIBRARIES = (
    *(
        "scipy.stats",
        "scipy.special",
        "scipy.optimize",
        "openpyxl",
        "python_calamine",
        "typst",
        "pandas.io.formats.html",
    ),
    *(
        "IPython.core.completerlib",
        "IPython.core.magics.execution",
        "IPython.extensions.storemagic",
        "psutil",
        "sqlite3",
    ),
    "tornado.platform.asyncio",
)
"""Imported, with the modules of `ROOMS`, while the first notebook runs."""
ROOMS = ("sources", "estimates", "decisions", "reporting")
LONGEST_SOCKET = 80
"""Characters of the runtime folder's path up to which a Unix socket in it is sure to have a name of legal length."""


class Kernels:
    """Hands out kernel managers until closed; use it as a context manager.

    `quiet` drops what kernels print past their notebook (warnings of libraries at start-up, say). A cell that runs longer than
    `cell_minutes` (as config/desk.local.toml says if not given) is given up.
    """

    def __init__(self, fork: bool = FORKS, quiet: bool = True, cell_minutes: float | None = None):
        self.cell_minutes = read_desk().cell_minutes if cell_minutes is None else cell_minutes
        self.folder = Path(tempfile.mkdtemp(prefix="review-"))
        self.environment = {**os.environ, **ENVIRONMENT}
        self.server = _Server(self.environment, self.folder, quiet) if fork else None
        self._context = zmq.asyncio.Context()
        self._count = 0

    def manager(self) -> AsyncKernelManager:
        """A manager whose kernel is not started yet."""
        self._count += 1
        connection_file = str(self.folder / f"{self._count}.json")
        transport = "ipc" if self.server and len(str(self.folder)) <= LONGEST_SOCKET else "tcp"
        manager = _Manager(
            connection_file=connection_file, transport=transport, client_factory=_Client, context=self._context
        )
        if self.server:
            manager.provisioner = _ForkedProvisioner(
                parent=manager, kernel_id=str(self._count), kernel_spec=manager.kernel_spec, server=self.server
            )
        return manager

    def close(self) -> None:
        """End every kernel and the server."""
        if self.server:
            self.server.close()
        self._context.destroy(linger=0)
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Kernels:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _Manager(AsyncKernelManager):
    """Starts this very Python, whatever kernels the machine has registered under the same name."""

    @property
    def kernel_spec(self) -> KernelSpec:
        argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        return KernelSpec(argv=argv, display_name="Python 3", language="python")


class _Client(AsyncKernelClient):
    """Knows a kernel to be ready by its broadcast answering a request, where jupyter_client waits 0.2 s for silence."""

    async def wait_for_ready(self, timeout: float | None = None) -> None:
        deadline = time.monotonic() + (60 if timeout is None else timeout)
        while time.monotonic() < deadline:
            asked = self.kernel_info()
            with contextlib.suppress(queue.Empty):
                await self.get_shell_msg(timeout=0.5)
                while (await self.get_iopub_msg(timeout=0.1))["parent_header"].get("msg_id") != asked:
                    pass
                return
            if not await self.is_alive():
                break
        raise RuntimeError("the kernel did not start")


class _ForkedProvisioner(LocalProvisioner):
    """Asks the server for a fork where jupyter_client would start a process."""

    def __init__(self, server: _Server, **kwargs: Any):
        super().__init__(**kwargs)
        self.server = server

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        arguments = cmd[3:]  # what stands after `python -m ipykernel_launcher`
        kernel = self.server.fork(arguments, str(kwargs["cwd"]), kwargs["env"])
        self.process, self.pid = kernel, kernel.pid  # type: ignore[assignment]
        return self.connection_info

    async def kill(self, restart: bool = False) -> None:
        """End the kernel and see it gone, so that nobody polls for it."""
        if self.process:
            self.process.kill()
            self.process.wait(5)


class _ForkedProcess:
    """As much of `subprocess.Popen` as jupyter_client asks of a kernel.

    The kernel is the server's child, so its end is seen by the end of the pipe that it inherited.
    """

    stdin = stdout = stderr = None

    def __init__(self, pid: int, alive: int):
        self.pid = pid
        self._alive = alive
        self.returncode: int | None = None

    def poll(self) -> int | None:
        if self.returncode is None and select.select([self._alive], [], [], 0)[0]:
            self._ended()
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        if self.returncode is None:
            if not select.select([self._alive], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired("kernel", timeout or 0)
            self._ended()
        return self.returncode or 0

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def _ended(self) -> None:
        os.close(self._alive)
        self.returncode = 0  # how it ended is known to the server alone, and nobody asks


SERVE = "import sys; from analysis.review.kernels import serve; serve(int(sys.argv[1]), sys.argv[2])"


class _Server:
    """The review's end of the socket to the process that forks kernels."""

    def __init__(self, environment: Mapping[str, str], folder: Path, quiet: bool):
        self.socket, theirs = socket.socketpair()
        self._one_at_a_time = threading.Lock()
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-c", SERVE, str(theirs.fileno()), str(folder)],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL if quiet else None,
            pass_fds=[theirs.fileno()],
            start_new_session=True,  # Ctrl-C reaches the review alone, which then ends the group
        )
        theirs.close()

    def fork(self, arguments: Sequence[str], folder: str, environment: Mapping[str, str]) -> _ForkedProcess:
        """A running kernel; `RuntimeError` when the server has died."""
        request = json.dumps(
            {"arguments": list(arguments), "folder": folder, "environment": dict(environment)}
        ).encode()
        alive, theirs = os.pipe()
        try:
            with self._one_at_a_time:
                socket.send_fds(self.socket, [len(request).to_bytes(4)], [theirs])
                self.socket.sendall(request)
                answer = self.socket.recv(4, socket.MSG_WAITALL)
        except OSError:
            answer = b""
        finally:
            os.close(theirs)
        if len(answer) < 4:
            os.close(alive)
            raise RuntimeError("the process that forks kernels has ended; run again with --debug to see what it says")
        return _ForkedProcess(int.from_bytes(answer), alive)

    def close(self) -> None:
        self.socket.close()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def serve(number: int, folder: str) -> None:
    """The server: import, then fork a kernel for each request on the socket `number` until it closes.

    `folder` is the review's runtime folder, removed here too, for a review that could not do it itself.
    """
    requests = socket.socket(fileno=number)
    gc.disable()  # nothing to be found while importing; kernels collect again
    _import(EVERY_KERNEL)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # ended kernels leave no zombies
    _answer(requests, folder)
    _import(LIBRARIES)
    _import(_modules())
    while True:
        _answer(requests, folder)


def _answer(requests: socket.socket, folder: str) -> None:
    """Fork the kernel that is asked for next; the review's end of the socket closed ends this process and every kernel."""
    server = os.getpid()
    length, fds, _, _ = socket.recv_fds(requests, 4, 1)
    if not length:
        _remove(folder)
        os.killpg(0, signal.SIGKILL)
    request = json.loads(requests.recv(int.from_bytes(length), socket.MSG_WAITALL))
    gc.freeze()  # what is imported stays shared with the kernels: their collector does not touch it
    pid = os.fork()
    if pid == 0:
        requests.close()
        _become_kernel(server, fds[0], **request)
    os.close(fds[0])
    requests.sendall(pid.to_bytes(4))


def _modules() -> Iterator[str]:
    """The modules of `ROOMS`."""
    package = Path(__file__).parents[1]
    for room in ROOMS:
        found = pkgutil.walk_packages([str(package / room)], f"analysis.{room}.", onerror=lambda _: None)
        yield from (module.name for module in found)


def _import(names: Iterable[str]) -> None:
    """A module that fails to import is left to the notebook that needs it, which can say so."""
    for name in names:
        with contextlib.suppress(Exception):
            importlib.import_module(name)


def _remove(folder: str, tries: int = 40) -> None:
    """Remove `folder`; a kernel that still writes into it can make one try fail."""
    for _ in range(tries):
        shutil.rmtree(folder, ignore_errors=True)
        if not os.path.exists(folder):  # noqa: PTH110 (this process imports as little as it can)
            return
        time.sleep(0.05)


def _become_kernel(
    server: int, alive: int, arguments: Sequence[str], folder: str, environment: Mapping[str, str]
) -> None:
    """Turn the forked process into a kernel; never returns. The pipe `alive` stays open until it ends."""
    from ipykernel.kernelapp import IPKernelApp

    try:
        gc.enable()
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.register_at_fork(after_in_child=partial(os.close, alive))  # a process of the kernel's own is not the kernel
        os.environ.clear()
        os.environ.update(environment)
        os.chdir(folder)
        sys.argv = ["ipykernel_launcher", *arguments]
        app = IPKernelApp.instance(parent_handle=server)  # ends itself should the server be killed
        app.initialize(list(arguments))
        if app.shell:
            app.shell.enable_matplotlib("inline")  # the import of pyplot, long past, would have done it
        app.start()
    finally:
        os._exit(0)
