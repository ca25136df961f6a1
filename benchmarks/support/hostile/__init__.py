"""Generators of hostile requests: pictures, videos, addresses, paths and headers."""
