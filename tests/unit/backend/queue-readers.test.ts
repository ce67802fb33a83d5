import { expect, test } from "vitest";
import { endWithReaders } from "../../../images/backend/src/queue-readers.ts";

/** A reader as BullMQ's, whose `run` is what Medusa calls and does not mind. */
function readerOf(run: () => Promise<void>) {
  const { Worker } = {
    Worker: class {
      closing?: Promise<void>;
      run(): Promise<void> {
        return run();
      }
    },
  };
  const ends: unknown[] = [];
  endWithReaders(Worker, (why) => ends.push(why));
  return { reader: new Worker(), ends };
}

test("a queue that cannot be read ends the process, and Medusa hears of it as before", async () => {
  const closed = new Error("Connection is closed.");
  const { reader, ends } = readerOf(() => Promise.reject(closed));
  await expect(reader.run()).rejects.toBe(closed);
  expect(ends).toEqual([closed]);
});

test("a reader that comes to its end with the process, or is being closed, ends nothing more", async () => {
  const well = readerOf(() => Promise.resolve());
  await well.reader.run();
  const { reader, ends } = readerOf(() => Promise.reject(new Error("Connection is closed.")));
  reader.closing = Promise.resolve();
  await expect(reader.run()).rejects.toThrow("closed");
  expect([well.ends, ends]).toEqual([[], []]);
});
