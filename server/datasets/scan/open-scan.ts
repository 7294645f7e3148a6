import type { Context } from "@/server/kernel/context";
import { openDatasetContent } from "../open-dataset-content";
import { stageFile } from "../stage-file";
import type {
  AnswerShape,
  ResultPlan,
  ScanAnswers,
  ScanColumn,
  ScanInput,
  ScanResult,
  ScanRows,
  Stretch,
} from "./protocol";
import { ScanClient } from "./scan-client";

/** Given to DuckDB; what does not fit is spilled. */
const MEMORY_MB = 768;
const SPILL_MB = 32_768;

/** A dataset that is read from its first row to its last. */
export interface DatasetScan {
  rows: number;
  /** Whether its process lives. */
  isOpen: () => boolean;
  read: (stretch: Stretch) => Promise<ScanRows>;
  /** Takes the answers of the stretch behind the last one. */
  keep: (answers: ScanAnswers) => Promise<null>;
  /** Writes what was kept as one Parquet file, which goes with `close`. */
  write: (plan: ResultPlan) => Promise<ScanResult>;
  close: () => Promise<void>;
}

/**
 * Loads a dataset in a process of its own. The caller closes it. Throws not_found, validation_failed
 * when the file cannot be read, unavailable when the process broke.
 */
export async function openDatasetScan(
  ctx: Context,
  input: { datasetId: string; columns: ScanColumn[]; inputs: ScanInput[]; answers: AnswerShape },
): Promise<DatasetScan> {
  const { datasetId, columns, inputs, answers } = input;
  // Asks for the permission.
  const { stream, format, sizeBytes } = await openDatasetContent(ctx, { datasetId });
  const file = await stageFile(stream, `content.${format}`, sizeBytes);
  const client = new ScanClient();
  const close = async () => {
    client.close();
    await file.discard();
  };
  try {
    const { path, spillFolder: folder } = file;
    const limits = { memoryMb: MEMORY_MB, spillMb: SPILL_MB };
    const task = { path, folder, format, columns, inputs, answers, ...limits };
    const { rows } = await client.call("open", task);
    return {
      rows,
      isOpen: () => client.isOpen,
      read: (stretch) => client.call("read", stretch),
      keep: (kept) => client.call("keep", kept),
      write: (plan) => client.call("write", plan),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
