import type { ChildProcess } from "node:child_process";
import { AppError, invalid } from "@/server/kernel/errors";
import { startProcess } from "@/server/kernel/process/start-process";
import type { ScanCalls, ScanReply } from "./protocol";

interface Waiting {
  resolve: (answer: never) => void;
  reject: (error: unknown) => void;
}

const broke = () =>
  new AppError("unavailable", "The dataset could not be read this time. Try again.", {
    retryAfterSeconds: 5,
  });

/** A process that scans, as its caller sees it. It ends with its caller, or at `close`. */
export class ScanClient {
  private readonly child: ChildProcess;
  private readonly waiting = new Map<number, Waiting>();
  private lastId = 0;
  private isGone = false;

  constructor() {
    this.child = startProcess(import.meta.url, "scan-process");
    this.child.on("message", (reply) => this.take(reply as ScanReply));
    this.child.on("error", () => this.end());
    this.child.once("exit", () => this.end());
    // A full pipe would stop the process; what it prints is of no use here.
    this.child.stderr?.resume();
  }

  /** Throws validation_failed for a file that cannot be read, unavailable when the process broke. */
  call<Kind extends keyof ScanCalls>(
    kind: Kind,
    ask: ScanCalls[Kind]["ask"],
  ): Promise<ScanCalls[Kind]["answer"]> {
    if (this.isGone) return Promise.reject(broke());
    this.lastId++;
    const id = this.lastId;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve: resolve as Waiting["resolve"], reject });
      this.child.send({ id, kind, ask }, (error) => {
        if (error) this.end();
      });
    });
  }

  private take(reply: ScanReply): void {
    const waiting = this.waiting.get(reply.id);
    this.waiting.delete(reply.id);
    if (reply.ok) waiting?.resolve(reply.answer as never);
    else if (reply.unreadable) waiting?.reject(invalid(reply.message));
    else waiting?.reject(new Error(reply.message));
  }

  private end(): void {
    this.isGone = true;
    for (const { reject } of this.waiting.values()) reject(broke());
    this.waiting.clear();
  }

  get isOpen(): boolean {
    return !this.isGone;
  }

  close(): void {
    this.child.kill("SIGKILL");
    this.end();
  }
}
