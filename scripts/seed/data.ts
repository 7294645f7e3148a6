/** A small generator with a fixed seed (mulberry32), so that a scenario is the same everywhere. */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

export interface Customer {
  age: number;
  tenureMonths: number;
  plan: string;
  monthlyFee: number | null;
  supportCalls: number;
}

const PLANS = ["basic", "plus", "pro"];

function customer(random: () => number): Customer {
  const plan = PLANS[Math.floor(random() * PLANS.length)] ?? "basic";
  const fee = { basic: 9, plus: 19, pro: 49 }[plan] ?? 9;
  return {
    age: 18 + Math.floor(random() * 60),
    tenureMonths: Math.floor(random() * 72),
    plan,
    monthlyFee: random() < 0.05 ? null : Math.round((fee + random() * 5) * 100) / 100,
    supportCalls: Math.floor(random() ** 2 * 9),
  };
}

const churns = (c: Customer, random: () => number): boolean =>
  1 /
    (1 +
      Math.exp(
        -(0.55 * c.supportCalls - 0.06 * c.tenureMonths + (c.plan === "basic" ? 0.8 : 0) - 0.4),
      )) >
  random();

/** Telecom customers with a made-up but learnable churn rule, as CSV. */
export function churnCsv(rows: number, seed: number): string {
  const random = seededRandom(seed);
  const lines = ["age,tenureMonths,plan,monthlyFee,supportCalls,churned"];
  for (let i = 0; i < rows; i++) {
    const c = customer(random);
    const truth = churns(c, random) ? "yes" : "no";
    lines.push(
      [c.age, c.tenureMonths, c.plan, c.monthlyFee ?? "", c.supportCalls, truth].join(","),
    );
  }
  return lines.join("\n");
}

export function customers(count: number, seed: number): Customer[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, () => customer(random));
}
