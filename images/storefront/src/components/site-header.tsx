import { sayCount } from "../language/say.ts";
import { useFrame, useLocalPath, useTexts } from "./frame.tsx";
import { ShopLink } from "./shop-link.tsx";

export function SiteHeader() {
  const { title } = useFrame();
  const texts = useTexts();
  return (
    <header className="site-header">
      <div className="wrap">
        <ShopLink className="brand" href="/">
          <LeafMark />
          {title}
        </ShopLink>
        <SearchForm />
        <nav aria-label={texts.shopNav} className="site-nav">
          <ShopLink href="/account">{texts.account}</ShopLink>
          <CartLink />
        </nav>
      </div>
      <CategoryNav />
    </header>
  );
}

function CartLink() {
  const { cartCount } = useFrame();
  const texts = useTexts();
  return (
    <ShopLink className="cart-link" href="/cart">
      {texts.cart}
      <span className="cart-count" aria-hidden="true" data-empty={cartCount === 0}>
        {cartCount}
      </span>
      <span className="visually-hidden">, {sayCount(texts.plantsOne, texts.plantsMany, cartCount)}</span>
    </ShopLink>
  );
}

function SearchForm() {
  const texts = useTexts();
  return (
    <form className="search" role="search" method="get" action={useLocalPath()("/search")}>
      <label htmlFor="search" className="visually-hidden">
        {texts.searchLabel}
      </label>
      <input id="search" type="search" name="q" placeholder={texts.searchLabel} maxLength={100} />
      <button type="submit" aria-label={texts.search}>
        <svg viewBox="0 0 24 24" width="20" height="20" aria-hidden="true">
          <path d="M10.5 4a6.5 6.5 0 1 0 4 11.600l4.700 4.700 1.400-1.400-4.700-4.700A6.500 6.500 0 0 0 10.500 4Zm0 2a4.500 4.500 0 1 1 0 9 4.500 4.500 0 0 1 0-9Z" />
        </svg>
      </button>
    </form>
  );
}

function CategoryNav() {
  const { categories, path } = useFrame();
  const texts = useTexts();
  const ways = categories.map(({ name, handle }) => ({ name, href: `/categories/${encodeURIComponent(handle)}` }));
  return (
    <nav aria-label={texts.categoryNav} className="category-nav">
      <ul className="wrap">
        {[{ name: texts.allPlants, href: "/plants" }, ...ways].map(({ name, href }) => (
          <li key={href}>
            <ShopLink href={href} aria-current={path === href ? "page" : undefined}>
              {name}
            </ShopLink>
          </li>
        ))}
      </ul>
    </nav>
  );
}

function LeafMark() {
  return (
    <svg viewBox="0 0 32 32" width="28" height="28" aria-hidden="true">
      <path d="M27 4C13 4 5 10 5 19c0 3 1 6 3 8C9 16 15 11 22 9c-6 4-10 9-11 18 10 1 17-6 17-17 0-2 0-4-1-6Z" />
    </svg>
  );
}
