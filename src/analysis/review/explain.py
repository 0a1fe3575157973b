"""`analysis explain`: what is behind a supplier's or an SKU's numbers, and whether the tables are those that were published."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from analysis.review.provenance import published_facts, sha256
from analysis.wording import JOINERS, Language, say
from analysis.workbench import OpenMonth, explained_text


def explanation(
    review: OpenMonth, supplier: str | None, sku: str | None, language: Language, batch: str | None = None
) -> str:
    """How the tables stand to the published review, then everything behind the numbers."""
    facts = published_facts(review) or {}
    seed = {"seed": facts["seed"]} if facts.get("seed") is not None else {}
    told = explained_text(review, supplier, sku, language, batch=batch, **seed)
    return f"{_standing(review.processed_folder, facts, language)}\n{told}"


def _standing(folder: Path, facts: Mapping[str, Any], language: Language) -> str:
    if not facts:
        return say("explain.not_published", language)
    made = {Path(name).stem: told for name, told in facts.get("outputs", {}).items() if name.startswith("processed/")}
    top = {name: folder / f"{name}.parquet" for name in made if (folder / f"{name}.parquet").exists()}
    changed = [name for name, path in sorted(top.items()) if sha256(path) != made[name]]
    if not changed:
        return say("explain.published", language)
    return say("explain.rewritten", language, names=JOINERS["names"][language][0].join(changed))
