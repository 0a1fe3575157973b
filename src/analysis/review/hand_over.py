"""Handing a published review on: the command of `config/desk.local.toml`, word by word, with the review's files in its places."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping

from analysis.current import DESK_FILE, HandOver, read_desk
from analysis.errors import AnalysisError, RuleError
from analysis.month import ReviewMonth
from analysis.wording import say

SECONDS = 600


class HandOverError(AnalysisError):
    """The review stands, but the command that should pass it on failed."""


def hand_over_command() -> HandOver:
    """The command; `RuleError` when none is named: asked to hand over, nobody wants that to end in silence."""
    if (command := read_desk().hand_over) is None:
        raise RuleError("run.desk_no_command", file=DESK_FILE)
    return command


def hand_over(review: ReviewMonth, hand: HandOver) -> str:
    """Run the command on the published review; returns its first word. `HandOverError` when it does not end well."""
    words = filled(hand, places(review))
    try:
        done = subprocess.run(words, capture_output=True, text=True, errors="replace", timeout=SECONDS, check=False)
    except FileNotFoundError as error:
        raise _failed(review, words, "run.hand_over_no_program") from error
    except OSError as error:
        raise _failed(review, words, "run.hand_over_not_started") from error
    except subprocess.TimeoutExpired as error:
        raise _failed(review, words, "run.hand_over_too_long", seconds=SECONDS) from error
    if done.returncode:
        if said := (done.stderr or done.stdout).strip().splitlines():
            raise _failed(review, words, "run.hand_over_said", said=said[-1])
        raise _failed(review, words, "run.hand_over_ended_badly", code=done.returncode)
    return words[0]


def filled(hand: HandOver, values: Mapping[str, str]) -> list[str]:
    """The command's words with their places filled; `RuleError` for a place that does not exist."""
    try:
        return [word.format_map(values) for word in hand.command]
    except KeyError as error:
        known = " ".join(f"{{{name}}}" for name in values)
        raise RuleError("run.desk_unknown_place", file=DESK_FILE, place=error.args[0], known=known) from error
    except (ValueError, IndexError, AttributeError) as error:
        raise RuleError("run.desk_braces", file=DESK_FILE, command=" ".join(hand.command)) from error


def places(review: ReviewMonth) -> dict[str, str]:
    """What the places of a command stand for."""
    from analysis.sources.source_map import read_source_map

    folder, title = review.report_folder, read_source_map(review.source_folder).info.title
    files = {"pdf_en": "review.en.pdf", "pdf_zh": "review.zh.pdf", "html": "review.html", "workbook": "review.xlsx"}
    told = {"source": review.source, "month": review.month, "title_en": title["en"], "title_zh": title["zh"]}
    return told | {"folder": str(folder)} | {name: str(folder / file) for name, file in files.items()}


def _failed(review: ReviewMonth, words: list[str], key: str, **values: object) -> HandOverError:
    """What went wrong in the sentence `key`, and where the review stands."""
    problem, problem_zh = say(key, "en", **values), say(key, "zh", **values)
    told = {"source": review.source, "month": review.month, "folder": review.report_folder}
    return HandOverError("run.hand_over_failed", command=words[0], problem=problem, problem_zh=problem_zh, **told)
