"""Which signal belongs to which ``observe`` line."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

from surfacechem.errors import FitError
from surfacechem.fitting.blocks import Block, bind_observables, unobserved
from surfacechem.fitting.observation import Band, Heat, Shift
from surfacechem.network import Network
from surfacechem.notation import parse
from surfacechem.records import Signal, Technique, Titration

MODEL = "surfacechem 1\nspecies Host\nspecies Guest\nS[11] Host + Guest <=> HG\nS[21] Host + HG <=> H2G\n"
POINTS = 4


def signal(name: str, *channels: str, technique: Technique = Technique.NMR_SHIFT, unit: str = "ppm") -> Signal:
    """Return a signal of rising values."""
    channels = channels or (name,)
    values = np.arange(POINTS * len(channels), dtype=float).reshape(POINTS, -1)
    return Signal(name=name, technique=technique, channels=channels, values=values, unit=unit)


def take(*signals: Signal, **fields: object) -> Titration:
    """Return a titration with these signals."""
    return Titration(
        name="run",
        feeds=("Host", "Guest"),
        amounts=np.ones((POINTS, 2)),
        signals=signals,
        labels=tuple("abcd"),
        **fields,  # type: ignore[arg-type]  # fields of the record
    )


def bind(observe: str, *signals: Signal, **fields: object) -> tuple[tuple[Block, ...], tuple[str, ...]]:
    """Bind a host-guest model with these ``observe`` lines to these signals."""
    return bind_observables(Network(parse(MODEL + observe)), take(*signals, **fields), known={})


def test_signals_are_bound_by_name() -> None:
    """Two shift observables take the signals of their names; a third signal is left out, and said to be."""
    lines = "observe d1 = shift(Host, HG, H2G)\nobserve d2 = shift(Guest, HG, H2G)"
    blocks, notes = bind(lines, signal("d2"), signal("d1"), signal("d3"))
    assert [(block.name, block.channels) for block in blocks] == [("d1", ("d1",)), ("d2", ("d2",))]
    assert notes == ()
    assert unobserved(Network(parse(MODEL + lines)), take(signal("d1"), signal("d3"))) == ("'d3'",)


def test_dotted_names_are_channels_of_one_observable() -> None:
    """``delta.1`` and ``delta.2`` are both ``delta``, whether signals or channels, and share their noise."""
    blocks, _ = bind("observe delta = shift(Host, HG)", signal("delta.1"), signal("all", "delta.2", "other"))
    (block,) = blocks
    assert block.channels == ("delta.1", "delta.2")


def test_only_observable_of_its_technique_takes_all() -> None:
    """A single shift line takes signals of any name, and a note says so."""
    blocks, notes = bind("observe delta = shift(Host, HG)", signal("NMR", "Proton 1", "Proton 2"))
    assert blocks[0].channels == ("Proton 1", "Proton 2")
    assert "takes 'NMR'" in notes[0]


def test_nothing_observed_is_refused() -> None:
    """Spectra cannot be fitted by a model that observes shifts; both sides are listed."""
    spectrum = signal("A", technique=Technique.UV_VIS, unit="1")
    with pytest.raises(FitError, match=r"'A' \(uv-vis\), while the model observes delta = shift"):
        bind("observe delta = shift(Host, HG)", spectrum)


def test_multiplicity_counts_the_shared_moiety() -> None:
    """Host shifts weigh H2G twice, guest shifts once."""
    blocks, _ = bind("observe h = shift(Host, HG, H2G)\nobserve g = shift(Guest, HG, H2G)", signal("h"), signal("g"))
    models = [block.model for block in blocks if isinstance(block.model, Shift)]
    np.testing.assert_array_equal(models[0].counts, [1, 1, 2])
    np.testing.assert_array_equal(models[1].counts, [1, 1, 1])


def test_ambiguous_multiplicity_is_refused() -> None:
    """HG and H2G share host and guest in different ratios: what is observed must be said."""
    with pytest.raises(FitError, match="multiplicities"):
        bind("observe d = shift(HG, H2G)", signal("d"))


def test_integrals_share_one_block() -> None:
    """Relative integrals of a data set stand on one scale; those in mol/L stand apart, with a known scale."""
    lines = "observe a = integral(HG)\nobserve b = integral(Host; protons = 3)\nobserve c = integral(Guest)"
    integral = Technique.NMR_INTEGRAL
    blocks, _ = bind(
        lines,
        signal("a", technique=integral, unit="1"),
        signal("b", technique=integral, unit="1"),
        signal("c", technique=integral, unit="mol/L"),
    )
    assert [block.channels for block in blocks] == [("a", "b"), ("c",)]
    assert [set(block.known_amplitudes) for block in blocks] == [set(), {0}]
    one_each = np.ones((POINTS, len(Network(parse(MODEL)).entities)))
    np.testing.assert_array_equal(blocks[0].model.columns(one_each)[:, 0], [1] * POINTS + [3] * POINTS)


def test_a_block_is_bound_again_by_its_own_names() -> None:
    """A saved fit holds names only; several channels of one integral beside another used to be lost."""
    lines = "observe bound = integral(HG)\nobserve free = integral(Host)"
    integral = partial(signal, technique=Technique.NMR_INTEGRAL, unit="mol/L")
    (block,), _ = bind(lines, integral("bound", "Ha", "Hb"), integral("free"))
    assert block.channels == ("bound.Ha", "bound.Hb", "free")
    (again,), _ = bind(lines, integral(block.name, *block.channels))
    assert again.channels == block.channels


def test_rows_and_table_are_inverse() -> None:
    """Stacked integrals come back as the table they were."""
    lines = "observe a = integral(HG)\nobserve b = integral(Host)"
    integral = Technique.NMR_INTEGRAL
    blocks, _ = bind(lines, signal("a", technique=integral), signal("b", technique=integral))
    (block,) = blocks
    np.testing.assert_array_equal(block.table(block.rows(block.measured)), block.measured)


def test_calorimetry_takes_the_cell_from_the_model() -> None:
    """Heats belong to what the reactions form, and each injection displaces its volume."""
    heats = signal("heat", technique=Technique.ITC, unit="J")
    added = np.array([0.0, 1e-5, 2e-5, 3e-5])
    blocks, _ = bind("observe heat = calorimetry(cell = 1 mL)", heats, added=added)
    model = blocks[0].model
    assert isinstance(model, Heat)
    assert model.labels == ("HG", "H2G", "dilution")
    np.testing.assert_allclose(model.kept, [1.0, 0.99, 0.99, 0.99])


def test_calorimetry_counts_the_complexes_of_dissociations() -> None:
    """Written the other way round the same complexes form: what was put in gives no heat by being there."""
    text = MODEL.replace("Host + Guest <=> HG", "HG <=> Host + Guest").replace("Host + HG <=> H2G", "H2G <=> Host + HG")
    heats = take(signal("heat", technique=Technique.ITC, unit="J"), added=np.arange(POINTS) * 1e-5)
    network = Network(parse(text + "observe heat = calorimetry(cell = 1 mL)"))
    blocks, _ = bind_observables(network, heats, known={})
    assert blocks[0].model.labels == ("HG", "H2G", "dilution")


def test_calorimetry_of_what_is_put_in_alone_is_refused() -> None:
    """Where every term is put in as well, the line has to say whose formation gives heat."""
    text = "surfacechem 1\nspecies Host\nspecies Guest\nS Host <=> Guest\nobserve heat = calorimetry(cell = 1 mL)"
    heats = take(signal("heat", technique=Technique.ITC, unit="J"), added=np.arange(POINTS) * 1e-5)
    with pytest.raises(FitError, match="name it"):
        bind_observables(Network(parse(text)), heats, known={})


def test_calorimetry_without_volumes_is_refused() -> None:
    """No cell, no heat."""
    with pytest.raises(FitError, match="no cell volume"):
        bind("observe heat = calorimetry()", signal("heat", technique=Technique.ITC, unit="J"))


def test_band_position_reads_its_numbers() -> None:
    """A stated origin is known, a named slope is fitted; coverage is a share of all sites."""
    text = """surfacechem 1
