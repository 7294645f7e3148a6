export { checkpointFolder, loadSigner, writeCheckpoint } from "./checkpoints";
export { exportAudit } from "./export-audit";
export { listAudit } from "./list-audit";
export { type AuditEntry, auditHash, recordAudit } from "./record-audit";
export { decodeVerifier, encodeVerifier } from "./signed-note";
export { verifyAudit } from "./verify-audit";
export { type VerifiedWorkspace, verifyAgainstCheckpoints } from "./verify-installation";
