"""Makes stills and short clips of a scene from local or remote videos."""
