import type { PresentImage } from "../engine.ts";
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

/**
 * Where the program that the file names may stand, as runc looks for it; empty where the file names none, or none that can
 * be told from outside.
 */
export function programPlaces(body: ContainerBody, image: Pick<PresentImage, "entrypoint" | "path">): string[] {
  const entrypoint = wordsOf(body["Entrypoint"]);
  const program = (entrypoint ?? image.entrypoint)[0] ?? wordsOf(body["Cmd"])?.[0];
  const isImages = entrypoint === undefined && image.entrypoint.length > 0;
  if (program === undefined || isImages) return [];
  if (program.startsWith("/")) return [program];
  if (program.includes("/")) return [];
  const path = body.Env.find((variable) => variable.startsWith("PATH="))?.slice("PATH=".length) ?? image.path;
  const folders = path.split(":");
  return folders.every((folder) => folder.startsWith("/")) ? folders.map((folder) => `${folder}/${program}`) : [];
}

const wordsOf = (value: unknown): string[] | undefined =>
  Array.isArray(value) ? value.filter((word): word is string => typeof word === "string") : undefined;
