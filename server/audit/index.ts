export { listAudit } from "./list-audit";
export { type AuditEntry, auditHash, recordAudit } from "./record-audit";
