"""What the evidence says: posterior draws of each supplier, and nothing of paths, rules or pages.

Means that exist. A number that becomes money, days or pieces is never the mean of a distribution that has none, or whose mean hangs
on a tail that nobody believes. How that is done, everywhere:

- *Defect rates.* The mean of all suppliers is beta(1, 9) beforehand (`defect_rate/hyper_grid.py`); each supplier leans on the
  others' lots, the more the fewer its own. One supplier's 0 of 30 reads 2-3 %, not 0 and not 5.
- *Pieces for a good one*, 1 / (1 - p): rates are cut at 95 % (`defect_rate.pieces_for_a_good_one`), 20 pieces at most. Costs a
  good piece, order sizes, negotiation and supply policies all take it from there.
- *Lead times.* Suppliers share a population with proper priors of its spreads; a P90 far beyond 3.6 medians and a median beyond
  twice the longest wait that the house has seen are soon improbable (`lead_time/evidence.py`). What is printed are
  medians and quantiles.
- *Demand.* The prior makes the mean of a month the plain mean of the months known, and the tail no longer than an inverse gamma of
  shape 3 (`decisions/stock/demand.py`); how months vary is learned from all articles together.
- *Ratios* (margin, cost against market) are draws of costs over a price that is known, never over a draw.

Without any evidence there is no number but a dash. `benchmarks/thin_estimates.py` checks it all in worlds whose truth is known.
"""
