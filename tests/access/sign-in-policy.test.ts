import { expect, it } from "vitest";
import { groupsOf, roleOfGroups } from "@/server/access/oidc/role-of-groups";
import { safeRedirect } from "@/server/access/oidc/safe-redirect";

it("reads groups from a list or one text, the first mapping that fits decides", () => {
  const mapping = [
    { group: "b", role: "admin" },
    { group: "a", role: "viewer" },
  ];
  expect(roleOfGroups(["a", "b"], mapping)).toBe("admin");
  expect(roleOfGroups("a", mapping)).toBe("viewer");
  expect(roleOfGroups(["A", "c"], mapping)).toBeNull();
  expect(groupsOf([1, null, ["a"], { a: 1 }, "a", ""])).toEqual(["a"]);
  expect(groupsOf(undefined)).toEqual([]);
});

it("sends people nowhere but to our own origin after sign-in", () => {
  const base = "https://models.example.com";
  const bad = [
    "https://evil.example",
    "//evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "https:evil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    "https://models.example.com.evil.example",
    "https://models.example.com@evil.example",
    "http://models.example.com/",
    "https://user@models.example.com/",
    "/\t/evil.example",
    "/ /evil.example",
    "\u0000//evil.example",
    "https://models.example.com//evil.example",
    "///evil.example",
    "////evil.example",
    "https:///evil.example",
    "HTTPS://EVIL.example",
    "ftp://models.example.com",
    "https://models.example.com:444/",
    "/\r\n//evil.example",
    "//evil.example/%2f..",
    "/%09/../\\evil",
  ];
  for (const asked of bad) {
    expect([asked, new URL(safeRedirect(asked, base)).origin]).toEqual([asked, base]);
  }
  for (const path of ["/", "/default/overview", "/a?b=c#d", "/%2f%2fevil.example"]) {
    expect(new URL(safeRedirect(path, base)).origin).toBe(base);
  }
  expect(safeRedirect("/default/overview", base)).toBe(`${base}/default/overview`);
});
