// Inside a namespace: the VPC's resolver at an address, for the names given as JSON.
import { startResolver } from "../resolver.ts";

const [address = "", names = "{}"] = process.argv.slice(2);
await startResolver(address, new Map(Object.entries(JSON.parse(names) as Record<string, string>)));
process.stdout.write("ready\n");
