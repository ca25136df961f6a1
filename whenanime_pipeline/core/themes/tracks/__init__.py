"""Tracks: what is heard, seen and written in an episode, as numbers over time.

A track is made once of a content and never changes. An episode without sound has no sound track.
"""
