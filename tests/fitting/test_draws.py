"""Draws of parameters: the same numbers back, and only for the fit they belong to."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from surfacechem.errors import DataError, FitError
from surfacechem.fitting import Draws, bootstrap, fit

if TYPE_CHECKING:
    from collections.abc import Callable

    from surfacechem.network import Network
    from surfacechem.records import Titration

DRAWS = Draws(kind="posterior", parameter_names=("K[11]",), ln_values=np.array([[8.1], [7.9]]), seed=3)


def test_draws_come_back_from_json() -> None:
    """Through JSON and back every number is the same."""
    again = Draws.from_dict(json.loads(json.dumps(DRAWS.to_dict())))
    np.testing.assert_array_equal(again.ln_values, DRAWS.ln_values)
    assert (again.kind, again.parameter_names, again.seed) == ("posterior", ("K[11]",), 3)


def test_bootstrap_gives_its_replicas_as_draws(binding: Callable[..., tuple[Network, Titration]]) -> None:
    """Draws are natural logarithms of the replicas that came to rest, and belong to their fit alone."""
    model, data = binding()
    result = fit(model, data)
    replicas = bootstrap(model, data, result, n_replicas=50)
    failed = replace(replicas, log10_values=np.concatenate([replicas.log10_values, [[np.nan]]]))
    np.testing.assert_allclose(failed.draws.ln_values, replicas.log10_values * np.log(10.0), rtol=1e-14)
    failed.draws.refuse_other(result)
    with pytest.raises(FitError, match="other parameters"):
        replace(failed.draws, parameter_names=("K[21]",)).refuse_other(result)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"layout": "surfacechem fit 1"}, "layout"),
        ({"ln_values": [1.0, 2.0]}, "shape"),
        ({"ln_values": [[None]]}, "no numbers"),
    ],
)
def test_torn_draws_are_refused(changes: dict[str, object], message: str) -> None:
    """A file of another kind, a cut one and one with holes are told apart from draws."""
    with pytest.raises(DataError, match=message):
        Draws.from_dict(DRAWS.to_dict() | changes)


@pytest.mark.parametrize(
    ("options", "message"), [({"seed": -1}, "seed"), ({"n_replicas": 1}, "replicas"), ({"draw": "dice"}, "'dice'")]
)
def test_unusable_requests_are_refused(
    binding: Callable[..., tuple[Network, Titration]], options: dict[str, Any], message: str
) -> None:
    """A negative seed, a single replica and an unknown way to draw are refused by name."""
    model, data = binding()
    with pytest.raises(FitError, match=message):
        bootstrap(model, data, fit(model, data), **options)
