import { ShopLink } from "./shop-link.tsx";

export function Crumbs({ links }: { links: readonly { readonly name: string; readonly href: string }[] }) {
  return (
    <p className="crumb">
      {links.map(({ name, href }) => (
        <span key={href}>
          <ShopLink href={href}>{name}</ShopLink>
        </span>
      ))}
    </p>
  );
}
