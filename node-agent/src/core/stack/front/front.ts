import type { Port, Service } from "../compose/stack.ts";

/** A port of the machine that a service publishes, of TCP and by number. */
export interface FrontPort {
  readonly published: number;
  readonly target: number;
  /** IPv4; all of the machine's addresses where it is empty or 0.0.0.0. */
  readonly hostIp: string;
}

/** How the requests for a service that publishes ports can be moved on this machine, and where they go. */
export interface Front {
  /** Short id of the stand-in that new connections are given to. */
  readonly movedTo?: string;
  /** Why they cannot be moved; undefined where they can. */
  readonly fixed?: string;
}

/** What is known of whose rules the kernel has. */
export const frontOwner = (project: string, service: string): string => `${project}/${service}`;

/** Whether a service is replaced start-first though a port of the machine has one holder: by a stand-in. */
export const isFront = ({ update, ports }: Pick<Service, "update" | "ports">): boolean =>
  update.order === "start-first" && ports.length > 0;

const NUMBER = /^[1-9]\d*$/;
const IPV4 = /^(?:\d{1,3}\.){3}\d{1,3}$/;

export const isMovable = ({ published, protocol, hostIp }: Port): boolean =>
  protocol === "tcp" && NUMBER.test(published) && (hostIp === "" || IPV4.test(hostIp));

export const frontPorts = (ports: readonly Port[]): FrontPort[] =>
  ports.map(({ published, target, hostIp }) => ({ published: Number(published), target, hostIp }));
