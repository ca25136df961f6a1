"""What the work is divided by."""

import dagster as dg

EPISODES_PER_RUN = 32
"""A run loads the model once; a batch also bounds what one crash interrupts."""

EPISODE_PARTITIONS = "episodes"

episode_partitions = dg.DynamicPartitionsDefinition(name=EPISODE_PARTITIONS)
