"""Compare fits that remember their data: criteria, and on request cross-validation and evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from surfacechem.api.fit import Fit
from surfacechem.errors import FitError
from surfacechem.fitting import Comparison, FitResult
from surfacechem.fitting import compare as compare_results

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["compare"]


def compare(
    fits: Mapping[str, Fit | FitResult],
    *,
    leave_out: str | None = None,
    n_folds: int | None = None,
    evidence: bool = False,
    seed: int = 0,
) -> Comparison:
    """Compare models fitted to the same data.

    Parameters
    ----------
    fits : mapping of str to Fit or FitResult
        At least two, by the name to show.
    leave_out : str, optional
        ``"points"`` or ``"titrations"``: cross-validate each by leaving these out.
    n_folds : int, optional
        Into how many parts; by default each is left out by itself.
    evidence : bool
        Whether to compute the evidence of each (extra ``bayes``).
    seed : int
        Seed of the evidence.

    Raises
    ------
    FitError
        If there are fewer than two, they were not fitted to the same values, or a bare result is to be fitted again.
    MissingExtraError
        If evidence is asked for and the extra is not installed.
    """
    results = {name: each.result if isinstance(each, Fit) else each for name, each in fits.items()}
    # Data that differ are refused before anything is fitted again.
    compared = compare_results(results)
    if leave_out is None and not evidence:
        return compared
    whole = {name: each for name, each in fits.items() if isinstance(each, Fit)}
    if len(whole) < len(fits):
        raise FitError(
            "fits to compare",
            found="results without model and data",
            allowed="fits (Model.fit, load_fit) where something is left out or integrated",
            advice="give the fits instead of their results",
        )
    validations = (
        {}
        if leave_out is None
        else {name: fit.cross_validate(leave_out, n_folds=n_folds) for name, fit in whole.items()}
    )
    evidences = {name: fit.evidence(seed=seed) for name, fit in whole.items()} if evidence else {}
    return compare_results(results, validations=validations, evidences=evidences)
