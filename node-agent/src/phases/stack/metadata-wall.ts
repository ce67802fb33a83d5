import { ConfigurationError, TemporaryError } from "../../base/errors.ts";
import { planWall, planWallRemoval, type WallOperation } from "../../core/node/metadata-wall.ts";
import type { Family } from "../../core/router/nat/rules.ts";
import { parseSaved, type Saved } from "../../core/router/nat/saved.ts";
import { applyOperations, type Boot } from "../phase.ts";
import type { Identified } from "../stages.ts";

/** The phase that takes the rule away; every other one wants it. */
const REMOVING = "install";
const FAMILIES: readonly Family[] = ["ipv4", "ipv6"];

/**
 * Keeps containers from the instance metadata, whatever the hop limit of the instance allows. A machine that is no
 * EC2 instance has none, and may have containers of other people: its rules stay as they are.
 */
export async function wallOffMetadata(boot: Boot & Partial<Identified>): Promise<void> {
  if (boot.node?.document.endpoints?.imds === "none") return;
  await change(boot, "engine", planWall);
}

/** Takes the rule away again, whatever put it there; where iptables is gone already, so is the rule. */
export async function removeMetadataWall(boot: Boot): Promise<void> {
  await change(boot, REMOVING, planWallRemoval);
}

async function change(
  boot: Boot,
  phase: string,
  plan: (family: Family, saved: Saved) => WallOperation[],
): Promise<void> {
  for (const family of FAMILIES) {
    try {
      const text = await boot.world.iptables.save(family);
      const operations = text === undefined ? [] : plan(family, parseSaved(text));
      await applyOperations(boot, phase, operations, (operation) =>
        boot.world.iptables.restore(family, operation.text),
      );
    } catch (error) {
      tolerate(boot, phase, family, error);
    }
  }
}

// Containers have no IPv6 where the kernel filters none; an engine
// whose IPv4 rules cannot be written is not one to start a stack on.
function tolerate({ log }: Boot, phase: string, family: Family, error: unknown): void {
  const isMissing = error instanceof ConfigurationError;
  const isUnfiltered = error instanceof TemporaryError && family === "ipv6";
  if (!isMissing && !isUnfiltered) throw error;
  // Where there is no iptables there is no rule to take away.
  if (isMissing && phase === REMOVING) return;
  const why = `${error.message} (${error.why})`;
  log.emit({ kind: "notice", message: `${phase.padEnd(9)} no ${family} rule against instance metadata: ${why}` });
}
