"""Demand over the lead time and what follows from it, beside `stock`."""
