import { EXIT_CODES, OUTCOMES } from "../../node-agent/src/core/node/status/outcome.ts";

/** What follows from what: the table that the node agent itself decides by. */
export function causesPage(): string {
  const rows = Object.entries(OUTCOMES).map(
    ([cause, { when, verdict, healthz, customers }]) =>
      `| ${cause} | ${when} | ${verdict} | ${healthz} | ${EXIT_CODES[verdict]} | ${customers} |`,
  );
  return [
    "# What follows from what",
    "",
    "Why a node is not simply well, what it then says of itself, and what customers see. Written by",
    "`node scripts/write-docs.ts` from `node-agent/src/core/node/status/outcome.ts`, which the agent decides by; do not edit.",
    "Of several causes the worst counts. The exit code is that of `greenleaf-agent status`.",
    "",
    "| cause | when | verdict | `/healthz` | exit code | customers see |",
    "|---|---|---|---|---|---|",
    ...rows,
    "",
  ].join("\n");
}
