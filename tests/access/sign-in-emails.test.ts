import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createOidcProvider, inviteMember } from "@/server/access";
import { completeSignIn } from "@/server/access/oidc/complete-sign-in";
import { findSignInProvider, type SignInProvider } from "@/server/access/oidc/sign-in-provider";
import { asOwner } from "../support/database";
import { createTestWorld, type TestWorkspace, type TestWorld } from "../support/workspace";

let world: TestWorld;
let a: TestWorkspace;
let provider: SignInProvider;
beforeAll(async () => {
  world = await createTestWorld();
  a = await world.workspace();
  const made = await createOidcProvider(a.as("admin"), {
    name: "IdP",
    issuer: "https://idp.example.com",
    clientId: "modelyard",
    groupRoles: [{ group: "all", role: "viewer" }],
  });
  const found = await findSignInProvider(world.db.pool, a.as("admin").ports, made.id);
  if (!found) throw new Error("no provider");
  provider = found;
});
afterAll(() => world.close());

/** Addresses that one reader or another takes for ada@example.com. */
const LOOKALIKES = [
  "ADA@EXAMPLE.COM",
  "ada@example.com.",
  "ada@example.com ",
  "аda@example.com",
  "ada@exаmple.com",
  "ada＠example.com",
  "ada﹫example.com",
  "ada@example。com",
  "ａｄａ@example.com",
  "ada@xn--exmple-4nf.com",
  '"ada@example.com"@evil.example',
  "ada@example.com,eve@evil.example",
  "eve@evil.example,ada@example.com",
  "<ada@example.com>",
  "ada@example.com\u0000@evil.example",
  "ada@example.com\r\nbcc: eve@evil.example",
  "ada\u200b@example.com",
  "a\u0308da@example.com",
];
const MALFORMED = LOOKALIKES.filter((one) => !/^[\x21-\x7e]+$/.test(one) || /[",<>]|\.$/.test(one));

describe("an e-mail address", () => {
  it("finds nobody: each subject is a person of its own, however alike the addresses", async () => {
    const emails = ["ada@example.com", ...LOOKALIKES];
    for (const [at, email] of emails.entries()) {
      const claims = { sub: `subject-${at}`, name: "Ada", email, groups: ["all"] };
      expect(await completeSignIn(a.job(), provider, claims), email).toBe(true);
    }
    const rows = await asOwner<{ user_id: string }>(
      world.db.ownerUrl,
      "select user_id from user_identities where subject like 'subject-%'",
    );
    expect(new Set(rows.map((row) => row.user_id)).size).toBe(emails.length);
  });

  it("that is none is not kept: what is shown can be written to", async () => {
    const rows = await asOwner<{ email: string | null }>(
      world.db.ownerUrl,
      "select u.email from users u join user_identities i on i.user_id = u.id where i.subject like 'subject-%'",
    );
    const kept = rows.flatMap(({ email }) => (email === null ? [] : [email]));
    expect(kept).toContain("ada@example.com");
    expect(kept.filter((email) => MALFORMED.includes(email))).toEqual([]);
  });

  it("of a member's, sent with another subject, gives nothing of the member's", async () => {
    const claims = { sub: "eve", name: "Eve", email: "ada@example.com", groups: ["none"] };
    expect(await completeSignIn(a.job(), provider, claims)).toBe(false);
    const rows = await asOwner(
      world.db.ownerUrl,
      "select 1 from members m join user_identities i on i.user_id = m.user_id where i.subject = 'eve'",
    );
    expect(rows).toEqual([]);
  });

  it.each(MALFORMED)("of the form %j is refused in an invitation", async (email) => {
    await expect(
      inviteMember(a.as("admin"), { name: "Ada", role: "viewer", email }),
    ).rejects.toMatchObject({ name: "ZodError" });
  });
});

describe("subjects", () => {
  it("that differ in case, spaces or normal form are different people", async () => {
    const subjects = ["s-é".normalize("NFC"), "s-é".normalize("NFD"), "S-é", "s-é ", "s-e"];
    for (const sub of subjects) {
      await completeSignIn(a.job(), provider, { sub, name: "x", groups: ["all"] });
    }
    const rows = await asOwner(
      world.db.ownerUrl,
      "select distinct user_id from user_identities where subject ilike 's-%'",
    );
    expect(rows).toHaveLength(subjects.length);
  });
});
