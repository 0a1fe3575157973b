"""Which customs territory a place named in a quote lies in, as far as `places.toml` knows it."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib import resources

HOME_TERRITORY = "cn"
"""Where the house receives its goods."""
INSIDE = re.compile(r"[一-鿿](?:省|市|县|区|镇|乡|村|街道)")
"""A Chinese address of parts of the country that nobody lists."""


@cache
def _names() -> tuple[re.Pattern[str], dict[str, str]]:
    """A pattern that finds every known name, the longest first, and the territory of each."""
    text = (resources.files("analysis.decisions.offers") / "places.toml").read_text(encoding="utf-8")
    known = {
        name.strip().casefold(): territory
        for territory, names in tomllib.loads(text).items()
        for name in names.split(",")
    }
    longest = sorted(known, key=len, reverse=True)
    alone = (rf"(?<![a-z]){re.escape(name)}(?![a-z])" if name.isascii() else re.escape(name) for name in longest)
    return re.compile("|".join(alone)), known


def territory_of(text: str) -> str:
    """The territory of the first place that `text` names; "" where it names none that is known.

    >>> territory_of("Ho Chi Minh to Shanghai"), territory_of("宁波港"), territory_of("my yard")
    ('vn', 'cn', '')
    """
    pattern, known = _names()
    found = pattern.search(text.casefold())
    if found is not None:
        return known[found[0]]
    return HOME_TERRITORY if INSIDE.search(text) else ""
