r"""Ligand-exchange equilibria and surface chemistry of semiconductor clusters and nanocrystals.

>>> import surfacechem as sc
>>> model = sc.Model("surfacechem 1\nspecies H\nspecies G\nS  H + G <=> HG ; K = 1000 /M")
>>> round(float(model.solve({"H": [1e-3], "G": [1e-3]}).of("HG")[0]) * 1e3, 4)
0.382
"""

from typing import TYPE_CHECKING

import lazy_loader

if TYPE_CHECKING:
    from surfacechem.api import Fit, Model, compare, load_draws, load_fit, load_model
    from surfacechem.chem.system import System
    from surfacechem.errors import SurfaceChemError, SurfaceChemWarning
    from surfacechem.fitting import FitResult
    from surfacechem.io import find_card, list_cards, read
    from surfacechem.prediction import Prediction, additions, conditions, linspace, logspace, predict
    from surfacechem.records import Signal, Technique, Titration

__version__ = "0.1.0"

_HOMES = {
    "api": ["Fit", "Model", "compare", "load_draws", "load_fit", "load_model"],
    "chem.system": ["System"],
    "errors": ["SurfaceChemError", "SurfaceChemWarning"],
    "fitting": ["FitResult"],
    "io": ["find_card", "list_cards", "read"],
    "prediction": ["Prediction", "additions", "conditions", "linspace", "logspace", "predict"],
    "records": ["Signal", "Technique", "Titration"],
}
__getattr__, __dir__, _ = lazy_loader.attach(__name__, submod_attrs=_HOMES)

__all__ = [
    "Fit",
    "FitResult",
    "Model",
    "Prediction",
    "Signal",
    "SurfaceChemError",
    "SurfaceChemWarning",
    "System",
    "Technique",
    "Titration",
    "additions",
    "compare",
    "conditions",
    "find_card",
    "linspace",
    "list_cards",
    "load_draws",
    "load_fit",
    "load_model",
    "logspace",
    "predict",
    "read",
]
