/** A program that says it is ready and waits; it ends when its parent does. */
setInterval(() => undefined, 60_000);
process.on("disconnect", () => process.exit(0));
process.send("ready");
