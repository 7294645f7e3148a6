import { KEPT_FOR_LABEL } from "../nodes/constants";

/**
 * modelyard: what our own backend applies. kserve: an InferenceService whose pods are our node.
 * argo-rollout: the same as modelyard with a Rollout in place of the Deployment.
 */
export const KUBERNETES_FORMATS = ["modelyard", "kserve", "argo-rollout"] as const;
export type KubernetesFormat = (typeof KUBERNETES_FORMATS)[number];

/** Under which the API server keeps which fields are ours. */
export const FIELD_MANAGER = "modelyard";

/** Whose pods they are: a label of Kubernetes, and what the node announces that it is kept for. */
export const DEPLOYMENT_LABEL = KEPT_FOR_LABEL;
export const WORKSPACE_LABEL = "modelyard.dev/workspace";
/** Tells what two installations made in one namespace apart. */
export const INSTALLATION_LABEL = "modelyard.dev/installation";
export const ENVIRONMENT_LABEL = "modelyard.dev/environment";
/** The deployment's name as people wrote it; labels cannot hold every name. */
export const NAME_ANNOTATION = "modelyard.dev/name";

/** Where a node listens inside its pod. */
export const NODE_HTTP_PORT = 8080;
/** Image that documents speak of where no setting names another. */
export const DEFAULT_NODE_IMAGE = "modelyard-node:latest";
/** Of what pods asked for: where the cluster's autoscaler keeps their processors. */
export const CPU_PERCENT = 70;
