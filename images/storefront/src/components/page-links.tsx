import { say } from "../language/say.ts";
import { useTexts } from "./frame.tsx";
import { ShopLink } from "./shop-link.tsx";

interface PageLinksProps {
  readonly number: number;
  readonly pages: number;
  readonly hrefOf: (page: number) => string;
}

export function PageLinks({ number, pages, hrefOf }: PageLinksProps) {
  const texts = useTexts();
  if (pages === 1) return null;
  return (
    <nav className="pages" aria-label={texts.pages}>
      {number > 1 ? <ShopLink href={hrefOf(number - 1)}>{texts.previous}</ShopLink> : <span />}
      <span className="muted">{say(texts.pageOf, { number, pages })}</span>
      {number < pages ? <ShopLink href={hrefOf(number + 1)}>{texts.next}</ShopLink> : <span />}
    </nav>
  );
}
