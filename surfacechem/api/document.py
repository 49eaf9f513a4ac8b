"""A fit as the document ``fit.json`` and back: model, data, what was asked for, result."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from surfacechem.api.asking import Request
from surfacechem.api.model import Model
from surfacechem.errors import DataError
from surfacechem.fitting import Correction, FitResult, KnownSpectra
from surfacechem.plain import from_plain, to_plain
from surfacechem.records import Titration  # noqa: TC001  (read back by type)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from surfacechem.api.fit import Fit

__all__ = ["LAYOUT", "Document", "from_document", "to_document"]

LAYOUT = "surfacechem fit document 1"


@dataclass(frozen=True, kw_only=True)
class ModelText:
    """A model as it was written, and where."""

    file: str
    text: str


@dataclass(frozen=True, kw_only=True, eq=False)
class Document:
    """What ``fit.json`` holds."""

    layout: str
    model: ModelText
    data: tuple[Titration, ...]
    known: KnownSpectra
    corrections: tuple[Correction, ...] = ()
    request: Request = field(default_factory=Request)
    result: dict[str, Any]


def to_document(fit: Fit) -> dict[str, Any]:
    """Return model, data and result of a fit as plain values for JSON."""
    document = Document(
        layout=LAYOUT,
        model=ModelText(file=fit.model.file, text=fit.model.text),
        data=fit.data,
        known=fit.known,
        corrections=fit.corrections,
        request=fit.request,
        result=fit.result.to_dict(),
    )
    return to_plain(document)


def from_document(plain: Mapping[str, Any], kind: type[Fit]) -> Fit:
    """Return the fit that `to_document` described.

    Raises
    ------
    DataError
        If the mapping is not a saved fit.
    """
    if plain.get("layout") != LAYOUT:
        raise DataError(
            "saved fit",
            found=f"layout {plain.get('layout')!r}",
            allowed=repr(LAYOUT),
            advice="give the fit.json that 'surfacechem fit --output' wrote",
        )
    document = from_plain(plain, Document, what="saved fit")
    result = FitResult.from_dict(document.result)
    _refuse_torn(result, document.data)
    return kind(
        model=Model(document.model.text, file=document.model.file),
        data=document.data,
        result=result,
        known=document.known,
        corrections=document.corrections,
        request=document.request,
    )


def _refuse_torn(result: FitResult, data: tuple[Titration, ...]) -> None:
    """Refuse a document whose parts are each well formed but do not belong together."""
    n_parameters = len(result.parameter_names)
    fits = result.covariance.shape == (n_parameters, n_parameters) and len(data) == len(result.datasets)
    fits = fits and {*result.parameter_names} <= {each.name for each in result.estimates}
    fits = fits and bool(result.minima) and all(len(each.log10_values) == n_parameters for each in result.minima)
    for each in result.datasets:
        n_points = len(each.labels)
        fits = fits and each.amounts.shape == (n_points, len(each.feeds))
        fits = fits and (each.stated is None or each.stated.shape == each.amounts.shape)
        fits = fits and (each.weights is None or each.weights.shape == (n_points,))
        for signal in each.signals:
            fits = fits and signal.measured.shape == signal.fitted.shape == (n_points, len(signal.channels))
            fits = fits and (signal.sigma is None or signal.sigma.shape == signal.measured.shape)
            fits = fits and signal.amplitudes.shape == signal.amplitude_stderr.shape
    if not fits:
        found = "parts that do not belong together"
        raise DataError("saved fit", found=found, advice="the file was changed or cut; fit again")
