"""What Tortoise works out about the models each time a database is opened, kept for the next test on the same kind."""

from importlib import import_module
from types import ModuleType
from typing import Any

from tortoise.apps import Apps
from tortoise.backends.base.executor import EXECUTOR_CACHE
from tortoise.models import Model

OF_A_KIND = (
    *("filters", "db_native_fields", "db_default_fields", "db_complex_fields"),
    *("basetable", "basequery", "basequery_all_fields"),
)  # what differs in a model's _meta between SQLite and PostgreSQL
Facts = dict[str, Any]
_known: dict[tuple[str, frozenset[type[Model]]], tuple[dict[type[Model], Facts], dict[Any, Any]]] = {}
_found: dict[tuple[ModuleType, str], tuple[int, list[type[Model]]]] = {}
_work_out = Apps._build_initial_querysets
_look_for = Apps._discover_models


def remember() -> None:
    """From now on the models are worked out once for each kind of database: it was a third of making a test ready."""
    Apps._build_initial_querysets = _recall  # type: ignore[assignment, method-assign]
    Apps._discover_models = staticmethod(_find)  # type: ignore[assignment, method-assign]


def _find(room: ModuleType | str, app: str) -> list[type[Model]]:
    """The models of a room, which is looked through name by name again only once it has more or fewer names."""
    module = import_module(room) if isinstance(room, str) else room
    names, models = _found.get((module, app), (None, []))
    if names != len(vars(module)):
        models = _look_for(module, app)
        _found[module, app] = len(vars(module)), models
    return models


def _recall(apps: Apps) -> None:
    models = [model for app in apps.apps.values() for model in app.values()]
    client = apps._connections.get("default")
    kind = (client.capabilities.dialect, frozenset(models))
    EXECUTOR_CACHE.clear()
    if kind not in _known:
        _have(models, {model: _facts(model) for model in models})  # what is worked out is written into these
        _work_out(apps)
        for model in models:
            client.executor_class(model, client)  # leaves its statements in the cache
        _known[kind] = {model: _facts(model) for model in models}, dict(EXECUTOR_CACHE)
    facts, statements = _known[kind]
    _have(models, facts)
    EXECUTOR_CACHE.update(statements)


def _have(models: list[type[Model]], facts: dict[type[Model], Facts]) -> None:
    for model in models:
        for name, value in facts[model].items():
            setattr(model._meta, name, value)


def _facts(model: type[Model]) -> Facts:
    """In copies of their own."""
    now = {name: getattr(model._meta, name) for name in OF_A_KIND}
    return {name: value.copy() if isinstance(value, dict | list) else value for name, value in now.items()}
