"""Filled-in data files to begin with, one per technique; each is fitted by a model of ``surfacechem model new``."""

from __future__ import annotations

from importlib.resources import files

from surfacechem.records import Technique

__all__ = ["template"]


def template(technique: Technique | str) -> str:
    """Return a simulated example of our own CSV, whose ``#`` lines say by which model and what to replace.

    Parameters
    ----------
    technique : Technique
        What is to be measured.

    Examples
    --------
    >>> print(template("itc").splitlines()[0])
    # technique: itc
    """
    name = f"{Technique(technique).value}.csv"
    return files("surfacechem.io").joinpath("examples", name).read_text(encoding="utf-8")
