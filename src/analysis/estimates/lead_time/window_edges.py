"""What past deliveries say of a shutdown's edges: the days that explain best when the orders around past festivals arrived.

The lead times themselves are taken as fitted with the days expected; only the count of days changes. Edges and work left are drawn
to the days expected (normal, `_EDGE_SPREAD` days, `_WORK_SPREAD`), so that a few lines move them little.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from scipy import special

from analysis.estimates.lead_time.deliveries import LeadTimes
from analysis.estimates.lead_time.posterior import LeadTimePosterior
from analysis.estimates.lead_time.shutdowns import FESTIVALS, STATED, KnownAhead, Shutdown, Shutdowns
from analysis.estimates.lead_time.tables import fit_lead_times
from analysis.estimates.lead_time.working_days import Calendar

_EDGE_SPREAD, _WORK_SPREAD = 2.0, 0.25
_REACH = 9
_WORK = (0.0, 0.25, 0.5, 0.75, 1.0)
_SETTLED = 21
"""Days after a window's expected end until a festival is learned from: by then most of its orders are there."""
_ODD = 0.05
"""Of arrivals that follow no shutdown at all: a parcel on the road, a house that works through."""
_ROUNDS = 2
_LEAST_DELIVERIES = 20
_NEVER_CLOSED = 0.02
"""Of houses whose suppliers all work through a festival, before anything is seen."""


def learned_shutdowns(times: LeadTimes, calendar: Calendar, known: KnownAhead) -> Shutdowns:
    """The shutdowns expected, with their edges moved by what past festivals show; `times` counted by every day.

    A festival of which fewer than 20 deliveries tell keeps the days expected, unless these clearly came as if nothing had stood still.
    """
    expected = known.expected
    if not expected or (lines := _telling(times, known)).empty:
        return expected
    posterior = fit_lead_times(times.counted_by(calendar.outside(expected, known.stated)), sure=True)
    if posterior is None:
        return expected
    enough = {festival: lines.loc[lines[festival], "weight"].sum() >= _LEAST_DELIVERIES for festival in expected}
    located, found = _located(lines, posterior), dict(expected)
    for festival in (name for name in expected if enough[name]):
        found[festival] = _best(festival, found, expected[festival], located[located[festival]], calendar)
    if not all(enough.values()) and (outside := fit_lead_times(_clear(times, calendar, known), sure=True)) is not None:
        located = _located(lines, outside)
        for festival in (name for name in expected if not enough[name]):
            near = located[located[festival]]
            if len(near) and _worked_through(festival, found, near, calendar):
                found[festival] = replace(expected[festival], work_left=1.0)
    return found


def _located(lines: pd.DataFrame, posterior: LeadTimePosterior) -> pd.DataFrame:
    """`lines` with `location` and `spread` of a lognormal with their supplier's median and P90."""
    middle, late = (posterior.quantile(q)["estimate"] for q in (0.5, 0.9))
    spread = (np.log(late / middle) / special.ndtri(0.9)).to_numpy()
    at = posterior.suppliers.get_indexer(lines["supplier"])
    return lines.assign(location=np.log(middle.to_numpy())[at], spread=spread[at])


def _worked_through(festival: str, all_of: Shutdowns, lines: pd.DataFrame, calendar: Calendar) -> bool:
    """Whether a few lines, of suppliers known by their others, tell that nobody stood still; one odd parcel does not."""
    none = {**all_of, festival: replace(all_of[festival], work_left=1.0)}
    gain = _log_likelihood(lines, calendar.outside(none)) - _log_likelihood(lines, calendar.outside(all_of))
    return bool((lines["weight"] * gain).sum() > -np.log(_NEVER_CLOSED))


SHUTDOWN_COLUMNS = (
    "festival", "days_before", "days_after", "work_left", "expected_before", "expected_after", "closed_from", "closed_until", "stated",
)  # fmt: skip


def shutdowns_table(times: LeadTimes, known: KnownAhead) -> pd.DataFrame:
    """One row a shutdown left out of `times`: its days now and as the rules expected them, and the next one after `times.as_of`."""
    rows = []
    for festival, one in times.calendar.shutdowns.items():
        first, usual = FESTIVALS[festival], known.expected[festival]
        coming = first[first + one.days_after >= np.datetime64(times.as_of, "D")]
        edges = (
            pd.Timestamp(coming[0] + step) if coming.size else pd.NaT for step in (-one.days_before, one.days_after)
        )
        days = one.days_before, one.days_after, one.work_left, usual.days_before, usual.days_after
        rows.append((festival, *days, *edges, len(known.stated) if festival == STATED else 0))
    table = pd.DataFrame(rows, columns=list(SHUTDOWN_COLUMNS))
    return table.astype({"festival": "str", "closed_from": "datetime64[us]", "closed_until": "datetime64[us]"})


