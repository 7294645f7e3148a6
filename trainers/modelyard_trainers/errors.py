"""How a job can end other than well, and the exit code each ending has."""

from __future__ import annotations

EXIT_OK = 0
EXIT_FAILED = 1
EXIT_BAD_INPUT = 64
EXIT_RETRY = 75
EXIT_CANCELLED = 143


class BadInput(Exception):
    """The spec or the data cannot be trained on; the message tells the user what to change."""


class RetryLater(Exception):
    """Something outside the job (tracking server, disk) is unavailable; the same job may work later."""


class Cancelled(Exception):
    """The job was asked to stop by SIGTERM."""


class TrainingFailed(Exception):
    """The job ran and its result must not be used, for example because of a failed parity check."""
