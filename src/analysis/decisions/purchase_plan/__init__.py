"""The one answer: what to order now, of whom, how many, for how much, and how sure that is, a row an SKU.

Grades gate and money chooses: among the suppliers that are not grade C, nor bad in bulk against what won the order, the least expected
cost a good piece decides, less what changing supplier costs. Capacity, shares, minimum orders and cash limit all orders together. Every
other page takes supplier and quantity from here.
"""

from analysis.decisions.purchase_plan.orders_placed import placed_orders, supplied
from analysis.decisions.purchase_plan.plan import plan_purchases
from analysis.decisions.purchase_plan.plan_inputs import Barred
from analysis.decisions.purchase_plan.plan_table import ACTIONS, PLAN_COLUMNS
from analysis.decisions.purchase_plan.rule import PurchaseRule
from analysis.decisions.purchase_plan.saving import saved_together

__all__ = [
    "ACTIONS",
    "PLAN_COLUMNS",
    "Barred",
    "PurchaseRule",
    "placed_orders",
    "plan_purchases",
    "saved_together",
    "supplied",
]
