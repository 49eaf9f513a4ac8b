"""What long work says meanwhile."""

from __future__ import annotations

import io
import logging
import time
from typing import TYPE_CHECKING

from surfacechem.cli import working as module
from surfacechem.cli.working import working

if TYPE_CHECKING:
    import pytest


class _Terminal(io.StringIO):
    """A stream that takes itself for a terminal."""

    def isatty(self) -> bool:
        """Say yes."""
        return True


def _watch(monkeypatch: pytest.MonkeyPatch, *, patience: float) -> _Terminal:
    """Make standard error a terminal; in the test itself, as pytest puts its own stream there after the fixtures."""
    terminal = _Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(module, "PATIENCE", patience)
    _work()
    return terminal


def _work() -> None:
    with working("binding data and model"):
        logging.getLogger("surfacechem.fitting.driver").debug("walking the intervals of %s", "K[X1]")
        time.sleep(0.3)  # the line is drawn ten times a second


def test_stage_is_shown_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """The library's own words stand in the line, and its logger is left as it was."""
    logger = logging.getLogger("surfacechem")
    before = logger.level, list(logger.handlers)
    assert "walking the intervals of K[X1]" in _watch(monkeypatch, patience=0.0).getvalue()
    assert (logger.level, logger.handlers) == before


def test_quick_work_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Most fits are done before anyone wonders."""
    assert _watch(monkeypatch, patience=10.0).getvalue() == ""


def test_pipe_stays_silent(capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing but remarks goes to a pipe."""
    _work()
    assert capsys.readouterr() == ("", "")
