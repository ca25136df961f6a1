"""Decodes video files and pictures: sampling, thumbnails, previews, uploads.

Knows neither the library nor the index.
"""
