/**
 * A record in the fragment of a link, which browsers do not send to a server.
 *
 * The text is deflated and written in base64url. What a link holds is hostile: its size is bounded
 * while it unfolds.
 */

const MARK = "#record=";
const MAX_LINK = 200_000;
const MAX_RECORD = 1_000_000;

async function bytesOf(stream, limit) {
  const chunks = [];
  let length = 0;
  for (const reader = stream.getReader(); ;) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.length;
    if (length > limit) {
      await reader.cancel();
      throw new RangeError("too long");
    }
    chunks.push(value);
  }
  return new Uint8Array(await new Blob(chunks).arrayBuffer());
}

const through = (bytes, transform) => new Blob([bytes]).stream().pipeThrough(transform);

function toBase64(bytes) {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

const fromBase64 = (text) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));

/** Whether a fragment claims to hold a record. */
export const holdsRecord = (fragment) => fragment.startsWith(MARK);

/** The link to the page at `address` that holds the record; null where it would be too long. */
export async function linkTo(address, record) {
  const text = new TextEncoder().encode(JSON.stringify(record));
  const packed = await bytesOf(through(text, new CompressionStream("deflate-raw")), MAX_RECORD);
  const link = address.replace(/#.*$/, "") + MARK + toBase64(packed);
  return link.length > MAX_LINK ? null : link;
}

/** The text of the record in a fragment. Throws where there is none. */
export async function recordIn(fragment) {
  if (fragment.length > MAX_LINK) throw new RangeError("too long");
  const packed = fromBase64(fragment.slice(MARK.length));
  const text = await bytesOf(through(packed, new DecompressionStream("deflate-raw")), MAX_RECORD);
  return new TextDecoder("utf-8", { fatal: true }).decode(text);
}
