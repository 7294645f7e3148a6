import { describe, expect, it } from "vitest";
import { type AuditState, auditQuery, exportUrl } from "@/components/access/audit-query";
import { actionText, subjectName, subjectPage } from "@/components/access/audit-words";
import { groupGrants } from "@/components/access/group-grants";
import { effectiveScopes, roleFor, scopesText } from "@/components/access/key-presets";
import { PERMISSION_GROUPS } from "@/components/access/permission-groups";
import { PERMISSIONS, ROLE_PERMISSIONS, ROLES } from "@/server/access/constants";

const roles = ROLES.map((name) => ({ name, permissions: [...ROLE_PERMISSIONS[name]] }));
const roleNamed = (name: string) => roles.find((role) => role.name === name);

describe("a key's scopes", () => {
  it("keep the role that suffices and else take the weakest that does", () => {
    expect(roleFor("predict", "operator", roles)).toBe("operator");
    expect(roleFor("predict", "viewer", roles)).toBe("data_scientist");
    expect(roleFor("full", "viewer", roles)).toBe("viewer");
    expect(roleFor("train", "viewer", [])).toBe("viewer");
  });

  it("never hold more than the role", () => {
    expect(effectiveScopes("predict", new Set(), roleNamed("viewer"))).toEqual([]);
    expect(effectiveScopes("full", new Set(), roleNamed("viewer"))).toBeNull();
    const chosen = new Set(["audit:read", "models:read"] as const);
    expect(effectiveScopes("custom", chosen, roleNamed("viewer"))).toEqual(["models:read"]);
  });

  it("read as the preset they are, in whatever order", () => {
    expect(scopesText(null)).toBe("all of the role");
    expect(scopesText(["predictions:create"])).toBe("predictions only");
    expect(scopesText(["models:read", "audit:read"])).toBe("2 scopes");
    expect(scopesText(["audit:read"])).toBe("audit:read");
  });

  it("are offered once each, every one of them", () => {
    const offered = PERMISSION_GROUPS.flatMap((group) => group.permissions);
    expect([...offered].sort()).toEqual([...PERMISSIONS].sort());
  });
});

describe("the trail", () => {
  const empty: AuditState = {
    ...{ actor: "", action: "", subject: "", id: "", range: "any", from: "", to: "" },
    all: true,
  };
  const now = Date.parse("2026-03-02T12:00:00Z");

  it("asks for what the address says and nothing else", () => {
    expect(auditQuery(empty, now)).toEqual({});
    expect(auditQuery({ ...empty, actor: "Ada", subject: "model", id: "1" }, now)).toEqual({
      ...{ actor: "Ada", subjectType: "model", subjectId: "1" },
    });
    expect(auditQuery({ ...empty, range: "24h" }, now)).toEqual({
      from: "2026-03-01T12:00:00.000Z",
    });
    const custom = {
      ...empty,
      range: "custom",
      from: "2026-03-01T00:00",
      to: "not a time",
    } as const;
    expect(auditQuery(custom, now)).toEqual({ from: new Date("2026-03-01T00:00").toISOString() });
  });

  it("hides the routine, except from who asks for an action by name", () => {
    expect(auditQuery({ ...empty, all: false }, now).exclude).toContain("token.*");
    expect(auditQuery({ ...empty, all: false, action: "token.issued" }, now)).toEqual({
      action: "token.issued*",
    });
    expect(auditQuery({ ...empty, action: "model.*" }, now)).toEqual({ action: "model.*" });
  });

  it("exports the same entries, whatever a name holds", () => {
    const url = new URL(exportUrl({ actor: "a&b=c" }, "csv", "default"), "http://x");
    expect(Object.fromEntries(url.searchParams)).toEqual({
      ...{ actor: "a&b=c", format: "csv", workspace: "default" },
    });
  });

  it("tells what was done in words", () => {
    expect(actionText("model.created")).toBe("created model");
    expect(actionText("api_key.revoked")).toBe("revoked API key");
    expect(actionText("member.role_changed")).toBe("member role changed");
    expect(subjectName({ before: { name: "old" }, after: null })).toBe("old");
    expect(subjectName({ before: null, after: { name: 3 } })).toBeUndefined();
  });

  it("leads to what is still there", () => {
    const model = { subjectType: "model", subjectId: "7" };
    expect(subjectPage({ ...model, action: "model.updated" })).toEqual(["registry", "7"]);
    expect(subjectPage({ ...model, action: "model.deleted" })).toBeUndefined();
  });
});

it("shows every environment, and every model with a grant once an action", () => {
  const grant = { environment: null, granteeType: "role", grantee: "admin" };
  const groups = groupGrants([
    { ...grant, id: "1", modelId: "m", action: "write" },
    { ...grant, id: "2", modelId: "m", action: "write", grantee: "viewer" },
    { ...grant, id: "3", modelId: "m", action: "deploy" },
  ]);
  expect(groups.map(({ key, grants }) => [key, grants.length])).toEqual([
    ["development/deploy", 0],
    ["staging/deploy", 0],
    ["production/deploy", 0],
    ["m/write", 2],
    ["m/deploy", 1],
  ]);
});
