"""Shared code of the benchmarks: reports, measurements, films, and commands as processes."""
