"""Traces, as MLflow's tests/tracing and test_sqlalchemy_store_traces.py and _assessments.py ask."""

import time

import mlflow
from mlflow import MlflowClient
from mlflow.entities import AssessmentSource, Expectation, Feedback, SpanType, TraceInfo, TraceLocation, TraceState
from observed import URI, refused, saw, suite, unique

mlflow.set_tracking_uri(URI)
client = MlflowClient(URI)
store = client._tracking_client.store
suite("traces")
EXPERIMENT = client.create_experiment(unique("traces"))
mlflow.set_experiment(experiment_id=EXPERIMENT)


def flat(trace):
    return sorted([s.name, s.span_type, str(s.status.status_code), s.inputs, s.outputs, s.parent_id is None] for s in trace.data.spans)


def spans():
    @mlflow.trace(name="outer", span_type=SpanType.CHAIN, attributes={"a": 1})
    def outer(x):
        with mlflow.start_span(name="inner") as span:
            span.set_inputs({"x": x})
            span.set_attribute("deep", {"k": [1, 2]})
            span.set_outputs({"y": x + 1})
            span.add_event(mlflow.entities.SpanEvent("seen", attributes={"n": 1}))
        mlflow.update_current_trace(tags={"fruit": "apple"}, client_request_id="req-1")
        return x + 1

    saw("answer", outer(3))
    mlflow.flush_trace_async_logging()
    trace_id = mlflow.get_last_active_trace_id()
    trace = client.get_trace(trace_id)
    saw("spans", flat(trace))
    inner = next(s for s in trace.data.spans if s.name == "inner")
    saw("attributes", [inner.get_attribute("deep"), [e.name for e in inner.events]])
    saw("info", [trace.info.state.value, trace.info.tags.get("fruit"), trace.info.client_request_id, trace.info.tags.get("mlflow.traceName"), trace.info.request_preview, trace.info.response_preview, trace.info.experiment_id == EXPERIMENT])

    @mlflow.trace
    def broken():
        raise ValueError("no")

    try:
        broken()
    except ValueError:
        pass
    mlflow.flush_trace_async_logging()
    failed = client.get_trace(mlflow.get_last_active_trace_id())
    saw("failed", [failed.info.state.value, [str(s.status.status_code) for s in failed.data.spans], [e.name for s in failed.data.spans for e in s.events]])
    root = client.start_trace("manual", inputs={"q": 1}, experiment_id=EXPERIMENT, tags={"t": "1"})
    child = client.start_span("child", trace_id=root.trace_id, parent_id=root.span_id)
    client.end_span(root.trace_id, child.span_id, outputs=2, status="ERROR")
    client.end_trace(root.trace_id, outputs={"r": 2})
    mlflow.flush_trace_async_logging()
    saw("made by hand", flat(client.get_trace(root.trace_id)))
    with mlflow.start_run(experiment_id=EXPERIMENT) as run:
        outer(5)
    mlflow.flush_trace_async_logging()
    found = mlflow.search_traces(locations=[EXPERIMENT], run_id=run.info.run_id, return_type="list")
    saw("of a run", [len(found), flat(found[0])])
    listed = client.search_traces(locations=[EXPERIMENT], order_by=["timestamp_ms ASC"])
    saw("all with spans", [sorted(s.name for s in one.data.spans) for one in listed])
    saw("without spans", [len(one.data.spans) for one in client.search_traces(locations=[EXPERIMENT], include_spans=False)])
    saw("one by one", [len(one.data.spans) for one in store.batch_get_traces([one.info.trace_id for one in listed])] if hasattr(store, "batch_get_traces") else None)
    for text in ["name = 'outer'", "trace.status = 'ERROR'", "status = 'OK'", "tags.fruit = 'apple'", "tag.t = '1'", "client_request_id = 'req-1'", "trace.name LIKE 'man%'", "span.name = 'inner'", "span.type = 'CHAIN'", "span.name ILIKE 'INN%'",
                 "span.status = 'ERROR'", "trace.text LIKE '%apple%'", "execution_time_ms >= 0", "timestamp_ms > 5", "tags.fruit IS NULL", "tags.fruit IS NOT NULL", "metadata.`mlflow.user` = 'x'", "tags.fruit LIKE 'app%'", "span.attributes.deep LIKE '%k%'"]:
        refused(f"asked {text}", lambda text=text: client.search_traces(locations=[EXPERIMENT], filter_string=text))
        try:
            saw(f"found {text}", len(client.search_traces(locations=[EXPERIMENT], filter_string=text)))
        except mlflow.MlflowException:
            pass
    return trace_id


