"""Manages webhooks with the stock MLflow client. Prints one JSON line; any failure ends it with a traceback."""

import json
import os

from mlflow import MlflowClient
from mlflow.entities.webhook import WebhookStatus
from mlflow.exceptions import MlflowException

client = MlflowClient()
url = os.environ["RECEIVER_URL"]
made = client.create_webhook(
    name="ci",
    url=url,
    events=["registered_model.created", "model_version_alias.created", "prompt_tag.set"],
    description="builds",
    secret="s3cret",
)
assert made.status == WebhookStatus.ACTIVE and made.description == "builds", made
assert {str(e) for e in made.events} == {"registered_model.created", "model_version_alias.created", "prompt_tag.set"}
assert client.get_webhook(made.webhook_id).url == url
assert [w.webhook_id for w in client.list_webhooks()] == [made.webhook_id]
result = client.test_webhook(made.webhook_id)
assert result.success and result.response_status == 200, result
changed = client.update_webhook(made.webhook_id, status="DISABLED", events=["model_version.created"])
assert changed.status == WebhookStatus.DISABLED and [str(e) for e in changed.events] == ["model_version.created"]
client.delete_webhook(made.webhook_id)
try:
    client.get_webhook(made.webhook_id)
    gone = None
except MlflowException as error:
    gone = error.error_code
print(json.dumps({"gone": gone}))
