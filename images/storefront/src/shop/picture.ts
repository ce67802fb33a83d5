/** What Medusa's file providers name an upload: `<name>-<ULID>.<ext>`. */
const UPLOAD = /-[0-9A-HJKMNP-TV-Z]{26}\.[a-z0-9]+$/i;

/**
 * The address a browser reads a picture from. The backend stores the full address of the day of the upload; one of our
 * own uploads is therefore looked up under today's media URL. Foreign pictures keep their address.
 */
export function pictureUrl(stored: string, mediaUrl: string): string {
  if (stored.startsWith(`${mediaUrl}/`)) return stored;
  const url = URL.parse(stored);
  if (url === null) return `${mediaUrl}/${stored.replace(/^\/+/, "")}`;
  const file = url.pathname.slice(url.pathname.lastIndexOf("/") + 1);
  return UPLOAD.test(file) ? `${mediaUrl}/${file}` : stored;
}
