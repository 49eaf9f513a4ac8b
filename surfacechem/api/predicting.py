"""What `Model.predict` and `Fit.predict` take: a flask, or a vessel to which a titrant is added."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypedDict

from surfacechem.errors import DataError
from surfacechem.units import Kind, quantity

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Unpack

    from surfacechem.fitting import Draws, FitResult
    from surfacechem.network import Network
    from surfacechem.prediction import Amount, Prediction

__all__ = ["PredictionOptions", "predict_flask"]


class BandOptions(TypedDict, total=False):
    """Options of `prediction.predict`, which says what they mean."""

    constants: Mapping[str, str | float]
    level: float
    n_draws: int
    seed: int
    draws: Draws
    window: tuple[str, str]
    path_length: str


class PredictionOptions(BandOptions, total=False):
    """Options of `Model.predict` and `Fit.predict`: a titrant may be added to what is fed, and those of the bands."""

    titrant: Mapping[str, Amount]
    volume: str
    added: Amount
    temperature: str


def predict_flask(
    network: Network,
    feed: Mapping[str, Amount],
    *,
    fit: FitResult | None = None,
    titrant: Mapping[str, Amount] | None = None,
    volume: str = "",
    added: Amount = (),
    temperature: str = "",
    **options: Unpack[BandOptions],
) -> Prediction:
    """Predict what a flask comes to, or a vessel to which a titrant is added.

    Parameters
    ----------
    network : Network
        The model.
    feed : mapping
        What is in the flask, or in the vessel before the first addition.
    fit : FitResult, optional
        Gives constants, errors and signals.
    titrant : mapping, optional
        Feed to its concentration in what is added.
    volume : str
        Volume in the vessel before the first addition, ``"0.60 mL"``.
    added : str or sequence of str
        Volume added so far at each point, ``"0..120 uL in 25"``.
    temperature : str
        Another temperature than that of the model, ``"50 degC"``; every constant then needs its dH.
    **options
        As for `prediction.predict`.

    Raises
    ------
    DataError
        If titrant, volume and added are not given together.
    ConventionError
        If a constant cannot be brought to the temperature.
    """
    from surfacechem.network.warming import refuse_athermal
    from surfacechem.prediction import additions, conditions, predict

    given = {"titrant": titrant, "volume": volume, "added": added}
    missing = [name for name, value in given.items() if not value]
    if missing and len(missing) < len(given):
        raise DataError(
            "titrant, volume and added",
            found=f"no {' and no '.join(missing)}",
            allowed="all three, or none of them",
            advice="write e.g. titrant={\"HO2CR'\": '0.25 M'}, volume='0.60 mL', added='0..120 uL in 25'",
        )
    if titrant:
        where = additions(network, vessel=feed, volume=volume, titrant=titrant, added=added)
    else:
        where = conditions(network, feed)
    if temperature:
        refuse_athermal(network)
        where = replace(where, temperature=quantity(temperature, Kind.TEMPERATURE, name="temperature"))
    return predict(network, where, fit=fit, **options)
