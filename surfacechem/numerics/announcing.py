"""Say once that the solver is being compiled: the first run after an installation takes some seconds more."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from numba.core import event

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

__all__ = ["MESSAGE", "announce"]

MESSAGE = "Compiling the solver: some seconds, once after each installation."
_LOGGER = logging.getLogger(__name__)


class _Announcer(event.Listener):  # type: ignore[misc]  # numba is untyped
    """Logs the first compilation it hears of."""

    def __init__(self) -> None:
        self.is_silent = False

    def on_start(self, event: object) -> None:  # noqa: ARG002 - numba calls it with the event
        """Log, once."""
        if not self.is_silent:
            self.is_silent = True
            _LOGGER.info(MESSAGE)

    def on_end(self, event: object) -> None:
        """Do nothing: the end needs no word."""


_ANNOUNCER = _Announcer()


def announce() -> AbstractContextManager[None]:
    """Return a context in which a compilation is logged, level INFO, once; loading from the cache is none."""
    # Passes of the compiler, not "numba:compile": C functions are compiled without that.
    context: AbstractContextManager[None] = event.install_listener("numba:run_pass", _ANNOUNCER)
    return context
