"""Draws single pictures and scenes from seeds, to train and test on."""
