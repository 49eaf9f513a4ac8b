"""Models that the tests of this room share, each a different kind of structure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from surfacechem.chem.build import SystemBuilder

if TYPE_CHECKING:
    from surfacechem.chem.system import System


def exchange() -> SystemBuilder:
    """Return S1 of domain.md: carboxylate exchange on 51 sites."""
    model = SystemBuilder()
    model.cluster("InP37", "In37P20(O2CR)51")
    model.site("In", on="InP37", count=51, native="O2CR")
    model.reaction(["In-O2CR", "HO2CR'"], ["In-O2CR'", "HO2CR"], kind="X", K=1.3)
    return model


def host_guest() -> SystemBuilder:
    """Return two steps of host and guest in solution."""
    model = SystemBuilder()
    for name in ("TCNB", "Host", "HG", "H2G"):
        model.species(name)
    model.reaction(["Host", "TCNB"], ["HG"], K=250.0, label="11")
    model.reaction(["Host", "HG"], ["H2G"], K=40.0, label="21")
    return model


def displacement() -> SystemBuilder:
    """Return S10: Z units leave with two L, L fills the gap, and the metal complex is the only free form of Z."""
    model = SystemBuilder()
    model.cluster("CdS37")
    model.site("Se", on="CdS37", count=17, native="Z")
    for name in ("L", "ZL2"):
        model.species(name)
    model.reaction(["Se-Z", "2 L"], ["Se-*", "ZL2"], K=4e-3)
    model.reaction(["Se-*", "L"], ["Se-L"], K=30.0)
    return model


def conformers() -> SystemBuilder:
    """Return S9: two forms that bind methanol differently, next to an exchange that does not care."""
    model = SystemBuilder()
    model.cluster("CdS37")
    model.site("Cd", on="CdS37", count=6)
    model.site("S", on="CdS37", count=4, native="A")
    model.conformer("beta", of="CdS37", L0=1e-3)
    for name in ("M", "HA", "HB"):
        model.species(name)
    model.reaction(["Cd-*", "M"], ["Cd-M"], K=2.0)
    model.reaction(["Cd-M"], ["Cd-*", "M"], K=0.02, conformer="beta")
    model.reaction(["S-A", "HB"], ["S-B", "HA"], K=3.0)
    return model


def two_clusters() -> SystemBuilder:
    """Return two clusters with two site classes between them that compete for one acid, which dimerises."""
    model = SystemBuilder()
    for cluster in ("C1", "C2"):
        model.cluster(cluster)
    model.site("In.a", on="C1", count=10, native="A")
    model.site("In.b", on="C1", count=5, native="A")
    model.site("Cd", on="C2", count=7, native="A")
    for name in ("HA", "HB", "D"):
        model.species(name)
    for site, constant in (("In.a", 5.0), ("In.b", 0.2), ("Cd", 1.0)):
        model.reaction([f"{site}-A", "HB"], [f"{site}-B", "HA"], K=constant)
    model.reaction(["2 HB"], ["D"], K=500.0)
    return model


def dianion() -> SystemBuilder:
    """Return S2b: one incoming ligand takes two sites (charge balance only)."""
    model = SystemBuilder()
    model.cluster("C")
    model.site("In", on="C", count=50, native="A")
    for name in ("HA", "HB2"):
        model.species(name)
    model.reaction(["2 In-A", "HB2"], ["2 In-halfB", "2 HA"], K=10.0)
    return model


MODELS = {model.__name__: model for model in (exchange, host_guest, displacement, conformers, two_clusters, dianion)}


@pytest.fixture(scope="session", params=MODELS)
def system(request: pytest.FixtureRequest) -> System:
    """Each of the models in turn."""
    return MODELS[request.param]().system()


@pytest.fixture(scope="session")
def models() -> dict[str, System]:
    """All models by name."""
    return {name: model().system() for name, model in MODELS.items()}
