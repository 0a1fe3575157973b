"""The command `analysis`: review, compare, verify, explain, check, template, history, schedule, simulate, backtest, weights.

Exit code 0: done; 1: it could not be done, and one sentence on standard error says why; 2: wrong usage. Of `compare`,
as of `diff`, 0: the same, 1: different, 2: trouble. What a sub-command
needs is imported when it runs, so that help and wrong usage answer at once.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from analysis.errors import AnalysisError
from analysis.process_limits import check_limits, one_thread, open_streams
from analysis.typed import UsageError, parser_of, settle, spoken_language, tell
from analysis.wording import Language, say

if TYPE_CHECKING:
    from analysis.review.execution import NotebookError

DONE, FAILED, USAGE, INTERRUPTED = 0, 1, 2, 130
OUTSIDE = "_outside"
"""The folder of reviews with pseudonyms, beside those of the house."""
WRONG_USAGE = ("ParameterError", "SourceChoice", "UsageError")
"""Errors that no data can mend: exit code 2."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command line; returns its exit code."""
    words = sys.argv[1:] if arguments is None else list(arguments)
    one_thread()
    language = spoken_language(words, os.environ)
    open_streams()
    options = parser_of(language, RUNS).parse_args(words)
    try:
        settle(options)
        check_limits()
        return options.run(options)
    except AnalysisError as error:
        return _failed(error.text(options.lang), options, usage=type(error).__name__ in WRONG_USAGE)
    except KeyboardInterrupt:
        tell(say("run.interrupted", options.lang))
        return INTERRUPTED
    except BrokenPipeError:  # the reader of our output has gone: `analysis check ... | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except Exception as error:
        return _failed(_sentence(error, options.lang), options)


# ---- the commands ----


def _review(options: argparse.Namespace) -> int:
    """The reviews of one source, month after month; those of several sources at once, by as many workers as asked for."""
    sources = list(dict.fromkeys(getattr(options, "sources", [])))
    if len(sources) <= 1:
        return _review_source(options)
    from analysis.workers import finished, pool_of

    if getattr(options, "pseudonyms", False):
        _hide_names(options)  # once, or each worker would make a key
    tasks = []
    for source in sources:
        each = argparse.Namespace(**{**vars(options), "source": source, "label": f"{source}: "})
        each.months = options.months_typed
        settle(each)
        tasks.append(each)
    pool = pool_of(min(options.workers, len(tasks)), options.cluster)
    return max(finished(_told_review, tasks, pool))


def _told_review(options: argparse.Namespace) -> int:
    """The reviews of one of several sources, what goes wrong told: the others go on. Asked again, it publishes the same."""
    one_thread()
    try:
        return _review_source(options)
    except AnalysisError as error:
        return _failed(options.label + error.text(options.lang), options)
    except Exception as error:
        return _failed(options.label + _sentence(error, options.lang), options)


def _review_source(options: argparse.Namespace) -> int:
    if getattr(options, "pseudonyms", False):
        _hide_names(options)
    from analysis.review.kernels import FORKS, Kernels

    with Kernels(quiet=not options.debug) as kernels:  # imports its libraries while this process imports its own
        from analysis.review.execution import NotebookError
        from analysis.review.make import make_review
        from analysis.review.progress import Progress

        progress = Progress(options.lang, label=getattr(options, "label", ""))
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
                code = _failed(_of_cell(error, options.lang), options, trace=error.traceback)
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


def _hide_names(options: argparse.Namespace) -> None:
    """Suppliers under other names; unless folders are typed, not in those of the house's own reviews, which know them by their names."""
    from analysis.paths import CONFIG, PROCESSED, REPORTS
    from analysis.sources.pseudonyms import KEY_FILE, make_key

    key = CONFIG / "pseudonyms.key"
    make_key(key)
    os.environ[KEY_FILE] = str(key)
    options.processed_dir = options.processed_dir or PROCESSED / OUTSIDE
    options.output_dir = options.output_dir or REPORTS / OUTSIDE


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

    if not (options.supplier or options.sku or options.batch):
        raise UsageError("run.explain_whom")
    folders = (options.data_dir, options.processed_dir, options.output_dir)
    review = open_month(options.source, options.month, *folders)
    check_source(review.source, review.data_dir)
    print(explanation(review, options.supplier, options.sku, options.lang, options.batch))
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
        tell(fault.text(options.lang))
    return FAILED if faults else DONE


def _template(options: argparse.Namespace) -> int:
    from analysis.sources.ledger import write_template

    if options.file.exists():  # it may be the one that somebody has filled in
        raise AnalysisError("cli.file_exists", file=options.file)
    options.file.parent.mkdir(parents=True, exist_ok=True)
    write_template(options.file, options.lang)
    print(say("cli.template_written", options.lang, file=options.file))
    return DONE


def _history(options: argparse.Namespace) -> int:
    from analysis.history_command import history

    print(history(options, tell))
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


RUNS = {
    "review": _review,
    "explain": _explain,
    "schedule": _schedule,
    "compare": _compare,
    "verify": _verify,
    "check": _check,
    "template": _template,
    "history": _history,
    "simulate": _simulate,
    "backtest": _backtest,
    "approve": _approve,
    "override": _override,
}
"""What each command does, by name."""


# ---- what goes wrong ----


def _sentence(error: Exception, language: Language) -> str:
    """One sentence for an exception that is not our own."""
    if isinstance(error, OSError) and error.filename is not None:
        return say("run.cannot_use", language, path=error.filename, problem=error.strerror or error)
    if isinstance(error, OSError) and error.strerror:
        return say("run.system_refused", language, problem=error.strerror)
    from analysis.unexpected import unexpected_error

    return unexpected_error(error).text(language)


def _of_cell(error: NotebookError, language: Language) -> str:
    """A cell's own sentence, or where it failed and what to send to whom."""
    if error.told:
        return error.text(language)
    from analysis.unexpected import unexpected_error

    return unexpected_error(error, error.text(language), error.traceback).text(language)


def _failed(sentence: str, options: argparse.Namespace, usage: bool = False, trace: str = "") -> int:
    """Say it; with --debug after the traceback of what is being handled, and of the notebook's own."""
    if options.debug:
        import traceback

        traceback.print_exc()
        if trace:
            tell(trace)
    tell(sentence)
    return USAGE if usage else FAILED


if __name__ == "__main__":
    sys.exit(main())
