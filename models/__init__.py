"""The method: what is counted and how, as one SELECT per file, and the engine that runs them."""
