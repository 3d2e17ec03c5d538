"""What Tortoise works out about the models each time a database is opened, kept for the next test on the same kind."""

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
_work_out = Apps._build_initial_querysets


def remember() -> None:
    """From now on the models are worked out once for each kind of database: it was a third of making a test ready."""
    Apps._build_initial_querysets = _recall  # type: ignore[assignment, method-assign]


def _recall(apps: Apps) -> None:
    models = [model for app in apps.apps.values() for model in app.values()]
    client = apps._connections.get("default")
    kind = (client.capabilities.dialect, frozenset(models))
    EXECUTOR_CACHE.clear()
    if kind not in _known:
        _work_out(apps)
        for model in models:
            client.executor_class(model, client)  # leaves its statements in the cache
        _known[kind] = {model: _facts(model) for model in models}, dict(EXECUTOR_CACHE)
    facts, statements = _known[kind]
    for model in models:
        for name, value in facts[model].items():
            setattr(model._meta, name, _own(value))
    EXECUTOR_CACHE.update({key: tuple(_own(value) for value in kept) for key, kept in statements.items()})


def _facts(model: type[Model]) -> Facts:
    return {name: _own(getattr(model._meta, name)) for name in OF_A_KIND}


def _own(value: Any) -> Any:
    """Whoever opens another kind writes into these."""
    return value.copy() if isinstance(value, dict | list) else value
