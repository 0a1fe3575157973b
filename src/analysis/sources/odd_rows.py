"""Rows that are kept and odd: a line that came in part or with more than was ordered, an arrival of which the year may be wrong, a line told twice but for its number, months left out of a history,
money that does not add up."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from analysis.sources.quarantine import no_notes, note, notes
from analysis.sources.table_types import RawTable


def above_ordered(lines: pd.DataFrame) -> pd.DataFrame:
    """Remarks on lines of which more pieces have come than were ordered: parcels told twice, or a zero too many."""
    more = lines[(lines["received_quantity"] > lines["quantity"]).fillna(False).astype(bool)]
    return notes(
        note("orders", file, sheet, row, "received_quantity", "received_above_ordered", value=came, quantity=ordered)
        for (file, sheet, row), came, ordered in zip(more.index, more["received_quantity"], more["quantity"])
    )


_VAT = 1.13
"""What goods are times with China's full value added tax."""
FAR = 0.05
"""Share of what quantity and price come to by which a payment may differ where no total of the goods is told."""
YEAR_SLIP = 300
"""Days from order to arrival from which a year may have been mistyped."""
UNHEARD_OF = 10
"""Times the middle line's days, beyond which nobody waits."""


def year_slips(lines: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    """Remarks on arrivals about a year or more after their order in a house where the middle line took a tenth of it or less."""
    days = (lines["received_on"] - lines["ordered_on"]).dt.days.where(lines["received_on"] <= as_of)
    middle = days.median()
    odd = days[days >= max(YEAR_SLIP, UNHEARD_OF * middle)]
    return notes(
        note(
            "orders",
            file,
            sheet,
            row,
            "received_on",
            "year_slip",
            value=f"{day:%Y-%m-%d}",
            days=int(waited),
            middle=f"{middle:g}",
        )
        for (file, sheet, row), day, waited in zip(odd.index, lines.loc[odd.index, "received_on"], odd)
    )


def alike_lines(orders: pd.DataFrame) -> pd.DataFrame:
    """Remarks on lines that differ from an earlier line of their order in nothing but the line number."""
    some = orders.duplicated(["order_id", "sku", "quantity"], keep=False)
    orders = orders[some]
    same = orders.drop(columns=["line_no", "known_on"])
    alike = same.duplicated(keep="first")
    if not alike.any():
        return no_notes()
    first = (
        orders["line_no"]
        .groupby(same.groupby(list(same.columns), dropna=False, sort=False).ngroup())
        .transform("first")
    )
    told = zip(orders.index[alike], first[alike])
    return notes(
        note("orders", file, sheet, row, "line_no", "alike_line", value=number) for (file, sheet, row), number in told
    )


CLEARLY_DEARER = 1.2
"""Times a price from which another one in the same order is hardly that of the same article."""


def clearly_dearer(low: pd.Series, high: pd.Series) -> pd.Series:
    """Whether of two prices of one order `high` is hardly that of the same article as `low`; of a gift (0) nobody knows."""
    return (low > 0) & (high >= CLEARLY_DEARER * low)


def prices_of_one_sku(orders: pd.DataFrame) -> pd.DataFrame:
    """A remark on each SKU that has clearly different prices in one order and stage, at its last line there."""
    by = ["order_id", "sku", "stage"]
    rows = orders[(orders["unit_price"] > 0).fillna(False) & (orders["status"] != "cancelled").fillna(True)]
    rows = rows[rows.duplicated(by, keep=False)]
    if rows.empty:
        return no_notes()
    prices = rows["unit_price"].astype(float).groupby([rows[name] for name in by], dropna=False)
    low, high = prices.transform("min"), prices.transform("max")
    some = rows[clearly_dearer(low, high)].drop_duplicates(by, keep="last")
    told = zip(some.index, some["sku"], low[some.index], high[some.index])
    return notes(
        note("orders", file, sheet, row, "sku", "sku_prices_differ", value=sku, low=f"{one:.2f}", high=f"{other:.2f}")
        for (file, sheet, row), sku, one, other in told
        if pd.notna(sku)
    )


def of_several_suppliers(orders: pd.DataFrame) -> pd.DataFrame:
    """A remark on each order whose lines are of several suppliers, at the first line of each further one."""
    pairs = orders[["order_id", "supplier"]].dropna().drop_duplicates()
    more = pairs[pairs.duplicated("order_id")]
    if more.empty:
        return no_notes()
    first = pairs.drop_duplicates("order_id").set_index("order_id")["supplier"]
    return notes(
        note("orders", file, sheet, row, "supplier", "order_of_several", value=number, other=who, first=first[number])
        for (file, sheet, row), number, who in zip(more.index, more["order_id"], more["supplier"])
    )


def demand_gaps(demand: pd.DataFrame) -> pd.DataFrame:
    """A remark on each article of which months are not told of, at the first row after a gap: a list of sales often leaves out
    the months without any."""
    rows = demand.dropna(subset=["sku", "month", "units"]).sort_values(["sku", "month"], kind="stable")
    months = rows["month"].dt.year * 12 + rows["month"].dt.month
    left_out = (months.groupby(rows["sku"]).diff() - 1).fillna(0).clip(lower=0)
    first = rows[left_out > 0].drop_duplicates("sku")
    counts = left_out.groupby(rows["sku"]).sum()
    told = zip(first.index, first["sku"])
    return notes(
        note("demand", file, sheet, row, "month", "demand_gap", value=sku, count=int(counts[sku]))
        for (file, sheet, row), sku in told
    )


def _goods_apart(rows: pd.DataFrame) -> pd.Series:
    """(rows,) whether the goods total is neither quantity times price nor that with freight, less the discount, or with or without
    tax; half a fen of a price and one of a total may be rounding."""
    pieces, total = rows["quantity"].astype(float), rows["goods_amount"]
    told = pieces * rows["unit_price"]
    freight, discount = rows["freight"].fillna(0), rows["discount"].fillna(0)
    ways = [told, told + freight, told - discount, told + freight - discount]
    fits = pd.Series(False, index=rows.index)
    for way in (*ways, *(each * _VAT for each in ways), *(each / _VAT for each in ways)):
        fits |= (way - total).abs() <= 0.01 + (0.005 + 1e-6) * pieces
    return (told > 0) & (total > 0) & ~fits


def odd_money(raw: RawTable, rows: pd.DataFrame) -> Iterator[dict[str, object]]:
    """Orders whose payment is not goods + freight + duty - discount, or whose goods are not quantity times price."""
    if raw.table != "orders":
        return
    if not raw.export and rows["goods_amount"].notna().any():  # the platform reckons its own totals
        for row in rows.index[_goods_apart(rows)]:
            line = rows.loc[row]
            values = {"pieces": f"{line['quantity']:g}", "price": f"{line['unit_price']:g}", "due": f"{line['quantity'] * line['unit_price']:.2f}"}  # fmt: skip
            yield note("orders", raw.file, raw.sheet, row, "goods_amount", "goods_not_as_priced", value=f"{line['goods_amount']:.2f}", **values)  # fmt: skip
    if rows["paid_amount"].isna().all():
        return
    rows = rows[
        ~rows["order_id"].isin(rows.loc[rows.duplicated(["order_id", "line_no"]), "order_id"])
    ]  # a row a parcel or a payment
    bare = rows["discount"].between(0, 1, inclusive="neither")  # money or a share: told where it is read
    reckoned = rows["goods_amount"].isna() & ~bare & (not raw.export)
    goods = rows["goods_amount"].mask(reckoned, rows["quantity"].astype(float) * rows["unit_price"])
    due = goods + rows["freight"].fillna(0) + rows["duty"].fillna(0) - rows["discount"].fillna(0)
    settled = rows.assign(due=due, row=rows.index, reckoned=reckoned)[
        ~rows["status"].isin(["unpaid", "cancelled", "refunding", "refunded"])
    ]
    orders = settled.groupby("order_id", sort=False)
    sums = orders[["paid_amount", "due"]].sum(skipna=False).assign(row=orders["row"].first())
    odd = (sums["paid_amount"] - sums["due"]).abs() > 0.01 + 1e-6
    odd &= ~orders["reckoned"].any() | _far(sums["paid_amount"], sums["due"])
    for paid, owed, row in sums[odd].itertuples(index=False):
        values = {"value": f"{paid:.2f}", "due": f"{owed:.2f}"}
        yield note("orders", raw.file, raw.sheet, row, "paid_amount", "paid_amount_differs", **values)


def _far(paid: pd.Series, due: pd.Series) -> pd.Series:
    """Whether a payment is further from what the pieces cost than a rounded price or the tax explains."""
    return pd.concat([(paid - due * tax).abs() > FAR * due for tax in (1, _VAT, 1 / _VAT)], axis=1).all(axis=1)
