import type { ChildProcess } from "node:child_process";
import type { Log } from "@/server/kernel/log";

/** Delay before a dead process is started again, milliseconds; doubles while it keeps dying. */
const RESTART_MS = { first: 100, most: 5_000, forgiveAfter: 30_000 };

/** A process that is started again whenever it ends without being asked to. */
export class SupervisedProcess {
  private child: ChildProcess | undefined;
  private stopping = false;
  private delayMs = RESTART_MS.first;

  constructor(
    readonly name: string,
    private readonly spawn: () => Promise<ChildProcess>,
    private readonly log: Log,
    private readonly stopSignal: NodeJS.Signals = "SIGTERM",
  ) {}

  get pid(): number | undefined {
    return this.child?.pid;
  }

  /** Starts it; throws when the very first start fails. */
  async start(): Promise<void> {
    const startedAt = Date.now();
    const child = await this.spawn();
    this.child = child;
    const ended = (): void => this.ended(startedAt);
    if (child.exitCode !== null || child.signalCode !== null) ended();
    else child.once("exit", ended);
    if (this.stopping) child.kill(this.stopSignal);
  }

  private ended(startedAt: number): void {
    const child = this.child;
    this.child = undefined;
    if (this.stopping) return;
    if (Date.now() - startedAt > RESTART_MS.forgiveAfter) this.delayMs = RESTART_MS.first;
    this.log.warn(
      { process: this.name, code: child?.exitCode, signal: child?.signalCode },
      `${this.name} ended, starting it again`,
    );
    this.restartSoon();
  }

  private restartSoon(): void {
    setTimeout(() => {
      if (this.stopping) return;
      this.start().catch((error: unknown) => {
        this.log.error({ process: this.name, err: error }, `${this.name} does not start`);
        this.restartSoon();
      });
    }, this.delayMs);
    this.delayMs = Math.min(this.delayMs * 2, RESTART_MS.most);
  }

  /** From now on its end is wanted: a Ctrl-C reaches every process of the terminal at once. */
  expectEnd(): void {
    this.stopping = true;
  }

  /** Asks it to end, then insists after `graceMs`. */
  async stop(graceMs: number): Promise<void> {
    this.stopping = true;
    const child = this.child;
    if (!child) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => child.kill("SIGKILL"), graceMs);
      child.once("exit", () => {
        clearTimeout(timer);
        resolve();
      });
      child.kill(this.stopSignal);
    });
  }
}
