import { expect, test } from "vitest";
import { reasonIn } from "./own-world.ts";

test("the error a world's command ended with is told in one line, whatever came before it", () => {
  const told =
    "done  images  3 s\nerror: port http: 18080 is taken\nwhy:   another program listens there\nfix:   end it\n";
  expect(reasonIn(told)).toBe(
    ": error: port http: 18080 is taken; why:   another program listens there; fix:   end it",
  );
});

test("a command that ended without an error adds nothing", () => {
  expect(reasonIn("done  images  3 s\n")).toBe("");
});
