"""Defect rates: share of pieces that fail, pooled over lots, SKUs, suppliers and categories.

`fit_lots` gives the posterior of a month's lots, `defect_rate_table` its table; `fit_beta_prior` is the plain maximum-likelihood prior.
"""

from analysis.estimates.defect_rate.beta_prior import fit_beta_prior
from analysis.estimates.defect_rate.bulk_rate import bulk_draws
from analysis.estimates.defect_rate.foreseen_lot import ForeseenLots, foreseen_lots
from analysis.estimates.defect_rate.found_share import FoundShare
from analysis.estimates.defect_rate.lot_variation import USUAL_LOT_CORRELATION
from analysis.estimates.defect_rate.posterior import DefectRates, fit_defect_rates
from analysis.estimates.defect_rate.rate_grid import RateGrid
from analysis.estimates.defect_rate.rate_mixture import pieces_for_a_good_one
from analysis.estimates.defect_rate.tables import (
    count_lots,
    defect_draws,
    defect_items,
    defect_rate_table,
    defect_rates_by_block,
    draws_beforehand,
    fit_lots,
    inspected_lots,
    lot_correlation_of,
    return_rates,
)

__all__ = [
    "USUAL_LOT_CORRELATION",
    "DefectRates",
    "ForeseenLots",
    "FoundShare",
    "RateGrid",
    "bulk_draws",
    "count_lots",
    "defect_draws",
    "defect_items",
    "defect_rate_table",
    "defect_rates_by_block",
    "draws_beforehand",
    "fit_beta_prior",
    "fit_defect_rates",
    "fit_lots",
    "foreseen_lots",
    "inspected_lots",
    "lot_correlation_of",
    "pieces_for_a_good_one",
    "return_rates",
]
