import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createOutbound } from "@/server/kernel/outbound";
import { createModel } from "@/server/registry";
import {
  createWebhook,
  deleteWebhook,
  deliver,
  getWebhook,
  listDeliveries,
  listWebhooks,
  queueDeliveries,
  redeliver,
  testWebhook,
  updateWebhook,
} from "@/server/webhooks";
import { auditActions } from "../access/people";
import { asOwner } from "../support/database";
import { createTestWorld, type TestWorkspace, type TestWorld } from "../support/workspace";
import { type Receiver, startReceiver } from "./receiver";

let world: TestWorld;
let a: TestWorkspace;
let receiver: Receiver;
beforeAll(async () => {
  world = await createTestWorld();
});
afterAll(() => world.close());
beforeEach(async () => {
  a = await world.workspace();
  receiver = await startReceiver();
  return () => receiver.close();
});

const make = (changes: object = {}) =>
  createWebhook(a.as("admin"), {
    name: "ci",
    url: receiver.url,
    events: ["registered_model.created"],
    secret: "a secret of mine",
    ...changes,
  });
const makeModel = () =>
  createModel(a.as("admin"), {
    name: `m-${randomUUID().slice(0, 8)}`,
    type: "regression",
    framework: "onnx",
    tags: { team: "risk" },
  });
/** An event as the relay hands it on. */
const happen = (modelId: string, eventId: string = randomUUID()) =>
  queueDeliveries(a.job(), {
    name: "registry/model.created",
    modelId,
    eventId,
    at: new Date(1e12),
  });
const pending = async (webhook: string) =>
  (await listDeliveries(a.as("admin"), { webhook, status: "pending" })).items;

describe("managing webhooks", () => {
  it("keeps the secret sealed and leaves a trail without it", async () => {
    const made = await make();
    expect(made).toMatchObject({ name: "ci", hasSecret: true, status: "active" });
    const [row] = await asOwner<{ secret: Buffer }>(
      world.db.ownerUrl,
      "select secret from webhooks where id = $1",
      [made.id],
    );
    expect(row?.secret.toString("latin1")).not.toContain("a secret of mine");
    const trail = await asOwner(
      world.db.ownerUrl,
      "select action, after::text from audit_log where workspace_id = $1",
      [a.id],
    );
    expect(trail).toHaveLength(1);
    expect(JSON.stringify(trail)).not.toContain("a secret of mine");
  });

  it("changes fields, takes the secret away, and forgets a deleted one", async () => {
    const { id } = await make();
    const changed = await updateWebhook(a.as("admin"), {
      webhook: id,
      status: "disabled",
      secret: null,
    });
    expect(changed).toMatchObject({ status: "disabled", hasSecret: false, name: "ci" });
    await deleteWebhook(a.as("admin"), { webhook: id });
    expect((await listWebhooks(a.as("admin"), {})).items).toEqual([]);
    await expect(getWebhook(a.as("admin"), { webhook: id })).rejects.toMatchObject({
      code: "not_found",
    });
  });

  it("is for administrators, each of their own workspace", async () => {
    const { id } = await make();
    const other = await world.workspace();
    for (const role of ["viewer", "data_scientist", "ml_engineer", "operator"] as const) {
      await expect(listWebhooks(a.as(role), {})).rejects.toMatchObject({ code: "forbidden" });
    }
    for (const call of [
      () => getWebhook(other.as("admin"), { webhook: id }),
      () => updateWebhook(other.as("admin"), { webhook: id, name: "mine" }),
      () => deleteWebhook(other.as("admin"), { webhook: id }),
      () => testWebhook(other.as("admin"), { webhook: id }),
      () => listDeliveries(other.as("admin"), { webhook: id }),
    ]) {
      await expect(call()).rejects.toMatchObject({ code: "not_found" });
    }
    expect((await listWebhooks(other.as("admin"), {})).items).toEqual([]);
  });

  it("refuses addresses inside, unknown events, and more than a workspace can have", async () => {
    const closed = a.as("admin");
    closed.ports = { ...closed.ports, outbound: createOutbound({ allowPrivate: false }) };
    for (const url of ["http://example.com/", "https://127.0.0.1/", "https://metadata.internal/"]) {
      const input = { name: "x", url, events: ["registered_model.created" as const] };
      await expect(createWebhook(closed, input)).rejects.toMatchObject({
        code: "validation_failed",
      });
    }
    await expect(make({ events: [] })).rejects.toThrow();
    await expect(make({ events: ["nothing.happened"] })).rejects.toThrow();
    for (let n = 0; n < 50; n += 1) await make();
    await expect(make()).rejects.toMatchObject({ code: "conflict" });
  });
});

describe("queueing", () => {
  it("writes one delivery for each enabled webhook that asks, and none for the same event again", async () => {
    const one = await make();
    await make({ events: ["model_version.created"] });
    await make({ status: "disabled" });
    const model = await makeModel();
    const eventId = randomUUID();
    expect(await happen(model.id, eventId)).toBe(1);
    expect(await happen(model.id, eventId)).toBe(0);
    const [delivery] = await pending(one.id);
    expect(JSON.parse(delivery?.body ?? "")).toEqual({
      type: "registered_model.created",
      entity: "registered_model",
      action: "created",
      timestamp: "2001-09-09T01:46:40.000Z",
      data: { name: model.name, description: "", tags: { team: "risk" } },
    });
  });

  it("tells nothing of another workspace's model", async () => {
    await make();
    const other = await world.workspace();
    const theirs = await createModel(other.as("admin"), {
      name: "theirs",
      type: "regression",
      framework: "onnx",
    });
    expect(await happen(theirs.id)).toBe(0);
  });
});

