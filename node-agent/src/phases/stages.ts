import type { NodeDocument } from "../core/config/node-document.ts";
import type { Redact } from "../core/config/redact.ts";
import type { Values } from "../core/config/templates/rendering.ts";
import type { Template } from "../core/config/templates/template.ts";
import type { Stack } from "../core/stack/compose/stack.ts";
import type { Release } from "../core/stack/release.ts";
import type { Aws } from "../world.ts";

/** Who and where this machine is: the node document and what IMDS adds to it. */
export interface Node {
  readonly document: NodeDocument;
  readonly region: string;
  /** Undefined where there is no IMDS (a local node). */
  readonly instance?: { readonly id: string; readonly zone: string; readonly type: string; readonly accountId: string };
}

/** Learned by identify. */
export interface Identified {
  readonly node: Node;
  /** How to reach AWS as this machine. */
  readonly aws: Aws;
}

/** Which files of a release are written for the node; what `render` alone starts from. */
export interface Templated {
  /** Templates of the release by file name, as in `backend.env.hbs`. */
  readonly templates: ReadonlyMap<string, string>;
}

/** A release that is trusted and on the machine; its Compose file is yet to be read. */
export interface Unpacked extends Templated {
  readonly release: Release;
  /** Where the release's stack archive is unpacked, and its Compose file. */
  readonly stack: { readonly folder: string; readonly composeFile: string; readonly composeText: string };
}

/** Learned by release. */
export interface Released extends Unpacked {
  /** What the release's Compose file says. */
  readonly composed: Stack;
  /** Names of the folders that its containers mount of the release; undefined for one unpacked by an old agent. */
  readonly mounts: readonly string[] | undefined;
}

/** The templates, parsed by fetch. */
export interface Parsed {
  readonly schema: readonly Template[];
}

/** Learned by fetch. */
export interface Fetched extends Parsed {
  /** What the templates ask for; undefined while the last known good environment is kept. The first run adds to it. */
  values: Values | undefined;
  /** Takes out of a text what is secret on this node, whether AWS answered or not. */
  redact: Redact;
}

/** Learned by stack. */
export interface Running {
  /** Services that must be healthy for the node to be. */
  readonly services: readonly string[];
}
