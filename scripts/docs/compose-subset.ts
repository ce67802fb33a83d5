import { type Rule, SUBSET } from "../../node-agent/src/core/compose/subset.ts";

const HEAD = `# The Compose subset

Written by \`node scripts/write-docs.ts\` from \`node-agent/src/core/compose/subset.ts\`; do not edit. A stack may use the
keys below and keys that begin with \`x-\`; any other key is refused with file, line and column, before anything is
touched (exit 78). What is here means what it means to \`docker compose\` 2.26: \`tests/integration/parity.test.ts\` compares
the containers of both.

Values may use YAML anchors, merge keys (\`<<\`) and \`$V\`, \`\${V}\`, \`\${V:-default}\`, \`\${V-default}\`, \`\${V:?error}\`,
\`\${V?error}\`, \`\${V:+other}\`, \`\${V+other}\`, \`$$\`, nested at will. Variables come from the release and the node document,
never from the agent's own environment or a \`.env\` file.

Stricter than \`docker compose\`: a shell operator outside quotes in a \`command\` text (compose drops the rest of the line),
a plain date as a value, two services on one port, and drivers other than \`bridge\` and \`local\` are refused.

| key | value |
|---|---|`;

/** The page that publishes the allow-list. */
export function composeSubsetPage(): string {
  return `${HEAD}\n${rows(SUBSET, "").join("\n")}\n`;
}

function rows(rule: Rule, path: string): string[] {
  const below = Object.entries(rule.keys ?? {}).flatMap(([key, inner]) => {
    const place = path === "" ? key : `${path}.${key}`;
    return rows(inner, place).toSpliced(0, 0, `| \`${place}\` | ${inner.note.replaceAll("|", "\\|")} |`);
  });
  const values = rule.values ? nested(rule.values, `${path}.*`) : [];
  const items = rule.items ? nested(rule.items, `${path}[]`) : [];
  return [...below, ...values, ...items];
}

// A free value needs no row of its own: the row above says what it is.
function nested(rule: Rule, path: string): string[] {
  return rule.keys ? [`| \`${path}\` | ${rule.note.replaceAll("|", "\\|")} |`, ...rows(rule, path)] : [];
}