describe("delivering", () => {
  const queueOne = async (changes: object = {}) => {
    const webhook = await make(changes);
    await happen((await makeModel()).id);
    const [delivery] = await pending(webhook.id);
    if (!delivery) throw new Error("nothing was queued");
    return { webhook: webhook.id, deliveryId: delivery.id };
  };
  const outcome = async (webhook: string) =>
    (await listDeliveries(a.as("admin"), { webhook })).items[0];

  it("posts what was written, once", async () => {
    const { webhook, deliveryId } = await queueOne();
    expect(await deliver(a.job(), { deliveryId })).toBe("delivered");
    expect(await deliver(a.job(), { deliveryId })).toBe("delivered");
    expect(receiver.received).toHaveLength(1);
    expect(receiver.received[0]?.headers["webhook-id"]).toBe(deliveryId);
    expect(await outcome(webhook)).toMatchObject({
      status: "delivered",
      attempts: 1,
      responseStatus: 200,
      error: null,
    });
  });

  it.each([500, 503, 429, 408])(
    "asks for another try after %i, with the same id and body",
    async (status) => {
      const { webhook, deliveryId } = await queueOne();
      receiver.answers.push(status);
      expect(await deliver(a.job(), { deliveryId })).toBe("again");
      expect(await outcome(webhook)).toMatchObject({ status: "pending", responseStatus: status });
      expect(await deliver(a.job(), { deliveryId })).toBe("delivered");
      const [first, second] = receiver.received;
      expect(second?.body).toBe(first?.body);
      expect(second?.headers["webhook-id"]).toBe(first?.headers["webhook-id"]);
      expect((await outcome(webhook))?.attempts).toBe(2);
    },
  );

  it.each([400, 401, 404, 410, 302])(
    "gives up after %i and follows no redirect",
    async (status) => {
      const { webhook, deliveryId } = await queueOne();
      receiver.answers.push(status);
      expect(await deliver(a.job(), { deliveryId })).toBe("refused");
      expect(receiver.received).toHaveLength(1);
      expect(await outcome(webhook)).toMatchObject({
        status: "failed",
        error: `The address answered ${status}.`,
      });
    },
  );

  it("calls no address that is private now, whatever it was when it was set", async () => {
    const { webhook, deliveryId } = await queueOne();
    const closed = a.job();
    closed.ports = { ...closed.ports, outbound: createOutbound({ allowPrivate: false }) };
    expect(await deliver(closed, { deliveryId })).toBe("refused");
    expect(receiver.received).toEqual([]);
    expect(await outcome(webhook)).toMatchObject({ status: "failed", responseStatus: null });
  });

  it("stops when the webhook was switched off or deleted meanwhile", async () => {
    const off = await queueOne();
    await updateWebhook(a.as("admin"), { webhook: off.webhook, status: "disabled" });
    expect(await deliver(a.job(), off)).toBe("refused");
    expect(receiver.received).toEqual([]);
  });

  it("is sent again by hand when it ended, with a trail, by administrators of its workspace", async () => {
    const { webhook, deliveryId: delivery } = await queueOne();
    const again = () => redeliver(a.as("admin"), { webhook, delivery });
    await expect(again()).rejects.toMatchObject({ code: "conflict" });
    receiver.answers.push(410);
    await deliver(a.job(), { deliveryId: delivery });
    await expect(redeliver(a.as("operator"), { webhook, delivery })).rejects.toMatchObject({
      code: "forbidden",
    });
    const b = await world.workspace();
    await expect(redeliver(b.as("admin"), { webhook, delivery })).rejects.toMatchObject({
      code: "not_found",
    });
    await expect(redeliver(a.as("admin"), { webhook, delivery: webhook })).rejects.toMatchObject({
      code: "not_found",
    });
    expect(await again()).toMatchObject({ id: delivery, status: "pending", attempts: 1 });
    await expect(again()).rejects.toMatchObject({ code: "conflict" });
    expect(await deliver(a.job(), { deliveryId: delivery })).toBe("delivered");
    expect(receiver.received.map(({ headers }) => headers["webhook-id"])).toEqual([
      delivery,
      delivery,
    ]);
    expect((await auditActions(world, a.id)).at(-1)).toBe("webhook.redelivered");
    await updateWebhook(a.as("admin"), { webhook, status: "disabled" });
    await expect(again()).rejects.toMatchObject({ code: "conflict" });
  });

  it("waits for an address that is away", async () => {
    const { webhook, deliveryId } = await queueOne({ url: "http://127.0.0.1:9/" });
    expect(await deliver(a.job(), { deliveryId })).toBe("again");
    expect(await outcome(webhook)).toMatchObject({ status: "pending", responseStatus: null });
  });
});

describe("testing", () => {
  it("sends an example at once, also to a disabled one, and says what came back", async () => {
    const { id } = await make({ status: "disabled", events: ["model_version_alias.created"] });
    expect(await testWebhook(a.as("admin"), { webhook: id })).toEqual({
      success: true,
      responseStatus: 200,
      responseBody: "noted",
      error: null,
    });
    expect(JSON.parse(receiver.received[0]?.body ?? "")).toMatchObject({
      entity: "model_version_alias",
      data: { name: "example_model", alias: "example_alias", version: "1" },
    });
    receiver.answers.push(500);
    const event = "prompt.created";
    expect(await testWebhook(a.as("admin"), { webhook: id, event })).toMatchObject({
      success: false,
      responseStatus: 500,
    });
  });
});
