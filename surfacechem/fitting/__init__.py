"""Fits: observation models, eliminated amplitudes, global search, intervals, verdicts."""

from surfacechem.fitting.blocks import KnownSpectra
from surfacechem.fitting.comparison import Comparison, compare
from surfacechem.fitting.contours import Contour, Region, contour, correlated_pairs
from surfacechem.fitting.crossvalidation import CrossValidation, cross_validate
from surfacechem.fitting.draws import Draws
from surfacechem.fitting.driver import Loss, fit
from surfacechem.fitting.estimate import Estimate
from surfacechem.fitting.evidence import LogEvidence, evidence
from surfacechem.fitting.feeding import Correction
from surfacechem.fitting.influence import Influence
from surfacechem.fitting.planning import Plan, plan
from surfacechem.fitting.posterior import Posterior, posterior
from surfacechem.fitting.profiles import Profile
from surfacechem.fitting.rank import Rank, find_rank, fitted_ranks
from surfacechem.fitting.refitting import Refit, profile, refit
from surfacechem.fitting.resampling import bootstrap
from surfacechem.fitting.result import DatasetFit, FitResult, Minimum, SignalFit
from surfacechem.fitting.scatter import Bootstrap, Draw

__all__ = [
    "Bootstrap",
    "Comparison",
    "Contour",
    "Correction",
    "CrossValidation",
    "DatasetFit",
    "Draw",
    "Draws",
    "Estimate",
    "FitResult",
    "Influence",
    "KnownSpectra",
    "LogEvidence",
    "Loss",
    "Minimum",
    "Plan",
    "Posterior",
    "Profile",
    "Rank",
    "Refit",
    "Region",
    "SignalFit",
    "bootstrap",
    "compare",
    "contour",
    "correlated_pairs",
    "cross_validate",
    "evidence",
    "find_rank",
    "fit",
    "fitted_ranks",
    "plan",
    "posterior",
    "profile",
    "refit",
]
