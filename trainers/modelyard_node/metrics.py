"""Prometheus text of the node, in the names that Triton's dashboards know."""

from __future__ import annotations

import os
import resource
from collections.abc import Callable, Iterator

from .models.store import ModelStore
from .stats import BUCKETS_MS, Duration, ModelStats

# Series are bounded: models beyond this many are left out.
_MODELS_MAX = 1000
_HISTOGRAM = "nv_inference_request_duration_histogram_ms"
_Counter = tuple[str, str, Callable[[ModelStats], int]]


def _micros(what: str, pick: Callable[[ModelStats], Duration]) -> _Counter:
    name = f"nv_inference_{what}_duration_us"
    return (
        name,
        f"Cumulative {what} duration in microseconds",
        lambda one: round(pick(one).ms * 1e3),
    )


_COUNTERS: list[_Counter] = [
    (
        "nv_inference_request_success",
        "Number of successful inference requests",
        lambda s: s.success,
    ),
    ("nv_inference_count", "Number of inferences performed (rows)", lambda s: s.rows),
    ("nv_inference_exec_count", "Number of model executions performed", lambda s: s.executions),
    _micros("request", lambda s: s.request),
    _micros("queue", lambda s: s.queue),
    _micros("compute_input", lambda s: s.compute_input),
    _micros("compute_infer", lambda s: s.compute_infer),
    _micros("compute_output", lambda s: s.compute_output),
]


def metrics_text(store: ModelStore) -> str:
    """Names of models are ours and need no escaping."""
    models = [(name, store.stats_of(name)) for name in store.names()[:_MODELS_MAX]]
    lines: list[str] = []
    for name, text, read in _COUNTERS:
        lines += _head(name, text, "counter")
        lines += [f'{name}{{model="{one}",version="1"}} {read(stats)}' for one, stats in models]
    failure = "nv_inference_request_failure"
    lines += _head(failure, "Number of failed inference requests by reason", "counter")
    for one, stats in models:
        for reason, count in stats.failure.items():
            lines.append(f'{failure}{{model="{one}",version="1",reason="{reason}"}} {count}')
    pending = "nv_inference_pending_request_count"
    lines += _head(pending, "Number of requests waiting for execution", "gauge")
    lines += [f'{pending}{{model="{one}",version="1"}} {stats.pending}' for one, stats in models]
    lines += _head(_HISTOGRAM, "Duration of inference requests in milliseconds", "histogram")
    for one, stats in models:
        lines += _histogram(one, stats)
    lines += _process(store)
    return "\n".join(lines) + "\n"


def _head(name: str, text: str, kind: str) -> list[str]:
    return [f"# HELP {name} {text}", f"# TYPE {name} {kind}"]


def _histogram(model: str, stats: ModelStats) -> Iterator[str]:
    total = 0
    for count, bound in zip(stats.buckets, [*map(str, BUCKETS_MS), "+Inf"]):
        total += count
        yield f'{_HISTOGRAM}_bucket{{model="{model}",version="1",le="{bound}"}} {total}'
    yield f'{_HISTOGRAM}_sum{{model="{model}",version="1"}} {stats.request.ms}'
    yield f'{_HISTOGRAM}_count{{model="{model}",version="1"}} {stats.request.count}'


def _process(store: ModelStore) -> list[str]:
    times = os.times()
    seconds = times.user + times.system + times.children_user + times.children_system
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return [
        *_head("modelyard_node_model_bytes", "Bytes of the models in memory", "gauge"),
        f"modelyard_node_model_bytes {store.bytes_in_memory}",
        *_head("modelyard_node_peak_memory_bytes", "Most memory the node process had", "gauge"),
        f"modelyard_node_peak_memory_bytes {memory}",
        *_head("modelyard_node_cpu_seconds_total", "Processor time of the node process", "counter"),
        f"modelyard_node_cpu_seconds_total {seconds}",
    ]
