"""How long the large things take, and how much memory; run with ``make bench``."""
