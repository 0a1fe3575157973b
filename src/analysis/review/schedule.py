"""`analysis schedule`: a systemd timer and a cron line for the monthly review, right whatever zone the machine's clock is in."""

from __future__ import annotations

import datetime
import shlex
import sys
import zoneinfo
from collections.abc import Iterator

from analysis.current import read_desk
from analysis.paths import PROJECT
from analysis.wording import Language, say

MARGIN = datetime.timedelta(minutes=5)


def schedule_text(
    source: str, zone: str, at: str, language: Language, machine: datetime.tzinfo | None, year: int
) -> str:
    """The units and the line: on the first of each month at `at` (06:00) in `zone`, as a machine in `machine` (None: this one) runs it."""
    return "\n".join(_lines(source, zone, at, language, machine, year))


def _lines(
    source: str, zone: str, at: str, language: Language, machine: datetime.tzinfo | None, year: int
) -> Iterator[str]:
    words = [sys.executable, "-m", "analysis", "review", "last", "--catch-up", "--source", source]
    words += ["--hand-over"] if read_desk().hand_over else []
    unit, moment = f"trial-order-review-{source}", cron_moment(zone, at, machine, year)
    yield f"# ---- {say('run.schedule_timer', language)}"
    yield f"# /etc/systemd/system/{unit}.service"
    yield f"[Unit]\nDescription=Trial-order review of {source}\n\n[Service]\nType=oneshot"
    yield f"WorkingDirectory={_unit_text(str(PROJECT))}\nExecStart={' '.join(_unit_word(word) for word in words)}\n"
    yield f"# /etc/systemd/system/{unit}.timer"
    yield f"[Unit]\nDescription=Trial-order review of {source}, on the first at {at}\n"
    yield f"[Timer]\nOnCalendar=*-*-01 {at}:00 {zone}\nPersistent=true\n\n[Install]\nWantedBy=timers.target\n"
    yield f"# systemctl enable --now {unit}.timer\n"
    yield f"# ---- {say('run.schedule_cron', language, zone=zone, at=at, there=moment.astimezone(_zone(zone)).strftime('%H:%M'))}"
    line = f"cd {shlex.quote(str(PROJECT))} && {shlex.join(words)}".replace("%", r"\%")
    yield f"{moment.minute} {moment.hour} {moment.day} * * {line}"


def cron_moment(zone: str, at: str, machine: datetime.tzinfo | None, year: int) -> datetime.datetime:
    """When a cron in the zone `machine` should start: the first moment at or after `at` on the 1st in `zone` that is the same day of
    each month there. Cron knows no last day: where the machine's clock is behind, a little after its own midnight.

    Of summer and winter time the later is taken.
    """
    hour, minute = (int(part) for part in at.split(":"))
    moments = []
    for month in (1, 7):
        there = datetime.datetime(year, month, 1, hour, minute, tzinfo=_zone(zone))
        here = there.astimezone(machine)
        midnight = here.replace(month=month, day=1, year=year, hour=0, minute=0) + MARGIN
        moments.append(max(here, midnight) if here.month == month else midnight)
    return max(moments, key=lambda moment: (moment.day, moment.hour, moment.minute))


def _zone(name: str) -> zoneinfo.ZoneInfo:
    return zoneinfo.ZoneInfo(name)


def _unit_text(text: str) -> str:
    return text.replace("%", "%%")


def _unit_word(word: str) -> str:
    """A word of a unit's command: quoted where it has blanks, its specifiers inert."""
    inert = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return f'"{inert}"' if any(letter.isspace() or letter in "\"'" for letter in word) else inert
