"""The command line and the environment of the node."""

from __future__ import annotations

import argparse
import os
from dataclasses import dataclass
from urllib.parse import urlsplit

_LOCAL = {"127.0.0.1", "localhost", "::1"}
CACHE_BYTES = 2 * 1024**3


@dataclass(frozen=True)
class Settings:
    """`register`: base URL of the product; `url`: where gateways reach this node; `collector`: of
    OpenTelemetry, over HTTP."""

    host: str
    port: int
    token: str | None
    register: str | None
    artifacts: str | None
    url: str | None
    labels: dict[str, str]
    device: str
    threads: int
    cache_bytes: int
    collector: str | None


def read_settings(arguments: list[str]) -> Settings:
    """Raises SystemExit 2 with one clear line."""
    parser = argparse.ArgumentParser(
        prog="python -m modelyard_node", description="An inference node in Python."
    )
    parser.add_argument("--register", default=os.environ.get("NODE_REGISTER"), metavar="URL",
                        help="base URL of the product; model files come from there")  # fmt: skip
    parser.add_argument("--artifacts", metavar="URL", help="where model files come from instead")
    parser.add_argument("--url", help="where gateways reach this node")
    parser.add_argument("--label", action="append", default=[], metavar="KEY=VALUE")
    parser.add_argument(
        "--device", choices=("cpu", "cuda"), default=os.environ.get("NODE_DEVICE", "cpu")
    )
    parser.add_argument("--host", default=os.environ.get("HOST", "127.0.0.1"))
    parser.add_argument("--port", type=int, default=int(os.environ.get("NODE_PORT", "0")))
    parser.add_argument("--threads", type=int, default=1, help="threads of one operator")
    parser.add_argument("--collector", default=os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT") or None,
                        metavar="URL", help="OpenTelemetry collector (OTLP over HTTP)")  # fmt: skip
    given = parser.parse_args(arguments)
    token = os.environ.get("NODE_TOKEN") or None
    if token is not None and len(token) < 32:
        parser.error("NODE_TOKEN must be at least 32 characters long")
    for name in ("register", "artifacts", "url", "collector"):
        _check_url(parser, name, getattr(given, name))
    if given.register and token is None:
        parser.error("set NODE_TOKEN: npm run node -- --print-token prints the installation's")
    is_far = bool(given.register) and urlsplit(given.register).hostname not in _LOCAL
    if is_far and not given.url and given.host in ("0.0.0.0", "::"):
        parser.error("say with --url where gateways reach this node")
    return Settings(
        host=given.host,
        port=given.port,
        token=token,
        register=given.register,
        artifacts=given.artifacts or given.register,
        url=given.url,
        labels=_labels(parser, given.label),
        device=given.device,
        threads=max(1, given.threads),
        cache_bytes=int(os.environ.get("NODE_CACHE_BYTES", CACHE_BYTES)),
        collector=given.collector,
    )


def _check_url(parser: argparse.ArgumentParser, name: str, text: str | None) -> None:
    if text is not None and (
        urlsplit(text).scheme not in ("http", "https") or not urlsplit(text).hostname
    ):
        parser.error(f"--{name} must be an address that begins with http:// or https://")


def _labels(parser: argparse.ArgumentParser, given: list[str]) -> dict[str, str]:
    labels = {}
    for text in given:
        key, separator, value = text.partition("=")
        if not key or not separator:
            parser.error(f"--label {text} must be written key=value")
        labels[key] = value
    return labels
