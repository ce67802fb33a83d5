import { afterEach } from "vitest";

/** Runs in the process of the tests: tells with each test file which functions it reached. */
const seen = new Set<string>();
Object.assign(globalThis, { mutantHit: (name: string) => void seen.add(name) });

afterEach(({ task }) => {
  Object.assign(task.file.meta, { hits: [...seen] });
});
