import { parseArgs } from "node:util";
import { EnvError } from "@/env";
import { runMain } from "@/server/boot";
import {
  countImported,
  createImportJob,
  createSourceClient,
  type ImportJob,
  importTracking,
  SourceError,
} from "@/server/experiments";
import { createOutbound } from "@/server/kernel/outbound";
import { importModels } from "@/server/registry";
import { openInstallation, showProgress, workspaceNamed } from "./keys/open-installation";

const USAGE =
  "npm run import:mlflow -- <uri> [--token <token>] [--workspace <slug>] [--experiment <name>]";
const PROGRESS_MS = 1000;

/** Copies from another MLflow server; again and again, nothing is copied twice. */
runMain(async () => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      token: { type: "string" },
      workspace: { type: "string" },
      experiment: { type: "string" },
    },
  });
  const [uri] = positionals;
  if (!uri || positionals.length > 1) throw new EnvError(`Usage: ${USAGE}`);
  const installation = await openInstallation();
  const { runtime, workspaces } = installation;
  try {
    const slug = values.workspace ?? (workspaces.length === 1 ? workspaces[0]?.slug : undefined);
    const workspace = workspaceNamed(installation, slug, USAGE);
    // The operator names the address, so it may be a private one.
    const outbound = createOutbound({ allowPrivate: true });
    const source = createSourceClient({ uri, token: values.token, outbound });
    const job = createImportJob(runtime.jobContext(workspace.id, "import:mlflow"), source);
    try {
      await importAll(job, values.experiment);
    } finally {
      source.close();
    }
    await report(job);
  } catch (error) {
    if (error instanceof SourceError) throw new EnvError(error.message);
    throw error;
  } finally {
    await runtime.close();
  }
});

async function importAll(job: ImportJob, experiment: string | undefined): Promise<void> {
  const startedAt = Date.now();
  const show = () => {
    const { runs, runsCopied, points, files, bytes, versions } = job.counts;
    const seconds = Math.max(0.001, (Date.now() - startedAt) / 1000);
    const rate = Math.round(points / seconds);
    showProgress(
      `${runs} runs seen, ${runsCopied} copied · ${points} points (${rate}/s) · ${files} files, ${(bytes / 1e6).toFixed(1)} MB · ${versions} versions · ${Math.round(seconds)} s`,
    );
  };
  const timer = setInterval(show, PROGRESS_MS);
  try {
    await importTracking(job, experiment);
    // Of one experiment, only models from its runs: others would come without their files.
    await importModels(job, experiment === undefined ? "all" : "copied-experiments");
  } finally {
    clearInterval(timer);
    show();
    if (process.stdout.isTTY) process.stdout.write("\n");
  }
}

/** Counts of both sides; what differs makes the command fail. */
async function report({ ctx, counts, experiments, notes, problems }: ImportJob): Promise<void> {
  const here = await countImported(ctx, [...experiments.values()]);
  const rows = ["runs", "params", "metrics", "loggedModels"] as const;
  const say = (text: string) => process.stdout.write(`${text}\n`);
  say(`experiments: ${counts.experiments} there, ${experiments.size} here`);
  for (const what of rows) {
    say(`${what}: ${counts[what]} there, ${here[what]} here`);
    if (here[what] < counts[what]) {
      problems.push(`${what}: ${counts[what] - here[what]} are missing here`);
    }
  }
  say(`points here: ${here.points}, files of runs here: ${here.files}`);
  say(`models: ${counts.models}, versions: ${counts.versions}`);
  for (const note of notes) say(`note: ${note}`);
  for (const problem of problems) say(`problem: ${problem}`);
  say(problems.length > 0 ? "Not everything was copied: run it again." : "Everything is here.");
  if (problems.length > 0) process.exitCode = 1;
}
