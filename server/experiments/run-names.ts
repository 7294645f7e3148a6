import { randomInt } from "node:crypto";

const FIRST =
  "amber bold brisk calm clear crisp eager early fair fast firm fond fresh gentle glad grand keen kind light lively lucid merry mild neat noble polite proud quick quiet ready sage sharp smart steady sunny swift tidy warm wise witty".split(
    " ",
  );
const SECOND =
  "ant bear bee carp crane crow deer dove duck eel elk finch fox frog gull hare hawk heron ibis jay koala lark lynx mole moth newt otter owl panda perch quail ram robin seal shrew snail sparrow stork swan tern toad trout wasp wren yak".split(
    " ",
  );

/** A name for a run that got none, such as `calm-otter-417`. */
export function randomRunName(): string {
  const pick = (words: string[]) => words[randomInt(words.length)] ?? "run";
  return `${pick(FIRST)}-${pick(SECOND)}-${randomInt(1000)}`;
}
