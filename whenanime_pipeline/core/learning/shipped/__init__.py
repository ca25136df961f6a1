"""Makes what ships with the package: the base model, the calibration, the vocabulary.

Not in the wheel, and not imported by any command: its scripts, tests and benchmarks run from a
checkout.
"""
