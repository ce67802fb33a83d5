import { useTexts } from "./frame.tsx";
import { ShopLink } from "./shop-link.tsx";

const STEPS = [
  ["cart", "cart", "/cart"],
  ["address", "stepAddress", "/checkout"],
  ["delivery", "stepDelivery", "/checkout/delivery"],
] as const;

export function Steps({ current }: { current: (typeof STEPS)[number][0] }) {
  const texts = useTexts();
  const reached = STEPS.findIndex(([key]) => key === current);
  return (
    <nav aria-label={texts.checkout}>
      <ol className="steps">
        {STEPS.map(([key, label, href], index) => (
          <li key={key} aria-current={key === current ? "step" : undefined}>
            {index < reached ? <ShopLink href={href}>{texts[label]}</ShopLink> : texts[label]}
          </li>
        ))}
      </ol>
    </nav>
  );
}
