"""JSON of what is indexed: series, episodes, scenes, themes, characters."""
