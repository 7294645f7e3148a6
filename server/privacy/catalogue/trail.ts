import { type Catalogue, tenant } from "./entry";

/** What is kept of calls, events and bytes. */
export const TRAIL: Catalogue = {
  audit_log: tenant(
    { actor: "chain", before: "chain", after: "chain", subject_id: "chain", request_id: "chain" },
    { action: "word", subject_type: "word", prev_hash: "digest", hash: "digest" },
  ),
  audit_personal: tenant(
    { subject_id: "row", data: "row" },
    { subject_type: "word", salt: "digest" },
  ),
  outbox: tenant({ data: "json" }, { name: "word" }),
  webhooks: tenant(
    { name: "text", description: "text", url: "text" },
    { events: "word", secret: "sealed", status: "word" },
  ),
  webhook_deliveries: tenant(
    { body: "text", error: "text" },
    { event_id: "reference", event: "word", status: "word" },
  ),
  idempotent_answers: tenant({}, { key_hash: "digest", request_hash: "digest", answer: "sealed" }),
  artifact_objects: tenant({}, { sha256: "digest" }),
  object_keys: tenant({}, { sha256: "digest", wrapped_key: "sealed" }),
  workspace_keys: tenant({}, { kek_id: "digest", wrapped_key: "sealed" }),
};
