import { type Rule, SUBSET } from "../../node-agent/src/core/stack/compose/check/subset.ts";

const HEAD = `# The Compose subset

Written by \`node scripts/write-docs.ts\` from \`node-agent/src/core/stack/compose/check/subset.ts\`; do not edit. A stack may use the
keys below and keys that begin with \`x-\`; any other key is refused with file, line and column, before anything is
touched (exit 78). What is here means what it means to \`docker compose\` 2.26: \`tests/integration/parity.test.ts\` compares
the containers of both.

The file is read by Compose itself ([why and how](decisions/0001-own-engine-client.md)), so values may use all that it
knows of YAML and of variables. Variables come from the release and the node document, never from the agent's own
environment or a \`.env\` file; none may be named as Compose's or Docker's own (\`COMPOSE_...\`, \`DOCKER_...\`), but for
\`COMPOSE_PROFILES\`.

Stricter than \`docker compose\`, always with the place in the file:

- What it passes over in silence: a shell operator outside quotes in a \`command\` text (it drops the rest of the line), an
  unknown mode of a volume, a plain date as a value, \`~\` in a path (it stands for nobody's home), two services on one port,
  \`host_ip\` that is no IP address or empty, two mounts on one path, no-break spaces and bytes that are not UTF-8. A variable that is
  not set and has no default is empty, and told; so is a service that none of the active profiles has.
- What the engine would refuse only once the stack is being changed: addresses, capabilities, signals, log drivers and their
  options, security options, kernel settings, limits, and the forms of users and host names. Drivers of networks and volumes
  are \`bridge\` and \`local\`; log drivers are those that every engine brings.
- What the machine alone shows: a network or volume of that name which another project made (Compose mounts such a volume with a
  warning), a wait for the health of a service that has no check, in the file or in its image.

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
