"""Files to begin with: for each kind a model, and simulated data that it fits; the files lie in ``examples/``."""

from __future__ import annotations

from importlib.resources import files
from typing import Final

from surfacechem.errors import UnknownNameError

__all__ = ["TEMPLATES", "data_template", "model_template"]

TEMPLATES: Final = {
    "x-exchange": ("one X-type ligand for another on a filled shell", "nmr-integral"),
    "l-binding": ("a neutral donor on vacant sites", "nmr-integral"),
    "z-displacement": ("amines take a metal carboxylate off its place", "nmr-integral"),
    "host-guest": ("1:1 binding in solution", "nmr-shift"),
    "uv-vis": ("1:1 binding in solution, spectra", "uv-vis"),
    "fluorescence": ("1:1 binding in solution, light of the dissolved species", "fluorescence"),
    "quenching": ("X-type exchange that quenches the light of the particles", "fluorescence"),
    "calorimetry": ("1:1 binding in a calorimeter", "itc"),
    "band-position": ("X-type exchange that moves a band", "band-position"),
    "ligand-count": ("ligands per area of dots, while amines take a metal carboxylate off", "ligand-count"),
}
"""Kind -> what it is about, technique of its data. The first kind of a technique goes by the technique's name too."""


def model_template(kind: str) -> str:
    """Return a model to begin with.

    Parameters
    ----------
    kind : str
        One of `TEMPLATES`, or a technique.

    Raises
    ------
    UnknownNameError
        If there is no such kind.

    Examples
    --------
    >>> print(model_template("itc").splitlines()[-1])
    observe heat = calorimetry(cell = 1.4103 mL)
    """
    return _example(kind, "scx")


def data_template(kind: str) -> str:
    """Return simulated data that `model_template` of this kind fits; its ``#`` lines say what to replace.

    Parameters
    ----------
    kind : str
        One of `TEMPLATES`, or a technique.

    Raises
    ------
    UnknownNameError
        If there is no such kind.

    Examples
    --------
    >>> print(data_template("calorimetry").splitlines()[0])
    # technique: itc
    """
    return _example(kind, "csv")


def _example(kind: str, ending: str) -> str:
    by_technique = {technique: name for name, (_, technique) in reversed(TEMPLATES.items())}
    name = kind if kind in TEMPLATES else by_technique.get(kind)
    if name is None:
        known = ", ".join(dict.fromkeys([*TEMPLATES, *by_technique]))
        raise UnknownNameError(f"template '{kind[:40]}'", allowed=known, advice="use one of these names")
    return files("surfacechem.io").joinpath("examples", f"{name}.{ending}").read_text(encoding="utf-8")
