"""A small drawn anime with known truth: the demo's videos and the tests' fixture.

Everything here is drawn and sung by code from a seed: no asset, no network, no system font. The
room knows nothing of libraries, indexes or searches; `library.make_sample_library` is its door.
"""
