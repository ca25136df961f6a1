"""Signed links: to stills, previews and shared results."""
