import type { Readable } from "node:stream";

/** One start of a trainer. */
export interface TrainingTask {
  jobId: string;
  /** 1, 2, 3 …; a backend starts each (job, attempt) once, however often it is asked to. */
  attempt: number;
  spec: TrainerSpec;
  dataset: {
    sha256: string;
    format: string;
    delimiter: string | null;
    open: () => Promise<Readable>;
  };
  /** What the trainer needs to know of its tracking server; asked for only when it really starts. */
  environment: () => Promise<Record<string, string>>;
  timeLimitMs: number;
  /** Output that is kept, bytes. */
  logBytesMax: number;
}

/** The spec file of the training contract, without the paths that a backend fills in. */
export interface TrainerSpec {
  jobId: string;
  algorithm: string;
  task: string | null;
  target: string;
  features: string[] | null;
  hyperparameters: Record<string, unknown>;
  validationSplit: number;
  testSplit: number;
  seed: number;
  datasetName: string;
}

/** How a trainer ended; `lost` when it is gone without a word (a reboot, a killed machine). */
export interface TrainerExit {
  exitCode: number | null;
  signal: string | null;
  reason: "exit" | "time_limit" | "lost";
  /** Last line on stderr; empty when there was none. */
  lastError: string;
}

export type BackendStatus = { state: "running" } | { state: "ended"; exit: TrainerExit };

/** JSON that finds a started trainer again from any worker. */
export type BackendHandle = Record<string, string | number>;

/** A place where trainers run. Everything but `submit` must work for a handle of an earlier worker. */
export interface TrainingBackend {
  readonly name: string;
  /** Starts the attempt, or finds it started. Throws when it cannot be started. */
  submit(task: TrainingTask): Promise<BackendHandle>;
  status(handle: BackendHandle): Promise<BackendStatus>;
  /** Output of the attempt from `offset`, at most `bytesMax`; empty at its present end. */
  logs(handle: BackendHandle, offset: number, bytesMax: number): Promise<Buffer>;
  /** Asks the trainer and all it started to end; with `force` they end now. Repeating is harmless. */
  cancel(handle: BackendHandle, force: boolean): Promise<void>;
  /** Forgets an attempt that was stopped on our own account, so that its number can start anew. */
  forget(handle: BackendHandle): Promise<void>;
  /** Gives back what the job holds; `keep` leaves its files for a day, for whoever looks into a failure. */
  release(jobId: string, keep: boolean): Promise<void>;
}
