"""Benchmarks of accuracy, speed and safety, run by `whenanime bench NAME`.

Each module here is one benchmark: its docstring says what it measures and what it compares with,
and everything that it compares is measured in the same run. Shared code is in `support`.
"""
