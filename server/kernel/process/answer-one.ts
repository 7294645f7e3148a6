import { setPriority } from "node:os";

function serve(): void {
  // Pages and predictions go first on a busy machine.
  setPriority(10);
  // Nobody waits for an answer once the process that asked is gone.
  process.once("disconnect", () => process.exit(1));
}

/** The body of a process that `KeptProcesses` asks: answers each task, one at a time. */
export function answerEach<Task, Answer>(answerTo: (task: Task) => Promise<Answer>): void {
  serve();
  process.on("message", (task: Task) => {
    void answerTo(task).then((answer) => process.send?.(answer));
  });
}

/** The body of a process that `askProcess` asks: answers one task and ends. */
export function answerOne<Task, Answer>(answerTo: (task: Task) => Promise<Answer>): void {
  serve();
  process.once("message", (task: Task) => {
    void answerTo(task).then((answer) => {
      process.send?.(answer, undefined, undefined, () => process.exit(0));
    });
  });
}
