import { buildIfNeeded } from "./build";

/** `npm run build`: what `npm start` does first. */
await buildIfNeeded();
