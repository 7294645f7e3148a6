import { modelRoutes } from "./rest-models";
import { versionRoutes } from "./rest-versions";

export const registryRoutes = [...modelRoutes, ...versionRoutes];
