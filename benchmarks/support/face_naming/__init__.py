"""Naming of drawn faces: systems, trials and measures of `characters_names`."""
