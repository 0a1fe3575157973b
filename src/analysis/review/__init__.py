"""One month end to end: run the notebooks, check what they made, publish it in one step, and say what it was made from."""
