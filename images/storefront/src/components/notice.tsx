interface NoticeText {
  readonly kind: "good" | "bad";
  readonly text: string;
}

const NOTICES: Readonly<Record<string, NoticeText>> = {
  added: { kind: "good", text: "Added to your cart." },
  gone: { kind: "bad", text: "That is no longer in your cart." },
  quantity: { kind: "bad", text: "Choose a quantity from 1 to 50." },
  refused: { kind: "bad", text: "That did not work. Please check what you chose and try again." },
  "try-again": { kind: "bad", text: "The shop did not answer in time. Please look at what is here, then try again." },
  delivery: { kind: "bad", text: "Choose a way of delivery." },
  "no-delivery": { kind: "bad", text: "We have no way of delivery to this address yet." },
  total: { kind: "good", text: "Your total has changed. Please check it, then place your order." },
};

/** What the step before this page has to say, named in the address as `?notice=`. */
export function Notice({ name }: { name: string | null }) {
  const said = name !== null && Object.hasOwn(NOTICES, name) ? NOTICES[name] : undefined;
  if (said === undefined) return null;
  return (
    <p className={`notice notice-${said.kind}`} role={said.kind === "bad" ? "alert" : "status"}>
      {said.text}
    </p>
  );
}
