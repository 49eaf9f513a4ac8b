"""Raw power of MicroCal and NanoAnalyze: settings, plan, marks, integrated heats."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from surfacechem.errors import SurfaceChemError
from surfacechem.io import read, to_csv
from surfacechem.records import Technique

if TYPE_CHECKING:
    from pathlib import Path

HEATS = (-1.0, -20.0, -18.0, -3.0)  # ucal
VOLUMES = (2.0, 12.0, 12.0, 12.0)  # uL
SPACING, STEP, DECAY = 300, 2, 8.0  # s
PLAN = "".join(f"$ {volume:g} , 24 , 300 , 2 \n" for volume in VOLUMES)
HEAD = "$ITC\n$ 4 \n$NOT\n$ 25 \n$ 60 \n$ 298 \n$ 5 \n$ 2 \n$ADCGainCode:  3 \n$False,True,True\n"
SETTINGS = "# 0 \n# 1 \n# 0.1 \n# 1.434 \n# 25 \n# 28.8 \n# 16.1 \n?\n% VPITC06.03.471\n% 1.434 \n"


def run(*, n_marks: int = len(HEATS), mark: str = "@{number},{volume:.4f}") -> str:
    """Return a synthetic file in the layout of VPViewer: pulses of known area on a slanted baseline."""
    lines = [HEAD + PLAN + SETTINGS + "@0"]
    for sample in range(SPACING * (n_marks + 1) // STEP):
        seconds = sample * STEP
        number, late = divmod(seconds, SPACING)
        if late == 0 and number:
            lines.append(mark.format(number=number, volume=VOLUMES[number - 1]))
        pulse = HEATS[number - 1] * late * np.exp(-late / DECAY) / DECAY**2 if number else 0.0
        lines.append(f"{seconds + STEP:.2f},{4.8 + 1e-5 * seconds + pulse:.6f},25.00661,0.1,24.9,1,2")
    return "\n".join(lines) + "\n"


def test_heats_concentrations_and_settings(tmp_path: Path) -> None:
    """Areas are the heats of the injections; cell and syringe come from the settings."""
    (tmp_path / "a.itc").write_text(run())
    data = read(tmp_path / "a.itc", rename={"cell": "P", "syringe": "A"})
    (heat,) = data.signals
    assert (data.feeds, heat.technique, heat.unit, data.temperature) == (("P", "A"), Technique.ITC, "J", 298.15)
    # Trapezoids of step h miss h^2/(12 tau^2) of these pulses.
    expected = np.array(HEATS) * 4.184e-6 * (1 - STEP**2 / 12 / DECAY**2)
    np.testing.assert_allclose(heat.values[:, 0], expected, rtol=2e-3)
    kept = np.cumprod(1 - np.array(VOLUMES) / 1434.0)
    np.testing.assert_allclose(data.amounts, np.column_stack([1e-4 * kept, 1e-3 * (1 - kept)]), rtol=1e-12)
    assert data.initial_volume == pytest.approx(1.434e-3)


def test_marks_without_volumes_take_the_plan(tmp_path: Path) -> None:
    """A bare mark means the planned volume; an aborted run keeps what was injected and says so."""
    (tmp_path / "a.itc").write_text(run(n_marks=3, mark="@{number}"))
    data = read(tmp_path / "a.itc")
    assert data.added is not None
    np.testing.assert_allclose(data.added, np.cumsum(VOLUMES[:3]) * 1e-6)
    assert "3 of 4 planned injections were made" in data.notes


def test_converted_file_reads_the_same(tmp_path: Path) -> None:
    """The heats as our own CSV give the same concentrations and heats."""
    (tmp_path / "a.itc").write_text(run())
    first = read(tmp_path / "a.itc")
    (tmp_path / "a.csv").write_text(to_csv(first))
    second = read(tmp_path / "a.csv")
    np.testing.assert_allclose(second.amounts, first.amounts, rtol=1e-9, atol=1e-15)
    np.testing.assert_array_equal(second.signals[0].values, first.signals[0].values)


def test_blank_is_noted(tmp_path: Path) -> None:
    """Nothing in the cell may be a dilution run or a forgotten entry: it is read, and said."""
    (tmp_path / "a.itc").write_text(run().replace("# 0.1 ", "# 0 "))
    assert any("concentration in the cell is 0" in note for note in read(tmp_path / "a.itc").notes)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("$ 25 ", "$ warm"), "a.itc:4: temperature"),
        (("# 1.434 ", "# 0 "), "volume of the cell"),
        (("# 1 \n", "# -1 \n"), "concentration in the syringe"),
        (("# 1 \n", "# 1e99 \n"), "concentration in the syringe"),
        (("@2,", "@3,"), "mark of an injection"),
        (("@2,12.0000", "@2,0.0000"), "injected volume"),
        (("302.00,", "2.00,"), "sample of power"),
        (("302.00,", "nan,"), "sample of power"),
        ((PLAN, ""), "plan of injections"),
        (("$ 25 ", "$ 999 "), "a.itc:4: temperature"),
        (("@", "%"), "recorded power"),
    ],
)
def test_faults_have_their_line(tmp_path: Path, change: tuple[str, str], message: str) -> None:
    """What does not fit the layout is refused at its line."""
    (tmp_path / "a.itc").write_text(run().replace(*change))
    with pytest.raises(SurfaceChemError, match=message):
        read(tmp_path / "a.itc")


def exported() -> str:
    """Return the same run in NanoAnalyze's layout: no plan, no line of temperature, two columns."""
    text = run().replace(HEAD + PLAN + SETTINGS, "$ITC\n$ 4\n$NOT\n# 0\n# 1\n# 0.1\n# 1.434\n# 25\n# 25\n# 25\n")
    return "\n".join(line.partition(",25.0")[0] + " " for line in text.split("\n"))


def test_nanoanalyze_export_gives_the_same_run(tmp_path: Path) -> None:
    """The export of TA Instruments' program holds what MicroCal's file of the same run holds."""
    (tmp_path / "a.itc").write_text(run())
    (tmp_path / "a.ta").write_text(exported())
    first, second = read(tmp_path / "a.itc"), read(tmp_path / "a.ta")
    np.testing.assert_array_equal(second.amounts, first.amounts)
    np.testing.assert_array_equal(second.signals[0].values, first.signals[0].values)
    assert (second.temperature, second.meta["layout"]) == (298.15, "NanoAnalyze .ta")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("$ 4\n", "$ many\n"), "a.ta:2: number of injections"),
        (("$ 4\n", "$ 2\n"), "mark of an injection"),
        (("@2,12.0000", "@2"), "injected volume"),
        (("# 1.434\n", "# 0\n"), "volume of the cell"),
        (("# 25\n# 25", "# warm\n# 25"), "a.ta:8: temperature"),
    ],
)
def test_faults_of_an_export_have_their_line(tmp_path: Path, change: tuple[str, str], message: str) -> None:
    """A mark without a volume cannot be made up for from a plan, for there is none."""
    text = exported().replace(" \n", "\n")
    assert change[0] in text
    (tmp_path / "a.ta").write_text(text.replace(*change))
    with pytest.raises(SurfaceChemError, match=message):
        read(tmp_path / "a.ta")
