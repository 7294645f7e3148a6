"""Fixtures and the one-thread setting every test shares."""

from __future__ import annotations

import os
from collections.abc import Iterator

os.environ.setdefault("OMP_NUM_THREADS", "1")

import pytest
from tracking_server import TrackingServer


@pytest.fixture
def server() -> Iterator[TrackingServer]:
    with TrackingServer() as running:
        yield running
