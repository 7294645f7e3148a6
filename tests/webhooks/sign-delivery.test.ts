import { createHmac } from "node:crypto";
import { expect, it } from "vitest";
import { deliveryHeaders } from "@/server/webhooks/sign-delivery";

const delivery = {
  id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
  timestamp: 1614265330,
  body: '{"test": 2432232314}',
};

it("signs as Standard Webhooks does, by the published example of its libraries", () => {
  const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
  expect(deliveryHeaders(delivery, secret)).toMatchObject({
    "webhook-id": delivery.id,
    "webhook-timestamp": "1614265330",
    "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
  });
});

it("signs as MLflow does: the secret's text is the key", () => {
  const expected = createHmac("sha256", "plain secret")
    .update(`${delivery.id}.${delivery.timestamp}.${delivery.body}`)
    .digest("base64");
  const headers = deliveryHeaders(delivery, "plain secret");
  expect(headers).toMatchObject({
    "x-mlflow-delivery-id": delivery.id,
    "x-mlflow-timestamp": "1614265330",
    "x-mlflow-signature": `v1,${expected}`,
    "webhook-signature": `v1,${expected}`,
  });
});

it("signs nothing without a secret", () => {
  const names = Object.keys(deliveryHeaders(delivery, null));
  expect(names.filter((name) => name.includes("signature"))).toEqual([]);
});
