"""Every public method of MlflowClient, found by introspection: what it answers, and that none was left out."""

import inspect
import io
import json
import os
import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
import mlflow
import numpy as np
import pandas as pd
from mlflow import MlflowClient
from mlflow.entities import Dataset, DatasetInput, LoggedModelOutput, Metric, Param, RunTag
from evaluation_datasets import evaluation_datasets
from observed import URI, refused, saw, send, suite, unique
from watched import CALLED, EXPERIMENT, client, code, public, traced

suite("methods")
def experiments():
    name = unique("renamed")
    client.rename_experiment(EXPERIMENT, name)
    client.set_experiment_tag(EXPERIMENT, "b", 2)
    client.delete_experiment_tag(EXPERIMENT, "a")
    found = client.get_experiment_by_name(name)
    saw("experiment", [found.experiment_id == EXPERIMENT, client.get_experiment(EXPERIMENT).tags, found.lifecycle_stage])
    saw("experiment by no name", client.get_experiment_by_name(unique("none")))
    saw("experiments found", [e.name == name for e in client.search_experiments(filter_string=f"name = '{name}'")])
    gone = client.create_experiment(unique("gone"))
    client.delete_experiment(gone)
    saw("experiment deleted", client.get_experiment(gone).lifecycle_stage)
    client.restore_experiment(gone)
    saw("experiment restored", client.get_experiment(gone).lifecycle_stage)
    saw("addresses", [client.tracking_uri == URI, client.get_workspace_store_uri() == URI])


def runs():
    parent = client.create_run(EXPERIMENT, run_name="parent", tags={"t": "1"})
    run = client.create_run(EXPERIMENT, 7, {"mlflow.parentRunId": parent.info.run_id}, "child").info.run_id
    saw("parent", [client.get_parent_run(run).info.run_name, client.get_parent_run(parent.info.run_id)])
    client.log_metric(run, "m", 1.5, 5, 1)
    client.log_metric(run, "m", 2.5, 6, 2, synchronous=False).wait()
    saw("param answered", client.log_param(run, "p", 3))
    client.log_param(run, "later", "x", synchronous=False).wait()
    client.set_tag(run, "t", {"k": 1})
    client.set_tag(run, "u", "v", synchronous=False).wait()
    client.log_batch(run, [Metric("n", 4.0, 8, 0)], [Param("q", "r")], [RunTag("s", "t")])
    client.log_batch(run, [Metric("n", 5.0, 9, 1)], synchronous=False).wait()
    client.delete_tag(run, "u")
    client.log_inputs(run, [DatasetInput(Dataset("d", "1", "local", "{}"))])
    client.update_run(run, "SCHEDULED", "other")
    back = client.get_run(run)
    saw("run", [back.info.status, back.info.run_name, back.data.metrics, back.data.params, back.data.tags["t"], back.data.tags["s"], [i.dataset.name for i in back.inputs.dataset_inputs]])
    saw("history", [[m.value, m.step, m.timestamp] for m in client.get_metric_history(run, "m")])
    client.set_terminated(run, "KILLED", 99)
    saw("terminated", [client.get_run(run).info.status, client.get_run(run).info.end_time])
    client.delete_run(run)
    saw("deleted", client.get_run(run).info.lifecycle_stage)
    client.restore_run(run)
    saw("found", [r.info.run_id == run for r in client.search_runs([EXPERIMENT], "metrics.m > 2")])
    return run


