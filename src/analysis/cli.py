"""The command `analysis`: review, compare, verify, explain, check, template, schedule, simulate, backtest, weights.

Exit code 0: done; 1: it could not be done, and one sentence on standard error says why; 2: wrong usage. Of `compare`,
as of `diff`, 0: the same, 1: different, 2: trouble. What a sub-command
needs is imported when it runs, so that help and wrong usage answer at once.
"""

from __future__ import annotations

import argparse
import io
import os
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from analysis.current import LAST, SourceChoice, meant_source
from analysis.errors import AnalysisError
from analysis.months import MONTH_TEXT, month_range
from analysis.wording import LANGUAGES, Language, say

DONE, FAILED, USAGE, INTERRUPTED = 0, 1, 2, 130
WRONG_USAGE = ("ParameterError", "SourceChoice", "UsageError")
"""Errors that no data can mend: exit code 2."""


class UsageError(AnalysisError):
    """Something was typed that cannot be meant."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command line; returns its exit code."""
    words = sys.argv[1:] if arguments is None else list(arguments)
    for variable in (
        "OMP_NUM_THREADS",
        "OPENBLAS_NUM_THREADS",
    ):  # threads for arrays this small cost more than they save
        os.environ.setdefault(variable, "1")
    language = spoken_language(words, os.environ)
    _open_streams()
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a terminal without Chinese is no reason to fail
    options = _parser(language).parse_args(words)
    try:
        _settle(options)
        _check_limits()
        return options.run(options)
    except AnalysisError as error:
        return _failed(error.text(options.lang), options, usage=type(error).__name__ in WRONG_USAGE)
    except KeyboardInterrupt:
        _tell(say("run.interrupted", options.lang))
        return INTERRUPTED
    except BrokenPipeError:  # the reader of our output has gone: `analysis check ... | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except Exception as error:
        return _failed(_sentence(error, options.lang), options)


HANDLES, MEMORY = 256, 1_500_000_000
"""Open files and bytes of address space without which a review cannot be made."""


