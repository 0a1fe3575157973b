"""Tables in text files: their encoding and delimiter are found out from the bytes."""

from __future__ import annotations

import codecs
import csv
import io
import re
from statistics import median

import charset_normalizer

from analysis.wording import SourceError

_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_HIGH_BYTES = re.compile(rb"[\x80-\xff]+")


def read_text(data: bytes, file: str, encoding: str | None = None) -> list[list[object]]:
    """The records of a delimited text, blank lines kept as empty records, any line end; row number = index + 1."""
    text = decoded(data, file, encoding).replace("\r\n", "\n").replace("\r", "\n")
    if "\0" in text:
        raise SourceError("sources.file_other_make", file=file, make="?")
    reader = csv.reader(io.StringIO(text, newline="\n"), delimiter=delimiter(text), strict=True)
    try:
        return [list(record) for record in reader]
    except csv.Error as error:
        raise SourceError("sources.text_quotes", file=file, line=reader.line_num) from error


def decoded(data: bytes, file: str, encoding: str | None = None) -> str:
    """`data` as text: by its byte order mark, as strict UTF-8, as Chinese (gb18030), else by charset-normalizer's guess."""
    name = encoding or _marked(data) or _utf16_without_mark(data)
    try:
        return data.decode(name or "utf-8").lstrip("\ufeff")
    except (UnicodeDecodeError, LookupError) as error:
        if name:
            raise SourceError("sources.text_encoding", file=file, encoding=name) from error
        if isinstance(error, UnicodeDecodeError) and error.reason == "unexpected end of data":
            raise SourceError("sources.file_damaged", file=file) from error
    return _legacy(data, file)


def delimiter(text: str) -> str:
    """Comma, semicolon or tab: the one that most lines of the beginning hold most often, quoted parts left out."""
    lines = [line for line in re.sub(r'"[^"]*"', "", text[:20_000]).split("\n") if line.strip()][:30]
    return max(",\t;", key=lambda mark: median(line.count(mark) for line in lines) if lines else 0)


def _marked(data: bytes) -> str | None:
    return next((name for mark, name in _MARKS.items() if data.startswith(mark)), None)


def _utf16_without_mark(data: bytes) -> str | None:
    """Text of few letters beyond ASCII has a zero in every second byte when it is UTF-16."""
    head = data[:4000]
    low, high = head[0::2].count(0), head[1::2].count(0)
    if max(low, high) < len(head) * 0.15:
        return None
    return "utf-16-le" if high > low else "utf-16-be"


def _legacy(data: bytes, file: str) -> str:
    """Chinese characters are pairs of high bytes; a lone high byte between letters is a western accent (gb18030 would
    swallow the letter behind it)."""
    runs = _HIGH_BYTES.findall(data)
    western = sum(len(run) % 2 for run in runs) * 2 >= len(runs)
    try:
        return data.decode("cp1252" if western else "gb18030")
    except UnicodeDecodeError:
        guess = charset_normalizer.from_bytes(data).best()
    if guess is None:
        raise SourceError("sources.text_encoding", file=file, encoding="?")
    return str(guess)
