import type { ContainerBody } from "./container-body.ts";

/** A program that no image has: an engine that misses it has made everything else of the container. */
export const TRIAL_PROGRAM = "/greenleaf-trial-no-such-program";

const ALONE = { NetworkMode: "none", PortBindings: {}, RestartPolicy: { Name: "no" }, Init: false };

/** The container as it will be, but alone, and with nothing that could run in it. */
export function trialBody(body: ContainerBody): ContainerBody {
  return {
    ...body,
    Entrypoint: [TRIAL_PROGRAM],
    Cmd: [],
    Healthcheck: { Test: ["NONE"] },
    ExposedPorts: {},
    HostConfig: { ...body.HostConfig, ...ALONE },
    NetworkingConfig: { EndpointsConfig: {} },
  };
}

/**
 * The same image with none of the file's values: what such a container fails at is no fault of the file. Its log driver
 * stays: its words are checked when the file is read, and a collector that is away may come back.
 */
export function plainTrialBody({ Image, Labels, HostConfig: { LogConfig } }: ContainerBody): ContainerBody {
  const HostConfig = { ...ALONE, ...(LogConfig === undefined ? {} : { LogConfig }) };
  const networks = { NetworkingConfig: { EndpointsConfig: {} } };
  return { Image, Labels, Env: [], User: "0", Entrypoint: [TRIAL_PROGRAM], Cmd: [], HostConfig, ...networks };
}
