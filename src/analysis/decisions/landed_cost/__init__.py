"""What a good piece costs at the house's door: goods, freight, duty, inspection, failure, money tied up.

`cost_per_good_piece` reckons one offer, `make_cost_sheet` every offer of a month, `quality_costs` what poor quality has cost.
"""

from analysis.decisions.landed_cost.cost_sheet import CostRow, CostSheet, make_cost_sheet, with_unseen
from analysis.decisions.landed_cost.freight_sources import SELLER, FreightSources, known_freight
from analysis.decisions.landed_cost.freight_tariff import FreightTariff
from analysis.decisions.landed_cost.good_piece import cost_per_good_piece
from analysis.decisions.landed_cost.house import DAYS_A_YEAR, HouseCosts, house_costs
from analysis.decisions.landed_cost.quality_cost import quality_costs
from analysis.decisions.landed_cost.waterfall import COMPONENTS, YIELD_LOSS, GoodPieceCost, rounded_bars

__all__ = [
    "COMPONENTS",
    "DAYS_A_YEAR",
    "SELLER",
    "YIELD_LOSS",
    "CostRow",
    "CostSheet",
    "FreightSources",
    "FreightTariff",
    "GoodPieceCost",
    "HouseCosts",
    "cost_per_good_piece",
    "house_costs",
    "known_freight",
    "make_cost_sheet",
    "quality_costs",
    "rounded_bars",
    "with_unseen",
]
