import { get } from "node:http";

/** A WebSocket or a stream of server-sent events, held open. */
export interface Stream {
  readonly kind: "WebSocket" | "event stream";
  /** Who serves it, in its own words: `backend two`. */
  readonly from: string;
  /** How often it has been heard. */
  heard(): number;
  isOpen(): boolean;
  close(): void;
}

/** Opens a WebSocket, and is there when the first message is. */
export function openWebSocket(port: number): Promise<Stream> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/store/socket`);
  const close = () => socket.close();
  return opened("WebSocket", close, ({ hear, end }) => {
    socket.addEventListener("message", ({ data }) => hear(String(data)));
    socket.addEventListener("close", end);
    socket.addEventListener("error", end);
  });
}

/** Opens a stream of server-sent events, and is there when the first event is. */
export function openEventStream(port: number): Promise<Stream> {
  const asked = get({ host: "127.0.0.1", port, path: "/store/events" });
  const close = () => void asked.destroy();
  return opened("event stream", close, ({ hear, end }) => {
    asked.on("error", end).on("response", (answer) => {
      answer.setEncoding("utf8").on("data", (text: string) => hear(text.replace(/^data: /, "").trim()));
      answer.on("close", end).on("error", end);
    });
  });
}

interface Ears {
  readonly hear: (from: string) => void;
  readonly end: () => void;
}

function opened(kind: Stream["kind"], close: () => void, listen: (ears: Ears) => void): Promise<Stream> {
  const { promise, resolve, reject } = Promise.withResolvers<Stream>();
  let heard = 0;
  let isOpen = true;
  listen({
    hear: (from) => {
      heard += 1;
      if (heard === 1) resolve({ kind, from, heard: () => heard, isOpen: () => isOpen, close });
    },
    end: () => {
      isOpen = false;
      reject(new Error(`the ${kind} ended before it said anything`));
    },
  });
  return promise;
}
