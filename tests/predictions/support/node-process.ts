import { startWorldNode } from "../../deployments/support/deployed-world";

/** An inference node as a process of its own, to be killed: `artifacts-folder port`. */
const [folder = "", port = "0"] = process.argv.slice(2);
const node = await startWorldNode(folder, Number(port));
process.send?.(node.port);
