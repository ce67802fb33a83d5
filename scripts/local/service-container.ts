import { exec } from "../../node-agent/src/base/exec.ts";
import { PROJECT_LABEL, SERVICE_LABEL } from "../../node-agent/src/core/stack/compose/labels.ts";

/** The id of the running container of a project's service; undefined where none runs. */
export async function serviceContainer(project: string, service: string): Promise<string | undefined> {
  const labels = [`${PROJECT_LABEL}=${project}`, `${SERVICE_LABEL}=${service}`];
  const filters = labels.flatMap((label) => ["--filter", `label=${label}`]);
  const { stdout } = await exec(["docker", "ps", "--quiet", ...filters]);
  return stdout.split("\n")[0] || undefined;
}
