import { AgentError } from "../../base/errors.ts";
import type { Exec } from "../../base/exec.ts";
import type { Barrier, Barriers as Found } from "../../core/router/nat/barrier.ts";

/** Filters on the way out of an interface, through iproute2's tc. */
export interface Barriers {
  /** Undefined where tc is not installed, or the kernel refused a filter before. */
  observe(devices: readonly string[]): Promise<Found | undefined>;
  /** As text that changes when they do. */
  outline(devices: readonly string[]): Promise<string>;
  /** Replaced in one step: there is no moment without one. */
  put(device: string, program: string): Promise<void>;
  remove(device: string, withHook: boolean): Promise<void>;
}

/** The first place, so that no filter of others decides before it. */
const PLACE = ["protocol", "all", "pref", "1", "handle", "1", "bpf"] as const;
const OURS = /^filter protocol all pref 1 bpf .*handle 0x1 direct-action.* bytecode '([^']+)'/m;
const LIMITS = { timeoutMs: 5_000 };

export function barriers(exec: Exec): Barriers {
  let isRefused = false;
  const tc = async (...args: readonly string[]): Promise<string> => (await exec(["tc", ...args], LIMITS)).stdout;
  const observed = async (device: string): Promise<Barrier> => {
    const [filters, hooks] = await Promise.all([
      tc("filter", "show", "dev", device, "egress"),
      tc("qdisc", "show", "dev", device),
    ]);
    const others = filters.split("\n").filter((line) => / handle 0x| fh /.test(line) && !OURS.test(line));
    return { program: OURS.exec(filters)?.[1], hasHook: /^qdisc clsact/m.test(hooks), hasForeign: others.length > 0 };
  };
  return {
    async observe(devices) {
      if (isRefused) return undefined;
      try {
        return new Map(await Promise.all(devices.map(async (device) => [device, await observed(device)] as const)));
      } catch (error) {
        if (error instanceof AgentError) return undefined;
        throw error;
      }
    },
    async outline(devices) {
      if (isRefused) return "";
      const input = devices.map((device) => `filter show dev ${device} egress\n`).join("");
      // An interface that went away is an error, and a difference.
      return exec(["tc", "-batch", "-"], { ...LIMITS, input, accept: [0, 1, 2] }).then(
        ({ stdout }) => stdout,
        () => "",
      );
    },
    async put(device, program) {
      // It says with an error that the hook is there already, which is as good.
      await exec(["tc", "qdisc", "add", "dev", device, "clsact"], { ...LIMITS, accept: [0, 2] });
      try {
        await tc("filter", "replace", "dev", device, "egress", ...PLACE, "da", "bytecode", program);
      } catch (error) {
        // A kernel without cls_bpf: the rules stand alone, and `nat status` says so.
        if (!(error instanceof AgentError)) throw error;
        isRefused = true;
      }
    },
    async remove(device, withHook) {
      await exec(["tc", "filter", "delete", "dev", device, "egress", ...PLACE], { ...LIMITS, accept: [0, 2] });
      if (withHook) await exec(["tc", "qdisc", "delete", "dev", device, "clsact"], { ...LIMITS, accept: [0, 2] });
    },
  };
}
