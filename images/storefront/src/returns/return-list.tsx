import { useTexts, useWriting } from "../components/frame.tsx";
import { ShopLink } from "../components/shop-link.tsx";
import { say } from "../language/say.ts";
import type { Texts } from "../texts/texts.ts";
import type { Returns } from "./store-returns.ts";

const STATES: Readonly<Record<string, keyof Texts>> = {
  requested: "returnRequested",
  partially_received: "returnPartly",
  received: "returnReceived",
  canceled: "returnCanceled",
};

/** What is on its way back of an order, and the way to give more of it back. */
export function ReturnList({ order: { id, lines, returns } }: Pick<Returns, "order">) {
  const texts = useTexts();
  const { date } = useWriting();
  if (lines.length === 0 && returns.length === 0) return null;
  return (
    <section aria-labelledby="returns">
      <h2 id="returns">{texts.returns}</h2>
      <ul className="orders">
        {returns.map(({ id: key, status, requested_at, quantity }) => (
          <li key={key}>
            <span>{say(texts.returnOf, { count: quantity, date: date(requested_at ?? "") })}</span>
            <span>{texts[STATES[status] ?? "returnRequested"]}</span>
          </li>
        ))}
      </ul>
      {lines.length === 0 ? null : (
        <p>
          <ShopLink className="button button-quiet" href={`/account/orders/${id}/return`}>
            {texts.returnBegin}
          </ShopLink>
        </p>
      )}
    </section>
  );
}
