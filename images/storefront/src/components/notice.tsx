import { MAIL_TEXTS, type Texts } from "../texts/texts.ts";
import { useFrame, useTexts } from "./frame.tsx";

interface NoticeText {
  readonly kind: "good" | "bad";
  readonly text: keyof Texts;
}

const NOTICES: Readonly<Record<string, NoticeText>> = {
  added: { kind: "good", text: "added" },
  gone: { kind: "bad", text: "goneNotice" },
  quantity: { kind: "bad", text: "quantityNotice" },
  refused: { kind: "bad", text: "refusedNotice" },
  "sold-out": { kind: "bad", text: "soldOutNotice" },
  "try-again": { kind: "bad", text: "againNotice" },
  delivery: { kind: "bad", text: "deliveryNotice" },
  "no-delivery": { kind: "bad", text: "noDeliveryNotice" },
  total: { kind: "good", text: "totalNotice" },
  "voucher-good": { kind: "good", text: "voucherGood" },
  "voucher-bad": { kind: "bad", text: "voucherBad" },
  "voucher-gone": { kind: "good", text: "voucherGone" },
  "login-wrong": { kind: "bad", text: "loginWrong" },
  taken: { kind: "bad", text: "taken" },
  "bad-password": { kind: "bad", text: "badPassword" },
  "address-saved": { kind: "good", text: "addressSaved" },
  "address-removed": { kind: "good", text: "addressRemoved" },
  "logged-out": { kind: "good", text: "loggedOut" },
  "login-first": { kind: "bad", text: "loginFirst" },
  "order-unknown": { kind: "bad", text: "orderUnknown" },
  "password-wrong": { kind: "bad", text: "passwordWrong" },
  "account-deleted": { kind: "good", text: "accountDeleted" },
  "reset-sent": { kind: "good", text: "resetSent" },
  "reset-email": { kind: "bad", text: "badEmail" },
  "reset-over": { kind: "bad", text: "resetOver" },
  "password-set": { kind: "good", text: "passwordSet" },
  "return-noted": { kind: "good", text: "returnNoted" },
  "return-none": { kind: "bad", text: "returnNone" },
  "too-often": { kind: "bad", text: "tooOften" },
};

/** What the step before this page has to say, named in the address as `?notice=`. */
export function Notice({ name }: { name: string | null }) {
  const texts = useTexts();
  const { sendsMail } = useFrame();
  const said = name !== null && Object.hasOwn(NOTICES, name) ? NOTICES[name] : undefined;
  const promisesMail = MAIL_TEXTS.some((text) => text === said?.text);
  if (said === undefined || (promisesMail && !sendsMail)) return null;
  return (
    <p className={`notice notice-${said.kind}`} role={said.kind === "bad" ? "alert" : "status"}>
      {texts[said.text]}
    </p>
  );
}
