"""Where a screenshot lies on a stored picture, and how well the two agree there."""