def files(run):
    figure, axes = plt.subplots()
    axes.plot([0, 1], [1, 0])
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "one.txt").write_text("one")
        client.log_artifact(run, os.path.join(folder, "one.txt"), "sub")
        client.log_artifacts(run, folder, "many")
        client.log_text(run, "words", "deep/words.txt")
        client.log_dict(run, {"a": [1]}, "data.json")
        client.log_stream(run, io.BytesIO(b"\x00\x01" * 5000), "deep/stream.bin")
        client.log_figure(run, figure, "figure.png")
        client.log_figure(run, figure, "figure.pdf", save_kwargs={"dpi": 40})
        plt.close(figure)
        client.log_image(run, np.zeros((8, 8, 3), dtype=np.uint8), "black.png")
        for step in range(3):
            client.log_image(run, np.full((8, 8), step * 100, dtype=np.uint8), key="dots/and spaces", step=step, timestamp=step)
        client.log_table(run, {"q": ["a"], "n": [1]}, "table.json")
        client.log_table(run, pd.DataFrame({"q": ["b"], "n": [2]}), "table.json")
        client.log_table(run, {"q": ["a"], "n": [1]}, "table.parquet")
        saw("files", [[f.path, f.is_dir] for f in client.list_artifacts(run)])
        saw("files below", [[f.path, f.file_size] for f in client.list_artifacts(run, "deep")])
        images = [f.path.removeprefix("images/").split("+") for f in client.list_artifacts(run, "images")]
        saw("images of steps", sorted([parts[0], parts[1:3], parts[-1].endswith("compressed.webp")] for parts in images))
        table = client.load_table(EXPERIMENT, "table.json", [run], ["run_id"])
        saw("table", [table[["q", "n"]].to_dict("list"), bool((table["run_id"] == run).all())])
        saw("table of columns", client.load_table(EXPERIMENT, "table.parquet").to_dict("list"))
        saw("bytes", Path(client.download_artifacts(run, "deep/stream.bin", folder)).stat().st_size)
    saw("tags of tables and images", sorted(key for key in client.get_run(run).data.tags if "Artifacts" in key or "Image" in key))


def logged_models(run):
    made = client.create_logged_model(EXPERIMENT, "net", run, {"t": "1"}, {"p": "1"}, "classifier")
    model = made.model_id
    client.log_model_params(model, {"q": "2"})
    client.set_logged_model_tags(model, {"u": "v"})
    client.delete_logged_model_tag(model, "t")
    client.log_metric(run, "acc", 0.5, 1, 0, model_id=model, dataset_name="d", dataset_digest="1")
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "MLmodel").write_text("flavors: {}")
        client.log_model_artifacts(model, folder)
        client.log_model_artifact(model, os.path.join(folder, "MLmodel"), "more")
    saw("files of a model", [[f.path, f.is_dir] for f in client.list_logged_model_artifacts(model)])
    saw("files of a model below", [f.path for f in client.list_logged_model_artifacts(model, "more")])
    client.log_outputs(run, [LoggedModelOutput(model, 3)])
    saw("outputs", [[o.model_id == model, o.step] for o in client.get_run(run).outputs.model_outputs])
    ready = client.finalize_logged_model(model, "READY")
    back = client.get_logged_model(model)
    saw("logged model", [str(ready.status), back.name, back.params, {k: v for k, v in back.tags.items() if not k.startswith("mlflow.")}, back.model_type, [[m.key, m.value, m.dataset_name] for m in back.metrics]])
    for text in ["name = 'net'", "metrics.acc >= 0.5", "params.q = '2'", "tags.u = 'v'", "tags.u = 'w'"]:
        saw(f"logged models by {text}", [m.model_id == model for m in client.search_logged_models([EXPERIMENT], text)])
    ordered = [{"field_name": "metrics.acc", "ascending": False, "dataset_name": "d"}]
    saw("logged models of data", len(client.search_logged_models([EXPERIMENT], datasets=[{"dataset_name": "d", "dataset_digest": "1"}], order_by=ordered, max_results=1)))
    saw("model deleted", [code(lambda: client.delete_logged_model(model)), code(lambda: client.get_logged_model(model))])
    return client.create_logged_model(EXPERIMENT, "second").model_id


