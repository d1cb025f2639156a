"""Which top-level names of the code refer to which others: a graph to walk, made without running anything."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
Node = tuple[str, str]
"""A module and a name in it; of a method the name of its class."""


@cache
def references() -> dict[Node, frozenset[Node]]:
    """Node -> the nodes its code names, of all modules of `recon` and of the pages."""
    files = [path for folder in ("recon", "pages") for path in sorted((ROOT / folder).rglob("*.py"))]
    graph: dict[Node, frozenset[Node]] = {}
    for path in files:
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        known = _known(module)
        for node in ast.parse(path.read_text()).body:
            named = frozenset(_named(node, known))
            graph |= {(module, name): named - {(module, name)} for name in _defined(node)}
    return graph


def names_in(module: str, part: ast.expr) -> tuple[Node, ...]:
    """The nodes that a part of a module's code names."""
    return tuple(_named(part, _known(module)))


@cache
def _known(module: str) -> dict[str, Node]:
    """What each name stands for in a module."""
    tree = ast.parse((ROOT / Path(*module.split("."))).with_suffix(".py").read_text())
    return _imported(tree) | {name: (module, name) for node in tree.body for name in _defined(node)}


def reaches(starts: Iterable[Node], goals: Iterable[Node]) -> bool:
    """Whether one can get from one of the nodes to one of the goals."""
    wanted, graph = frozenset(goals), references()
    left = list(starts)
    seen = set(left)
    while left:
        node = left.pop()
        if node in wanted:
            return True
        more = graph.get(node, frozenset()) - seen
        seen |= more
        left += more
    return False


def _defined(node: ast.stmt) -> tuple[str, ...]:
    match node:
        case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
            return (name,)
        case ast.Assign(targets=targets):
            return tuple(target.id for target in targets if isinstance(target, ast.Name))
        case ast.AnnAssign(target=ast.Name(id=name)):
            return (name,)
        case _:
            return ()


def _imported(tree: ast.Module) -> dict[str, Node]:
    """What a name that is imported stands for; of a module its own node, for its attributes to be found."""
    found: dict[str, Node] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {alias.asname or alias.name: (node.module, alias.name) for alias in node.names}
    return found


def _named(node: ast.AST, known: dict[str, Node]) -> Iterator[Node]:
    for part in ast.walk(node):
        match part:
            case ast.Attribute(value=ast.Name(id=name), attr=attr) if name in known:
                module, own = known[name]
                yield f"{module}.{own}", attr
            case ast.Name(id=name) if name in known:
                yield known[name]
