"""Headers that are likely one we know, mistyped or told in other words."""

from __future__ import annotations

_ONE_MEANING = (("数量", "数"), ("量", "数"), ("日期", "日"), ("时间", "日"), ("编号", "号"), ("编码", "号"), ("号码", "号"), ("金额", "额"), ("订", "定"), ("帐", "账"), ("的", ""))  # fmt: skip
"""Words in a header that may stand for each other, and one that says nothing."""
_SHORTEST_SLIP = 4
"""Letters of a word of which one may be mistyped."""


def is_slip(text: str, header: str) -> bool:
    """Whether a normalised header is likely another one mistyped: the same in Chinese but for how a word is told (检验数, 检验数量),
    or a letter of a Latin word beside its first is wrong. One sign of Chinese may turn the meaning round (未, 不, 非), so no
    other is forgiven.

    >>> [is_slip(*pair) for pair in (("检验数", "检验数量"), ("合格数量", "不合格数量"), ("inspectd", "inspected"), ("received", "deceived"))]
    [True, False, True, False]
    """
    if not (text.isascii() and header.isascii()):
        return _one_spelling(text) == _one_spelling(header)
    start = _alike(text, header)
    end = _alike(text[start:][::-1], header[start:][::-1])
    mine, other = text[start : len(text) - end], header[start : len(header) - end]
    swapped = len(mine) == 2 and mine == other[::-1]
    return start > 0 and len(header) >= _SHORTEST_SLIP and (swapped or max(len(mine), len(other)) <= 1)


def _alike(text: str, other: str) -> int:
    """How many letters the two begin with alike."""
    return next((at for at, pair in enumerate(zip(text, other)) if pair[0] != pair[1]), min(len(text), len(other)))


def _one_spelling(header: str) -> str:
    text = header.split("(")[0]
    for word, other in _ONE_MEANING:
        text = text.replace(word, other)
    return text
