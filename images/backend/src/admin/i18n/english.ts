export type Words = typeof english;

export const english = {
  menu: "First steps",
  moment: "One moment …",
  failed: "They cannot be told now. Load the page again.",
  ready: "Everything is set: the shop may open.",
  left: "{{left}} of {{all}} are left.",
  missing: "Still missing: {{names}}",
  done: "Done",
  open: "To do",
  name: {
    title: "The shop's name",
    text: "Customers read it on every page and in every mail. It is the parameter shop/title (docs/your-shop.md); here it is the store's name.",
    link: "Open the store's settings",
  },
  address: {
    title: "Your address",
    text: "Where parcels leave and returns come back: the address of your warehouse, with its city.",
    link: "Open the locations",
  },
  texts: {
    title: "Terms, privacy, returns, imprint and contact",
    text: "They are samples until you write your own: a category with the handle pages, and below it one for each text, whose description is the page.",
    link: "Open the categories",
  },
  shipping: {
    title: "Delivery and its price",
    text: "The shop began with one flat price of 5. Set yours in the location's shipping options, or add another way.",
    link: "Open the shipping options",
  },
  payment: {
    title: "How you are paid",
    text: "Without another provider customers transfer the money, with the bank details of your imprint: write it, or add a provider to the region.",
    link: "Open the regions",
  },
  taxes: {
    title: "Tax rates",
    text: "Each country you sell to needs its rate; plants have a reduced one in some.",
    link: "Open the tax regions",
  },
  mail: {
    title: "Mails",
    text: "Orders are confirmed by mail where the environment has the parameter mail/host (docs/runbook.md). Invite a colleague to see one arrive.",
    link: "Open the users",
  },
  demo: {
    title: "The demo's plants",
    text: "sudo ./greenleaf demo remove takes them off the shelves, and nothing of yours.",
    link: "Open the products",
  },
};
