"""What may go wrong that a person should read: errors whose text is a sentence of the catalogue, in either language."""

from __future__ import annotations

from analysis.wording import Language, say


class AnalysisError(Exception):
    """What went wrong, to be told to a person: a key of the catalogue and the values of its places.

    `str(error)` is the English sentence; `error.text("zh")` the Chinese one.
    """

    def __init__(self, key: str, /, **values: object):
        self.key = key
        self.values = values
        super().__init__(say(key, "en", **values))

    def __reduce__(self):  # the values must survive a process boundary
        return (_rebuild, (type(self), self.key, self.values))

    def _render_traceback_(self) -> list[str]:
        """What a notebook shows: the sentence; where in the code it was raised helps nobody who asked for a name."""
        return [str(self)]

    def text(self, language: Language = "en") -> str:
        """The sentence in `language`."""
        return say(self.key, language, **self.values)


def _rebuild(kind: type[AnalysisError], key: str, values: dict[str, object]) -> AnalysisError:
    return kind(key, **values)


class SourceError(AnalysisError):
    """A file, folder or map that cannot be read as a whole (a single bad row goes to quarantine instead)."""


class RuleError(AnalysisError):
    """A decision rule, rate or criterion that is missing, out of force or contradicts itself."""
