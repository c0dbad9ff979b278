"""Follow-up reports rendered from published files."""
