"""What a good piece costs at the house's door: goods, freight, duty, inspection, failure, money tied up.

`cost_per_good_piece` reckons one offer, `make_cost_sheet` every offer of a month, `quality_costs` what poor quality has cost.
"""

from analysis.decisions.landed_cost.cost_sheet import CostSheet, make_cost_sheet, with_unseen
from analysis.decisions.landed_cost.freight_history import FEWEST_ORDERS
from analysis.decisions.landed_cost.freight_sources import SELLER, FreightSources, known_freight
from analysis.decisions.landed_cost.freight_tariff import FreightTariff, freight_tariffs
from analysis.decisions.landed_cost.good_piece import cost_per_good_piece
from analysis.decisions.landed_cost.house import (
    DAYS_A_YEAR,
    Customs,
    HouseCosts,
    border_factor,
    exchange_rates,
    house_costs,
    known_customs,
    premium,
)
from analysis.decisions.landed_cost.lot_costs import COMPONENTS, WAY
from analysis.decisions.landed_cost.offer_costs import CostRow, border_of, cost_rows
from analysis.decisions.landed_cost.quality_cost import quality_costs
from analysis.decisions.landed_cost.waterfall import YIELD_LOSS, GoodPieceCost, rounded_bars

__all__ = [
    "COMPONENTS",
    "DAYS_A_YEAR",
    "FEWEST_ORDERS",
    "SELLER",
    "WAY",
    "YIELD_LOSS",
    "CostRow",
    "CostSheet",
    "Customs",
    "FreightSources",
    "FreightTariff",
    "GoodPieceCost",
    "HouseCosts",
    "border_factor",
    "border_of",
    "cost_per_good_piece",
    "cost_rows",
    "exchange_rates",
    "freight_tariffs",
    "house_costs",
    "known_customs",
    "known_freight",
    "make_cost_sheet",
    "premium",
    "quality_costs",
    "rounded_bars",
    "with_unseen",
]
