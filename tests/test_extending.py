"""The worked diffs of docs/extending.md apply to the code as it is, and each of them acts."""

import os
import re
import shutil
import subprocess
import sys

import pytest

from analysis.paths import PROJECT

PAGE = (PROJECT / "docs" / "extending.md").read_text(encoding="utf-8")
DIFFS = dict(re.findall(r"^## (.+?)\n.*?^```diff\n(.*?)^```", PAGE, flags=re.M | re.S))
ACTS = {
    "A criterion": """
import pandas as pd
from analysis.decisions.rating.criteria import criteria_in_force, platform_facts
from analysis.rules import rules_in_force
from analysis.sources.tables import empty
from analysis.wording import name_of
criteria = {c.name: c for c in criteria_in_force(rules_in_force("any", "2026-10"))}
assert criteria["buyers"].value(100.0) == 0.8 and name_of("buyers", "zh") == "近期买家数"
told = empty("suppliers").reindex([0]).assign(supplier="A", buyers_30d=60)
assert platform_facts(told)["buyers"].draws.values[0, 0] == 60
""",
    "A source": """
from pathlib import Path
from analysis.month import open_month
folder = Path("data/raw/erp")
rows = "PO,Vendor,Item,Ordered,Received,Boxes,Price each\\n7,Ada,cup,05/10/2026,31/10/2026,3,2.50\\n"
(folder / "receipts_2026-10.csv").write_text(rows)
order = open_month("erp", "2026-10").load().tables["orders"].iloc[0]
assert (order["supplier"], order["quantity"], f"{order['ordered_on']:%Y-%m-%d}") == ("Ada", 36, "2026-10-05")
""",
    "A report page": """
import pandas as pd
from analysis.reporting.facts import ReviewFacts
from analysis.reporting.sections import report_content
facts = ReviewFacts("any", "2026-10", pd.Timestamp("2026-10-31"), {"en": "Any", "zh": "任何"})
articles = pd.DataFrame({"sku": ["cup"], "name": ["Paper cup"], "unit": ["piece"]})
for language, title in (("en", "Articles"), ("zh", "货号档案")):
    content = report_content({"articles": articles}, facts, language)
    assert [part for part in content["sections"] if part["title"] == title and "Paper cup" in str(part)]
""",
    "A rule": """
import numpy as np
import pandas as pd
from analysis.decisions.stock import StockRule
from analysis.decisions.stock.stock_plan import order_quantities
from analysis.rules import rules_in_force
rule = StockRule(**{k: v for k, v in rules_in_force("any", "2026-10")["stock"].items() if k != "from"})
found = order_quantities(np.array([90_000.0, 900.0]), pd.Series([1.0, 1.0]), pd.Series([1, 1]), rule, 30.0, 0.25)
assert found[0] == 2000 > found[1]
""",
}


def test_every_diff_of_the_page_is_tried():
    assert DIFFS.keys() == ACTS.keys()


@pytest.mark.parametrize("change", ACTS)
def test_the_diff_applies_and_acts(change, tmp_path):
    for part in ("src", "config"):
        shutil.copytree(PROJECT / part, tmp_path / part, ignore=shutil.ignore_patterns("__pycache__"))
    apply = ["git", "apply", "--whitespace=error", "-"]
    alone = {**os.environ, "GIT_CEILING_DIRECTORIES": str(tmp_path.parent)}
    done = subprocess.run(apply, cwd=tmp_path, input=DIFFS[change].encode(), env=alone, capture_output=True)
    assert done.returncode == 0, done.stderr.decode()
    acts = [sys.executable, "-c", ACTS[change]]
    made = subprocess.run(
        acts, cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(tmp_path / "src")}, capture_output=True
    )
    assert made.returncode == 0, made.stderr.decode()
