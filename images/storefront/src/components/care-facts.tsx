import { localizedFact } from "../catalogue/localized.ts";
import type { Product } from "../store/types.ts";
import { useLanguage, useTexts } from "./frame.tsx";

const FACTS = ["light", "water", "height", "pets"] as const;

export function CareFacts({ product }: { product: Product }) {
  const texts = useTexts();
  const language = useLanguage();
  const facts = FACTS.map((key) => ({ label: texts[key], value: localizedFact(language, product, key) }));
  const known = facts.filter(({ value }) => value !== "");
  if (known.length === 0) return null;
  return (
    <section aria-labelledby="care">
      <h2 id="care">{texts.care}</h2>
      <dl className="facts">
        {known.map(({ label, value }) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
