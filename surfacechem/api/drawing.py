"""Draws of a fit from its posterior, with a file of chains from which an interrupted run goes on; draws from files."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from surfacechem.errors import DataError
from surfacechem.fitting import Posterior, posterior

if TYPE_CHECKING:
    from os import PathLike

    from numpy.typing import NDArray

    from surfacechem.api.fit import Fit

    Floats = NDArray[np.float64]

__all__ = ["draw_posterior"]

BEST_DIGITS = 6
"""Of log10; a fit repeated on another machine is the same fit."""


def draw_posterior(
    fit: Fit, *, seed: int, most_steps: int, level: float | None, chains: str | PathLike[str] | None
) -> Posterior:
    """Draw from the posterior of a fit; see `Fit.posterior`."""
    path = None if chains is None else Path(chains)
    origin = _origin(fit, seed)
    begun = _read(path, origin) if path is not None and path.exists() else None

    def keep(walked: Floats) -> None:
        if path is not None:
            _write(path, walked, origin)

    return posterior(fit.refit(), seed=seed, most_steps=most_steps, level=level, chains=begun, keep=keep)


def _origin(fit: Fit, seed: int) -> dict[str, Any]:
    """Return what chains must have in common with a fit to be its own."""
    from surfacechem.notation import render

    return {
        "seed": seed,
        "model": hashlib.sha256(render(fit.model.system).encode()).hexdigest(),
        "parameters": list(fit.result.parameter_names),
        "inputs": [data.sha256 for data in fit.result.datasets],
        "best": [round(value, BEST_DIGITS) for value in fit.result.minima[0].log10_values],
    }


def _write(path: Path, chains: Floats, origin: dict[str, Any]) -> None:
    from surfacechem.io import write_bytes

    content = io.BytesIO()
    np.savez(content, chains=chains, origin=np.frombuffer(json.dumps(origin).encode(), dtype=np.uint8))
    write_bytes(path, content.getvalue(), overwrite=True)


def _read(path: Path, origin: dict[str, Any]) -> Floats:
    """Return the chains of a file, if they are of this fit and this seed."""
    advice = "delete this file to begin anew, or ask for the seed it was begun with"
    try:
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as content:
            chains, text = np.asarray(content["chains"], dtype=float), bytes(content["origin"])
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise DataError(f"chains '{path.name}'", found="no chains", advice=advice) from error
    if text != json.dumps(origin).encode():
        raise DataError(f"chains '{path.name}'", found="chains of another fit or another seed", advice=advice)
    return chains
