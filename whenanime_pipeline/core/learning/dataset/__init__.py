"""What a model is trained on and judged by: frames of the videos, split by episode, and views.

    training frames, a file an episode → dataset → statistics, validation views → material

Each step is stored below `dataset/` of the home and says which one before it to make again. torch
is needed only to make the views.
"""
