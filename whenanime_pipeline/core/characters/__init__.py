"""Characters: finds anime faces in pictures and in stored frames, and names them."""
