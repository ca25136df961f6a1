"""Faces of many drawn casts with known names, as cut from stored frames.

For training and measuring face recognition: styles, expressions, angles, lights and occlusions are
drawn from seeds, and no drawing stands on both sides of a split.
"""
