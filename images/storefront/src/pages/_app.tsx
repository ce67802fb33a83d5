import type { AppProps } from "next/app";
import { Message } from "../components/message.tsx";
import { ShopFrame } from "../components/shop-frame.tsx";
import type { FramedProps } from "../shop/shop-page.ts";
import { TEXTS } from "../texts/texts.ts";
import "../styles/shop.css";
import "../styles/listing.css";

export default function App({ Component, pageProps }: AppProps<FramedProps<object>>) {
  const { frame, page } = pageProps;
  const texts = TEXTS[frame.language];
  return (
    <ShopFrame frame={frame}>
      {page === undefined ? (
        <Message title={texts.closedTitle} way={{ href: "", text: texts.tryAgain }}>
          {texts.closed}
        </Message>
      ) : (
        <Component {...page} />
      )}
    </ShopFrame>
  );
}
