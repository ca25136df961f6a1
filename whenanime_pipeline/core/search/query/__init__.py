"""A picture in, scenes out: the search cascade over one snapshot."""
