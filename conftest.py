"""One thread a process, no deadline for hypothesis; and nbval compares what is kept of a notebook's outputs: text. Pictures and markup are drawn anew each time."""

import os

import pytest
from hypothesis import settings

# Before numpy is imported: arrays here are small, and several threads for one of them cost ten times what they save.
for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(variable, "1")

# Notebooks open the shipped example here, whatever source this house has set once for itself.
os.environ["ANALYSIS_SOURCE"], os.environ["ANALYSIS_MONTH"] = "example", "2026-10"

# A busy machine is slow now and then, which says nothing about the code. `make fuzz` asks for many times hypothesis's 100 examples.
settings.register_profile("project", deadline=None, max_examples=100 * int(os.environ.get("EXAMPLES_TIMES", "1")))
settings.load_profile("project")

LONG = (
    "tests/test_cases_thin.py", "tests/test_backtest.py", "notebooks", "tests/test_thin_data.py", "tests/test_load.py", "tests/test_end_to_end.py",
    "tests/test_hostile_files.py", "tests/test_cases_identity.py", "tests/test_cli.py", "tests/test_check_command.py", "tests/test_simulate_files.py",
    "tests/test_trial_plan.py", "tests/test_as_of.py", "tests/test_pdf.py", "tests/test_weights.py", "tests/test_lead_time_posterior.py",
)  # fmt: skip
"""What takes longest, the longest first: a worker that comes to it last would leave the other one idle."""

DRAWN = ("image/png", "image/jpeg", "image/svg+xml", "text/html")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item):
    skipped = getattr(item.parent, "skip_compare", None)
    if skipped is not None:
        item.parent.skip_compare = tuple({*skipped, *DRAWN})


def scope_of(nodeid):
    """What one worker runs as a whole: a file of tests, or the notebooks, each of which reads what those before it wrote."""
    return "notebooks" if nodeid.startswith("notebooks/") else nodeid.partition("::")[0]


def pytest_collection_modifyitems(items):
    places = {scope: place for place, scope in enumerate(LONG)}
    items.sort(key=lambda item: places.get(scope_of(item.nodeid), len(LONG)))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    from xdist.scheduler import LoadFileScheduling

    class WholeFiles(LoadFileScheduling):
        def _split_scope(self, nodeid):
            return scope_of(nodeid)

    return WholeFiles(config, log)
