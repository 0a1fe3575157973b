"""Sampling plans and what they cost, beside `inspection_plan`."""
