import { approvalRoutes } from "./approvals/rest";
import { modelRoutes } from "./rest-models";
import { versionRoutes } from "./rest-versions";
import { stageRoutes } from "./stages/rest";

export const registryRoutes = [...modelRoutes, ...versionRoutes, ...stageRoutes, ...approvalRoutes];
