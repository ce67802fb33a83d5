type Guide = {
  /** The page of the admin where the step is taken. */
  readonly to: string;
  /** Whether it helps to name what is missing. */
  readonly names?: true;
};

/** Where each step is taken, by the name the backend gives it (src/keeper/first-steps.ts); its words are in src/admin/i18n. */
export const GUIDES: Readonly<Record<string, Guide>> = {
  name: { to: "/settings/store" },
  address: { to: "/settings/locations" },
  texts: { to: "/categories", names: true },
  shipping: { to: "/settings/locations" },
  payment: { to: "/settings/regions" },
  taxes: { to: "/settings/tax-regions", names: true },
  mail: { to: "/settings/users" },
  demo: { to: "/products" },
};
