import { type Token, tokenize } from "./lexer";

const END: Token = { kind: "end", raw: "", value: "", start: 0, end: 0 };

/** Walks over the tokens of one text, never past the end. */
export interface TokenCursor {
  peek: (ahead?: number) => Token;
  next: () => Token;
  /** Whether the next token begins right where the one before ended. */
  isAdjacent: () => boolean;
  /** Takes the next token when it is this word, in any case. */
  takeWord: (word: string) => boolean;
  takeMark: (mark: string) => boolean;
}

/** Throws FilterError as the lexer does. */
export function openTokens(source: string): TokenCursor {
  const tokens = tokenize(source);
  const last = tokens.at(-1) ?? END;
  let at = 0;
  const peek = (ahead = 0): Token => tokens[at + ahead] ?? last;
  const next = (): Token => {
    const token = peek();
    at += 1;
    return token;
  };
  const take = (kind: Token["kind"], value: string) => {
    const token = peek();
    if (token.kind !== kind || token.value.toUpperCase() !== value) return false;
    at += 1;
    return true;
  };
  return {
    peek,
    next,
    isAdjacent: () => at > 0 && tokens[at - 1]?.end === peek().start,
    takeWord: (word) => take("word", word),
    takeMark: (mark) => take("mark", mark),
  };
}
