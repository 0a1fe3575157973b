"""From past trials to weights, beside `weights`: rows, posterior, back-test, step and ledger."""
