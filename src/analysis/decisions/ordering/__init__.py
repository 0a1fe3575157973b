"""How much to order at once, beside `order_quantity`: scans, sheets, mixed and one-off batches."""
