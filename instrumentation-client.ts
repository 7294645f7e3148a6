import { config } from "zod/v4/core";

/** Pages forbid compiling code from text: schemas are read step by step in the browser. */
config({ jitless: true });
