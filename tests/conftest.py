"""What several test files share."""

import pytest

from analysis.review.kernels import Kernels


@pytest.fixture(scope="module")
def kernels():
    """Kernels that a module's reviews run in."""
    with Kernels() as opened:
        yield opened
