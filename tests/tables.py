"""The models of the product, in the order of its folders: people who ask first, then who runs the event."""

import importlib

from tortoise.models import Model

from server import MODELS


def models() -> list[type[Model]]:
    return [model for app in ("registrations", "events") for name in MODELS[app] for model in _models_in(name)]


def _models_in(name: str) -> list[type[Model]]:
    here = vars(importlib.import_module(name)).values()
    found = [
        member for member in here if isinstance(member, type) and issubclass(member, Model) and member is not Model
    ]
    return [model for model in found if model.__module__ == name]
