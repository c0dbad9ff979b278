"""The inbox: files that people drop in a folder, each read once, with a receipt beside it."""
