import { exec } from "../../node-agent/src/base/exec.ts";
import { BASE_TAG, hasPulledBase } from "./base/base-tag.ts";

/** Names of this checkout's images, finished or cut off while they were made. */
const OWN_NAME =
  /^greenleaf\/(build|base|node|caddy|backend|storefront|own-storefront|postgres|valkey|aws|trixie-slim):(local|building-\d+|importing-\d+)$/;
const RECIPE = "io.greenleaf.recipe";

interface Image {
  readonly id: string;
  readonly tags: readonly string[];
  readonly recipe: string;
  /** How many different times its steps were made at; an image of ours has one (normalise.ts). */
  readonly times: number;
}

/**
 * Removes what `greenleaf images` built, and the base tag where it made that itself. Somebody's image built on one of
 * ours inherits its labels; what it adds has times of its own, and so it stays.
 */
export async function removeOwnImages(options: {
  /** Also the base tag as it is pulled: worlds of old did not write down that they had pulled it. */
  readonly pulledBase: boolean;
  readonly detail: (text: string) => void;
}): Promise<void> {
  const all = ["docker", "image", "ls", "--all", "--no-trunc", "--quiet"] as const;
  const { stdout } = await exec([...all, "--filter", `label=${RECIPE}`]);
  const ids = [...new Set(stdout.split("\n").filter((id) => id !== ""))];
  const images = await Promise.all(ids.map(inspected));
  const names = images.flat().flatMap(ownNames);
  const isBaseOurs = await hasPulledBase({ unrecorded: options.pulledBase });
  for (const name of new Set([...names, ...(isBaseOurs ? [BASE_TAG] : [])])) await remove(name, options.detail);
}

/** By which names to remove an image; one without a name goes by its id. */
export function ownNames({ id, tags, recipe, times }: Image): string[] {
  if (times !== 1) return tags.filter((tag) => /:(building|importing)-\d+$/.test(tag) && OWN_NAME.test(tag));
  if (tags.length === 0) return [id];
  return tags.filter((tag) => OWN_NAME.test(tag) || (tag === BASE_TAG && recipe === "mmdebstrap"));
}

async function inspected(id: string): Promise<Image[]> {
  const { code, stdout } = await exec(["docker", "image", "inspect", id], { accept: [0, 1] });
  if (code !== 0) return [];
  const history = await exec(["docker", "history", "--no-trunc", "--human=false", "--format", "{{.CreatedAt}}", id]);
  const [image] = JSON.parse(stdout) as [{ RepoTags: string[] | null; Config: { Labels: Record<string, string> } }];
  const times = new Set(history.stdout.split("\n").filter((line) => line !== ""));
  return [{ id, tags: image.RepoTags ?? [], recipe: image.Config.Labels[RECIPE] ?? "", times: times.size }];
}

/** Without force: what a container still uses is somebody's by now. */
async function remove(name: string, detail: (text: string) => void): Promise<void> {
  const { code, stderr } = await exec(["docker", "rmi", name], { accept: [0, 1] });
  if (code !== 0) detail(`${name} stays: ${stderr.trim().split("\n").at(-1)}`);
}
