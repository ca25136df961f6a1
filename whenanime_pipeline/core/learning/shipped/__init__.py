"""Makes what ships with the package: the base model, the calibration, the vocabulary.

Left out of the wheel: no command imports it. The scripts, tests and benchmarks that use it run
from a checkout.
"""
