"""Texts in tables are Python's own: tables here are small, and Arrow's texts cost a small review a fifth of its time.

Importing this module says so to pandas; what reads long files asks for Arrow's itself (`sources.grid`). Both hold the same values.
"""

import pandas as pd

pd.set_option("mode.string_storage", "python")
