"""Transforms of a query onto reference frames, and how well the two agree."""
