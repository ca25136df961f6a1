"""Pixels out of files: decoding, thumbnails, previews, uploads. Knows no library, no index."""
