import { expect, test } from "vitest";
import { deliver, type Kept, type Outbox } from "../../../images/backend/src/mail/deliver.ts";

const DUE = {
  key: "order.placed:1",
  to: "ana@example.com",
  template: "order-placed",
  resource: undefined,
  letter: { subject: "s", text: "t", html: "h" },
};

/** An outbox as Medusa keeps it, on a server that fails as often as is said; `sent` is what a mailbox would show. */
function outbox({ kept = [], failures = 0 }: { kept?: Kept[]; failures?: number }) {
  const sent: string[] = [];
  let turn: Promise<unknown> = Promise.resolve();
  let left = failures;
  const box: Outbox = {
    inTurn: (_, work) => {
      const next = turn.then(work);
      turn = next.catch(() => undefined);
      return next;
    },
    kept: async () => [...kept],
    forget: async (ids) => void kept.splice(0, kept.length, ...kept.filter(({ id }) => !ids.includes(id))),
    send: async ({ key }) => {
      // As the unique key of Medusa's table.
      if (kept.length > 0) throw new Error("the key is kept already");
      const row: Kept = { id: `noti_${sent.length}`, status: "pending" };
      kept.push(row);
      await Promise.resolve();
      if (left > 0) {
        left -= 1;
        row.status = "failure";
        throw new Error("421 try again later");
      }
      sent.push(key);
      row.status = "success";
    },
  };
  return { box, sent };
}

test("an event that comes twice, at once or later, is one letter", async () => {
  const { box, sent } = outbox({});
  expect(await Promise.all([deliver(DUE, box), deliver(DUE, box)])).toEqual(["sent", "was sent"]);
  expect(await deliver(DUE, box)).toBe("was sent");
  expect(sent).toEqual([DUE.key]);
});

test("what the server did not take is thrown, and sent when the event comes back", async () => {
  const { box, sent } = outbox({ failures: 2 });
  await expect(deliver(DUE, box)).rejects.toThrow("421");
  await expect(deliver(DUE, box)).rejects.toThrow("421");
  expect(await deliver(DUE, box)).toBe("sent");
  expect(sent).toEqual([DUE.key]);
});

test("a letter that was under way when its process ended is sent", async () => {
  const { box, sent } = outbox({ kept: [{ id: "noti_old", status: "pending" }] });
  expect(await deliver(DUE, box)).toBe("sent");
  expect(sent).toEqual([DUE.key]);
});
