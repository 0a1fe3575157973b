"""What somebody put into a month's folder of reports, or changed there, outlives the next review of that month."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from analysis.review.provenance import FILE, sha256

EDITED = ".edited"


def keep_own_files(folder: Path, facts: Mapping[str, Any], staged: Path) -> Iterator[tuple[str, str]]:
    """Copies into `staged` what in `folder` is not as the review of `facts` made it; (file, name it has from then on) of each
    file that had to take another name.

    A note keeps its name; a file of the review that was changed by hand is kept beside the new one as `review.edited.xlsx`.
    """
    made = facts.get("outputs", {})
    for path in sorted(each for each in folder.rglob("*") if each.is_file() or each.is_symlink()):
        name = path.relative_to(folder)
        if name.as_posix() == FILE or (path.is_file() and made.get(f"reports/{name.as_posix()}") == sha256(path)):
            continue
        target = staged / name
        if target.exists():
            target = _free(target)
            yield name.as_posix(), target.relative_to(staged).as_posix()
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, target, follow_symlinks=False)


def _free(target: Path) -> Path:
    """`review.edited.xlsx`, or `review.edited2.xlsx` where that is taken."""
    names = (target.with_name(f"{target.stem}{EDITED}{number or ''}{target.suffix}") for number in range(0, 1000))
    return next(name for name in names if not name.exists())
