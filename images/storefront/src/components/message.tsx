import type { ReactNode } from "react";

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
        <a className="button" href={way.href}>
          {way.text}
        </a>
      </p>
    </section>
  );
}
