from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from surfacechem.numerics import Problem, prepare
from surfacechem.numerics.generated import CACHE_VARIABLE, cache_folder, write_source
from surfacechem.numerics.tape import Op, Tape

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def _totals(n: int) -> np.ndarray:
    return 10.0 ** np.random.default_rng(4).uniform(-8.0, -1.0, (n, 2))


def test_generated_equals_interpreted(host_guest: Problem, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The kernel compiled for a network gives the numbers of the interpreter to 1e-12."""
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path))
    batch = prepare(host_guest, _totals(5000), n_threads=1)
    interpreted = batch.solve()
    monkeypatch.setattr("surfacechem.numerics.batch.POINTS_WORTH_COMPILING", 0)
    compiled = batch.solve()
    assert compiled.ln_c.tobytes() != interpreted.ln_c.tobytes()  # the other one was used
    assert compiled.is_solved
    np.testing.assert_allclose(compiled.ln_c, interpreted.ln_c, rtol=0, atol=1e-12)


def test_kernels_are_stored_once_under_the_hash_of_their_text(
    host_guest: Problem, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """One module per network appears in the folder the user names, and no temporary file is left."""
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path / "kernels"))
    # Another network than in the other test: a module that is imported is not written again.
    problem = Problem(nu=2.0 * host_guest.nu, ln_weight=host_guest.ln_weight)
    for _ in range(2):
        assert prepare(problem, _totals(10))._groups[0][2].compiled
    names = [path.name for path in (tmp_path / "kernels").iterdir() if path.is_file()]
    assert len(names) == 1
    assert names[0].startswith("surfacechem_kernel_")


def test_a_folder_that_cannot_be_written_leaves_the_interpreter(
    host_guest: Problem, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Without a cache folder everything still works."""
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    monkeypatch.setenv(CACHE_VARIABLE, str(blocked))
    problem = Problem(nu=3.0 * host_guest.nu, ln_weight=host_guest.ln_weight)
    batch = prepare(problem, _totals(10))
    assert batch._groups[0][2].compiled is None
    assert batch.solve().is_solved


def test_the_user_may_name_the_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The environment variable comes before the folder of the platform."""
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path))
    assert cache_folder() == tmp_path
    monkeypatch.delenv(CACHE_VARIABLE)
    assert "surfacechem" in str(cache_folder())


def test_the_source_reads_like_the_mathematics() -> None:
    """Registers are loaded once, computed, and written back where the caller reads them."""
    tape = Tape(2)
    total = tape.add(tape.record(Op.EXP_ONE, 0), 1, 2.0)
    tape.store(total, 0)
    program, _ = tape.freeze([])
    text = write_source({"step": (program, [])}, n_inputs=2, row=264)
    assert "r2 = exp(r0)" in text
    assert "r3 = r2 + 2.0 * r1" in text
    assert text.count("m[k + 0] = r0") == 1
    compile(text, "kernel", "exec")


def test_points_without_unknowns_are_compiled_too(
    host_guest: Problem, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Host alone has nothing to iterate; its empty program was an indentation error after ten million points."""
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path))
    batch = prepare(replace(host_guest), [[1e-3, 0.0]])
    assert batch._groups[0][2].compiled is not None


def test_much_solved_networks_are_compiled_by_themselves(
    host_guest: Problem, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """After so many points that it pays the compiled kernel takes over: for those who solved them, for nobody else."""
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path))
    monkeypatch.setattr("surfacechem.numerics.batch.POINTS_WORTH_COMPILING", 8000)
    batch = prepare(host_guest, _totals(5000), n_threads=1)
    first, second = batch.solve(), batch.solve()
    assert first.ln_c.tobytes() != second.ln_c.tobytes()
    fresh = prepare(host_guest, _totals(5000), n_threads=1).solve()
    assert fresh.ln_c.tobytes() == first.ln_c.tobytes()
