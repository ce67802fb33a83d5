import { english } from "./english.ts";
import { french } from "./french.ts";

/** Words of the admin's own pages, beside Medusa's: one namespace for each page. Whoever reads another language gets English. */
export const WORDS = { en: { firstSteps: english }, fr: { firstSteps: french } };

// oxlint-disable-next-line import/no-default-export -- Medusa's admin reads translations from the default export.
export default WORDS;
