// biome-ignore lint/suspicious/noControlCharactersInRegex: terminal colors begin with the escape character.
const ESCAPES = /\u001b\[[0-9;?]*[A-Za-z]/g;

/** What a terminal would show: no color codes, and of a line drawn over itself the last state. */
export const tidyLog = (text: string): string =>
  text
    .replaceAll(ESCAPES, "")
    .replaceAll("\r\n", "\n")
    .split("\n")
    .map((line) => line.slice(line.lastIndexOf("\r") + 1))
    .join("\n");
