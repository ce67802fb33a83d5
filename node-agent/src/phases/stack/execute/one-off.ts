import { HASH_LABEL, ONEOFF_LABEL, PROJECT_LABEL } from "../../../core/stack/compose/labels.ts";
import type { World } from "../../../world.ts";

/** Marks a container that is there for a moment, so that one left behind by a kill is known. */
const JOB_LABEL = "io.greenleaf.job";

type Labels = Readonly<Record<string, string>>;

/** Labels of a container that stands for no service of the stack, whatever it is made from. */
export function oneOffLabels({ [HASH_LABEL]: _hash, ...labels }: Labels, job: string): Labels {
  return { ...labels, [ONEOFF_LABEL]: "True", [JOB_LABEL]: job };
}

/** Removes what an earlier run of this job left behind. */
export async function removeLeftovers({ engine }: World, project: string, job: string): Promise<void> {
  const isOurs = ({ labels }: { labels: Labels }) => labels[PROJECT_LABEL] === project && labels[JOB_LABEL] === job;
  const left = (await engine.list()).filter(isOurs);
  await Promise.all(left.map(({ id }) => engine.remove(id, { keepVolumes: false })));
}
