import type { Letter } from "./letter.ts";

/** A letter that an event asks for. */
export type Due = {
  /** One letter for each key, however often its event comes. */
  key: string;
  to: string;
  template: string;
  resource: { id: string; type: string } | undefined;
  letter: Letter;
};
