"""The different cells of a column: what is made of a cell is made once of each different one, however many rows say it."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from itertools import chain
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

Objects = NDArray[np.object_]


def by_value(cells: pd.Series, read: Callable[[object], Any]) -> Objects:
    """`read` of every cell, computed once for each different cell."""
    codes, uniques = distinct(cells)
    return read_each(uniques, read)[codes]


def where(cells: pd.Series, said: Callable[[Any], object]) -> NDArray[np.bool_]:
    """Whether each cell is one of which `said` is true, asked once of each different cell; a blank cell is none.

    >>> where(pd.Series(["a", None, "1", "a"], dtype="str"), str.isdigit)
    array([False, False,  True, False])
    """
    codes, uniques = distinct(cells)
    places = [place for place, cell in enumerate(uniques) if said(cell)]
    return np.isin(codes, places) if places else np.zeros(len(codes), bool)


def read_each(uniques: Objects, read: Callable[[object], Any]) -> Objects:
    """`read` of each of `uniques`, and last that of a blank cell, whose code is -1."""
    return np.fromiter(chain(map(read, uniques), [read(None)]), dtype=object, count=len(uniques) + 1)


def as_they_stand(cells: pd.Series) -> Objects:
    """The cells themselves, equal texts one object."""
    return by_value(cells, lambda cell: cell)


_Distinct = tuple[NDArray[np.intp], Objects]
_SEEN: dict[int, tuple[weakref.ref[Any], _Distinct]] = {}
"""By the column of texts (which nothing can change): its different cells, for as long as the column lives."""


def distinct(cells: pd.Series) -> _Distinct:
    """Each cell's place among the different cells, -1 where it is blank; and these."""
    if not isinstance(cells.dtype, pd.StringDtype) or cells.dtype.storage == "python":
        return pd.factorize(cells.to_numpy(object))
    column = cells.array.__arrow_array__()
    if (known := _SEEN.get(id(column))) is not None and known[0]() is column:
        return known[1]
    coded = column.combine_chunks().dictionary_encode()
    coded = coded.chunk(0) if isinstance(coded, pa.ChunkedArray) else coded
    codes = coded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.intp)
    found = codes, np.array([*coded.dictionary.to_pylist(), None], dtype=object)[:-1]
    place = id(column)
    _SEEN[place] = weakref.ref(column, lambda _: _SEEN.pop(place, None)), found
    return found
