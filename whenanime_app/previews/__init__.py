"""Stills and short clips of a scene, cut from local or remote videos."""