def registry(run):
    name = unique("model")
    saw("registered", [client.create_registered_model(name, {"a": "1"}, "words").description, client.get_registered_model(name).tags])
    client.update_registered_model(name, "other words")
    client.set_registered_model_tag(name, "b", "2")
    client.delete_registered_model_tag(name, "a")
    for n in range(2):
        client.create_model_version(name, f"s3://bucket/{n}", run, {"n": str(n)}, description="d")
    client.set_model_version_tag(name, "1", "t", "u")
    client.set_model_version_tag(name, key="kept", value="yes", version="1")
    client.delete_model_version_tag(name, "1", "t")
    client.update_model_version(name, "1", "first")
    client.set_registered_model_alias(name, "best", "1")
    client.transition_model_version_stage(name, "2", "Staging")
    first = client.get_model_version(name, "1")
    saw("version", [first.description, first.tags, list(first.aliases), first.status, first.run_id == run])
    saw("stages", client.get_model_version_stages(name, "1"))
    saw("latest", sorted([v.version, v.current_stage] for v in client.get_latest_versions(name)))
    saw("latest of a stage", [v.version for v in client.get_latest_versions(name, ["Staging"])])
    saw("alias", client.get_model_version_by_alias(name, "best").version)
    saw("where", client.get_model_version_download_uri(name, "2"))
    saw("versions found", sorted(v.version for v in client.search_model_versions(f"name = '{name}'")))
    copied = client.copy_model_version(f"models:/{name}@best", unique("copy"))
    saw("copied", [copied.version, copied.source == f"models:/{name}/1"])
    client.delete_registered_model_alias(name, "best")
    saw("no alias", code(lambda: client.get_model_version_by_alias(name, "best")))
    client.delete_model_version(name, "2")
    renamed = unique("renamed-model")
    client.rename_registered_model(name, renamed)
    saw("models found", [m.description for m in client.search_registered_models(f"name = '{renamed}'")])
    client.delete_registered_model(renamed)
    saw("no model", code(lambda: client.get_registered_model(renamed)))


def prompts(run, model):
    name = unique("prompt").replace("-", "_")
    made = client.register_prompt(name, "Hello {{who}}", "first", {"a": "1"}, {"type": "object"}, {"model_name": "m", "temperature": 0.5})
    saw("prompt", [made.version, made.template, made.commit_message, made.tags, sorted(made.variables), made.response_format])
    again = client.register_prompt(name, [{"role": "user", "content": "Hi {{who}}"}])
    saw("prompt of messages", [again.version, again.is_text_prompt, client.load_prompt(f"prompts:/{name}/2").template])
    refused("prompt of no version", lambda: client.load_prompt(f"prompts:/{name}/9"))
    saw("prompt allowed missing", client.load_prompt(f"prompts:/{unique('none')}/1", allow_missing=True))
    client.set_prompt_alias(name, "live", 1)
    saw("prompt by alias", [client.load_prompt(f"prompts:/{name}@live").version, client.get_prompt_version_by_alias(name, "live").version, client.get_prompt_version(name, "1").template])
    saw("prompt uri", client.parse_prompt_uri(f"prompts:/{name}/2") == (name, "2"))
    client.set_prompt_version_tag(name, "1", "k", "v")
    client.delete_prompt_version_tag(name, "1", "a")
    client.set_prompt_tag(name, "team", "risk")
    client.set_prompt_tag(name, "gone", "x")
    client.delete_prompt_tag(name, "gone")
    saw("prompt tags", [client.get_prompt_version(name, "1").tags, {k: v for k, v in client.get_prompt(name).tags.items() if not k.startswith(("mlflow.", "_mlflow"))}])
    found = client.search_prompts(filter_string=f"name = '{name}'")
    saw("prompts found", [[p.name == name for p in found], len(client.search_prompts(filter_string=f"name = '{name}' AND tags.team = 'risk'"))])
    saw("prompt versions", code(lambda: client.search_prompt_versions(name)))
    client.link_prompt_version_to_run(run, f"prompts:/{name}/1")
    saw("prompt of a run", "mlflow.linkedPrompts" in client.get_run(run).data.tags)
    saw("prompts of a run", code(lambda: client.list_logged_prompts(run)))
    refused("prompt of no run", lambda: client.detach_prompt_from_run(run, f"prompts:/{name}/2"), "not associated")
    client.link_prompt_version_to_model(name, "1", model)
    saw("prompt of a model", "mlflow.linkedPrompts" in client.get_logged_model(model).tags)
    linked = [client.get_prompt_version(name, version) for version in ("1", "2")]
    trace = traced("prompted")
    saw("prompts of a trace", code(lambda: client.link_prompt_versions_to_trace(linked, trace)))
    wire = [{"name": one.name, "version": str(one.version)} for one in linked]
    for trace_id in [trace, "tr-nothing"]:
        reply = send("POST", "/traces/link-prompts", {"trace_id": trace_id, "prompt_versions": wire})
        saw(f"prompts of {'a' if trace_id == trace else 'no'} trace on the wire", reply.status_code)
    saw("prompt of the trace found", len(client.search_traces(locations=[EXPERIMENT], filter_string=f"prompt = '{name}/2'")))
    client.delete_prompt_alias(name, "live")
    saw("prompt without alias", code(lambda: client.get_prompt_version_by_alias(name, "live")))
    client.delete_prompt_version(name, "2")
    saw("prompt version gone", code(lambda: client.get_prompt_version(name, "2")))
    client.delete_prompt(name)
    saw("prompt gone", code(lambda: client.get_prompt(name)))
    plain = unique("plain")
    made = client.create_prompt(plain, "about", {"x": "y"})
    version = client.create_prompt_version(plain, "text", "second", {"z": "1"})
    saw("prompt made by parts", [made.name == plain, made.description, version.version, version.template, version.tags])


