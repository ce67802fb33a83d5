const STEPS = [
  ["cart", "Cart", "/cart"],
  ["address", "Address", "/checkout"],
  ["delivery", "Delivery and payment", "/checkout/delivery"],
] as const;

export function Steps({ current }: { current: (typeof STEPS)[number][0] }) {
  const reached = STEPS.findIndex(([key]) => key === current);
  return (
    <nav aria-label="Checkout">
      <ol className="steps">
        {STEPS.map(([key, label, href], index) => (
          <li key={key} aria-current={key === current ? "step" : undefined}>
            {index < reached ? <a href={href}>{label}</a> : label}
          </li>
        ))}
      </ol>
    </nav>
  );
}
