import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { generatedPages, REPOSITORY } from "./docs/pages.ts";

// Pages that are written from code; tests/unit/docs.test.ts fails while one of them is stale.
for (const [path, text] of await generatedPages()) writeFileSync(join(REPOSITORY, path), text);