def _open_streams() -> None:
    """A scheduler may have closed them: what is said is then lost, and no file of ours takes their numbers."""
    while (number := os.open(os.devnull, os.O_RDWR)) < 3:
        pass
    os.close(number)
    for name in ("stdin", "stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open("r" if name == "stdin" else "w", encoding="utf-8"))  # noqa: SIM115


def _check_limits() -> None:
    """`AnalysisError` where this process may open too few files, or use too little memory, to get through."""
    if sys.platform == "win32":
        return
    import resource

    few, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most == resource.RLIM_INFINITY or most > few:
        wanted = 4096 if most == resource.RLIM_INFINITY else min(most, 4096)
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(few, wanted), most))
    if (few := resource.getrlimit(resource.RLIMIT_NOFILE)[0]) < HANDLES:
        raise AnalysisError("run.few_handles", most=few, least=HANDLES)
    space = resource.getrlimit(resource.RLIMIT_AS)[0]
    if space != resource.RLIM_INFINITY and space < MEMORY:
        raise AnalysisError("run.little_memory", most=space // 1_000_000, least=MEMORY // 1_000_000)


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


def _parser(language: Language) -> argparse.ArgumentParser:
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

    def command(name: str, run: Callable[[argparse.Namespace], int]) -> argparse.ArgumentParser:
        epilog = told(f"{name}_examples")
        added = commands.add_parser(
            name, help=told(name), description=told(name), parents=[shared], epilog=epilog, formatter_class=layout
        )
        added.set_defaults(run=run)
        return added

    review = command("review", _review)
    review.add_argument("months", metavar="MONTH", type=_months(language), help=told("month"))
    review.add_argument("--source", help=told("source"))
    for option, place in (
        ("--data-dir", "data/raw"),
        ("--processed-dir", "data/processed"),
        ("--output-dir", "reports"),
    ):
        review.add_argument(
            option, type=_callers_folder, metavar="DIR", help=told(option[2:].replace("-", "_")) + f" ({place})"
        )
    review.add_argument("--notebooks", type=_callers_folder, metavar="DIR", help=told("notebooks"))
    review.add_argument("--set", action="append", default=[], dest="settings", metavar="NAME=VALUE", help=told("set"))
    review.add_argument("--parameters", action=_Parameters, help=told("parameters"))
    review.add_argument("--seed", type=_not_negative, help=told("seed"))
    review.add_argument("--keep-going", action="store_true", help=told("keep_going"))
    review.add_argument("--replace", action="store_true", help=told("replace"))
    review.add_argument("--allow-draft", action="store_true", help=told("allow_draft"))
    review.add_argument("--catch-up", action="store_true", help=told("catch_up"))
    review.add_argument("--hand-over", action="store_true", help=told("hand_over"))

    compare = command("compare", _compare)
    compare.add_argument("month", metavar="MONTH", type=_month(language), help=told("compare_month"))
    compare.add_argument("second", metavar="MONTH", nargs="?", type=_month(language), help=told("compare_second"))
    compare.add_argument("--source", help=told("source"))
    for option in ("data_dir", "processed_dir", "output_dir", "notebooks"):
        compare.add_argument(f"--{option.replace('_', '-')}", type=_callers_folder, metavar="DIR", help=told(option))
    compare.add_argument("--set", action="append", default=[], dest="settings", metavar="NAME=VALUE", help=told("set"))

    explain = command("explain", _explain)
    explain.add_argument("month", metavar="MONTH", type=_month(language), help=told("explain_month"))
    explain.add_argument("--source", help=told("source"))
    explain.add_argument("--supplier", metavar="NAME", help=told("explain_supplier"))
    explain.add_argument("--sku", metavar="SKU", help=told("explain_sku"))
    for option in ("data_dir", "processed_dir", "output_dir"):
        explain.add_argument(f"--{option.replace('_', '-')}", type=_callers_folder, metavar="DIR", help=told(option))

    verify = command("verify", _verify)
    verify.add_argument("month", metavar="MONTH", type=_month(language), help=told("verify_month"))
    verify.add_argument("--source", help=told("source"))
    for option in ("data_dir", "processed_dir", "output_dir"):
        verify.add_argument(f"--{option.replace('_', '-')}", type=_callers_folder, metavar="DIR", help=told(option))

    check = command("check", _check)
    check.add_argument("files", nargs="+", type=Path, metavar="FILE", help=told("files"))
    check.add_argument("--month", type=_month(language), metavar="MONTH", help=told("check_month"))

    template = command("template", _template)
    template.add_argument("file", type=Path, metavar="FILE.xlsx", help=told("template_file"))

    schedule = command("schedule", _schedule)
    schedule.add_argument("--source", help=told("source"))
    schedule.add_argument("--at", type=_clock, default="06:00", metavar="HH:MM", help=told("at"))
    schedule.add_argument("--data-dir", type=_callers_folder, metavar="DIR", help=told("data_dir"))

    simulate = command("simulate", _simulate)
    simulate.add_argument("folder", type=Path, metavar="DIR", help=told("simulate_folder"))
    simulate.add_argument("--rounds", type=_positive, help=told("rounds"))
    simulate.add_argument("--suppliers", type=_positive, help=told("suppliers"))
    simulate.add_argument("--seed", type=_not_negative, help=told("seed"))

    backtest = command("backtest", _backtest)
    backtest.add_argument("--source", help=told("source"))
    backtest.add_argument("--until", type=_month(language), metavar="MONTH", help=told("until"))
    backtest.add_argument("--months", type=_positive, default=12, metavar="N", help=told("back"))
    backtest.add_argument("--missing-only", action="store_true", help=told("missing_only"))
    for folder in ("data_dir", "processed_dir"):
        backtest.add_argument(f"--{folder.replace('_', '-')}", type=_callers_folder, metavar="DIR", help=told(folder))
    weights = commands.add_parser(
        "weights",
        help=told("weights"),
        description=told("weights"),
        epilog=told("weights_examples"),
        formatter_class=layout,
    )
    verbs = weights.add_subparsers(required=True, metavar="VERB")
    for verb, run in (("approve", _approve), ("override", _override)):
        added = verbs.add_parser(verb, help=told(verb), description=told(verb), parents=[shared])
        added.set_defaults(run=run)
        added.add_argument("month", type=_month(language), metavar="MONTH", help=told(f"{verb}_month"))
        added.add_argument("--source", help=told("source"))
        added.add_argument("--by", required=True, metavar="NAME", help=told("by"))
        added.add_argument("--why", required=True, metavar="TEXT", help=told("why"))
        for folder in ("data_dir", "processed_dir", "output_dir"):
            added.add_argument(f"--{folder.replace('_', '-')}", type=_callers_folder, metavar="DIR", help=told(folder))
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


# ---- the commands ----


def _review(options: argparse.Namespace) -> int:
    from analysis.review.kernels import FORKS, Kernels

    with Kernels(quiet=not options.debug) as kernels:  # imports its libraries while this process imports its own
        from analysis.review.execution import NotebookError
        from analysis.review.make import make_review
        from analysis.review.progress import Progress

        progress = Progress(options.lang)
        if not FORKS:
            progress.say("run.ordinary_kernels")
        folders = {name: getattr(options, name) for name in ("data_dir", "processed_dir", "output_dir", "notebooks")}
        given = {name: folder for name, folder in folders.items() if folder}
        code, handing = DONE, _handing(options)
        asked = _missed(options) if options.catch_up else options.months
        if not asked:
            progress.say("run.nothing_missed", source=options.source)
        for month in asked:
            if len(asked) > 1:
                progress.say("run.month", month=month)
            try:
                made = make_review(
                    options.source, month, **given, settings=options.settings, seed=options.seed,
                    kernels=kernels, progress=progress, replace=options.replace, allow_draft=options.allow_draft,
                )  # fmt: skip
            except NotebookError as error:
                code = _failed(error.text(options.lang), options, trace=error.traceback)
            except AnalysisError as error:
                if not options.keep_going or type(error).__name__ == "ParameterError":
                    raise
                code = _failed(error.text(options.lang), options)
            else:
                print(say("run.published", options.lang, source=options.source, month=month, folder=made), flush=True)
                if handing is not None:
                    handing(month)
            if code and not options.keep_going:
                break
        return code


def _missed(options: argparse.Namespace) -> list[str]:
    """The months that have no review yet, up to the last one asked for."""
    from analysis.month import open_month
    from analysis.review.missed import missed_months

    folders = (options.data_dir, options.processed_dir, options.output_dir)
    return missed_months(open_month(options.source, options.months[-1], *folders))


def _handing(options: argparse.Namespace) -> Callable[[str], None] | None:
    """What hands a month's published review on; None where nobody asked. The command is read before anything runs."""
    if not options.hand_over:
        return None
    from analysis.month import open_month
    from analysis.review.hand_over import hand_over, hand_over_command

    command = hand_over_command()
    folders = (options.data_dir, options.processed_dir, options.output_dir)

    def hand(month: str) -> None:
        done = hand_over(open_month(options.source, month, *folders), command)
        print(say("run.handed_over", options.lang, command=done), flush=True)

    return hand


def _explain(options: argparse.Namespace) -> int:
    from analysis.month import check_source
    from analysis.review.explain import explanation
    from analysis.workbench import open_month

    if not (options.supplier or options.sku):
        raise UsageError("run.explain_whom")
    folders = (options.data_dir, options.processed_dir, options.output_dir)
    review = open_month(options.source, options.month, *folders)
    check_source(review.source, review.data_dir)
    print(explanation(review, options.supplier, options.sku, options.lang))
    return DONE


def _schedule(options: argparse.Namespace) -> int:
    import datetime

    from analysis.month import check_source
    from analysis.review.schedule import schedule_text
    from analysis.sources.source_map import read_source_map

    zone = read_source_map(check_source(options.source, options.data_dir)).info.time_zone
    print(schedule_text(options.source, zone, options.at, options.lang, None, datetime.datetime.now().year))
    return DONE


def _compare(options: argparse.Namespace) -> int:
    from analysis.review.compare import main as run

    try:
        return run(options)
    except AnalysisError as error:  # 1 would say that the reviews differ
        return _failed(error.text(options.lang), options, usage=True)
    except Exception as error:
        told = error.text(options.lang) if hasattr(error, "text") else _sentence(error, options.lang)
        return _failed(told, options, usage=True)


def _verify(options: argparse.Namespace) -> int:
    from analysis.month import open_month
    from analysis.review.verify import verified

    folders = {name: getattr(options, name) for name in ("data_dir", "processed_dir", "output_dir")}
    review = open_month(options.source, options.month, **{name: folder for name, folder in folders.items() if folder})
    report, stands = verified(review, options.lang)
    print(report)
    return DONE if stands else FAILED


def _check(options: argparse.Namespace) -> int:
    from analysis.check_command import checked

    report, faults = checked(options.files, options.lang, options.month)
    if report:
        print(report)
    for fault in faults:
        _tell(fault.text(options.lang))
    return FAILED if faults else DONE


def _template(options: argparse.Namespace) -> int:
    from analysis.sources.ledger import write_template

    if options.file.exists():  # it may be the one that somebody has filled in
        raise AnalysisError("cli.file_exists", file=options.file)
    options.file.parent.mkdir(parents=True, exist_ok=True)
    write_template(options.file, options.lang)
    print(say("cli.template_written", options.lang, file=options.file))
    return DONE


def _simulate(options: argparse.Namespace) -> int:
    from analysis.simulate import simulate_company, write_company

    asked = {name: getattr(options, name) for name in ("rounds", "suppliers", "seed")}
    company = simulate_company(**{name: value for name, value in asked.items() if value is not None})
    _check_simulated(options.folder)
    truth = write_company(company, options.folder)
    print(say("cli.simulated", options.lang, folder=options.folder, truth=truth))
    return DONE


def _check_simulated(folder: Path) -> None:
    """Real files must not be mixed with invented ones."""
    if not folder.exists():
        return
    if not folder.is_dir() or (any(folder.iterdir()) and not _says_simulated(folder / "source.toml")):
        raise AnalysisError("cli.folder_in_use", folder=folder)


def _says_simulated(source_map: Path) -> bool:
    return source_map.exists() and bool(
        re.search(r"^simulated\s*=\s*true", source_map.read_text(encoding="utf-8"), re.M)
    )


def _backtest(options: argparse.Namespace) -> int:
    from analysis.review.backtest import main as run

    return run(options)


def _approve(options: argparse.Namespace) -> int:
    from analysis.weight_decisions import approve_weights

    print(approve_weights(options))
    return DONE


def _override(options: argparse.Namespace) -> int:
    from analysis.weight_decisions import override_weights

    print(override_weights(options))
    return DONE


# ---- what is typed ----


class _Version(argparse.Action):
    def __init__(self, option_strings: Sequence[str], dest: str, **kept: Any):
        super().__init__(option_strings, dest, nargs=0, **kept)

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        import analysis
        from analysis.review.provenance import git_state

        revision = git_state()["git_revision"]
        print(f"analysis {analysis.__version__}" + (f" ({revision[:10]})" if revision else ""))
        parser.exit()


class _Parameters(_Version):
    """What `--set` takes: the notebooks' own parameters with their defaults."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from analysis.paths import NOTEBOOKS
        from analysis.review.notebooks import find_notebooks, settable

        for name, default in settable(find_notebooks(NOTEBOOKS)).items():
            print(f"{name}={default}")
        parser.exit()


def _settle(options: argparse.Namespace) -> None:
    """Fill in what was left to the desk or the calendar: the source that is meant, and the last month that is over."""
    if getattr(options, "source", "") is None:
        options.source = _meant_source(options)
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
    _tell(say(meant.why, options.lang, source=meant.source))
    return meant.source


def _chosen(sources: list[str], language: Language) -> str:
    _tell("\n".join(f"{number}  {name}" for number, name in enumerate(sources, 1)))
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


# ---- what goes wrong ----


def _sentence(error: Exception, language: Language) -> str:
    """One sentence for an exception that is not our own."""
    if isinstance(error, OSError) and error.filename is not None:
        return say("run.cannot_use", language, path=error.filename, problem=error.strerror or error)
    problem = str(error).splitlines()[0] if str(error) else "-"
    return say("run.unexpected", language, kind=type(error).__name__, problem=problem)


def _failed(sentence: str, options: argparse.Namespace, usage: bool = False, trace: str = "") -> int:
    """Say it; with --debug after the traceback of what is being handled, and of the notebook's own."""
    if options.debug:
        import traceback

        traceback.print_exc()
        if trace:
            _tell(trace)
    _tell(sentence)
    return USAGE if usage else FAILED


def _tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