def infos():
    experiment = client.create_experiment(unique("infos"))
    place = TraceLocation.from_experiment_id(experiment)
    ids = []
    for at in range(4):
        info = TraceInfo(f"tr-{unique('x').replace('x-', '')}", place, 1000 + at, TraceState.OK if at % 2 else TraceState.ERROR, execution_duration=10 * at, tags={"n": str(at)}, trace_metadata={"m": str(at)}, request_preview="q", response_preview="r")
        store.start_trace(info)
        ids.append(info.trace_id)

    def found(text=None, order=None, **more):
        return [ids.index(t.info.trace_id) for t in client.search_traces(locations=[experiment], filter_string=text, order_by=order, include_spans=False, **more)]

    got = store.get_trace_info(ids[1])
    saw("kept", [got.request_time, got.execution_duration, got.state.value, got.tags.get("n"), got.trace_metadata.get("m"), got.request_preview, got.response_preview])
    for text in ["status = 'OK'", "tags.n = '2'", "tags.n != '2'", "metadata.m = '1'", "request_metadata.m = '1'", "timestamp > 1001", "timestamp_ms <= 1001", "execution_time_ms > 10", "execution_time = 20", "status = 'OK' AND tags.n = '3'", "tags.none = 'x'", "request_id = '%s'" % ids[0], "trace.trace_id = '%s'" % ids[0], f"trace_id IN ('{ids[0]}', '{ids[1]}')"]:
        try:
            saw(text.replace(ids[0], "0").replace(ids[1], "1"), found(text))
        except mlflow.MlflowException as error:
            saw(text.replace(ids[0], "0").replace(ids[1], "1"), error.error_code)
    for order in [["timestamp_ms ASC"], ["timestamp_ms DESC"], ["timestamp DESC"], ["execution_time_ms DESC"], ["execution_time ASC"], ["status ASC", "timestamp_ms DESC"], ["tag.n DESC"], ["metadata.m ASC"]]:
        try:
            saw(f"order {order}", found(order=order))
        except mlflow.MlflowException as error:
            saw(f"order {order}", error.error_code)
    page = client.search_traces(locations=[experiment], max_results=3, include_spans=False)
    rest = client.search_traces(locations=[experiment], max_results=3, page_token=page.token, include_spans=False)
    saw("pages", [len(page), len(rest), rest.token])
    for text in ["invalid", "status < 'OK'", "blah.x = 'y'", "timestamp = 'x'", "status LIKE", "metadata.m > '1'"]:
        refused(f"filter {text}", lambda text=text: found(text))
    refused("bad order", lambda: found(order=["blah"]))
    client.set_trace_tag(ids[0], "n", "green")
    client.set_trace_tag(ids[0], "new", "x")
    client.delete_trace_tag(ids[0], "new")
    saw("tags", store.get_trace_info(ids[0]).tags.get("n"))
    refused("no such tag", lambda: client.delete_trace_tag(ids[0], "none"), "")
    refused("no such trace", lambda: store.get_trace_info("tr-none"), "not found")
    refused("tag of no trace", lambda: client.set_trace_tag("tr-none", "a", "b"), "")
    refused("no experiment", lambda: store.start_trace(TraceInfo("tr-" + "1" * 32, TraceLocation.from_experiment_id("424242"), 1, TraceState.OK)), "")
    saw("one deleted", client.delete_traces(experiment, trace_ids=[ids[0], "tr-none"]))
    saw("oldest deleted", [client.delete_traces(experiment, max_timestamp_millis=10**15, max_traces=1), found()])
    saw("until deleted", [client.delete_traces(experiment, max_timestamp_millis=1002), found()])
    refused("nothing said", lambda: client.delete_traces(experiment), "")
    refused("both said", lambda: client.delete_traces(experiment, max_timestamp_millis=5, trace_ids=["a"]), "")


def assessments(trace_id):
    human = AssessmentSource("HUMAN", "jane@example.com")
    made = mlflow.log_feedback(trace_id=trace_id, name="correct", value=True, rationale="fine", source=human, metadata={"k": "v"})
    saw("feedback", [made.name, made.value, made.rationale, made.source.source_type, made.metadata, made.valid])
    wish = mlflow.log_expectation(trace_id=trace_id, name="answer", value={"a": [1, 2]}, source=human)
    saw("expectation", [wish.name, wish.value])
    got = mlflow.get_assessment(trace_id, made.assessment_id)
    saw("got", [got.name, got.value, got.assessment_id == made.assessment_id])
    time.sleep(0.002)
    new = mlflow.update_assessment(trace_id, made.assessment_id, Feedback(name="correct", value=False, rationale="changed", source=human))
    saw("updated", [new.name, new.value, new.rationale])
    over = mlflow.override_feedback(trace_id=trace_id, assessment_id=made.assessment_id, value=0.5, rationale="again", source=human)
    saw("overridden", [over.value, over.overrides == made.assessment_id])
    all_of = client.get_trace(trace_id).info.assessments
    saw("with the trace", sorted([a.name, str(a.value), a.valid] for a in all_of))
    failed = mlflow.log_feedback(trace_id=trace_id, name="judge", error=ValueError("broke"), source=AssessmentSource("LLM_JUDGE", "gpt"))
    saw("failed judge", [failed.error.error_code, failed.error.error_message, failed.value])
    mlflow.delete_assessment(trace_id, wish.assessment_id)
    refused("deleted", lambda: mlflow.get_assessment(trace_id, wish.assessment_id), "not found|does not exist")
    refused("of no trace", lambda: mlflow.log_feedback(trace_id="tr-none", name="x", value=1, source=human), "not found|does not exist")
    refused("none", lambda: mlflow.update_assessment(trace_id, "a-" + "0" * 32, Expectation(name="x", value=1)), "")
    for text in ["feedback.correct = 'false'", "feedback.correct IS NOT NULL", "expectation.answer IS NULL", "feedback.none = 'x'"]:
        try:
            saw(f"found {text}", len(client.search_traces(locations=[EXPERIMENT], filter_string=text)))
        except mlflow.MlflowException as error:
            saw(f"found {text}", error.error_code)


trace_id = spans()
infos()
assessments(trace_id)
