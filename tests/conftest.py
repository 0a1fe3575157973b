"""What several test files share."""

import pytest
from small_review import make, write_company

from analysis.review.kernels import Kernels


@pytest.fixture(scope="module")
def kernels():
    """Kernels that a module's reviews run in."""
    with Kernels() as opened:
        yield opened


@pytest.fixture
def folders(tmp_path):
    """The folders of the small company."""
    return write_company(tmp_path)


@pytest.fixture
def review(folders, kernels):
    """Makes the review of the small company's month; words override what is asked."""
    return lambda **asked: make(folders, kernels, **asked)
