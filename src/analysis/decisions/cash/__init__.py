"""Money and goods ahead: what is to be paid when (`payments_ahead`), what the coming month takes in cash (`cash_need`), and when the stock
counted calls for an order (`stock_now`)."""

from analysis.decisions.cash.need import DUE, cash_need
from analysis.decisions.cash.payments import PAYMENT_COLUMNS, not_reckoned, payments_ahead
from analysis.decisions.cash.shelf import STOCK_NOW_COLUMNS, stock_now

__all__ = [
    "DUE",
    "PAYMENT_COLUMNS",
    "STOCK_NOW_COLUMNS",
    "cash_need",
    "not_reckoned",
    "payments_ahead",
    "stock_now",
]
