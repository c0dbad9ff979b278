"""A municipality that never existed, and the vendor APIs it would have."""
