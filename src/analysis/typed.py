"""What is typed on the command line: its grammar, the language, months, folders, and what was left to the desk or the calendar."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from analysis.current import LAST, SourceChoice, meant_source
from analysis.errors import AnalysisError
from analysis.months import MONTH_TEXT, month_range
from analysis.wording import LANGUAGES, Language, say

Run = Callable[[argparse.Namespace], int]
USUAL_FOLDERS = {
    "data_dir": "data/raw",
    "processed_dir": "data/processed",
    "output_dir": "reports",
    "notebooks": "notebooks",
}


class UsageError(AnalysisError):
    """Something was typed that cannot be meant."""


def spoken_language(words: Sequence[str], environment: Mapping[str, str]) -> Language:
    """The language of `--lang`, else of the machine's locale, else English."""
    for before, word in zip(["", *words], words):
        chosen = word.removeprefix("--lang=") if word.startswith("--lang=") else word if before == "--lang" else ""
        if chosen in LANGUAGES:
            return "zh" if chosen == "zh" else "en"
    locale = next(filter(None, (environment.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))), "")
    return "zh" if locale.lower().startswith("zh") else "en"


def months(text: str) -> list[str]:
    """`2026-10` or `2026-01..2026-10` as months in order; `ValueError` for anything else."""
    first, _, last = text.partition("..")
    last = last if ".." in text else first
    if not (MONTH_TEXT.fullmatch(first) and MONTH_TEXT.fullmatch(last) and first <= last):
        raise ValueError(text)
    return month_range(first, last)


