import { createFabric, leakedPackets, removeFabric } from "./lab/fabric.ts";
import { topology } from "./lab/topology.ts";

const [what = "", action = ""] = process.argv.slice(2);
const lab = topology("lab");
if (what === "vpc" && action === "up") await createFabric(lab);
else if (what === "vpc" && action === "down") await removeFabric(lab.name);
else if (what === "vpc" && action === "status") console.log(await leakedPackets(lab));
