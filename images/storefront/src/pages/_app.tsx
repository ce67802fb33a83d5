import type { AppProps } from "next/app";
import { Message } from "../components/message.tsx";
import { ShopFrame } from "../components/shop-frame.tsx";
import type { FramedProps } from "../shop/shop-page.ts";
import "../styles/shop.css";

export default function App({ Component, pageProps }: AppProps<FramedProps<object>>) {
  const { frame, page } = pageProps;
  return (
    <ShopFrame frame={frame}>
      {page === undefined ? (
        <Message title="The shop is closed for a moment" way={{ href: "", text: "Try again" }}>
          We cannot reach our shelves right now. Your cart is safe. Please try again in a minute.
        </Message>
      ) : (
        <Component {...page} />
      )}
    </ShopFrame>
  );
}
