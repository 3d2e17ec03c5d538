"""The models of the product, in the order of its folders: people who ask first, then who runs the event."""

import importlib

from tortoise.models import Model

from server import MODELS


def models() -> list[type[Model]]:
    return [model for app in ("registrations", "events") for name in MODELS[app] for model in _models_in(name)]


def _models_in(name: str) -> list[type[Model]]:
    here = vars(importlib.import_module(name)).values()
    found = [each for each in here if isinstance(each, type) and issubclass(each, Model) and each is not Model]
    return [model for model in found if model.__module__ == name]
