export function SiteHeader({ title, count }: { title: string; count: number }) {
  return (
    <header className="site-header">
      <div className="wrap">
        <a className="brand" href="/">
          <LeafMark />
          {title}
        </a>
        <nav aria-label="Shop">
          <a href="/">Plants</a>
          <a className="cart-link" href="/cart">
            Cart
            <span className="cart-count" aria-hidden="true" data-empty={count === 0}>
              {count}
            </span>
            <span className="visually-hidden">, {count === 1 ? "1 plant" : `${count} plants`}</span>
          </a>
        </nav>
      </div>
    </header>
  );
}

function LeafMark() {
  return (
    <svg viewBox="0 0 32 32" width="28" height="28" aria-hidden="true">
      <path d="M27 4C13 4 5 10 5 19c0 3 1 6 3 8C9 16 15 11 22 9c-6 4-10 9-11 18 10 1 17-6 17-17 0-2 0-4-1-6Z" />
    </svg>
  );
}
