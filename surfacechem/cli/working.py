"""What a long command does meanwhile: one line on a terminal, nothing in a pipe."""

from __future__ import annotations

import logging
import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console
    from rich.progress import Progress, TaskID

__all__ = ["plain_console", "working"]

PATIENCE: Final = 1.0
"""Seconds for which nothing is said: most fits are done by then."""


def plain_console() -> Console:
    """Return standard error without rich's colours for progress: yellow and cyan cannot be read on white."""
    from rich.console import Console
    from rich.theme import Theme

    names = ("elapsed", "spinner", "download", "remaining", "percentage")
    return Console(stderr=True, theme=Theme({f"progress.{name}": "none" for name in names}))


class _Stages(logging.Handler):
    """Writes the stage that the library logs (level DEBUG) into the line."""

    def __init__(self, bar: Progress, task: TaskID) -> None:
        super().__init__(logging.DEBUG)
        self._bar = bar
        self._task = task

    def emit(self, record: logging.LogRecord) -> None:
        """Take the stage of the library; remarks, which are shown for good, have a handler of their own."""
        if record.levelno == logging.DEBUG:
            self._bar.update(self._task, description=record.getMessage())


@contextmanager
def working(first: str) -> Iterator[None]:
    """Show what the library is doing, and for how long; the line goes when the work is done or interrupted.

    Parameters
    ----------
    first : str
        What is done until the library says more.
    """
    if not sys.stderr.isatty():
        yield
        return
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), TimeElapsedColumn())
    bar = Progress(*columns, console=plain_console(), transient=True)
    stages = _Stages(bar, bar.add_task(first, total=None))
    timer = threading.Timer(PATIENCE, bar.start)
    timer.daemon = True
    logger = logging.getLogger("surfacechem")
    level = logger.level
    logger.addHandler(stages)
    logger.setLevel(logging.DEBUG)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()
        bar.stop()
        logger.setLevel(level)
        logger.removeHandler(stages)
