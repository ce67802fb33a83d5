import type { StackOperation } from "./plan/operation.ts";

const MIB = 1024 * 1024;

/**
 * Services of a plan whose new container would not fit into memory beside the old one, in words. Rollouts follow one
 * another, so each is measured alone. A service without a limit says nothing of its need and is let in.
 */
export function memoryShortages(operations: readonly StackOperation[], availableBytes: number): string[] {
  return operations.flatMap(({ action, rollout }) => {
    if (rollout === undefined || action.kind !== "create container") return [];
    const limit = Number(action.spec.body.HostConfig["Memory"] ?? 0);
    if (limit <= availableBytes) return [];
    return [
      `service ${rollout} may take ${inMib(limit)} beside its old container, and ${inMib(availableBytes)} are left`,
    ];
  });
}

const inMib = (bytes: number): string => `${Math.round(bytes / MIB)} MiB`;
