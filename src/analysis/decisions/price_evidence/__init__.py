"""What a price is worth as evidence: against the other offers of the same SKU, the supplier's own past, and what was really paid.

`compare_offers` puts the offers of an SKU side by side at one quantity and marks price traps; `capped_prices` holds a trap price's
worth at "acceptable" until paid prices bear it out.
"""

from analysis.decisions.price_evidence.benchmark import benchmark_ratios
from analysis.decisions.price_evidence.capped import PRICE_CRITERIA, capped_prices
from analysis.decisions.price_evidence.comparison import COMPARISON_COLUMNS, compare_offers, trap_offers
from analysis.decisions.price_evidence.rule import PriceRule

__all__ = [
    "COMPARISON_COLUMNS",
    "PRICE_CRITERIA",
    "PriceRule",
    "benchmark_ratios",
    "capped_prices",
    "compare_offers",
    "trap_offers",
]
