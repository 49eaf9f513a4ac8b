"""Small readings of lark's trees. What stands where is settled by the grammar, so children are untyped here only."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lark import Token, Tree

    from surfacechem.errors import Location

    Node = Tree[Token]

__all__ = ["first_token", "parts", "spot", "subtrees", "token", "tokens"]


def parts(tree: Node, n_parts: int | None = None) -> list[Any]:
    """Return the children, filled up with None to `n_parts`."""
    children: list[Any] = list(tree.children)
    return children if n_parts is None else (children + [None] * n_parts)[:n_parts]


def subtrees(tree: Node) -> list[Node]:
    """Return the children that are trees."""
    return [child for child in parts(tree) if child is not None and not isinstance(child, str)]


def tokens(tree: Node, kind: str) -> list[Token]:
    """Return the children that are tokens of one type."""
    return [child for child in parts(tree) if getattr(child, "type", "") == kind]


def token(tree: Node, kind: str) -> Token | None:
    """Return the first child that is a token of one type."""
    return next(iter(tokens(tree, kind)), None)


def first_token(tree: Node) -> Token:
    """Return the first token anywhere below a tree."""
    return next(iter(tree.scan_values(lambda _: True)))


def spot(at: Location, word: Token) -> Location:
    """Return the location of a token in its line."""
    return replace(at, column=word.column)
