"""Read meeting logs, directories and travel files of each vendor into the landing tables."""
