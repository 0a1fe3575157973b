"""What a value of `config/` may be: stated beside the field that holds it, checked where a section is read, printed in docs/rules.md.

    @dataclass(frozen=True)
    class StockRule:
        service_level: Chance
        review_days: Annotated[float, Number(0, 365, above=True)]

A field without a statement takes what its type says: a number of 0 or more, a whole number, true or false, a text, a `Literal`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from numbers import Real
from typing import Annotated, Any, Literal, Protocol, get_args, get_origin, get_type_hints

from analysis.wording import LANGUAGES, Language, say


class Allowed(Protocol):
    """What a value may be."""

    def takes(self, value: Any) -> bool:
        """Whether `value` is such a one."""

    def text(self, language: Language) -> str:
        """It in words, as an error and docs/rules.md tell it."""


@dataclass(frozen=True)
class Number:
    """A finite number from `least` to `most`, both included unless it must lie `above` or `below` them; true and false are none."""

    least: float = 0.0
    most: float = math.inf
    above: bool = False
    below: bool = False
    whole: bool = False

    def takes(self, value: Any) -> bool:
        """Whether `value` lies within."""
        return (
            is_number(value)
            and (value > self.least if self.above else value >= self.least)
            and (value < self.most if self.below else value <= self.most)
            and (not self.whole or value == int(value))
        )

    def text(self, language: Language) -> str:
        """Such as `a number above 0 and at most 1`."""
        told = {"least": f"{self.least:,.10g}", "most": f"{self.most:,.10g}"}
        kind = say("rules.a_whole_number" if self.whole else "rules.a_number", language)
        if not (self.above or self.below) and -math.inf < self.least < self.most < math.inf:
            key = "rules.share" if (self.least, self.most) == (0, 1) else "rules.between"
            return say(key, language, kind=kind, **told)
        ends = [say(f"rules.{'above' if self.above else 'least'}", language, **told)] if self.least > -math.inf else []
        ends += [say(f"rules.{'below' if self.below else 'most'}", language, **told)] if self.most < math.inf else []
        return (
            kind
            if not ends
            else kind + say("rules.bounds_begin", language) + say("rules.bounds_and", language).join(ends)
        )


@dataclass(frozen=True)
class OneOf:
    """One of these words or numbers."""

    known: tuple[Any, ...]

    def takes(self, value: Any) -> bool:
        """Whether `value` is one of them; 1 is not true."""
        return any((type(value) is type(each) and value == each) or both_numbers(value, each) for each in self.known)

    def text(self, language: Language) -> str:
        """Such as `one of seller, buyer`."""
        return say("rules.one_of", language, known=", ".join(map(str, self.known)))


@dataclass(frozen=True)
class Text:
    """A text that is not blank, of at most `most` characters."""

    most: int = 1000

    def takes(self, value: Any) -> bool:
        """Whether `value` is such a text."""
        seen = isinstance(value, str) and any(letter.isprintable() and not letter.isspace() for letter in value)
        return seen and len(value) <= self.most

    def text(self, language: Language) -> str:
        """Such as `a text`."""
        return say("rules.a_text", language)


@dataclass(frozen=True)
class Flag:
    """True or false."""

    def takes(self, value: Any) -> bool:
        """Whether `value` is either."""
        return isinstance(value, bool)

    def text(self, language: Language) -> str:
        """`true or false`."""
        return say("rules.a_flag", language)


@dataclass(frozen=True)
class ListOf:
    """A list of values that are each such a one: exactly `count`, or at least `least`."""

    each: Allowed
    least: int = 0
    count: int | None = None

    def takes(self, value: Any) -> bool:
        """Whether `value` is such a list."""
        if not isinstance(value, list | tuple) or not all(map(self.each.takes, value)):
            return False
        return len(value) >= self.least if self.count is None else len(value) == self.count

    def text(self, language: Language) -> str:
        """Such as `a list in brackets, each a number of 0 or more`."""
        key = "a_list_of" if self.count is not None else "a_list_from" if self.least else "a_list"
        return say(f"rules.{key}", language, each=self.each.text(language), count=self.count, least=self.least)


Share = Annotated[float, Number(0, 1)]
PositiveShare = Annotated[float, Number(0, 1, above=True)]
Chance = Annotated[float, Number(0, 1, above=True, below=True)]
Rate = Annotated[float, Number(0, 100)]
"""Of a year, a day, a price: more than a hundredfold is a slip of the decimal point."""
Money = Annotated[float, Number(0, 1e9)]
Days = Annotated[float, Number(0, 3650)]
WholeDays = Annotated[int, Number(0, 3650, whole=True)]
Months = Annotated[float, Number(0, 120, above=True)]
Pieces = Annotated[int, Number(0, 1e6, whole=True)]
SomePieces = Annotated[int, Number(1, 1e6, whole=True)]


def allowed_of(kind: Any) -> Mapping[str, Allowed]:
    """What each field of the dataclass `kind` may be."""
    hints = get_type_hints(kind, include_extras=True)
    return {field.name: _allowed(hints[field.name]) for field in fields(kind)}


def _allowed(hint: Any) -> Any:
    stated = [each for each in get_args(hint)[1:] if hasattr(each, "takes")] if get_origin(hint) is Annotated else []
    if stated:
        return stated[0]
    if get_origin(hint) is Literal:
        return OneOf(get_args(hint))
    if get_origin(hint) is tuple:
        return ListOf(_allowed(get_args(hint)[0]))
    return {bool: Flag(), int: Number(whole=True), float: Number(), str: Text()}[hint]


def in_words(allowed: Allowed) -> dict[str, str]:
    """`allowed` and `allowed_zh`, for a sentence."""
    return {"allowed" if language == "en" else f"allowed_{language}": allowed.text(language) for language in LANGUAGES}


def is_number(value: Any) -> bool:
    """A finite number that fits a float; true and false are none."""
    if not isinstance(value, Real) or isinstance(value, bool):
        return False
    try:
        return math.isfinite(value)
    except OverflowError:
        return False


def both_numbers(value: Any, other: Any) -> bool:
    """Whether both are numbers, and equal."""
    return is_number(value) and is_number(other) and value == other
