import { expect, it } from "vitest";
import { AppError } from "@/server/kernel/errors";
import { checkScraper } from "./check-scraper";

const TOKEN = "scraper-".padEnd(40, "x");
const refused = (token: string | undefined, authorization: string | undefined) => {
  try {
    checkScraper(token, authorization);
    return undefined;
  } catch (error) {
    return error instanceof AppError ? error.code : error;
  }
};

it("lets everyone read metrics where no token is set, and else who shows it", () => {
  expect(refused(undefined, undefined)).toBeUndefined();
  expect(refused(TOKEN, `Bearer ${TOKEN}`)).toBeUndefined();
  expect(refused(TOKEN, `bearer ${TOKEN}`)).toBeUndefined();
  for (const wrong of [undefined, "", "Bearer ", `Bearer ${TOKEN}x`, `Basic ${TOKEN}`]) {
    expect(refused(TOKEN, wrong), String(wrong)).toBe("unauthenticated");
  }
});