def _telling(times: LeadTimes, known: KnownAhead) -> pd.DataFrame:
    """The lines under way during a festival that is well over, with a column of truths a festival; suppliers' own days aside."""
    expected, lines = known.expected, times.lines[~times.lines["supplier"].isin(list(known.stated))].copy()
    for festival, shutdown in expected.items():
        first = FESTIVALS[festival]
        over = first[first + shutdown.days_after + _SETTLED <= np.datetime64(times.as_of, "D")]
        lines[festival] = _under_way(lines, over, shutdown.days_before, shutdown.days_after)
    return lines[lines[list(expected)].any(axis=1)]


def _clear(times: LeadTimes, calendar: Calendar, known: KnownAhead) -> LeadTimes:
    """The lines that no festival can have kept, one that is not yet over included; suppliers' own days where they state them."""
    lines, near = times.lines, np.zeros(len(times.lines), bool)
    for festival, usual in known.expected.items():
        before, after = (
            lines["supplier"]
            .map({name: getattr(of.get(festival, usual), edge) for name, of in known.stated.items()})
            .astype(float)
            .fillna(getattr(usual, edge))
            .to_numpy(int)
            for edge in ("days_before", "days_after")
        )
        near |= _under_way(lines, FESTIVALS[festival], before, after)
    counted = times.counted_by(calendar)
    return replace(counted, lines=counted.lines[~near])


def _under_way(lines: pd.DataFrame, first: np.ndarray, before: int | np.ndarray, after: int | np.ndarray) -> np.ndarray:
    """Whether each line was under way within reach of a festival on one of the days `first`, kept so many days before and after it."""
    start = lines["clock_on"].to_numpy("datetime64[D]")
    end = (lines["clock_on"] + pd.to_timedelta(lines["days"], unit="D")).to_numpy("datetime64[D]")
    begun = np.searchsorted(first, end + (before + _REACH), side="right")
    return begun > np.searchsorted(first, start - (after + _REACH), side="left")


def _best(festival: str, all_of: Shutdowns, prior: Shutdown, lines: pd.DataFrame, calendar: Calendar) -> Shutdown:
    """Each of the three numbers in turn, twice: the best of the values near the one expected."""
    found = prior
    for _ in range(_ROUNDS):
        for name, values in _values(prior).items():
            tried = [replace(found, **{name: value}) for value in values]
            score = [_log_posterior(lines, calendar.outside({**all_of, festival: one}), one, prior) for one in tried]
            found = tried[int(np.argmax(score))]
    return found


def _values(prior: Shutdown) -> dict[str, list[Any]]:
    def edge(days: int) -> list[int]:
        return [days, *(days + step for step in range(-_REACH, _REACH + 1) if step and days + step >= 0)]

    work = [prior.work_left, *(share for share in _WORK if share != prior.work_left)]
    return {"days_before": edge(prior.days_before), "days_after": edge(prior.days_after), "work_left": work}


def _log_posterior(lines: pd.DataFrame, days: Calendar, one: Shutdown, prior: Shutdown) -> float:
    steps = (one.days_before - prior.days_before) ** 2 + (one.days_after - prior.days_after) ** 2
    away = steps / _EDGE_SPREAD**2 + ((one.work_left - prior.work_left) / _WORK_SPREAD) ** 2
    return float((lines["weight"] * _log_likelihood(lines, days)).sum()) - away / 2


def _log_likelihood(lines: pd.DataFrame, calendar: Calendar) -> np.ndarray:
    """log chance of arriving on the very day, or of not having come yet; a lognormal with the fitted median and P90."""
    start, days = lines["clock_on"], lines["days"].to_numpy(float)

    def beyond(ordinary: np.ndarray, count: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
        counted = np.maximum(count(np.maximum(ordinary, 0.0)) + 0.5 * (ordinary >= 0), 1e-9)
        return special.ndtr((lines["location"] - np.log(counted)) / lines["spread"])

    def by_shutdown(ordinary: np.ndarray) -> np.ndarray:
        return calendar.between(start, start + pd.to_timedelta(ordinary, unit="D"))

    chances = []
    for count in (by_shutdown, lambda ordinary: ordinary):
        late = beyond(days, count)
        chances.append(np.where(lines["received"], beyond(days - 1, count) - late, late))
    return np.log(np.maximum((1 - _ODD) * chances[0] + _ODD * chances[1], 1e-12))
