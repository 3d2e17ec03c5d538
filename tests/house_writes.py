"""Who writes to the database, as files say it: which functions of a room move rows or write entries of the audit log.

An act that moves more than one row, or writes an entry, needs a transaction: opened by `run_tx` or `batched`, or
demanded by `within_tx` where it is a part of another act. One statement alone is a transaction already.
"""

import ast
import re
from collections.abc import Sequence
from functools import cached_property

WRITES = {"save", "create", "update", "delete", "bulk_create", "bulk_update", "get_or_create", "update_or_create"}
RECORDS = {"audit.record", "audit.record_all", "audit.record_each", "audit.record_and_alert"}
COVERS = {"run_tx", "within_tx"}
OPENERS = {"run_tx", "batched"}  # called with the work as their argument
CHANGES = re.compile(r"""f?["']+\s*(INSERT INTO|UPDATE|DELETE FROM)\b""")
Function = ast.FunctionDef | ast.AsyncFunctionDef


class Writes:
    """Of one room."""

    def __init__(self, text: str) -> None:
        self.tree = ast.parse(text)

    @cached_property
    def functions(self) -> dict[str, Function]:
        return {node.name: node for node in ast.walk(self.tree) if isinstance(node, Function)}

    @cached_property
    def statements(self) -> set[str]:
        """Names of constants that hold a statement by which rows change."""
        named = [
            node for node in self.tree.body if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        ]
        changing = [node for node in named if CHANGES.match(ast.unparse(node.value))]
        return {target.id for node in changing for target in node.targets if isinstance(target, ast.Name)}

    @property
    def writers(self) -> list[str]:
        """Functions that write by themselves."""
        return [name for name, node in self.functions.items() if any(self._number(part) for part in ast.walk(node))]

    @property
    def without_transaction(self) -> list[str]:
        """Acts of more than one statement that nothing holds together. Of a private one its callers answer for."""
        loose = {
            name: self._most(node.body, {name}) for name, node in self.functions.items() if not self._covered(name)
        }
        return [name for name, number in loose.items() if number > 1 and not (name[0] == "_" and self._callers(name))]

    def _covered(self, name: str) -> bool:
        decorated = {ast.unparse(decorator) for decorator in self.functions[name].decorator_list}
        return bool(decorated & COVERS) or any(name in handed for handed in self._handed)

    @cached_property
    def _handed(self) -> list[set[str]]:
        """What is given to whoever opens transactions."""
        calls = [node for node in ast.walk(self.tree) if isinstance(node, ast.Call)]
        return [
            {ast.unparse(argument).rpartition(".")[2] for argument in call.args}
            for call in calls
            if _name(call) in OPENERS
        ]

    def _callers(self, name: str) -> list[str]:
        others = [(other, node) for other, node in self.functions.items() if other != name]
        return [other for other, node in others if any(_names(part) == name for part in ast.walk(node))]

    def _most(self, body: Sequence[ast.stmt], seen: set[str]) -> int:
        """How many statements write on the longest way through, loops twice; an entry counts as two."""
        total = 0
        for place, step in enumerate(body):
            if not isinstance(step, ast.If):
                total += self._sum(step, seen) * (2 if isinstance(step, ast.For | ast.While) else 1)
                continue
            total += self._sum(step.test, seen)
            inside, beside = self._most(step.body, seen), self._most(step.orelse, seen)
            if isinstance(step.body[-1], ast.Return | ast.Raise):
                return total + max(inside, beside + self._most(body[place + 1 :], seen))
            total += max(inside, beside)
        return total

    def _sum(self, tree: ast.AST, seen: set[str]) -> int:
        return sum(self._number(node) + self._of_callee(node, seen) for node in ast.walk(tree))

    def _of_callee(self, node: ast.AST, seen: set[str]) -> int:
        """What a private one adds; public ones are acts of their own."""
        name = _names(node)
        if name[:1] != "_" or name not in self.functions or name in seen or self._covered(name):
            return 0
        return self._most(self.functions[name].body, seen | {name})

    def _number(self, node: ast.AST) -> int:
        if isinstance(node, ast.Call) and ast.unparse(node.func) in RECORDS:
            return 2
        if not isinstance(node, ast.Await) or not isinstance(node.value, ast.Call):
            return 0
        call = node.value
        if _name(call) == "update_with":
            return 2
        if _name(call) in {"query", "find_row", "find_rows"}:
            return int(any(self._changes(argument) for argument in call.args))
        return int(isinstance(call.func, ast.Attribute) and call.func.attr in WRITES)

    def _changes(self, argument: ast.expr) -> bool:
        named = {node.id for node in ast.walk(argument) if isinstance(node, ast.Name)}
        return bool(named & self.statements or CHANGES.match(ast.unparse(argument)))


def _name(call: ast.Call) -> str:
    return ast.unparse(call.func).rpartition(".")[2]


def _names(node: ast.AST) -> str:
    """The function of the same room that this refers to, if it is one."""
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
        return node.id
    return node.attr if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "self" else ""
