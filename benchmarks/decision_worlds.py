"""Companies whose suppliers' true costs are known, for `decisions.py`: three kinds of truth, one way of buying.

`simulator`: the shipped one without its story. `drifters`: one supplier in four is 3 to 7 times as bad in bulk as in what won the
order; six in ten of these can be seen in measurements. `rough`: built differently. Eight suppliers in each of three categories, cheap
ones worse on average, everybody's bulk apart from its trials, lots of one supplier far apart now and then, inspectors that miss
one defect in four, and failures that only customers see.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pandas as pd
from scipy.special import expit, logit

from analysis.simulate import company, truth
from analysis.simulate.company import Company, simulate_company
from analysis.simulate.ordering import Columns
from analysis.simulate.truth import Truth

SUPPLIERS = 25
MISSED = 0.25
"""Of the defective pieces that a rough company's inspector holds in hand."""

populate, draw_lots, draw_truth = truth._populate, company.draw_lots, company.draw_truth
Populate = Callable[[np.random.Generator, np.ndarray, int], pd.DataFrame]


def make_company(kind: str, seed: int, months: int) -> Company:
    """A company of a kind of `WORLDS` after `months` months; the same arguments give the same company."""
    with WORLDS[kind](seed):
        return simulate_company(months, SUPPLIERS if kind != "rough" else 24, seed, story=False)


def hidden_rates(kind: str, suppliers: pd.DataFrame) -> pd.Series:
    """Share of pieces that fail at the customer though no inspector could have seen it, index supplier."""
    hidden = suppliers["hidden_rate"] if kind == "rough" else 0.0
    return pd.Series(hidden, suppliers["supplier"]) if np.isscalar(hidden) else hidden.set_axis(suppliers["supplier"])


@contextmanager
def _plain(seed: int) -> Iterator[None]:
    yield


@contextmanager
def _drifters(seed: int) -> Iterator[None]:
    own = np.random.default_rng([seed, 31])

    def populated(rng: np.random.Generator, category: np.ndarray, rounds: int) -> pd.DataFrame:
        table = populate(rng, category, rounds)
        drifts = own.random(len(table)) < 0.25
        shows = own.random(len(table)) < 0.6
        return table.assign(
            bulk_factor=np.where(drifts, own.uniform(3, 7, len(table)), 1.0),
            measured_shift=np.where(drifts & shows, -2.0, 0.0),
        )

    with patch.object(truth, "_populate", populated):
        yield


@contextmanager
def _rough(seed: int) -> Iterator[None]:
    own = np.random.default_rng([seed, 32])

    def populated(rng: np.random.Generator, category: np.ndarray, rounds: int) -> pd.DataFrame:
        table, n = populate(rng, np.arange(len(category)) % 3, rounds), len(category)
        quality = own.standard_t(4, n)
        dear = np.exp(0.10 * own.standard_normal(n) - 0.03 * np.clip(quality, -2, 2))
        table["defect_rate"] = np.clip(expit(logit(0.03) + 0.7 * quality), 0.002, 0.30)
        table["bulk_factor"] = np.exp(0.10 + 0.5 * own.standard_t(4, n)).clip(0.3, 8)
        table["measured_shift"] = np.where(own.random(n) < 0.5, -1.5, 0.0) * (table["bulk_factor"] > 2)
        return table.assign(price_factor=dear, hidden_rate=own.gamma(0.6, 0.012, n).clip(max=0.08))

    def lots(rng: np.random.Generator, known: Truth, lines: Columns) -> Columns:
        with patch("analysis.simulate.outcomes.LOT_SIZE_PARAMETER", 90.0):
            found = draw_lots(rng, known, lines)
        wild = own.random(len(found["lot"])) < 0.12
        rate = np.where(wild, np.minimum(found["defect_rate"] * own.pareto(1.5, len(wild)), 0.6), found["defect_rate"])
        defects = np.where(wild, own.binomial(found["pieces"], rate), found["defects"])
        held = own.hypergeometric(defects, found["pieces"] - defects, found["inspected"])
        return found | {"defect_rate": rate, "defects": defects, "defective": own.binomial(held, 1 - MISSED)}

    with patch.object(truth, "_populate", populated), patch.object(company, "draw_lots", lots):
        yield


WORLDS = {"simulator": _plain, "drifters": _drifters, "rough": _rough}


def asked_for(about: str, companies: int, ages: tuple[int, ...], first: int) -> argparse.ArgumentParser:
    """What both benchmarks ask of the command line: how many companies of which worlds, of what age, from which seed."""
    asked = argparse.ArgumentParser(description=about.splitlines()[0])
    asked.add_argument("--companies", type=int, default=companies)
    asked.add_argument("--months", type=int, nargs="*", default=list(ages))
    asked.add_argument("--world", nargs="*", choices=list(WORLDS), default=list(WORLDS))
    asked.add_argument("--first", type=int, default=first)
    asked.add_argument("--keep", type=Path)
    asked.add_argument("--read", type=Path)
    return asked
