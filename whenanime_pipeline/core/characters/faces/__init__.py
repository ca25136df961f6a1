"""Faces of episodes: which frames are looked at, tracks through shots, stored crops."""
