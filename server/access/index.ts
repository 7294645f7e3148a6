export {
  type Authenticate,
  apiKeyOf,
  createAuthenticate,
  refuseForeignOrigin,
} from "./authenticate";
export { type Permission, ROLES, type Role, roleAllows, rolesWith } from "./constants";
export { actorAllows, requirePermission, requireRunInScope } from "./require-permission";
export { CredentialResolver, type Principal } from "./resolve-credentials";
