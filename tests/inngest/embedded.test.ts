import { describeConformance } from "./conformance";
import { createEmbeddedDriver } from "./embedded-driver";

describeConformance("embedded executor, with checkpointing", () =>
  createEmbeddedDriver({ checkpointing: true }),
);
describeConformance("embedded executor, one step a request", () =>
  createEmbeddedDriver({ checkpointing: false }),
);
