"""What several test files share."""

import os

# Before numpy is imported: several threads for arrays this small cost ten times what they save, above all beside another worker.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import pytest
from small_review import make, write_company

from analysis.review.kernels import Kernels
from analysis.sources import intake


@pytest.fixture(scope="session")
def kernels():
    """Kernels that the reviews of a worker's tests run in."""
    with Kernels() as opened:
        yield opened


@pytest.fixture(autouse=True)
def read_here(request, monkeypatch):
    """Small files are parsed in the process of the test: a child for each costs more than all else. What tests the child is marked `caged`."""
    if "caged" not in request.keywords:
        monkeypatch.setattr(intake, "caged", lambda read, paths: map(read, paths))


@pytest.fixture
def folders(tmp_path):
    """The folders of the small company."""
    return write_company(tmp_path)


@pytest.fixture
def review(folders, kernels):
    """Makes the review of the small company's month; words override what is asked."""
    return lambda **asked: make(folders, kernels, **asked)