def parser_of(language: Language, runs: Mapping[str, Run]) -> argparse.ArgumentParser:
    """The command line's grammar in `language`; `runs` by command (and verb of `weights`) what it does."""

    def told(key: str) -> str:
        return say(f"cli.{key}", language).replace("%", "%%")

    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--lang", choices=LANGUAGES, default=language, help=told("lang"))
    shared.add_argument("--debug", action="store_true", help=told("debug"))
    layout = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(
        prog="analysis", description=told("about"), epilog=told("about_examples"), formatter_class=layout
    )
    parser.add_argument("--version", action=_Version, help=told("version"))
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str) -> argparse.ArgumentParser:
        epilog = told(f"{name}_examples")
        added = commands.add_parser(
            name, help=told(name), description=told(name), parents=[shared], epilog=epilog, formatter_class=layout
        )
        added.set_defaults(run=runs[name])
        return added

    def folders(added: argparse.ArgumentParser, *names: str) -> None:
        for name in names:
            option, place = f"--{name.replace('_', '-')}", USUAL_FOLDERS[name]
            added.add_argument(option, type=_callers_folder, metavar="DIR", help=f"{told(name)} ({place})")

    def workers(added: argparse.ArgumentParser) -> None:
        added.add_argument("--workers", type=_positive, default=1, metavar="N", help=told("workers"))
        added.add_argument("--cluster", metavar="ADDRESS", help=told("cluster"))

    review = command("review")
    review.add_argument("months", metavar="MONTH", type=_months(language), help=told("month"))
    review.add_argument("--source", action=_Sources, help=told("source"))
    folders(review, "data_dir", "processed_dir", "output_dir", "notebooks")
    review.add_argument("--set", action="append", default=[], dest="settings", metavar="NAME=VALUE", help=told("set"))
    review.add_argument("--parameters", action=_Parameters, help=told("parameters"))
    review.add_argument("--seed", type=_not_negative, help=told("seed"))
    review.add_argument("--keep-going", action="store_true", help=told("keep_going"))
    review.add_argument("--replace", action="store_true", help=told("replace"))
    review.add_argument("--allow-draft", action="store_true", help=told("allow_draft"))
    review.add_argument("--catch-up", action="store_true", help=told("catch_up"))
    review.add_argument("--pseudonyms", action="store_true", help=told("pseudonyms"))
    review.add_argument("--hand-over", action="store_true", help=told("hand_over"))
    workers(review)

    compare = command("compare")
    compare.add_argument("month", metavar="MONTH", type=_month(language), help=told("compare_month"))
    compare.add_argument("second", metavar="MONTH", nargs="?", type=_month(language), help=told("compare_second"))
    compare.add_argument("--source", help=told("source"))
    folders(compare, "data_dir", "processed_dir", "output_dir", "notebooks")
    compare.add_argument("--set", action="append", default=[], dest="settings", metavar="NAME=VALUE", help=told("set"))

    explain = command("explain")
    explain.add_argument("month", metavar="MONTH", type=_month(language), help=told("explain_month"))
    explain.add_argument("--source", help=told("source"))
    explain.add_argument("--supplier", metavar="NAME", help=told("explain_supplier"))
    explain.add_argument("--sku", metavar="SKU", help=told("explain_sku"))
    explain.add_argument("--batch", metavar="NUMBER", help=told("explain_batch"))
    folders(explain, "data_dir", "processed_dir", "output_dir")

    verify = command("verify")
    verify.add_argument("month", metavar="MONTH", type=_month(language), help=told("verify_month"))
    verify.add_argument("--source", help=told("source"))
    folders(verify, "data_dir", "processed_dir", "output_dir")

    check = command("check")
    check.add_argument("files", nargs="+", type=Path, metavar="FILE", help=told("files"))
    check.add_argument("--month", type=_month(language), metavar="MONTH", help=told("check_month"))

    template = command("template")
    template.add_argument("file", type=Path, metavar="FILE.xlsx", help=told("template_file"))

    history = command("history")
    history.add_argument("folder", type=_callers_folder, metavar="DIR", help=told("history_folder"))
    history.add_argument(
        "--month", type=_exact_month(language), required=True, metavar="MONTH", help=told("history_month")
    )
    history.add_argument("--out", type=_callers_folder, required=True, metavar="DIR", help=told("history_out"))
    workers(history)

    schedule = command("schedule")
    schedule.add_argument("--source", help=told("source"))
    schedule.add_argument("--at", type=_clock, default="06:00", metavar="HH:MM", help=told("at"))
    folders(schedule, "data_dir")

    simulate = command("simulate")
    simulate.add_argument("folder", type=Path, metavar="DIR", help=told("simulate_folder"))
    simulate.add_argument("--rounds", type=_positive, help=told("rounds"))
    simulate.add_argument("--suppliers", type=_positive, help=told("suppliers"))
    simulate.add_argument("--seed", type=_not_negative, help=told("seed"))

    backtest = command("backtest")
    backtest.add_argument("--source", help=told("source"))
    backtest.add_argument("--until", type=_month(language), metavar="MONTH", help=told("until"))
    backtest.add_argument("--months", type=_positive, default=12, metavar="N", help=told("back"))
    backtest.add_argument("--missing-only", action="store_true", help=told("missing_only"))
    folders(backtest, "data_dir", "processed_dir")
    weights = commands.add_parser(
        "weights",
        help=told("weights"),
        description=told("weights"),
        epilog=told("weights_examples"),
        formatter_class=layout,
    )
    verbs = weights.add_subparsers(required=True, metavar="VERB")
    for verb in ("approve", "override"):
        added = verbs.add_parser(verb, help=told(verb), description=told(verb), parents=[shared])
        added.set_defaults(run=runs[verb])
        added.add_argument("month", type=_month(language), metavar="MONTH", help=told(f"{verb}_month"))
        added.add_argument("--source", help=told("source"))
        added.add_argument("--by", required=True, metavar="NAME", help=told("by"))
        added.add_argument("--why", required=True, metavar="TEXT", help=told("why"))
        folders(added, "data_dir", "processed_dir", "output_dir")
        if verb == "override":
            added.add_argument(
                "--set",
                action="append",
                required=True,
                dest="weights",
                metavar="CRITERION=WEIGHT",
                help=told("set_weight"),
            )
    return parser


class _Version(argparse.Action):
    def __init__(self, option_strings: Sequence[str], dest: str, **kept: Any):
        super().__init__(option_strings, dest, nargs=0, **kept)

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        import analysis
        from analysis.review.provenance import git_state

        revision = git_state()["git_revision"]
        print(f"analysis {analysis.__version__}" + (f" ({revision[:10]})" if revision else ""))
        parser.exit()


