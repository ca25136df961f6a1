"""Errors of datasets, networks, recipes and trainings."""


class LearningError(Exception):
    """Base of this room's errors; the message names the file or option and what to do."""


class NetworkError(LearningError):
    """A network of that name or with these options cannot be built."""


class RecipeError(LearningError):
    """A recipe of that name, or with these options, does not exist."""


class WeightsError(LearningError):
    """A file of weights is missing, damaged, unsafe or belongs to another network."""


class TrainingError(LearningError):
    """Training cannot begin or go on: too few frames, or a loss that is not a number."""


class ExportError(LearningError):
    """An exported network does not give the numbers of the trained one."""


class DatasetError(LearningError):
    """A dataset cannot be made or read: an option, too few episodes, or a damaged file of it."""
