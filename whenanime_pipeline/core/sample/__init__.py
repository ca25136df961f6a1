"""Draws a small anime with known ground truth, for the demo and the tests.

Pictures and sound are generated from a seed, without assets, network or system fonts. The package
knows nothing of libraries, indexes or searches; its entry is `sample_library.make_sample_library`.
"""
