"""Names of episodes, read from the paths of a folder."""
