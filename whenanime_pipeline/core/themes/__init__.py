"""Themes: openings, endings and the other parts that episodes repeat, found without labels.

`tracks` describes an episode in time: its sound, its pictures, its text. `match` finds what two
episodes share, `season` what an episode shares with its season, `types` what that is, `bounds`
where exactly it begins and ends, and `decision` how sure that is. `tagger` suggests themes of a
lone episode. `labels` holds the operator's word, `export` writes for media players, and `section`
carries the results into snapshots.
"""
