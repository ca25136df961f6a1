"""Tagger: suggests the themes of a lone episode, from its tracks alone and without torch.

`features` turns tracks into numbers a second, `network` runs the learned network on them, `viterbi`
decodes its scores into classes, `boundaries` refines where a segment begins and ends, and `fusion`
keeps what most predictions agree on. `tagger` joins them.
"""
