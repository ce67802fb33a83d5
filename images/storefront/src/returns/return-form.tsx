import { localized } from "../catalogue/localized.ts";
import { useLanguage, useTexts } from "../components/frame.tsx";
import { Picture } from "../components/picture.tsx";
import { ShopForm, ShopLink } from "../components/shop-link.tsx";
import { say } from "../language/say.ts";
import { LONGEST_NOTE, quantityField } from "./read-return.ts";
import type { ReturnableLine, ReturnReason, Returns } from "./store-returns.ts";

/** How many of each line come back, why, and what the keeper should know. */
export function ReturnForm({ order, reasons }: Returns) {
  const texts = useTexts();
  return (
    <ShopForm className="form" action={`/api/account/return?order=${encodeURIComponent(order.id)}`}>
      <ul className="lines">
        {order.lines.map((line) => (
          <LineField key={line.id} line={line} />
        ))}
      </ul>
      {reasons.length === 0 ? null : <ReasonField reasons={reasons} />}
      <div className="field">
        <label htmlFor="note">{texts.returnNote}</label>
        <textarea id="note" name="note" rows={3} maxLength={LONGEST_NOTE} />
      </div>
      <button className="button" type="submit">
        {texts.returnAsk}
      </button>
      <ShopLink href={`/account/orders/${order.id}`}>{texts.returnKeep}</ShopLink>
    </ShopForm>
  );
}

function LineField({ line }: { line: ReturnableLine }) {
  const texts = useTexts();
  const name = quantityField(line.id);
  const title = [line.product_title ?? line.title, line.variant_title].filter(Boolean).join(", ");
  return (
    <li>
      <Picture stored={line.thumbnail} alt="" width={80} height={100} />
      <div className="field">
        <label htmlFor={name}>{say(texts.returnHowMany, { name: title, count: line.quantity })}</label>
        <input id={name} name={name} type="number" inputMode="numeric" min={0} max={line.quantity} defaultValue={0} />
      </div>
    </li>
  );
}

function ReasonField({ reasons }: { reasons: readonly ReturnReason[] }) {
  const texts = useTexts();
  const language = useLanguage();
  return (
    <div className="field">
      <label htmlFor="reason">{texts.returnReason}</label>
      <select id="reason" name="reason" defaultValue="">
        <option value="">{texts.returnNoReason}</option>
        {reasons.map((reason) => (
          <option key={reason.id} value={reason.id}>
            {localized(language, reason, "label", reason.label)}
          </option>
        ))}
      </select>
    </div>
  );
}
