"""Benchmarks: a synthetic fleet, and the time of each stage."""
