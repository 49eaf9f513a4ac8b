"""What a script or a notebook holds: `Model` and `Fit`. They remember what belongs together."""

from surfacechem.api.fit import Fit
from surfacechem.api.loading import load_draws, load_fit, load_model
from surfacechem.api.model import Model
from surfacechem.api.repeating import cite_program
from surfacechem.api.selection import compare

__all__ = ["Fit", "Model", "cite_program", "compare", "load_draws", "load_fit", "load_model"]
