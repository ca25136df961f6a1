"""What several benchmarks need: reports, clocks, films, and `whenanime index` as a process."""
