import { AGENT_VERSION } from "../../../base/version.ts";
import type { Service, Stack, StackNetwork, StackVolume } from "./stack.ts";

/** Our own mark of what a container was made from: `v1:<sha256>`. */
export const HASH_LABEL = "io.greenleaf.hash";
export const PROJECT_LABEL = "com.docker.compose.project";
export const SERVICE_LABEL = "com.docker.compose.service";
export const ONEOFF_LABEL = "com.docker.compose.oneoff";

type Labels = Record<string, string>;

/** The labels by which `docker compose ps/logs/exec/ls` know a container. */
export function containerLabels(stack: Stack, service: Service, made: { hash: string; imageId: string }): Labels {
  return {
    ...service.labels,
    [PROJECT_LABEL]: stack.project,
    [SERVICE_LABEL]: service.name,
    [ONEOFF_LABEL]: "False",
    "com.docker.compose.container-number": "1",
    "com.docker.compose.config-hash": made.hash.replace(/^v\d+:/, ""),
    "com.docker.compose.image": made.imageId,
    "com.docker.compose.depends_on": dependsOnLabel(service),
    "com.docker.compose.project.config_files": stack.file,
    "com.docker.compose.project.working_dir": stack.folder,
    "com.docker.compose.version": version,
    [HASH_LABEL]: made.hash,
  };
}

const version = `greenleaf-${AGENT_VERSION}`;

function dependsOnLabel({ dependsOn }: Service): string {
  return dependsOn.map(({ service, condition, restart }) => `${service}:${condition}:${restart}`).join(",");
}

export function networkLabels(stack: Stack, network: StackNetwork): Labels {
  return {
    ...network.labels,
    [PROJECT_LABEL]: stack.project,
    "com.docker.compose.network": network.key,
    "com.docker.compose.version": version,
  };
}

export function volumeLabels(stack: Stack, volume: StackVolume): Labels {
  return {
    ...volume.labels,
    [PROJECT_LABEL]: stack.project,
    "com.docker.compose.volume": volume.key,
    "com.docker.compose.version": version,
  };
}
