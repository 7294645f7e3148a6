export { checkpointFolder, loadSigner, writeCheckpoint } from "./checkpoints";
export { exportAudit } from "./export-audit";
export { listAudit } from "./list-audit";
export { readEntries } from "./read-entries";
export { type AuditEntry, auditHash, lockChain, recordAudit } from "./record-audit";
export { decodeVerifier, encodeVerifier } from "./signed-note";
export { verifyAudit } from "./verify-audit";
export { type VerifiedWorkspace, verifyAgainstCheckpoints } from "./verify-installation";
