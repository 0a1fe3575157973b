"""A company with known truth: for demonstrations, coverage studies and back-tests."""

from analysis.simulate.company import Company, simulate_company
from analysis.simulate.files import read_truth, write_company

__all__ = ["Company", "read_truth", "simulate_company", "write_company"]
