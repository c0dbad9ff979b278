"""Dagster assets, checks, schedules and the resfri command that drive everything else."""
