"""The catalog of models, and how each is fetched, verified and found on disk."""

from llmos.models.cache import ModelStatus, installed, remove, status, verify
from llmos.models.catalog import Model, ModelFile, catalog, default_model, find, own_model
from llmos.models.progress import Progress, show_progress
from llmos.models.pulling import pull

__all__ = [
    "Model",
    "ModelFile",
    "ModelStatus",
    "Progress",
    "catalog",
    "default_model",
    "find",
    "installed",
    "own_model",
    "pull",
    "remove",
    "show_progress",
    "status",
    "verify",
]
