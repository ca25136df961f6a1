"""Runs searches: which process, how many at once, within which memory."""
