"""Makes the training and validation data: frames of the videos, split by episode, and views.

    training frames, a file an episode → dataset → statistics, validation views → training data

Each step is stored below `dataset/` of the home; an error names the asset to materialise again.
torch is needed for the views only.
"""
