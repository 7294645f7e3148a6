"""Turns SIGTERM into a clean stop at the next iteration, and into a hard one when that is late."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable

from .errors import EXIT_CANCELLED, Cancelled

HARD_STOP_SECONDS = 1.7


class CancelSwitch:
    """Set by SIGTERM; training code calls check() between iterations."""

    def __init__(self) -> None:
        self._requested = threading.Event()
        self._on_hard_stop: Callable[[], None] = lambda: None

    def install(self) -> None:
        """Listens for SIGTERM (and SIGINT, so that Ctrl-C ends a hand-started trainer alike)."""
        signal.signal(signal.SIGTERM, self._request)
        signal.signal(signal.SIGINT, self._request)

    def before_hard_stop(self, action: Callable[[], None]) -> None:
        """The action that runs, on another thread, when an iteration outlasts the patience."""
        self._on_hard_stop = action

    def check(self) -> None:
        """Raises Cancelled once SIGTERM has arrived."""
        if self._requested.is_set():
            raise Cancelled("cancelled")

    @property
    def requested(self) -> bool:
        return self._requested.is_set()

    def _request(self, _signal: int, _frame: object) -> None:
        if self._requested.is_set():
            return
        self._requested.set()
        # A native call cannot be interrupted; checkpoints are renamed into place, so leaving
        # the process at any instant is safe.
        for delay, action in ((HARD_STOP_SECONDS - 0.6, self._safely), (HARD_STOP_SECONDS, _leave)):
            timer = threading.Timer(delay, action)
            timer.daemon = True
            timer.start()

    def _safely(self) -> None:
        try:
            self._on_hard_stop()
        except Exception:
            pass


def _leave() -> None:
    os._exit(EXIT_CANCELLED)
