import { formAction } from "../../../shop/form-action.ts";
import { cartCookie } from "../../../shop/visitor.ts";
import { addVoucher, removeVoucher } from "../../../store/carts.ts";
import { isRefused } from "../../../store/errors.ts";

const CODE = /^\P{Cc}{1,60}$/u;

export default formAction("/cart", async ({ field, cookies }) => {
  const cart = cartCookie(cookies);
  if (cart === undefined) return { goTo: "/cart?notice=gone" };
  const remove = field("remove")?.trim() ?? "";
  if (CODE.test(remove)) {
    await removeVoucher(cart.id, remove);
    return { goTo: "/cart?notice=voucher-gone" };
  }
  const code = field("code")?.trim() ?? "";
  const isGood = CODE.test(code) && (await tryVoucher(cart.id, code));
  return { goTo: `/cart?notice=${isGood ? "voucher-good" : "voucher-bad"}` };
});

async function tryVoucher(cart: string, code: string): Promise<boolean> {
  try {
    return await addVoucher(cart, code);
  } catch (error) {
    if (isRefused(error)) return false;
    throw error;
  }
}
