"""How long functions are, and what loops call what they run over. For the house rules."""

import ast
import re
from functools import cache
from typing import NamedTuple

NAMELESS = {"one", "each", "it", "item"}  # a loop says what it runs over: for ticket in tickets
NAMELESS_IN_SCRIPTS = re.compile(r"\((?:one|each|it|item)\) =>|\bconst (?:one|each|it|item) of")


class Shape(NamedTuple):
    long: list[str]
    nameless: list[str]


def long_functions(text: str) -> list[str]:
    """Of more than 40 lines."""
    return _shape(text).long


def nameless_loops(text: str) -> list[str]:
    """Loop variables that do not say what they are, with their lines."""
    return _shape(text).nameless


@cache
def _shape(text: str) -> Shape:
    """All that is asked of a text, which is read once for it."""
    nodes = list(ast.walk(ast.parse(text)))
    functions = [node for node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    loops = [node for node in nodes if isinstance(node, ast.For | ast.AsyncFor | ast.comprehension)]
    names = [name for loop in loops for name in ast.walk(loop.target) if isinstance(name, ast.Name)]
    return Shape(
        [function.name for function in functions if (function.end_lineno or 0) - function.lineno >= 40],
        sorted({f"{name.id} in line {name.lineno}" for name in names if name.id in NAMELESS}),
    )
