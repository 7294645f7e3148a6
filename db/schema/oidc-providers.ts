import { boolean, jsonb, pgTable, primaryKey, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import { createdAt, instant, tenantPolicy, workspaceId } from "../columns";
import { bytea, workspaces } from "./access";

/** OpenID Connect providers people of a workspace sign in with. */
export const oidcProviders = pgTable(
  "oidc_providers",
  {
    workspaceId: workspaceId().references(() => workspaces.id, { onDelete: "cascade" }),
    id: uuid("id").notNull(),
    name: text("name").notNull(),
    /** Exactly as the provider writes it; with the subject it is a person's identity. */
    issuer: text("issuer").notNull(),
    clientId: text("client_id").notNull(),
    /** Sealed with a key of the installation; null: none is set, for instance after the issuer changed. */
    clientSecret: bytea("client_secret"),
    /** Signature the ID token must carry, for instance RS256. */
    algorithm: text("algorithm").notNull(),
    scopes: text("scopes").notNull(),
    /** Claim that lists a person's groups. */
    groupClaim: text("group_claim").notNull(),
    /** Array of { group, role }, the first match decides; nobody without a match gets in. */
    groupRoles: jsonb("group_roles").notNull(),
    enabled: boolean("enabled").notNull(),
    createdAt: createdAt(),
    updatedAt: instant("updated_at").notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.workspaceId, t.id] }),
    uniqueIndex("oidc_providers_id").on(t.id),
    tenantPolicy(),
  ],
);
