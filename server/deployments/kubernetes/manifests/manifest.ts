import type { V1ObjectMeta } from "@kubernetes/client-node";

/** One object, as it is sent to the API server. */
export interface Manifest {
  apiVersion?: string;
  kind?: string;
  metadata?: V1ObjectMeta;
}
