import type { ChildProcess } from "node:child_process";
import type { Socket } from "node:net";
import { askProcess, NoAnswer, type ProcessLimits, residentMbOf } from "./ask-process";

/** How long a process nobody asks is kept, and from how much memory on it is not. */
interface Keeping {
  idleMs: number;
  residentMb: number;
  /** Processes that wait at the same time. */
  idleMax: number;
}

interface Idle {
  owner: string;
  child: ChildProcess;
  timer: NodeJS.Timeout;
}

/**
 * Processes that answer one task after the other. Starting one costs more than most questions, so it
 * waits a while for the next question of the same owner; another owner's data never meets it. None
 * of them keeps this process alive.
 */
export class KeptProcesses {
  private readonly idle = new Set<Idle>();

  constructor(
    private readonly start: () => ChildProcess,
    private readonly limits: ProcessLimits,
    private readonly keeping: Keeping,
  ) {}

  /** Has a process wait for the owner, where none does: it starts while its files are made ready. */
  warm(owner: string): void {
    for (const one of this.idle) if (one.owner === owner) return;
    this.keep(owner, this.begin());
  }

  /** Throws NoAnswer. */
  async ask<Answer>(owner: string, task: object): Promise<Answer> {
    const waiting = this.take(owner);
    if (waiting) {
      try {
        return await this.askOne<Answer>(owner, waiting, task);
      } catch (error) {
        // It may have ended while nobody asked.
        if (!(error instanceof NoAnswer) || error.passed !== undefined) throw error;
      }
    }
    return this.askOne<Answer>(owner, this.begin(), task);
  }

  private async askOne<Answer>(owner: string, child: ChildProcess, task: object): Promise<Answer> {
    const answer = await askProcess<Answer>(child, task, this.limits, { isKept: true });
    if ((await residentMbOf(child.pid)) > this.keeping.residentMb) child.kill("SIGKILL");
    else this.keep(owner, child);
    return answer;
  }

  private begin(): ChildProcess {
    const child = this.start();
    // Whoever asks hears of it as well; without a listener it would end this process.
    child.on("error", () => undefined);
    child.unref();
    child.channel?.unref();
    (child.stderr as Socket | null)?.unref();
    return child;
  }

  private take(owner: string): ChildProcess | undefined {
    for (const one of this.idle) {
      if (one.owner !== owner) continue;
      clearTimeout(one.timer);
      this.idle.delete(one);
      if (one.child.exitCode === null && one.child.signalCode === null) return one.child;
    }
    return undefined;
  }

  private keep(owner: string, child: ChildProcess): void {
    const [oldest] = this.idle;
    if (oldest && this.idle.size >= this.keeping.idleMax) this.drop(oldest);
    const timer = setTimeout(() => this.drop(one), this.keeping.idleMs);
    const one: Idle = { owner, child, timer };
    timer.unref();
    this.idle.add(one);
  }

  private drop(one: Idle): void {
    clearTimeout(one.timer);
    this.idle.delete(one);
    one.child.kill("SIGKILL");
  }
}
