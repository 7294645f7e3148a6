export { type AuditEntry, auditHash, recordAudit } from "./record-audit";
