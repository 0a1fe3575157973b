"""One thread a process, no deadline for hypothesis; and nbval compares what is kept of a notebook's outputs: text. Pictures and markup are drawn anew each time."""

import os

import pytest
from hypothesis import settings

# Before numpy is imported: arrays here are small, and several threads for one of them cost ten times what they save.
for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(variable, "1")

# Notebooks open the shipped example here, whatever source this house has set once for itself.
os.environ["ANALYSIS_SOURCE"], os.environ["ANALYSIS_MONTH"] = "example", "2026-10"

# A busy machine is slow now and then, which says nothing about the code.
settings.register_profile("no deadline", deadline=None)
settings.load_profile("no deadline")

DRAWN = ("image/png", "image/jpeg", "image/svg+xml", "text/html")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item):
    skipped = getattr(item.parent, "skip_compare", None)
    if skipped is not None:
        item.parent.skip_compare = tuple({*skipped, *DRAWN})
