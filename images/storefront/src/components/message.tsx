import type { ReactNode } from "react";
import { ShopLink } from "./shop-link.tsx";

/** A page that has one thing to say and one way on. */
export function Message({
  title,
  way,
  children,
}: {
  title: string;
  way: { href: string; text: string };
  children: ReactNode;
}) {
  return (
    <section className="message wrap">
      <h1>{title}</h1>
      <p>{children}</p>
      <p>
        <ShopLink className="button" href={way.href}>
          {way.text}
        </ShopLink>
      </p>
    </section>
  );
}
