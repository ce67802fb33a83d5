type Guide = {
  readonly title: string;
  readonly text: string;
  readonly link: string;
  /** A page of the admin. */
  readonly to: string;
  /** Whether it helps to name what is missing. */
  readonly names?: true;
};

/** What each step is about, by the name the backend gives it (src/keeper/first-steps.ts). */
export const GUIDES: Readonly<Record<string, Guide>> = {
  name: {
    title: "The shop's name",
    text: "Customers read it on every page and in every mail. It is the parameter shop/title (docs/your-shop.md); here it is the store's name.",
    link: "Open the store's settings",
    to: "/settings/store",
  },
  address: {
    title: "Your address",
    text: "Where parcels leave and returns come back: the address of your warehouse, with its city.",
    link: "Open the locations",
    to: "/settings/locations",
  },
  texts: {
    title: "Terms, privacy, returns, imprint and contact",
    text: "They are samples until you write your own: a category with the handle pages, and below it one for each text, whose description is the page.",
    link: "Open the categories",
    to: "/categories",
    names: true,
  },
  shipping: {
    title: "Delivery and its price",
    text: "The shop began with one flat price of 5. Set yours in the location's shipping options, or add another way.",
    link: "Open the shipping options",
    to: "/settings/locations",
  },
  payment: {
    title: "How you are paid",
    text: "Without another provider customers transfer the money, with the bank details of your imprint: write it, or add a provider to the region.",
    link: "Open the regions",
    to: "/settings/regions",
  },
  taxes: {
    title: "Tax rates",
    text: "Each country you sell to needs its rate; plants have a reduced one in some.",
    link: "Open the tax regions",
    to: "/settings/tax-regions",
    names: true,
  },
  mail: {
    title: "Mails",
    text: "Orders are confirmed by mail where the environment has the parameter mail/host (docs/runbook.md). Invite a colleague to see one arrive.",
    link: "Open the users",
    to: "/settings/users",
  },
  demo: {
    title: "The demo's plants",
    text: "sudo ./greenleaf demo remove takes them off the shelves, and nothing of yours.",
    link: "Open the products",
    to: "/products",
  },
};
