"""What the scripts share: they prove things one after the other and print them as one JSON line."""

import importlib
import json
import sys

import mlflow
from mlflow import MlflowClient

_proved: list[str] = []


def require(*modules: str) -> None:
    """Ends the script, proving nothing, when a framework is not installed for this machine."""
    for name in modules:
        try:
            importlib.import_module(name)
        except ImportError as error:
            print(json.dumps({"missing": f"{name} cannot be imported: {error}", "proved": []}))
            sys.exit(0)


def proved(what: str) -> None:
    """Notes that all assertions before this line held."""
    _proved.append(what)


def finish() -> None:
    print(json.dumps({"proved": _proved}))


def artifact_names(run_id: str, path: str = "") -> list[str]:
    """Names of the files and folders directly below a folder of a run."""
    return [file.path.removeprefix(f"{path}/") for file in MlflowClient().list_artifacts(run_id, path)]


def output_models(run_id: str) -> list[mlflow.entities.LoggedModel]:
    """The logged models that a run made."""
    outputs = MlflowClient().get_run(run_id).outputs
    return [mlflow.get_logged_model(o.model_id) for o in (outputs.model_outputs if outputs else [])]
