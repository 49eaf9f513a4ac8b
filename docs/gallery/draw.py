# ruff: noqa: INP001 (a script beside its pictures)
"""Draw the picture of each model of the gallery: ``python docs/gallery/draw.py``.

A model says in its first two lines what is in the flask and what is to be drawn.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from surfacechem import plotting
from surfacechem.network import Network
from surfacechem.notation import parse
from surfacechem.plotting.style import add_legend, named
from surfacechem.prediction import conditions, predict

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from surfacechem.prediction import Conditions

HERE = Path(__file__).parent


def read_model(path: Path) -> tuple[Network, Conditions, list[str]]:
    """Return the network, its flask and the words of its picture."""
    text = path.read_text(encoding="utf-8")
    flask, picture = (line.removeprefix("#").split(maxsplit=1)[1] for line in text.splitlines()[:2])
    network = Network(parse(text, path.name))
    amounts = dict(part.strip().split(" = ", 1) for part in flask.split(";"))
    return network, conditions(network, amounts), picture.split()


def figure_of(path: Path) -> Figure | None:
    """Return the picture of one model."""
    network, flask, (kind, *names) = read_model(path)
    prediction = predict(network, flask)
    if kind == "speciation":
        axes = plotting.speciation(prediction, entities=names)
    else:
        axes = getattr(plotting, kind)(prediction, *names)
    if network.lowered.mean_fields:
        add_branches(axes, network, flask, names[0])
    return axes.get_figure(root=True)


def add_branches(axes: Axes, network: Network, flask: Conditions, site: str) -> None:
    """Add every answer of a mean field, stable or not, as dots."""
    branches = network.branches(flask.amounts)
    for number, state in enumerate(branches.states):
        if state.startswith(f"{site}-"):
            roots = branches.coverage[:, :, number]
            x = np.broadcast_to(flask.axis.values[:, np.newaxis], roots.shape)
            axes.plot(x.ravel(), roots.ravel(), ".", color="0.4", markersize=3, label=f"all answers for {named(state)}")
    add_legend(axes)


def draw(path: Path) -> None:
    """Write the picture of one model beside it."""
    figure = figure_of(path)
    if figure is not None:
        plotting.save(figure, path.with_suffix(".svg"), overwrite=True)


if __name__ == "__main__":
    for model in sorted(HERE.glob("*.scx")):
        draw(model)
