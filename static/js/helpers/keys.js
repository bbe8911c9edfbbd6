/** Keys that no two acts share. `randomUUID` exists in secure contexts only; a page on a plain
 *  address of the local network has `getRandomValues` alone. */
export function new_key() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
