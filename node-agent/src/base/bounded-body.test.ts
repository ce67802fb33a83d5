import { expect, test } from "vitest";
import { AnswerTooLarge, boundedAnswer } from "./bounded-body.ts";

test("an answer of fetch is read to its end", async () => {
  expect((await boundedAnswer(new Response("leaf"), 4)).toString()).toBe("leaf");
  expect((await boundedAnswer(new Response(null), 4)).toString()).toBe("");
});

test("of one that holds more the rest is not read, however long it is", async () => {
  let given = 0;
  let isCancelled = false;
  const endless = new ReadableStream<Uint8Array>({
    pull: (stream) => {
      given += 1;
      stream.enqueue(new Uint8Array(1_024));
    },
    cancel: () => void (isCancelled = true),
  });
  await expect(boundedAnswer(new Response(endless), 10_000)).rejects.toThrow(AnswerTooLarge);
  expect([given < 15, isCancelled]).toEqual([true, true]);
});
