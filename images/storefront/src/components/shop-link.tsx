import type { AnchorHTMLAttributes, FormHTMLAttributes } from "react";
import { useLanguage, useLocalPath } from "./frame.tsx";

/** A link to a page of this shop, in the language of the page it stands on. */
export function ShopLink({ href = "", ...rest }: AnchorHTMLAttributes<HTMLAnchorElement>) {
  return <a href={useLocalPath()(href)} {...rest} />;
}

/** A form this shop answers with a page in the same language. */
export function ShopForm({ action, ...rest }: FormHTMLAttributes<HTMLFormElement> & { action: string }) {
  const language = useLanguage();
  return <form method="post" action={`${action}${action.includes("?") ? "&" : "?"}language=${language}`} {...rest} />;
}
