import { Api } from "./demo/api";
import { openProduct } from "./demo/product";
import { isScenario, SCENARIOS } from "./seed/scenarios";

/** `npm run seed <scenario>`: named, deterministic data through the public API; prints links. */
const name = process.argv[2] ?? "";
if (!isScenario(name)) {
  const list = Object.entries(SCENARIOS).map(([key, { about }]) => `  ${key.padEnd(18)} ${about}`);
  process.stdout.write(`Usage: npm run seed <scenario>\n\n${list.join("\n")}\n`);
  process.exit(name ? 1 : 0);
}
const product = await openProduct();
const links = await SCENARIOS[name].run(new Api(product));
for (const link of links) process.stdout.write(`  ${product.url}/default/${link}\n`);
await product.close();
process.exit(0);
