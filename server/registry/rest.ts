import { aliasRoutes } from "./aliases/rest";
import { approvalRoutes } from "./approvals/rest";
import { benchmarkRoutes } from "./benchmarks/rest";
import { cardRoutes } from "./cards/rest";
import { externalRoutes } from "./external/rest";
import { historyRoutes } from "./history/rest";
import { lineageRoutes } from "./lineage/rest";
import { modelRoutes } from "./rest-models";
import { versionRoutes } from "./rest-versions";
import { semanticVersionRoutes } from "./semantic-versions/rest";
import { signatureRoutes } from "./signatures/rest";
import { stageRoutes } from "./stages/rest";
import { tagRoutes } from "./tags/rest";
import { uploadRoutes } from "./uploads/rest";

export const registryRoutes = [
  ...modelRoutes,
  ...versionRoutes,
  ...aliasRoutes,
  ...tagRoutes,
  ...uploadRoutes,
  ...externalRoutes,
  ...stageRoutes,
  ...approvalRoutes,
  ...semanticVersionRoutes,
  ...signatureRoutes,
  ...lineageRoutes,
  ...historyRoutes,
  ...cardRoutes,
  ...benchmarkRoutes,
];
