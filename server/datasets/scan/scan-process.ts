import { setPriority } from "node:os";
import { literal, openDuck } from "@/server/kernel/process/duck";
import { UnreadableFile } from "../profile/unreadable-file";
import type { ScanCall, ScanCalls, ScanReply } from "./protocol";
import { TableScan } from "./table-scan";

let scan: TableScan | undefined;

const opened = (): TableScan => {
  if (scan) return scan;
  throw new Error("nothing is open");
};

async function convert({ path, folder, ...limits }: ScanCalls["convert"]["ask"]): Promise<string> {
  const csv = `${folder}/result.csv`;
  const duck = await openDuck({ paths: [path, csv], spillFolder: folder, ...limits });
  try {
    await duck.run(`copy (from read_parquet(${literal(path)})) to ${literal(csv)} (format csv)`);
    return csv;
  } finally {
    duck.close();
  }
}

async function answerTo(call: ScanCall): Promise<ScanCalls[ScanCall["kind"]]["answer"]> {
  switch (call.kind) {
    case "open":
      scan = await TableScan.open(call.ask);
      return { rows: scan.rows };
    case "read":
      return opened().read(call.ask);
    case "keep":
      opened().keep(call.ask);
      return null;
    case "write":
      return opened().write(call.ask);
    case "convert":
      return convert(call.ask);
  }
}

async function replyTo(call: ScanCall): Promise<ScanReply> {
  try {
    return { id: call.id, ok: true, answer: await answerTo(call) };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { id: call.id, ok: false, message, unreadable: error instanceof UnreadableFile };
  }
}

// Pages and predictions go first on a busy machine.
setPriority(10);
// Nobody waits for an answer once the process that asked is gone.
process.once("disconnect", () => process.exit(1));
let last: Promise<unknown> = Promise.resolve();
process.on("message", (call: ScanCall) => {
  // One after the other: there is one connection to the table.
  last = last.then(async () => process.send?.(await replyTo(call)));
});
