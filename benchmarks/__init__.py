"""What is promised about speed, answers and safety, measured side by side.

Each module here is a benchmark: it says what it measures and what it compares with, and everything
it compares is measured in one run. `whenanime bench NAME` runs one. What several of them need is
in `support`.
"""
