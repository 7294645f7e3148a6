import pino from "pino";
import { expect, it } from "vitest";
import { NodePool } from "./node-pool";

const registered = (id: string, isAway: boolean) => ({
  id,
  url: `http://${id}.test`,
  labels: {},
  weight: 1,
  isDraining: false,
  isAway,
});
const model = {
  workspaceId: "w",
  versionId: "v",
  artifact: { sha256: "0".repeat(64), bytes: 1 },
} as unknown as Parameters<NodePool["homesOf"]>[0];

it("gives a version to the next best node while its own is away, and back when that returns", async () => {
  const log = pino({ level: "silent" });
  const pool = new NodePool({ urls: [], objects: {} as never, log });
  const homes = () => pool.homesOf(model, 1).map(({ facts }) => String(facts.id));
  const follow = (...away: string[]) =>
    pool.follow(["a", "b", "c"].map((id) => registered(id, away.includes(id))));
  follow();
  const [own = ""] = homes();
  follow(own);
  expect(homes()).toHaveLength(1);
  expect(homes()).not.toEqual([own]);
  follow("a", "b", "c");
  expect(homes()).toEqual([own]);
  follow();
  expect(homes()).toEqual([own]);
  await pool.close();
});
