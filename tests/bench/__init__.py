"""Benchmarks: each module measures one thing, prints a table with date and machine, and keeps it in `results/`."""