def traces(run):
    one, two = traced("one"), traced("two")
    saw("trace", [sorted(s.name for s in client.get_trace(one, display=False).data.spans), client.get_trace(one, display=False).info.tags["name"]])
    client.set_trace_tag(one, "k", "v")
    saw("trace tag", client.get_trace(one).info.tags["k"])
    client.delete_trace_tag(one, "k")
    saw("traces", len(client.search_traces(locations=[EXPERIMENT], filter_string="tags.name = 'one'")))
    client.link_traces_to_run([one, two], run)
    saw("traces of a run", len(client.search_traces(locations=[EXPERIMENT], run_id=run)))
    saw("traces taken from a run", code(lambda: client.unlink_traces_from_run([one], run)))
    saw("traces deleted", client.delete_traces(EXPERIMENT, trace_ids=[one]))
    saw("trace gone", code(lambda: client.get_trace(one, display=False)))


def webhooks():
    made = client.create_webhook(unique("hook"), "https://93.184.215.14/hook", ["registered_model.created"], "words", "secret-of-enough-length", "DISABLED")
    saw("webhook", [made.description, [str(event) for event in made.events], str(made.status)])
    after = client.update_webhook(made.webhook_id, description="other", events=["model_version.created"], status="ACTIVE")
    saw("webhook changed", [after.description, [str(event) for event in after.events], str(after.status)])
    saw("webhooks", made.webhook_id in [hook.webhook_id for hook in client.list_webhooks(max_results=1000)])
    saw("webhook read", client.get_webhook(made.webhook_id).url)
    saw("webhook tested", code(lambda: client.test_webhook(made.webhook_id)))
    client.delete_webhook(made.webhook_id)
    saw("webhook gone", code(lambda: client.get_webhook(made.webhook_id)))


def workspaces():
    saw("workspaces", {
        "list_workspaces": code(client.list_workspaces),
        "get_workspace": code(lambda: client.get_workspace("team")),
        "create_workspace": code(lambda: client.create_workspace("team")),
        "update_workspace": code(lambda: client.update_workspace("team", "words")),
        "delete_workspace": code(lambda: client.delete_workspace("team")),
    })


def mcp_servers():
    arguments = {
        "name": "com.example/none", "version": "1.0.0", "alias": "live", "server_name": "com.example/none", "endpoint_id": "e",
        "key": "k", "value": "v", "url": "https://example.com/mcp", "server_json": {"name": "com.example/none", "version": "1.0.0", "description": "d"},
    }
    asked = {}
    for name in sorted(public()):
        if "mcp" not in name or name.startswith("create"):
            continue
        method = getattr(client, name)
        given = {key: arguments[key] for key, one in inspect.signature(method).parameters.items() if one.default is inspect.Parameter.empty}
        asked[name] = code(lambda: method(**given))
    asked["create_mcp_server"] = code(lambda: client.create_mcp_server(unique("com.example/server")))
    asked["create_mcp_server_version"] = code(lambda: client.create_mcp_server_version({**arguments["server_json"], "name": unique("com.example/server")}))
    asked["create_mcp_access_endpoint"] = code(lambda: client.create_mcp_access_endpoint("com.example/none", "https://example.com/mcp"))
    saw("mcp servers", asked)


experiments()
run_id = runs()
files(run_id)
model_id = logged_models(run_id)
registry(run_id)
traces(run_id)
prompts(run_id, model_id)
evaluation_datasets()
webhooks()
workspaces()
mcp_servers()
saw("never asked", sorted(public() - CALLED))
