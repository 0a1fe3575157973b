"""One number for each order line in all the exports that tell of it, however they list the lines of its order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from analysis.sources.cell_numbers import read_numbers
from analysis.sources.cells import clean_column, read_ids
from analysis.sources.columns_beside import OF_VARIANTS
from analysis.sources.folding import folded, normal_header
from analysis.sources.quarantine import note, notes
from analysis.sources.rows_of_lines import one_line
from analysis.sources.table_types import RawTable

LIKENESS = (("sku", "price", "quantity"), ("sku", "quantity"), ("sku",), ("price", "quantity"))
"""By what a line of an order is found again in a later export, the surest first."""


def number_lines(raws: Sequence[RawTable]) -> list[RawTable]:
    """`raws` with the line numbers of their exports kept from one export to the next.

    The earliest export numbers the lines of an order as it lists them. In a later one a line keeps its number by SKU, price
    and quantity, else by the next of `LIKENESS`; alike lines pair in their order; a line found nowhere gets the next number
    that no line of the order had.
    """
    out = list(raws)
    never = pd.Timestamp.max
    exports = [place for place, raw in enumerate(raws) if raw.export and len(raw.frame)]
    exports.sort(key=lambda place: (raws[place].known_on or never, place))
    seen = pd.DataFrame({name: [] for name in ("order", "sku", "price", "quantity", "number")})
    for place in exports:
        lines = _lines(raws[place])
        known = seen[seen["order"].isin(lines["order"])]
        numbers = _numbers(lines, known)
        key = pd.MultiIndex.from_frame(lines[["order", "local"]])
        frame = raws[place].frame
        asked = pd.MultiIndex.from_arrays([_orders(raws[place]), frame["line_no"].to_numpy(int)])
        number = pd.Series(numbers, index=key).reindex(asked).to_numpy()
        out[place] = replace(raws[place], frame=frame.assign(line_no=number))
        told = lines.assign(number=numbers)[list(seen)]
        seen = pd.concat([seen, told]) if len(seen) else told
        seen = seen.drop_duplicates(["order", "number"], keep="last")
    return out


def exported_lines(exports: Sequence[RawTable]) -> pd.DataFrame:
    """order sku price quantity number of each line as the newest of `exports`, numbered by `number_lines`, tells it."""
    some = sorted((raw for raw in exports if len(raw.frame)), key=lambda raw: raw.known_on or pd.Timestamp.max)
    if not some:
        return pd.DataFrame({name: [] for name in ("order", "sku", "price", "quantity", "number")})
    lines = pd.concat([_lines(raw) for raw in some]).rename(columns={"local": "number"})
    lines["sku"] = lines["sku"].replace("", np.nan)
    return lines.drop_duplicates(["order", "number"], keep="last").sort_values(["order", "number"], ignore_index=True)


def listed_lines(raws: Sequence[RawTable]) -> pd.DataFrame:
    """order_id line_no file sheet known_on of every line that an export lists, usable or not."""
    found = [
        pd.DataFrame(
            {
                "order_id": read_ids(raw.frame["order_id"]).values.to_numpy(object),
                "line_no": raw.frame["line_no"].to_numpy(int),
                "file": raw.file,
                "sheet": raw.sheet,
                "known_on": raw.known_on,
            }
        )
        for raw in raws
        if raw.export and len(raw.frame)
    ]
    columns = ["order_id", "line_no", "file", "sheet", "known_on"]
    lines = pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=columns)
    return lines.astype({"known_on": "datetime64[us]"})


def without_vanished(
    lines: pd.DataFrame, listed: pd.DataFrame, as_of: pd.Timestamp
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """`lines`, those that the newest export of their order lists no more cancelled; a remark on each."""
    gone, told = _vanished_lines(lines, listed, as_of), []
    for row in gone.itertuples():
        line, (file, sheet, number) = lines.iloc[row.place], lines.index[row.place]
        values = {"value": f"{line['order_id']} / {line['line_no']}", "sku": line["sku"], "newest": row.file}
        told.append(note("orders", file, sheet, number, "line_no", "line_vanished", **values))
    if gone.empty:
        return lines, notes(told)
    changed = lines.copy()
    changed.iloc[gone["place"], changed.columns.get_loc("status")] = "cancelled"
    changed.iloc[gone["place"], changed.columns.get_loc("known_on")] = gone["known_on"].to_numpy()
    return changed, notes(told)


def _vanished_lines(lines: pd.DataFrame, listed: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    """place (in `lines`), file, known_on: lines that the newest export of their order known on `as_of` lists no more.

    `lines` as they stand then, with `order_id line_no known_on`.
    """
    told = listed[listed["known_on"] <= as_of]
    if told.empty:
        return pd.DataFrame({"place": [], "file": [], "known_on": []})
    newest = told[told["known_on"] == told.groupby("order_id")["known_on"].transform("max")]
    by_order = newest.drop_duplicates("order_id").set_index("order_id")
    at = by_order["known_on"].reindex(lines["order_id"]).set_axis(lines.index).astype("datetime64[us]")
    line = pd.MultiIndex.from_frame(lines[["order_id", "line_no"]].astype({"line_no": object}))
    still = line.isin(pd.MultiIndex.from_frame(newest[["order_id", "line_no"]].astype({"line_no": object})))
    earlier = line.isin(pd.MultiIndex.from_frame(told[["order_id", "line_no"]].astype({"line_no": object})))
    gone = (at.notna() & (lines["known_on"] < at)).to_numpy(bool) & earlier & ~still
    return pd.DataFrame(
        {
            "place": np.flatnonzero(gone),
            "file": lines["order_id"].map(by_order["file"]).to_numpy(object)[gone],
            "known_on": at.to_numpy()[gone],
        }
    )


def _orders(raw: RawTable) -> pd.Series:
    return folded(pd.Series(clean_column(raw.frame["order_id"]), index=raw.frame.index))


def _lines(raw: RawTable) -> pd.DataFrame:
    """order sku price quantity local (number within the file), one row a line."""
    frame = raw.frame
    skus = pd.Series(clean_column(frame["sku"]), index=frame.index)
    lines = pd.DataFrame(
        {
            "order": _orders(raw),
            "sku": folded(skus),
            "price": read_numbers(frame["unit_price"], "money").values.round(4),
            "quantity": read_numbers(frame["quantity"], "number").values,
            "local": frame["line_no"].astype(int),
        }
    )
    return lines.drop_duplicates(["order", "local"]).reset_index(drop=True)


def _numbers(lines: pd.DataFrame, known: pd.DataFrame) -> np.ndarray:
    number = pd.Series(np.nan, index=lines.index)
    left = known
    met = lines["order"].isin(known["order"])
    for names in LIKENESS:
        by = ["order", *names]
        mine = lines[number.isna() & met]
        if mine.empty:
            break
        mine = mine.assign(place=mine.index, nth=mine.groupby(by, dropna=False).cumcount())
        theirs = left.assign(nth=left.groupby(by, dropna=False).cumcount())
        found = mine[[*by, "place", "nth"]].merge(theirs[[*by, "nth", "number"]], on=[*by, "nth"])
        number[found["place"]] = found["number"].to_numpy(float)
        left = left[
            ~pd.MultiIndex.from_frame(left[["order", "number"]]).isin(
                pd.MultiIndex.from_frame(found[["order", "number"]])
            )
        ]
    new = number.isna()
    last = lines["order"].map(known.groupby("order")["number"].max()).fillna(0)
    fresh = new.groupby(lines["order"]).cumsum() + last
    return number.where(~new, fresh).to_numpy(int)


def line_numbers(orders: pd.DataFrame, unread: pd.DataFrame | None = None) -> pd.Series:
    """(rows,) Int64: the line numbers given; where none is, 1, 2, ... within the order by first appearance.

    Rows of an order that are alike in every column get one number: they are one line told twice, unless they are of other variants
    (`RawTable.unread`). So do rows about one article that were each entered on a day of their own: the later ones correct the first;
    and the parcels and payments of one line (`rows_of_lines`).
    """
    given = orders["line_no"]
    open_rows = given.isna() & orders["order_id"].notna()
    if not open_rows.any():
        return given
    part = orders[open_rows].drop(columns="known_on")
    names = [] if unread is None else [name for name in unread if OF_VARIANTS.search(normal_header(name))]
    variants = [] if unread is None else [unread[name].reindex(part.index) for name in names]
    goods = ["order_id", "supplier", "sku", "ordered_on"]
    content = part.groupby([*part.columns, *variants], dropna=False, sort=False).ngroup()
    article = part.groupby([*goods, *variants], dropna=False, sort=False).ngroup()
    entered = orders.loc[open_rows, "known_on"].fillna(pd.Timestamp(0)).groupby(article)
    content = content.where(entered.transform("nunique") < entered.transform("size"), -1 - article)
    parts = one_line(part, orders.loc[open_rows, "known_on"], pd.Series(0, part.index), *variants)
    content = content.where(parts < 0, -1 - len(part) - parts)
    new = ~content.duplicated()
    start = part["order_id"].map(orders.groupby("order_id")["line_no"].max()).fillna(0).astype("Int64")
    number = (new.groupby(part["order_id"]).cumsum()).where(new)
    number = number.groupby(content).transform("first").astype("Int64") + start
    return given.where(~open_rows, number.reindex(orders.index))
