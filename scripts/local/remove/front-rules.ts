import { type Iptables, iptables } from "../../../node-agent/src/adapters/kernel/iptables.ts";
import { ConfigurationError } from "../../../node-agent/src/base/errors.ts";
import { exec } from "../../../node-agent/src/base/exec.ts";
import { parseSaved } from "../../../node-agent/src/core/router/nat/saved.ts";
import { projectBackText } from "../../../node-agent/src/core/stack/front/front-rules.ts";

/** A boot that was killed while Caddy had a stand-in left rules that would lead the next one's requests nowhere. */
export async function removeFrontRules(
  project: string,
  kernel: Pick<Iptables, "save" | "restore"> = iptables(exec),
): Promise<void> {
  try {
    const text = projectBackText(parseSaved((await kernel.save("ipv4")) ?? ""), project);
    if (text !== undefined) await kernel.restore("ipv4", text);
  } catch (error) {
    // Without iptables there was no stand-in. A busy or forbidden one may hold its rules still: that is told.
    if (!(error instanceof ConfigurationError)) throw error;
  }
}
