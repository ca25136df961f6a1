"""Learning to tag themes: network, data, training and export of the tagger (torch lives here)."""
