import { CodeBlock } from "@/components/ui/code-block";

/** Signed is `id.timestamp.body`; x-mlflow-signature takes the whole secret as key, whatever its form. */
const CODE = `import base64, hashlib, hmac
signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
digest = hmac.new(SECRET.encode(), signed, hashlib.sha256).digest()
expected = "v1," + base64.b64encode(digest).decode()
genuine = hmac.compare_digest(expected, headers["x-mlflow-signature"])`;

/** What a receiver runs before it believes a message. */
export const SignatureCheck = () => (
  <div className="text-left">
    <p className="mb-2 text-13 text-fg-muted">
      Check that a message is from here, in Python; <code className="font-mono text-xs">body</code>{" "}
      is the raw bytes. Standard Webhooks libraries work, too, with secrets made here.
    </p>
    <CodeBlock label="Signature check" code={CODE} />
  </div>
);
