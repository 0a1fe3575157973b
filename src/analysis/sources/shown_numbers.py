"""What the number format of a workbook's cell shows beside its number: a currency ($2.10), a percent sign, a unit (2箱).

The parser gives the bare number. A format that scales or rounds is display alone, and so are the signs of the source's own
currency; what else it shows is part of what the cell says to whoever reads it.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from analysis.sources.cell_numbers import HOME, SIGNS

_BUILT_IN = {9: "0%", 10: "0.00%"}
"""Formats that a workbook does not spell; its signs of money (5 to 8, 42, 44) are those of the reader's own country."""
_FORMAT = re.compile(rb"<(?:\w+:)?numFmt\s[^>]*>")
_STYLES = re.compile(rb"<(?:\w+:)?cellXfs\b.*?</(?:\w+:)?cellXfs>", re.DOTALL)
_STYLE = re.compile(rb"<(?:\w+:)?xf\s[^>]*>")
_TOKEN = re.compile(
    r'\[\$(?P<sign>[^\]-]*)(?:-(?P<place>[^\]]*))?\]|\[[^\]]*\]|"(?P<text>[^"]*)"|[\\!](?P<char>.)|[_*].'
    rf"|(?P<word>(?:us|hk|nt)\$|{'|'.join(SIGNS)}|rmb)"
    r"|(?P<number>General|[0#?](?:[0#?.,]*[0#?.])?(?:E[+-]0+)?)(?P<scales>,*)|(?P<bare>.)",
    re.IGNORECASE | re.DOTALL,
)
_NO_NUMBER = set("ymdhsbegn@年月日")
"""Bare in a format they make a day, a time or a text of the cell."""
_PLACES = {
    "411": "JPY", "ja": "JPY", "804": "CNY", "zh-cn": "CNY", "404": "TWD", "zh-tw": "TWD", "c04": "HKD", "zh-hk": "HKD",
    "1004": "SGD", "c09": "AUD", "en-au": "AUD", "1009": "CAD", "c0c": "CAD", "en-ca": "CAD",
}  # fmt: skip
"""Where a sign that several currencies have is at home."""
_SCALES = re.compile("[百千万亿]+|[kKmM](?![a-zA-Z])")


class ShownNumber(str):
    """A number as its cell shows it, for columns where that says what it is a number of; `stored` is the bare number."""

    stored: float


@dataclass(frozen=True)
class Look:
    """What stands `before` and `behind` a number that is shown `times` as large; `places` its digits before the point at least."""

    before: str
    behind: str
    places: int = 1
    times: int = 1

    def shown(self, number: float) -> ShownNumber:
        """The number as the cell shows it, to the last digit.

        >>> Look("$", "").shown(-2.1), Look("", "%", times=100).shown(0.05), Look("", "箱").shown(2.0), Look("PO-", "", 5).shown(12)
        ('-$2.1', '5%', '2箱', 'PO-00012')
        """
        exact = abs(Decimal(repr(float(number)))) * self.times
        whole, _, rest = f"{exact:f}".partition(".")
        digits = whole.zfill(self.places) + (f".{rest}" if rest.strip("0") else "")
        text = ShownNumber(f"{'-' if number < 0 else ''}{self.before}{digits}{self.behind}")
        text.stored = number
        return text


def looks_of(styles: bytes, currency: str) -> dict[int, Look]:
    """By number of the style (of the part `styles.xml`): what it shows beside a number of a source in `currency`."""
    codes: dict[int, str] = dict(_BUILT_IN)
    for tag in _FORMAT.findall(styles):
        codes[_number(tag)] = _said(tag, "formatCode")
    listed = _STYLES.search(styles)
    numbers = [_number(tag) for tag in _STYLE.findall(listed[0])] if listed else []
    found = {style: look_of(codes.get(number, ""), currency) for style, number in enumerate(numbers)}
    return {style: look for style, look in found.items() if look}


def _number(tag: bytes) -> int:
    said = _said(tag, "numFmtId")
    return int(said) if said.isascii() and said.isdigit() and len(said) < 10 else 0


def _said(tag: bytes, attribute: str) -> str:
    found = re.search(rf"""\s{attribute}\s*=\s*(?:"([^"]*)"|'([^']*)')""", tag.decode("utf-8", "replace"))
    return html.unescape(found[1] or found[2] or "") if found else ""


@lru_cache(maxsize=1000)
def look_of(code: str, currency: str = HOME) -> Look | None:
    """What a number format shows beside a positive number; None for nothing that says more than the number does.

    >>> look_of("[$$-409]#,##0.00"), look_of("[$¥-804]#,##0.00"), look_of("[$¥-411]0"), look_of('0"箱"')
    (Look(before='$', behind='', places=1, times=1), None, Look(before='JPY', behind='', places=1, times=1), Look(before='', behind='箱', places=1, times=1))
    >>> look_of("yyyy/m/d"), look_of("#,##0,"), look_of('0!.0,"万"'), look_of('#,##0"元"'), look_of("0.0%").times
    (None, None, None, None, 100)
    """
    parts, scaled, digits, times = ["", ""], False, "", 1
    for found in _TOKEN.finditer(code.split(";")[0]):
        if found["number"]:
            scaled |= bool(found["scales"]) or bool(digits)
            digits = digits or found["number"]
            continue
        bare = found["bare"] or ""
        if bare.casefold() in _NO_NUMBER and bare:
            return None
        sign = _sign(found["sign"], found["place"]) if found["sign"] else ""
        times *= 100 if bare == "%" else 1
        parts[bool(digits)] += sign or found["text"] or found["char"] or found["word"] or bare
    before, behind = (part.strip(" ()+:：/\u3000") if part.strip(" ()+-:：/\u3000") else "" for part in parts)
    if scaled:
        behind = _SCALES.sub("", behind).lstrip(".").strip()
    if not digits or {before.casefold(), behind.casefold()} <= {"", *_own(currency)}:
        return None
    whole = digits.split(".")[0]
    return Look(before, behind, max(1, len(whole)) if whole.strip("0") == "" else 1, times)


def _sign(sign: str, place: str | None) -> str:
    at_home = _PLACES.get((place or "").casefold()) or _PLACES.get((place or "").casefold()[:2])
    return at_home if at_home and sign in "$¥￥" else sign


def _own(currency: str) -> set[str]:
    return {currency.casefold(), *SIGNS.get(currency.upper(), ()), *(("￥",) if "¥" in SIGNS.get(currency.upper(), ()) else ())}  # fmt: skip


def stored_numbers(looks: Mapping[int, Look]) -> re.Pattern[bytes]:
    """Finds the tags of filled cells with one of these styles, in the XML of a sheet: what the tag says, and the style."""
    styles = b"|".join(b"%d" % style for style in looks)
    return re.compile(rb"""<(?:\w+:)?c\s(?=[^>]*\bs=["'](""" + styles + rb""")["'])([^>]*[^/>])>""")
