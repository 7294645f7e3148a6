import { Cron } from "croner";
import { parseDuration } from "./duration";

const NAMES = new Set(
  "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC SUN MON TUE WED THU FRI SAT".split(" "),
);
const DESCRIPTORS: Record<string, string> = {
  "@yearly": "0 0 1 1 *",
  "@annually": "0 0 1 1 *",
  "@monthly": "0 0 1 * *",
  "@weekly": "0 0 * * 0",
  "@daily": "0 0 * * *",
  "@midnight": "0 0 * * *",
  "@hourly": "0 * * * *",
};

/** The first fire time after `after`. Throws an Error that says what is wrong with `text`. */
export function nextFire(text: string, after: Date): Date {
  const { timezone, pattern } = splitTimezone(text);
  const every = /^@every (\S+)$/.exec(pattern)?.[1];
  if (every) {
    const ms = parseDuration(every);
    if (!ms || ms < 1000) throw new Error(`"${every}" is no duration of a second or more`);
    return new Date(after.getTime() + ms);
  }
  const next = new Cron(fields(pattern), { timezone, mode: "5-part", paused: true }).nextRun(after);
  if (!next) throw new Error(`"${text}" never fires`);
  return next;
}

function splitTimezone(text: string): { timezone: string; pattern: string } {
  const [, zone, rest] = /^(?:CRON_)?TZ=(\S+)\s+(.*)$/.exec(text.trim()) ?? [];
  if (zone === undefined || rest === undefined) return { timezone: "UTC", pattern: text.trim() };
  try {
    new Intl.DateTimeFormat("en", { timeZone: zone });
  } catch {
    throw new Error(`"${zone}" is no time zone`);
  }
  return { timezone: zone, pattern: rest.trim() };
}

/** Five fields with the letters the real server knows; croner's own extras (L, W, #) are refused. */
function fields(pattern: string): string {
  if (pattern.startsWith("@")) {
    const known = DESCRIPTORS[pattern];
    if (!known) throw new Error(`"${pattern}" is no descriptor`);
    return known;
  }
  const parts = pattern.split(/\s+/);
  if (parts.length !== 5) throw new Error(`"${pattern}" has ${parts.length} fields instead of 5`);
  for (const part of parts) {
    const words: string[] = part.match(/[A-Za-z#]+/g) ?? [];
    const strange = words.find((word) => !NAMES.has(word.toUpperCase()));
    if (strange) throw new Error(`"${strange}" in "${pattern}" is not understood`);
  }
  return pattern;
}
