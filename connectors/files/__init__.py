"""Files that people export: read by profiles, accounted for row by row, landed whole or not at all."""
