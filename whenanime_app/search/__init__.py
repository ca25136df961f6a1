"""Runs searches: chooses the process, and bounds how many run and how much memory they take."""
