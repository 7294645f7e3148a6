import { UnreadableGraph } from "../graph/unreadable-graph";
import { type Ensemble, goesYes, MODE } from "./ensemble";

/** Deeper trees are no trees that anybody trained. */
const DEPTH_MAX = 1_000;
/** Nodes walked before others of the process run: well under a millisecond. */
const NODES_A_TURN = 20_000;
/** Features of one path whose weights are kept. */
const KEPT = 64;

/** The game that is explained: a weighted sum of an ensemble's targets. */
export interface TreeGame {
  ensemble: Ensemble;
  /** Weight of each target. */
  weights: Float64Array;
  /** Feature that each column of the matrix is made of; -1 for one that is always the same. */
  features: Int32Array;
}

/** Nodes that may still be walked; shared by all that is explained for one request. */
export interface WalkBudget {
  left: number;
}

/** The budget ended before the values were there. */
export class WalkTooLong extends Error {
  override name = "WalkTooLong";
}

/**
 * Interventional Shapley values of one matrix row against background rows, averaged over these, added to
 * `into` (one entry a feature). Answers the mean of the game over the background. Lets others run.
 * Throws WalkTooLong, UnreadableGraph.
 */
export async function addTreeValues(
  game: TreeGame,
  row: Float64Array,
  background: readonly Float64Array[],
  budget: WalkBudget,
  into: Float64Array,
): Promise<number> {
  const worth = leafWorths(game);
  const walk = new Walk(game, worth, budget);
  const roots = game.ensemble.roots.filter((root) => isLive(game.ensemble, worth, root));
  let turn = budget.left;
  for (const other of background) {
    for (const root of roots) {
      walk.run(root, row, other);
      if (turn - budget.left < NODES_A_TURN) continue;
      await new Promise((resolve) => setImmediate(resolve));
      turn = budget.left;
    }
  }
  for (let f = 0; f < into.length; f += 1) {
    into[f] = (into[f] ?? 0) + (walk.values[f] ?? 0) / background.length;
  }
  const bases = game.ensemble.base.reduce((sum, one, at) => sum + one * (game.weights[at] ?? 0), 0);
  return bases + walk.base / background.length;
}

/** What each leaf is worth in the game. */
function leafWorths({ ensemble, weights }: TreeGame): Float64Array {
  const { leafStart, leafTarget, leafWeight, mode } = ensemble;
  const worth = new Float64Array(mode.length);
  for (let node = 0; node < mode.length; node += 1) {
    let sum = 0;
    for (let at = leafStart[node] ?? 0; at < (leafStart[node + 1] ?? 0); at += 1) {
      sum += (leafWeight[at] ?? 0) * (weights[leafTarget[at] ?? 0] ?? 0);
    }
    worth[node] = sum;
  }
  return worth;
}

/** Trees of other targets are worth nothing; mostly the first leaf tells. */
function isLive({ mode, yes, no }: Ensemble, worth: Float64Array, root: number): boolean {
  const open = [root];
  // A tree has no more nodes than there are, unless it goes in circles.
  for (let left = mode.length; left > 0; left -= 1) {
    const node = open.pop();
    if (node === undefined) return false;
    if (mode[node] !== MODE.leaf) open.push(yes[node] ?? 0, no[node] ?? 0);
    else if (worth[node] !== 0) return true;
  }
  return true;
}

/** Both rows walk down together; where they part, the feature is of the one row's side or of the other's. */
class Walk {
  readonly values: Float64Array;
  base = 0;
  private readonly mine: number[] = [];
  private readonly theirs: number[] = [];
  /** 1: on the way so far the feature is the explained row's; 2: the background's. */
  private readonly side: Uint8Array;
  private row: Float64Array = new Float64Array();
  private other: Float64Array = new Float64Array();

  constructor(
    private readonly game: TreeGame,
    private readonly worth: Float64Array,
    private readonly budget: WalkBudget,
  ) {
    const features = game.features.reduce((most, one) => Math.max(most, one + 1), 0);
    this.values = new Float64Array(features);
    this.side = new Uint8Array(features);
  }

  run(root: number, row: Float64Array, other: Float64Array): void {
    this.row = row;
    this.other = other;
    this.visit(root, 0);
  }

  private visit(node: number, depth: number): void {
    this.budget.left -= 1;
    if (this.budget.left < 0) throw new WalkTooLong();
    if (depth > DEPTH_MAX) throw new UnreadableGraph("a tree is too deep");
    const { ensemble, features } = this.game;
    if (ensemble.mode[node] === MODE.leaf) {
      this.leaf(this.worth[node] ?? 0);
      return;
    }
    const column = ensemble.column[node] ?? 0;
    const yes = ensemble.yes[node] ?? 0;
    const no = ensemble.no[node] ?? 0;
    const mine = goesYes(ensemble, node, this.row[column] ?? 0) ? yes : no;
    const theirs = goesYes(ensemble, node, this.other[column] ?? 0) ? yes : no;
    if (mine === theirs) {
      this.visit(mine, depth + 1);
      return;
    }
    const feature = features[column] ?? -1;
    const side = this.side[feature];
    if (side === 1) this.visit(mine, depth + 1);
    else if (side === 2) this.visit(theirs, depth + 1);
    else {
      this.side[feature] = 1;
      this.mine.push(feature);
      this.visit(mine, depth + 1);
      this.mine.pop();
      this.side[feature] = 2;
      this.theirs.push(feature);
      this.visit(theirs, depth + 1);
      this.theirs.pop();
      this.side[feature] = 0;
    }
  }

  /**
   * A leaf is reached by the coalitions that hold all of `mine` and none of `theirs`: its worth moves the
   * former by (a − 1)! b! / (a + b)! each and the latter by −a! (b − 1)! / (a + b)!.
   */
  private leaf(worth: number): void {
    if (worth === 0) return;
    const a = this.mine.length;
    const b = this.theirs.length;
    if (a === 0) this.base += worth;
    const up = worth * shareOf(a, b);
    for (const feature of this.mine) this.values[feature] = (this.values[feature] ?? 0) + up;
    const down = worth * shareOf(b, a);
    for (const feature of this.theirs) this.values[feature] = (this.values[feature] ?? 0) - down;
  }
}

const shares = new Float64Array(KEPT * KEPT);

/** (a − 1)! b! / (a + b)!, which is 1 / (a · C(a + b, a)). */
function shareOf(a: number, b: number): number {
  if (a === 0) return 0;
  if (a >= KEPT || b >= KEPT) return makeShare(a, b);
  const at = a * KEPT + b;
  const known = shares[at] ?? 0;
  if (known > 0) return known;
  const made = makeShare(a, b);
  shares[at] = made;
  return made;
}

function makeShare(a: number, b: number): number {
  let choose = 1;
  for (let i = 1; i <= a; i += 1) choose = (choose * (b + i)) / i;
  return 1 / (a * choose);
}
