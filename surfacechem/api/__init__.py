"""What a script or a notebook holds: `Model` and `Fit`. They remember what belongs together."""

from surfacechem.api.drawing import load_draws
from surfacechem.api.fit import Fit, load_fit
from surfacechem.api.model import Model, load_model
from surfacechem.api.repeating import cite_program
from surfacechem.api.selection import compare

__all__ = ["Fit", "Model", "cite_program", "compare", "load_draws", "load_fit", "load_model"]
