import { env } from "@/env";
import { runMain } from "./boot";
import { supervise } from "./supervisor/supervise";

runMain(async () => {
  const startedAt = Date.now();
  const running = await supervise(env(), { dev: process.argv.includes("--dev") });
  const seconds = ((Date.now() - startedAt) / 1000).toFixed(1);
  process.stdout.write(
    `\n  Modelyard is ready after ${seconds} s: ${running.url}\n` +
      `  Sign in once, as the first administrator: ${running.signInUrl}\n` +
      "  Try it: npm run demo    Stop it: Ctrl-C\n\n",
  );
  let stopping = false;
  const stop = (): void => {
    if (stopping) return;
    stopping = true;
    process.stdout.write("Stopping …\n");
    running.stop().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
});
