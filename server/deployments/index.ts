import "./registry-hooks";

export { beginRollOut } from "./begin-roll-out";
export { deleteDeployment } from "./delete-deployment";
export { deployVersion } from "./deploy-version";
export { failRollOut } from "./fail-roll-out";
export { getDeployment } from "./get-deployment";
export { getDeploymentHealth } from "./get-health";
export { getDeploymentMetrics } from "./get-metrics";
export { listDeployments } from "./list-deployments";
export { listDeploymentEvents } from "./list-events";
export { loadVersion } from "./load-version";
export { keepLoaded } from "./nodes/keep-loaded";
export { type NodeAnswer, NodePool } from "./nodes/node-pool";
export { openNodes } from "./nodes/open-nodes";
export { ROUTING_CHANNEL } from "./record-event";
export { rollBackDeployment } from "./roll-back";
export { switchTraffic } from "./switch-traffic";
export { unloadIdleVersions } from "./unload-idle-versions";