class _Sources(argparse.Action):
    """`--source` may be given several times: `source` is the last, `sources` are all."""

    def __call__(self, parser: argparse.ArgumentParser, options: argparse.Namespace, value: Any, *_: object) -> None:
        options.sources = [*getattr(options, "sources", []), value]
        options.source = value


class _Parameters(_Version):
    """What `--set` takes: the notebooks' own parameters with their defaults."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from analysis.paths import NOTEBOOKS
        from analysis.review.notebooks import find_notebooks, settable

        for name, default in settable(find_notebooks(NOTEBOOKS)).items():
            print(f"{name}={default}")
        parser.exit()


def settle(options: argparse.Namespace) -> None:
    """Fill in what was left to the desk or the calendar: the source that is meant, and the last month that is over."""
    if getattr(options, "source", "") is None:
        options.source = _meant_source(options)
    options.months_typed = getattr(options, "months", None)
    asked = [name for name in ("months", "month", "second") if _is_last(getattr(options, name, None))]
    for name in asked:
        from analysis.month import last_month_over

        last = last_month_over(options.source, getattr(options, "data_dir", None))
        text = getattr(options, name).replace(LAST, last)
        try:
            setattr(options, name, months(text) if name == "months" else text)
        except ValueError:
            raise UsageError("run.not_a_range", text=text) from None


def _is_last(asked: Any) -> bool:
    return isinstance(asked, str) and asked.endswith(LAST)


def _meant_source(options: argparse.Namespace) -> str:
    """The source that is meant where none was named, which is said; a person at a terminal is asked where there are several."""
    try:
        meant = meant_source(getattr(options, "data_dir", None))
    except SourceChoice as choice:
        if not sys.stdin.isatty():
            raise
        return _chosen(choice.sources, options.lang)
    tell(say(meant.why, options.lang, source=meant.source))
    return meant.source


def _chosen(sources: list[str], language: Language) -> str:
    tell("\n".join(f"{number}  {name}" for number, name in enumerate(sources, 1)))
    while True:
        print(say("run.which_number", language), end=" ", file=sys.stderr, flush=True)
        answer = sys.stdin.readline()
        if not answer:
            raise SourceChoice(sources)
        if answer.strip() in sources:
            return answer.strip()
        if answer.strip().isdecimal() and 1 <= int(answer) <= len(sources):
            return sources[int(answer) - 1]


def _clock(text: str) -> str:
    if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", text):
        raise argparse.ArgumentTypeError(f"{text}: 06:00, 18:30 ...")
    return text


def _months(language: Language) -> Callable[[str], list[str] | str]:
    def read(text: str) -> list[str] | str:
        if text == LAST or (text.endswith(f"..{LAST}") and MONTH_TEXT.fullmatch(text.removesuffix(f"..{LAST}"))):
            return text
        try:
            return months(text)
        except ValueError:
            key = "run.not_a_range" if ".." in text else "run.not_a_month"
            raise argparse.ArgumentTypeError(say(key, language, text=text, month=text)) from None

    return read


def _month(language: Language) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text != LAST and not MONTH_TEXT.fullmatch(text):
            raise argparse.ArgumentTypeError(say("run.not_a_month", language, text=text, month=text))
        return text

    return read


def _exact_month(language: Language) -> Callable[[str], str]:
    def read(text: str) -> str:
        if not MONTH_TEXT.fullmatch(text):
            raise argparse.ArgumentTypeError(say("run.not_a_month", language, text=text, month=text))
        return text

    return read


def _callers_folder(text: str) -> Path:
    """A folder as the caller means it: from where the command was typed, not from the project's top."""
    return Path(text).expanduser().resolve()


def _positive(text: str) -> int:
    if (number := int(text)) < 1:
        raise argparse.ArgumentTypeError(f"{text}: 1, 2, 3 ...")
    return number


def _not_negative(text: str) -> int:
    if (number := int(text)) < 0:
        raise argparse.ArgumentTypeError(f"{text}: 0, 1, 2 ...")
    return number


def tell(text: str) -> None:
    """To whoever watches; what a command was asked for goes to standard output."""
    print(text, file=sys.stderr, flush=True)
