"""The command ``plan``."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003  (cyclopts reads the annotations)
from typing import Annotated

from cyclopts import Parameter

import surfacechem as sc  # its names are loaded when used, so that help stays quick
from surfacechem.cli.output import Flag, Many, pairs, print_facts, print_json, print_table
from surfacechem.cli.working import working
from surfacechem.errors import DataError
from surfacechem.plain import to_plain

__all__ = ["plan"]


def plan(
    fit: Path,
    /,
    *,
    feed: Many = (),
    points: int = 5,
    criterion: Annotated[str, Parameter(name=("--criterion", "--for"))] = "D",
    json: Flag = False,
) -> None:
    """Say which further points would pin the constants of a saved fit most.

    Parameters
    ----------
    fit
        File fit.json of a fit.
    feed
        What can be made, once per feed: "Host=1 mM", "Guest=0..20 mM in 101".
    points
        How many points to choose.
    criterion
        D (all constants together), A (mean of their variances) or the name of one constant: --for "K[21]".
    json
        Print the plan as JSON.
    """
    if not feed:
        example = 'surfacechem plan results/fit.json --feed "Host=1 mM" --feed "Guest=0..20 mM in 101"'
        raise DataError("option --feed", found="none", allowed="the flasks that can be made", advice=example)
    if points < 1:
        raise DataError("option --points", found=str(points), allowed="1 or more", advice="--points 5")
    with working("weighing the points that can be made"):
        found = sc.load_fit(fit).plan(pairs(feed, option="--feed"), n_points=points, criterion=criterion)
    if json:
        print_json(to_plain(found))
        return
    print_table(found.to_table())
    print_facts(found.facts)
