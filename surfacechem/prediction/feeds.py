"""What is really in the flask: the amounts that were stated, and the shares that a fit found of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from surfacechem.fitting.feeding import feed_in

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from surfacechem.fitting import FitResult
    from surfacechem.fitting.feeding import Feeding
    from surfacechem.prediction.estimate import Knowledge
    from surfacechem.prediction.flask import Conditions, Mixture

    Floats = NDArray[np.float64]

__all__ = ["Feeds", "shared_feedings"]


def shared_feedings(fit: FitResult | None) -> tuple[Feeding, ...]:
    """Return the active shares and impurities that hold for all data of a fit, and so for the next flask too."""
    return () if fit is None else tuple(each for each in fit.datasets[0].feedings if each.is_shared)


@dataclass(frozen=True, kw_only=True, eq=False)
class Feeds:
    """Amounts as they move with the parameters of a fit.

    Attributes
    ----------
    stated : ndarray, shape (n_stated, n_feeds)
        What was said to be put in [mol/L]; NaN where a concentration was fitted.
    feedings : tuple of Feeding
        From there to what is in the flask.
    mixture : Mixture, optional
        Each point as a mixture of the stated ones, for a walk between measured points; None: the points themselves.
    """

    stated: Floats
    feedings: tuple[Feeding, ...] = ()
    mixture: Mixture | None = None

    @classmethod
    def of(cls, conditions: Conditions, fit: FitResult | None) -> Feeds:
        """Return the feeds of a flask: with what was fitted of a data set's along it, else with what all data share."""
        for data in fit.datasets if fit is not None else ():
            if data.name == conditions.dataset and conditions.mixture is not None:
                stated = data.amounts if data.stated is None else data.stated
                return cls(stated=stated, feedings=data.feedings, mixture=conditions.mixture)
        return cls(stated=conditions.amounts, feedings=shared_feedings(fit))

    @property
    def n_points(self) -> int:
        """Number of points."""
        return len(self.stated if self.mixture is None else self.mixture.share)

    @property
    def parameters(self) -> frozenset[int]:
        """Parameters of the fit that move the amounts."""
        return frozenset(each.parameter for each in self.feedings)

    def at(self, steps: Floats, knowledge: Knowledge) -> tuple[Floats, Floats]:
        """Return the amounts and their derivatives, `steps` from the best parameters.

        Parameters
        ----------
        steps : ndarray, shape (n_lanes, n_parameters)
            Of the natural logarithms.
        knowledge : Knowledge
            The best ones.

        Returns
        -------
        amounts : ndarray, shape (n_lanes, n_points, n_feeds)
            What is in the flask [mol/L]; one lane where nothing was fitted of it.
        slopes : ndarray, shape (n_lanes, n_points, n_feeds, n_parameters)
            ``slopes[l, p, f, k]`` is d amount / d parameter [mol/L].
        """
        moving = knowledge.fed + steps if self.feedings else knowledge.fed[np.newaxis]
        amounts, slopes = feed_in(self.feedings, self.stated, moving)
        if self.mixture is None:
            return amounts, slopes
        return self.mixture.of(amounts), self.mixture.of(slopes)
