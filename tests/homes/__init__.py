"""Homes made by earlier builds, and what those builds answered from them."""
