import { answerEach } from "@/server/kernel/process/answer-one";
import { type Duck, openDuck } from "@/server/kernel/process/duck";
import { checkFile } from "./check-file";
import { findRows } from "./find-rows";
import { findMeantCells, writeWithoutCells } from "./meant-cells";
import { findMeant, writeWithout } from "./meant-rows";
import { sumQuality } from "./sum-quality";
import type { AnswerTo, ArchiveTask, ProcessAnswer } from "./tasks";

/** The paths a task may reach: what it reads, and what it writes. */
function pathsOf(task: ArchiveTask): string[] {
  const paths = [...task.paths];
  if (task.kind === "find" && task.where.outcome) paths.push(task.where.outcome.idsPath);
  if (task.kind === "quality") paths.push(task.outcomesPath);
  if (task.kind === "without" || task.kind === "withoutCells") paths.push(task.outPath);
  return paths;
}

function perform(duck: Duck, task: ArchiveTask): Promise<AnswerTo<ArchiveTask>> {
  switch (task.kind) {
    case "find":
      return findRows(duck, task);
    case "check":
      return checkFile(duck, task);
    case "meant":
      return findMeant(duck, task);
    case "without":
      return writeWithout(duck, task);
    case "meantCells":
      return findMeantCells(duck, task);
    case "withoutCells":
      return writeWithoutCells(duck, task);
    case "quality":
      return sumQuality(duck, task);
  }
}

answerEach(async (task: ArchiveTask): Promise<ProcessAnswer> => {
  const duck = await openDuck({ ...task, paths: pathsOf(task) });
  try {
    return { ok: true, answer: await perform(duck, task) };
  } catch (error) {
    process.stderr.write(`${error}\n`);
    return { ok: false };
  } finally {
    duck.close();
  }
});
