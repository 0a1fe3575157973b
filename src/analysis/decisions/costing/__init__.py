"""Prices, freight, terms and charges: what `landed_cost` and the cost sheet add up."""
