import { z } from "zod";
import { deploymentParams } from "../schemas";
import { KUBERNETES_FORMATS } from "./constants";

/** A name of a namespace or of a Secret. */
const dnsLabel = z
  .string()
  .max(63)
  .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/, "must be small letters, digits and dashes");

export const exportQuery = z.object({
  format: z
    .enum(KUBERNETES_FORMATS)
    .default("modelyard")
    .describe(
      "modelyard: plain objects. kserve: an InferenceService in Standard mode. argo-rollout: a Rollout in place of the Deployment.",
    ),
  namespace: dnsLabel.optional().describe("Instead of KUBERNETES_NAMESPACE."),
  image: z
    .string()
    .max(500)
    .regex(/^[\w][\w.:/@-]*$/, "must be the name of an image")
    .optional()
    .describe("Of the inference node, instead of KUBERNETES_NODE_IMAGE."),
});
export const exportInput = exportQuery.extend(deploymentParams.shape);

const manifest = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({ name: z.string(), namespace: z.string() }),
});

/** What kubectl takes as well as YAML. */
export const manifestList = z.object({
  apiVersion: z.literal("v1"),
  kind: z.literal("List"),
  items: z.array(manifest),
});

export const exportDto = z.object({
  format: z.enum(KUBERNETES_FORMATS),
  /** For a file of it. */
  fileName: z.string(),
  yaml: z.string(),
  list: manifestList,
  /** What must be there before it is applied, and what would not work as it stands. */
  notes: z.array(z.string()),
});
export type KubernetesExportDto = z.output<typeof exportDto>;
