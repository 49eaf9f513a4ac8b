from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from numba import njit

from surfacechem.numerics import announcing
from surfacechem.numerics.announcing import MESSAGE, announce

if TYPE_CHECKING:
    import pytest


def test_a_compilation_is_announced_once(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many functions are compiled, the user reads one line; what is compiled already says nothing."""
    monkeypatch.setattr(announcing._ANNOUNCER, "is_silent", False)  # another test may have compiled before

    @njit
    def inner(x: float) -> float:
        return x + 1.0

    @njit
    def outer(x: float) -> float:
        return inner(x) * 2.0

    with caplog.at_level(logging.INFO):
        with announce():
            assert outer(1.0) == 4.0
        with announce():
            outer(2.0)
    assert [record.message for record in caplog.records] == [MESSAGE]
