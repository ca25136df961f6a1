"""Edits that turn frames into screenshots as people post them: functions of a picture and a seed.

They are for benchmarks (`benchmarks/retrieval.py`), the calibration and illustrations. Networks are
trained with other augmentations, the tensor operations in `core.learning.training`, so that the
benchmark's edits are unseen. No torch here.
"""
