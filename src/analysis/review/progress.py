"""How far a review is: one changing line for a person at a terminal, plain lines for a scheduler's log."""

from __future__ import annotations

import io
import sys
import threading
import time
from typing import TextIO

from analysis.wording import Language, say

TICK = 0.25
CLEAR = "\r\x1b[K"


class Progress:
    """Reports to `stream`, each line after the `label` that tells several reviews apart; begin each notebook with `start` and end it with `done`."""

    def __init__(self, language: Language = "en", stream: TextIO | None = None, label: str = ""):
        self.language, self.label = language, label
        self.stream = stream or sys.stderr or io.StringIO()  # a scheduler may have closed it
        self.live = self.stream.isatty() and not label  # lines of several reviews at once must not overwrite each other
        self._line = ""
        self._begun = 0.0
        self._ticker: _Ticker | None = None

    def say(self, key: str, **values: object) -> None:
        """One line that stays."""
        print((CLEAR if self.live else self.label) + say(key, self.language, **values), file=self.stream, flush=True)

    def start(self, number: int, count: int, title: str) -> None:
        """Show that notebook `number` of `count` begins."""
        self._line, self._begun = f"{self.label}[{number}/{count}] {title}", time.monotonic()
        self.cell_text = ""
        if self.live:
            self._ticker = _Ticker(self._draw)

    def cell(self, number: int, count: int) -> None:
        """The code cell `number` of `count` is about to run."""
        self.cell_text = " " + say("run.progress_cell", self.language, cell=number, cells=count)

    def done(self, whole: bool = True) -> None:
        """The notebook has ended; a whole one gets its line."""
        if self._ticker:
            self._ticker.stop()
            self._ticker = None
            self.stream.write(CLEAR)
        if whole:
            print(f"{self._line} ... {time.monotonic() - self._begun:.1f} s", file=self.stream, flush=True)

    def _draw(self) -> None:
        self.stream.write(f"{CLEAR}{self._line}{self.cell_text} {time.monotonic() - self._begun:.0f} s")
        self.stream.flush()


class _Ticker(threading.Thread):
    """Calls `draw` a few times a second until stopped, so that a long cell is seen to be alive."""

    def __init__(self, draw):
        super().__init__(daemon=True)
        self.draw, self.stopped = draw, threading.Event()
        self.start()

    def run(self) -> None:
        while not self.stopped.wait(TICK):
            self.draw()

    def stop(self) -> None:
        self.stopped.set()
        self.join()
