"""Reads the NFO files of media servers: titles, ids, characters, genres and tags."""