cluster C = In37P20(O2CR)51 where R = C13H27
site In on C : 51 native O2CR
species HO2CR' = C18H34O2 where R' = C17H33
X In-O2CR + HO2CR' <=> In-O2CR' + HO2CR
observe E = 2.95 eV + dE * coverage(O2CR')
"""
    network = Network(parse(text))
    band = signal("E", technique=Technique.BAND_POSITION, unit="eV")
    data = Titration(
        name="run", feeds=("C", "HO2CR'"), amounts=np.ones((POINTS, 2)), signals=(band,), labels=tuple("abcd")
    )
    (block,), _ = bind_observables(network, data, known={})
    assert isinstance(block.model, Band)
    assert {column: value.tolist() for column, value in block.known_amplitudes.items()} == {0: [2.95]}
    concentration = np.zeros(len(network.entities))
    concentration[network.entities.index("In-O2CR")] = 3.0
    concentration[network.entities.index("In-O2CR'")] = 1.0
    np.testing.assert_allclose(block.model.columns(concentration), [1.0, 0.25])


@pytest.mark.parametrize("known", [np.ones(3), np.array([1.0, np.nan]), np.ones((2, 1))])
def test_unusable_known_spectrum_is_refused(known: np.ndarray) -> None:
    """A known spectrum has one finite value per channel; NaN and tables used to be taken."""
    spectrum = signal("A", "300", "310", technique=Technique.UV_VIS, unit="1")
    data = Titration(
        name="run", feeds=("Host",), amounts=np.ones((POINTS, 1)), signals=(spectrum,), labels=tuple("abcd")
    )
    network = Network(parse(f"{MODEL}observe A = spectrum(Host, HG)"))
    with pytest.raises(FitError, match="2 values, one per channel"):
        bind_observables(network, data, known={"A": {"Host": known}})
