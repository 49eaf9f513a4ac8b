"""A store holds whole blocks, goes on after any crash, and belongs to one sweep."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from surfacechem.api import Model
from surfacechem.errors import DataError, RangeError
from surfacechem.sweep import target
from surfacechem.sweep.design import BLOCK

if TYPE_CHECKING:
    from pathlib import Path

    from surfacechem.sweep import Progress

N_ROWS = 12 * BLOCK // 1000
VARY = {"K[X1]": "1e-2..1e2:1000", "HO2CR'": f"1..90 mM:{N_ROWS}"}
FEED = {"InP37": "0.5 mM"}
PROGRAM = f"""
import sys
from surfacechem.api import Model
Model(sys.argv[1]).sweep({VARY!r}, feed={FEED!r}, keep=["coverage"], store=sys.argv[2], resume=True)
"""


@pytest.fixture(scope="module")
def whole(exchange: Model) -> np.ndarray:
    """Return the coverage of the sweep made at one go in memory."""
    return exchange.sweep(VARY, feed=FEED, keep=["coverage"])["coverage"].to_numpy()


def test_store_and_memory_are_the_same_to_the_bit(exchange: Model, whole: np.ndarray, tmp_path: Path) -> None:
    """The dataset of a store reads from the disk and says the same."""
    data = exchange.sweep(VARY, feed=FEED, keep=["coverage"], store=tmp_path / "store")
    assert np.array_equal(data["coverage"], whole)


def test_killed_sweep_goes_on_to_the_same_numbers(exchange: Model, whole: np.ndarray, tmp_path: Path) -> None:
    """`kill -9` at random moments, three times, then to the end: nothing is lost, nothing half-written counts."""
    draws, store = np.random.default_rng(7), tmp_path / "store"
    for _ in range(3):
        process = subprocess.Popen([sys.executable, "-c", PROGRAM, exchange.text, str(store)])  # noqa: S603
        while not (store / "sweep.json").exists() and process.poll() is None:
            time.sleep(0.01)
        time.sleep(draws.uniform(0.0, 0.8))
        process.send_signal(signal.SIGKILL)
        process.wait()
    before = int(np.fromfile(store / "done.bin", np.uint8).sum())
    data = exchange.sweep(VARY, feed=FEED, keep=["coverage"], store=store, resume=True)
    assert np.array_equal(data["coverage"], whole)
    assert before <= 12


def test_stopped_sweep_makes_only_what_is_missing(exchange: Model, whole: np.ndarray, tmp_path: Path) -> None:
    """Ctrl-C after three blocks; the second run makes the rest and says how much was there."""
    told: list[Progress] = []

    def stop(progress: Progress) -> None:
        if progress.n_new >= 3 * BLOCK:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        exchange.sweep(VARY, feed=FEED, keep=["coverage"], store=tmp_path / "store", progress=stop)
    data = exchange.sweep(
        VARY, feed=FEED, keep=["coverage"], store=tmp_path / "store", resume=True, progress=told.append
    )
    assert np.array_equal(data["coverage"], whole)
    assert told[0].n_done == 4 * BLOCK
    assert told[-1].n_done == told[-1].n_points == whole.shape[0] * whole.shape[1]
    assert told[-1].rate > 0
    assert told[-1].seconds_left == 0


def test_block_that_was_torn_is_made_again(exchange: Model, whole: np.ndarray, tmp_path: Path) -> None:
    """Numbers without their mark do not count, whatever stands there."""
    store = tmp_path / "store"
    exchange.sweep(VARY, feed=FEED, keep=["coverage"], store=store)
    with (store / "result-0.bin").open("r+b") as stream:
        stream.write(b"rubbish" * 1000)
    with (store / "done.bin").open("r+b") as stream:
        stream.write(b"\x00")
    data = exchange.sweep(VARY, feed=FEED, keep=["coverage"], store=store, resume=True)
    assert np.array_equal(data["coverage"], whole)


def test_store_that_is_there_is_continued_on_purpose_only(exchange: Model, tmp_path: Path) -> None:
    """Without resume nothing is touched."""
    vary = {"HO2CR'": "1..90 mM:5"}
    exchange.sweep(vary, feed=FEED, store=tmp_path / "store")
    with pytest.raises(DataError, match="--resume"):
        exchange.sweep(vary, feed=FEED, store=tmp_path / "store")


@pytest.mark.parametrize(
    ("changed", "part"),
    [
        ({"vary": {"HO2CR'": "1..90 mM:6"}}, "varied"),
        ({"vary": {"HO2CR'": "1..91 mM:5"}}, "varied"),
        ({"feed": {"InP37": "0.6 mM"}}, "feed"),
        ({"constants": {"K[X1]": 1.4}}, "constants"),
        ({"keep": ["coverage"]}, "kept"),
    ],
)
def test_store_of_another_sweep_is_refused(exchange: Model, changed: dict[str, Any], part: str, tmp_path: Path) -> None:
    """The message says which part differs; the files stay as they were."""
    store = tmp_path / "store"
    call: dict[str, Any] = {"vary": {"HO2CR'": "1..90 mM:5"}, "feed": FEED, "store": store}
    exchange.sweep(**call)
    before = {path.name: path.read_bytes() for path in store.iterdir()}
    with pytest.raises(DataError, match=f"another sweep: {part}.* differ"):
        exchange.sweep(**{**call, **changed}, resume=True)
    assert {path.name: path.read_bytes() for path in store.iterdir()} == before


def test_store_of_another_model_is_refused(exchange: Model, tmp_path: Path) -> None:
    """One changed line of the model is another model."""
    vary = {"HO2CR'": "1..90 mM:5"}
    exchange.sweep(vary, feed=FEED, store=tmp_path / "store")
    with pytest.raises(DataError, match="another sweep: model"):
        Model(exchange.text.replace("1.3", "1.4")).sweep(vary, feed=FEED, store=tmp_path / "store", resume=True)


def test_folder_with_other_files_is_left_alone(exchange: Model, tmp_path: Path) -> None:
    """A folder of one's data is no place for a store."""
    (tmp_path / "data.csv").write_text("mine", encoding="utf-8")
    with pytest.raises(DataError, match="other files"):
        exchange.sweep({"HO2CR'": "1..90 mM:5"}, feed=FEED, store=tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["data.csv"]


def test_store_larger_than_the_disk_is_refused(exchange: Model, tmp_path: Path) -> None:
    """A grid of 1e12 points says what it would take and what there is."""
    with pytest.raises(RangeError, match=r"1e\+12 points.*GB.*hours.*\n.*GB free"):
        exchange.sweep({"K[X1]": "1..2:1000000", "HO2CR'": "1..5 mM:1000000"}, feed=FEED, store=tmp_path / "huge")
    assert not (tmp_path / "huge" / "sweep.json").exists()


def test_memory_is_bounded_unless_a_store_is_given(exchange: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit counts what is kept."""
    monkeypatch.setattr(target, "MOST_IN_MEMORY", 100)
    with pytest.raises(RangeError, match="store='folder'"):
        exchange.sweep({"HO2CR'": "1..90 mM:50"}, feed=FEED)


def test_store_that_was_stopped_while_it_was_made_is_made_again(exchange: Model, tmp_path: Path) -> None:
    """Without its description a folder of half-made files is free."""
    vary = {"HO2CR'": "1..90 mM:5"}
    for name in ("result-0.bin", "done.bin", ".sweep.json.1234.part"):
        (tmp_path / name).write_bytes(b"half")
    data = exchange.sweep(vary, feed=FEED, store=tmp_path)
    assert np.array_equal(data["coverage"], exchange.sweep(vary, feed=FEED)["coverage"])
