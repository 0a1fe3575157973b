"""Evidence for buying from factories on 1688.com: a monthly review of small trial orders."""

__version__ = "0.1.0"
