"""Drawn episodes: tracks of made-up episodes with known themes, to learn on.

Nothing is rendered. `songs`, `talk` and `noises` synthesise sound, `clips` keeps it as powers of
bands that are added up like sounds, `pictures` makes picture tracks out of statistics of shots,
`plan` decides what an episode has where, and `episode` joins them.
"""
