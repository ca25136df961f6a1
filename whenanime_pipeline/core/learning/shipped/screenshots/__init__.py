"""Screenshots as people post them: edits of whole pictures, pure functions of picture and seed.

They measure (`benchmarks/retrieval.py`) and illustrate; what a network is trained with are the
tensor operations in `core.learning.training`, so that the exam is not what was crammed. No torch,
and nothing of a film: a picture and a generator come in, a picture goes out.
"""
