"""What happens to screenshots, as operations on batches of tensors.

Every function takes `(n, 3, h, w)` float pictures in 0 to 1 and a generator on their device, and
returns new ones; which pictures it touches, and how, comes from the generator alone.
"""
