"""The model language: one grammar, from text to a system and back."""

from surfacechem.notation.parse import parse
from surfacechem.notation.render import render

__all__ = ["parse", "render"]
