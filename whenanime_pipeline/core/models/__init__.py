"""The models of a home: which there are, and which one is in use."""
