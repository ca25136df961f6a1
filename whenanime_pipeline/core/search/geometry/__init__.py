"""Where a screenshot lies on a reference frame, and how well the two agree there."""
