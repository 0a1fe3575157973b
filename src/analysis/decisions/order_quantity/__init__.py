"""How many pieces to order: `best_order` scans every price and freight step of one offer, `order_sizes` those of all offers,
`best_batch` mixes several SKUs of one supplier.
"""

from analysis.decisions.order_quantity.best import OrderError, best_order
from analysis.decisions.order_quantity.mixed_batch import BatchOffer, BatchPlan, best_batch
from analysis.decisions.order_quantity.sheet import order_sizes

__all__ = ["BatchOffer", "BatchPlan", "OrderError", "best_batch", "best_order", "order_sizes"]
