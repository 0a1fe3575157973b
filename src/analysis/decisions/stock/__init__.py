"""When to order again: demand (`fit_demand`; of the months ahead `fit_demand_ahead`), demand over the lead time, `reorder_point`, and the plan of every SKU (`plan_stock`)."""

from analysis.decisions.stock.demand import DemandPosterior, fit_demand, season_pieces, selling_prices
from analysis.decisions.stock.demand_ahead import fit_demand_ahead
from analysis.decisions.stock.demand_forecast import forecast_demand
from analysis.decisions.stock.demand_nodes import DemandNodes
from analysis.decisions.stock.lead_time_demand import LeadTimeDemand, lead_time_nodes
from analysis.decisions.stock.reorder import reorder_point
from analysis.decisions.stock.shelf import stock_position
from analysis.decisions.stock.stock_plan import StockRule, plan_stock
from analysis.decisions.stock.stopped import StoppedRule, stopped_selling

__all__ = [
    "DemandNodes",
    "DemandPosterior",
    "LeadTimeDemand",
    "StockRule",
    "StoppedRule",
    "fit_demand",
    "fit_demand_ahead",
    "forecast_demand",
    "lead_time_nodes",
    "plan_stock",
    "reorder_point",
    "season_pieces",
    "selling_prices",
    "stock_position",
    "stopped_selling",
]
