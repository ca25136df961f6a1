"""Characters: finds anime faces in pictures and in the stored frames of episodes."""
