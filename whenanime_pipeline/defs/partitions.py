"""What the work is divided by."""

import dagster as dg

EPISODES_PER_RUN = 32
"""A run loads the model once; a batch also bounds what one crash interrupts."""

EPISODES = "episodes"

episodes = dg.DynamicPartitionsDefinition(name=EPISODES)
