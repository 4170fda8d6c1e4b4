/*
What the recovery key announces of a list (docs/audit/announcement.md): its signing key was taken, it goes on elsewhere,
it has ended. The key's public half stands in the list's first entry; what anybody else says is not believed.
*/

const ANNOUNCES = "wearemany announcement v1";
const TAKEN = /^taken (0|[1-9][0-9]{0,14}) ([A-Za-z0-9+/]{43}=)$/;
const MOVED = /^moved (https?:\/\/[!-~]{1,300}) (\S{1,400})$/;

/* Return the key under whose name a list's announcements are signed. */
function recoveryKey(origin, publicHex) {
  const name = origin + "/recovery", bytes = unhex(publicHex);
  const id = sha256(joined([utf8(name + "\n"), new Uint8Array([SIGNS]), bytes])).subarray(0, 4);
  return { name: name, id: id, bytes: bytes };
}

/* Return what the text of an announcement says of a list; null when it is not of the one form. */
function parseAnnouncement(text, origin) {
  const lines = text.split("\n"), end = lines.pop();
  if (end !== "" || lines.length < 4 || lines[0] !== ANNOUNCES || lines[1] !== origin) return null;
  const found = { day: lines[2], taken: null, moved: null, hasEnded: false };
  const said = lines.slice(3);
  const taken = TAKEN.exec(said[0]);
  const root = taken && unbase64(taken[2]);
  if (root) { found.taken = { size: Number(taken[1]), root: root }; said.shift(); }
  const moved = MOVED.exec(said[0] || "");
  if (moved && keyOf(moved[2])) { found.moved = { address: moved[1], key: moved[2] }; said.shift(); }
  if (said[0] === "ended") { found.hasEnded = true; said.shift(); }
  try { checkDay(found.day); } catch (error) { return null; }
  return said.length ? null : found;
}

/* Return {says}, or {doubt} with a code: not by the key in the first entry, or by it and in a form that is not known here. */
async function openAnnouncement(bytes, origin, first) {
  if (!first || !first.recovery) return { doubt: "announcement-other" };
  let note;
  try { note = await openNote(bytes, recoveryKey(origin, first.recovery)); } catch (error) {
    if (!(error instanceof Wrong)) throw error;
    return { doubt: "announcement-other" };
  }
  const says = parseAnnouncement(note.text, origin);
  return says ? { says: says } : { doubt: "announcement-unknown" };
}
