"""Evaluation data sets: made, filled, tagged, found, linked to experiments and deleted."""

import json

from observed import refused, saw, unique
from watched import EXPERIMENT, client, code, traced


def evaluation_datasets():
    name = unique("questions")
    other = client.create_experiment(unique("judged"))
    made = client.create_dataset(name, [EXPERIMENT], {"team": "risk", "n": 5})
    saw("dataset", [made.dataset_id[:2], len(made.dataset_id), made.name == name, made.tags["team"], str(made.tags["n"]), made.experiment_ids == [EXPERIMENT], made.schema, made.profile, len(made.digest)])
    dataset = client.get_dataset(made.dataset_id)
    rows = [{"inputs": {"q": f"question {n}", "n": n}, "expectations": {"a": f"answer {n}"}, "tags": {"part": "1"}} for n in range(5)]
    dataset.merge_records(rows)
    dataset.merge_records([{"inputs": {"n": 0, "q": "question 0"}, "expectations": {"b": 1.5}, "outputs": {"r": "x"}}])
    back = client.get_dataset(made.dataset_id)
    saw("dataset filled", [len(back.records), json.loads(back.profile), json.loads(back.schema), back.digest != made.digest])
    frame = back.to_df()
    first = next(r for r in back.records if r.inputs["n"] == 0)
    saw("dataset rows", [sorted(frame.columns), sorted(frame["inputs"].map(lambda one: one["n"]))])
    saw("dataset row", [first.inputs, first.outputs, first.expectations, first.tags.get("part"), str(first.source.source_type.value), first.source_id, first.dataset_record_id[:3]])
    rest = [r.dataset_record_id for r in back.records if r.inputs["n"] > 2]
    saw("dataset rows deleted", [back.delete_records(rest), back.delete_records(rest), len(back.records), json.loads(client.get_dataset(made.dataset_id).profile)])
    client.set_dataset_tags(made.dataset_id, {"team": "fraud", "more": 1})
    client.delete_dataset_tag(made.dataset_id, "n")
    client.delete_dataset_tag(made.dataset_id, "never there")
    tags = client.get_dataset(made.dataset_id).tags
    saw("dataset tags", [tags.get("team"), tags.get("more"), "n" in tags])
    client.set_dataset_tags(made.dataset_id, {"more": None})
    saw("dataset tag of nothing", "more" in client.get_dataset(made.dataset_id).tags)
    client.add_dataset_to_experiments(made.dataset_id, [other])
    saw("dataset of two experiments", sorted(client.get_dataset(made.dataset_id).experiment_ids) == sorted([EXPERIMENT, other]))
    client.remove_dataset_from_experiments(made.dataset_id, [EXPERIMENT, "424242"])
    saw("dataset of one experiment", client.get_dataset(made.dataset_id).experiment_ids == [other])
    refused("dataset of no experiment", lambda: client.add_dataset_to_experiments(made.dataset_id, ["424242"]), "No Experiment with id=424242")
    refused("dataset made for no experiment", lambda: client.create_dataset(unique("none"), ["424242"]))
    refused("dataset of no name", lambda: client.create_dataset(""))
    more = [client.create_dataset(f"{name}-{n}", tags={"set": name}).name for n in range(3)]
    found = client.search_datasets(filter_string=f"name LIKE '{name}-%'", order_by=["name ASC"], max_results=2)
    after = client.search_datasets(filter_string=f"name LIKE '{name}-%'", order_by=["name ASC"], max_results=2, page_token=found.token)
    saw("datasets found", [[d.name == n for d, n in zip([*found, *after], more)], len(found), len(after), after.token or None])
    saw("datasets of an experiment", len(client.search_datasets(experiment_ids=[other])))
    saw("datasets by tag", len(client.search_datasets(filter_string=f"tags.set = '{name}'")))
    for text in ["name = 'x'", f"name IN ('{name}')", "created_time > 5", "last_update_time <= 5", "created_by = 'nobody'", "last_updated_by LIKE 'x%'", "color = 'x'", "name > 'x'", "created_time = 'x'", "params.a = 'x'", "name = 5"]:
        saw(f"datasets by {text.replace(name, 'name')}", code(lambda text=text: client.search_datasets(filter_string=text)))
    for order in ["created_time", "last_update_time DESC", "name", "created_by", "color"]:
        saw(f"datasets in order of {order}", code(lambda order=order: client.search_datasets(order_by=[order], max_results=1)))
    client.delete_dataset(made.dataset_id)
    saw("dataset gone", code(lambda: client.get_dataset(made.dataset_id)))
    saw("dataset gone twice", code(lambda: client.delete_dataset(made.dataset_id)))
    saw("dataset of others", [code(lambda: client.get_dataset("d-" + "0" * 32)), code(lambda: client.get_dataset("nothing")), code(lambda: client.set_dataset_tags("d-" + "0" * 32, {"a": "b"}))])
    trace = client.get_trace(traced("judged"))
    kept = client.create_dataset(unique("traced"), EXPERIMENT)
    kept.merge_records([trace])
    row = client.get_dataset(kept.dataset_id).records[0]
    saw("dataset of traces", [row.inputs, row.outputs, row.source.source_type.value, row.source_id == trace.info.trace_id])
