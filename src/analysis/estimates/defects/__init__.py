"""Rates of defective pieces: priors, posteriors, lots and drift, beside `defect_rate` and `drift`."""
