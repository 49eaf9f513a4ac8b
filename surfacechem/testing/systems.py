"""Strategies for whole systems, what is put into a flask, and the texts of models.

Every system is assembled as a user would write it and is checked like any other, so all of them balance. They
shrink to one reaction on a small cluster, with constants of 1 and 1 mM in the flask.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from surfacechem.chem.arrangement import Arrangement, Pattern
from surfacechem.chem.build import SystemBuilder
from surfacechem.chem.system import ReactionKind
from surfacechem.network import Network
from surfacechem.notation import render
from surfacechem.testing.engine import st
from surfacechem.testing.pieces import clusters, constants, ligands

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from hypothesis.strategies import DrawFn, SearchStrategy

    from surfacechem.chem.system import System
    from surfacechem.testing.pieces import Ligand, Particle

__all__ = ["KINDS", "Flask", "broken_model_texts", "feeds", "flasks", "model_texts", "systems"]

KINDS: Final = ("X", "L", "Z", "S", "conformer")
"""What is drawn unless others are asked for."""
MOST_VACANT: Final = 12
MOST_NEIGHBOURS: Final = 9
STRONGEST_COUPLING: Final = 4000.0  # J/mol
USUAL_AMOUNT: Final = 1e-3  # mol/L; what amounts shrink to
Q_Z: Final = (2, 1, 3)  # donors that carry a Z unit away; two is what primary amines do


class Flask(NamedTuple):
    """A network and what is put into a flask [mol/L] by feed."""

    network: Network
    amounts: dict[str, float]


@st.composite
def systems(draw: DrawFn, *, kinds: Sequence[str] = KINDS, largest_core: int = 20, most_z: int = 17) -> System:
    """Draw systems of one cluster with known constants.

    Parameters
    ----------
    kinds : sequence of str
        What may occur: ``"X"`` exchange, ``"L"`` binding to vacant sites, ``"Z"`` units carried away by a donor,
        ``"S"`` equilibria in solution, ``"conformer"`` another form of the cluster. At least one of the first three
        does, if given. Besides, ``"neighbours"`` that interact among the sites of X, and ``"carried"`` ligands that
        leave with their Z units and are exchanged on them.
    largest_core, most_z : int
        Size of the cluster.

    Examples
    --------
    >>> from hypothesis import find
    >>> print(render(find(systems(), lambda system: True)).strip())
    surfacechem 1
    temperature 298.15 K
    cluster InP2 = In2P(O2CR)3
    site In on InP2 : 1 native O2CR
    X In-O2CR + HO2CR' <=> In-O2CR' + HO2CR ; K = 1 fixed
    """
    builder = SystemBuilder()
    on_surface = [kind for kind in ("X", "L", "Z") if kind in kinds]
    first = draw(st.sampled_from(on_surface)) if on_surface else None
    chosen = [kind for kind in on_surface if kind == first or draw(st.booleans())]
    particle = draw(clusters(largest_core=largest_core, most_z=most_z))
    builder.cluster(particle.name, particle.formula)
    n_z = draw(st.integers(1, particle.n_z)) if "Z" in chosen else 0
    if "X" in chosen and n_z == particle.n_z:
        chosen.remove("X")  # the Z units hold all native ligands
    for kind in chosen:
        _SURFACE[kind](draw, builder, particle, n_z, kinds)
    if "conformer" in kinds and chosen and draw(st.booleans()):
        builder.conformer("beta", of=particle.name, L0=draw(constants()))
    if "S" in kinds and (not chosen or draw(st.booleans())):
        builder.reaction(["2 HO2CR"], ["(HO2CR)2"], K=draw(constants()))
    return builder.system()


def _exchange(draw: DrawFn, builder: SystemBuilder, particle: Particle, n_z: int, kinds: Sequence[str]) -> None:
    """Add X exchange on the ligands that no Z unit holds."""
    most, arrangement = (particle.n_z - n_z) * particle.n_per_z, None
    if "neighbours" in kinds:
        most, arrangement = min(most, MOST_NEIGHBOURS), Arrangement(pattern=draw(st.sampled_from(PATTERNS)))
    n_sites = draw(st.integers(1, most))
    builder.site(particle.metal, on=particle.name, count=n_sites, native="O2CR", arrangement=arrangement)
    for ligand in _some(draw, ReactionKind.X, most=3 if arrangement is None else 2):
        left, right = [f"{particle.metal}-O2CR", ligand.free], [f"{particle.metal}-{ligand.bound}", "HO2CR"]
        w = None if arrangement is None else draw(st.floats(-STRONGEST_COUPLING, STRONGEST_COUPLING))
        builder.reaction(left, right, kind="X", K=draw(constants()), w=w)


def _binding(draw: DrawFn, builder: SystemBuilder, particle: Particle, _: int, __: Sequence[str]) -> None:
    """Add donors on vacant sites."""
    builder.site("v", on=particle.name, count=draw(st.integers(1, MOST_VACANT)))
    for ligand in _some(draw, ReactionKind.L, most=2):
        builder.reaction(["v-*", ligand.free], [f"v-{ligand.bound}"], kind="L", K=draw(constants()))


def _displacement(draw: DrawFn, builder: SystemBuilder, particle: Particle, n_z: int, kinds: Sequence[str]) -> None:
    """Add Z units that a donor carries away."""
    unit = f"{particle.metal}(O2CR){particle.n_per_z}"
    builder.site(particle.anion, on=particle.name, count=n_z, native=unit)
    if "carried" in kinds:
        builder.site("u", on=f"{particle.anion}-{unit}", count=particle.n_per_z, native="O2CR")
        for ligand in _some(draw, ReactionKind.X, most=2):
            builder.reaction(["u-O2CR", ligand.free], [f"u-{ligand.bound}", "HO2CR"], kind="X", K=draw(constants()))
    q = draw(st.sampled_from(Q_Z))
    donors, complexed = ("NH2R'", f"{unit}(NH2R')") if q == 1 else (f"{q} NH2R'", f"{unit}(NH2R'){q}")
    gap = "*"
    if draw(st.booleans()):  # a donor fills the gap that the unit leaves
        gap, donors = "NH2R'", f"{q + 1} NH2R'"
    left, right = [f"{particle.anion}-{unit}", donors], [f"{particle.anion}-{gap}", complexed]
    builder.reaction(left, right, kind="Z", K=draw(constants()))


def _some(draw: DrawFn, kind: ReactionKind, *, most: int) -> list[Ligand]:
    """Draw one ligand or a few.

    Examples shrink to the fewest choices first: one choice for the first ligand keeps exchange the simplest system.
    """
    first = draw(ligands(kind=kind))
    others = draw(st.lists(ligands(kind=kind), max_size=most - 1, unique=True))
    return [first, *(each for each in others if each != first)]


PATTERNS: Final = (Pattern.RING, Pattern.CHAIN)
_SURFACE: Final[dict[str, Callable[[DrawFn, SystemBuilder, Particle, int, Sequence[str]], None]]] = {
    "X": _exchange,
    "L": _binding,
    "Z": _displacement,
}


@st.composite
def feeds(draw: DrawFn, network: Network, *, lowest: float = 1e-6, highest: float = 0.1) -> dict[str, float]:
    """Draw what is put into a flask [mol/L]: every cluster, and any of the dissolved species.

    Parameters
    ----------
    network : Network
        Its feeds are named.
    lowest, highest : float
        Ends of the concentrations [mol/L].
    """
    from math import log10

    reach = st.floats(log10(lowest / USUAL_AMOUNT), log10(highest / USUAL_AMOUNT))
    amount = reach.map(lambda power: float(f"{USUAL_AMOUNT * 10.0**power:.6g}"))
    particles = {cluster.name for cluster in network.system.clusters}
    found = {}
    for feed in network.feeds:
        if feed in particles or draw(st.booleans()):
            found[feed] = draw(amount)
    return found or {network.feeds[0]: draw(amount)}


@st.composite
def flasks(draw: DrawFn, *, kinds: Sequence[str] = KINDS) -> Flask:
    """Draw a system together with what is put into a flask of it.

    Parameters
    ----------
    kinds : sequence of str
        As in `systems`.
    """
    network = Network(draw(systems(kinds=kinds)))
    return Flask(network, draw(feeds(network)))


@st.composite
def model_texts(draw: DrawFn, *, kinds: Sequence[str] = KINDS) -> str:
    """Draw texts in the model language that mean something: comments and blanks are strewn in.

    Parameters
    ----------
    kinds : sequence of str
        As in `systems`.
    """
    lines = render(draw(systems(kinds=kinds))).strip().splitlines()
    endings = st.sampled_from(["", "   # a comment", "\n", "\t"])
    return "".join(line + draw(endings) + "\n" for line in lines)


def broken_model_texts(*, kinds: Sequence[str] = KINDS) -> SearchStrategy[str]:
    """Draw texts of models with one fault; `surfacechem.Model` refuses every one of them in words.

    Parameters
    ----------
    kinds : sequence of str
        As in `systems`.
    """
    return st.tuples(model_texts(kinds=kinds), st.sampled_from(_BREAKS)).map(lambda pair: pair[1](pair[0]))


_BREAKS: Final[tuple[Callable[[str], str], ...]] = (
    lambda text: text.replace("<=>", "<=", 1),
    lambda text: text.replace(" <=> ", " + Cd <=> ", 1),
    lambda text: text.replace("K = ", "K = -", 1),
    lambda text: text.replace("K = ", "K = many ", 1),
    lambda text: text + "X  Nowhere-O2CR + HO2CR' <=> Nowhere-O2CR' + HO2CR\n",
    lambda text: text + "cluster A = In2Pp\n",
    lambda text: text + "site\n",
    lambda text: text + "\x00\n",
)
