"""Vectors of faces to names: labelled galleries, scores, assignment and the unknown."""
