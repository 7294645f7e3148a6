import { type Catalogue, tenant } from "./entry";

/** Accounts, memberships, credentials and what is done in their name. */
export const PEOPLE: Catalogue = {
  users: {
    reach: "account",
    personal: { id: "account", email: "account", name: "account" },
    plain: {},
  },
  user_identities: {
    reach: "account",
    personal: { subject: "account", user_id: "account" },
    plain: { issuer: "setting" },
  },
  sessions: {
    reach: "account",
    personal: { user_id: "account" },
    plain: { token_hash: "digest" },
  },
  sign_in_links: {
    reach: "account",
    personal: { user_id: "account" },
    plain: { token_hash: "digest" },
  },
  workspaces: { reach: "self", personal: { name: "text" }, plain: { slug: "reference" } },
  members: tenant({ user_id: "member" }, { role: "reference" }),
  invitations: tenant(
    { name: "row", email: "row", created_by: "detach" },
    { token_hash: "digest", role: "reference" },
  ),
  api_keys: tenant(
    { name: "text", created_by: "maker" },
    {
      public_id: "reference",
      secret_hash: "digest",
      previous_secret_hash: "digest",
      role: "reference",
      scopes: "word",
    },
  ),
  custom_roles: tenant({ description: "text" }, { name: "reference", permissions: "word" }),
  grants: tenant({ grantee: "row" }, { environment: "word", action: "word", grantee_type: "word" }),
  oidc_providers: tenant(
    {},
    {
      name: "setting",
      issuer: "setting",
      client_id: "setting",
      client_secret: "sealed",
      algorithm: "word",
      scopes: "setting",
      group_claim: "setting",
      group_roles: "setting",
    },
  ),
  workspace_quotas: tenant({}),
  erasures: tenant(
    {},
    {
      subject_digest: "digest",
      salt: "digest",
      state: "word",
      report: "reference",
      report_sha256: "digest",
    },
  ),
};
