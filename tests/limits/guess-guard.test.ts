import { describe, expect, it } from "vitest";
import { callerAddress, GuessGuard, WRONG_TRIES_MAX } from "@/server/limits/guess-guard";

describe("wrong credentials", () => {
  it("are refused for the rest of the minute after 20 from one address", () => {
    const guard = new GuessGuard();
    for (let at = 0; at < WRONG_TRIES_MAX; at += 1) {
      guard.check("1.1.1.1", "guess", 1000);
      guard.wrong("1.1.1.1", "guess", 1000);
    }
    expect(() => guard.check("1.1.1.1", "guess", 2000)).toThrow(/59|58|60/);
    expect(() => guard.check("2.2.2.2", "guess", 2000)).not.toThrow();
    expect(() => guard.check("1.1.1.1", "guess", 61_001)).not.toThrow();
  });

  it("shut out nobody behind the same address whose key was good before", () => {
    const guard = new GuessGuard();
    guard.good("mine");
    for (let at = 0; at < WRONG_TRIES_MAX; at += 1) guard.wrong("1.1.1.1", "guess", 1000);
    expect(() => guard.check("1.1.1.1", "mine", 1000)).not.toThrow();
    expect(() => guard.check("1.1.1.1", "guess", 1000)).toThrow();
  });

  it("make a key that was good and is no longer count as wrong", () => {
    const guard = new GuessGuard();
    guard.good("mine");
    for (let at = 0; at < WRONG_TRIES_MAX; at += 1) guard.wrong("1.1.1.1", "mine", 1000);
    expect(() => guard.check("1.1.1.1", "mine", 1000)).toThrow();
  });
});

describe("the address of a caller", () => {
  it.each([
    ["believes no header without a proxy", "9.9.9.9", 0, "10.0.0.1"],
    ["takes what the one proxy saw", "6.6.6.6, 9.9.9.9", 1, "9.9.9.9"],
    ["takes what the outer of two proxies saw", "6.6.6.6, 9.9.9.9, 10.0.0.2", 2, "9.9.9.9"],
    ["falls back to the socket when hops are missing", "9.9.9.9", 3, "10.0.0.1"],
  ])("%s", (_name, forwarded, proxies, expected) => {
    expect(callerAddress("10.0.0.1", forwarded, proxies)).toBe(expected);
  });
});
