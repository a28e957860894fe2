// Where the viewer is (kept in the URL's hash, so that a reload stays there) and what they have read (kept by the browser).
import {
  changed,
  directWith,
  isMember,
  isQuiet,
  nameOf,
  person,
  roomMessages,
  roomNamed,
  roomsFor,
  calledBy,
  companion,
  world,
} from "./world.js";

const phone = window.matchMedia("(max-width: 700px)");
phone.addEventListener("change", changed);

/** Whether there is room for one column only. */
export const onPhone = () => phone.matches;

const KEYS = ["as", "at", "thread", "via", "box", "conversation", "phone", "chat", "shopper", "show"];
const read = () => Object.fromEntries(new URLSearchParams(location.hash.slice(1)));

/** via: "phone" or "shop" where customers chat instead of writing mail; phone, shopper: whose; chat: which conversation on that phone. as: a person's login; at: a room's name, "@login" for a direct message, "home" for the app; show: both, mail or slack. */
export let where = read();

/** Change some of it; undefined takes a key away. `quiet` replaces the history entry instead of adding one. */
export function go(patch, { quiet = false } = {}) {
  const next = { ...where, ...patch };
  const hash = new URLSearchParams(KEYS.filter((key) => next[key]).map((key) => [key, next[key]])).toString();
  if (hash === location.hash.slice(1)) return;
  where = Object.fromEntries(new URLSearchParams(hash));
  history[quiet ? "replaceState" : "pushState"](null, "", `#${hash}`);
  changed();
}

/** Go somewhere on one side, and make sure that this side is seen. */
export function goTo(side, patch) {
  const hidden = where.show && where.show !== side;
  go({ ...patch, show: onPhone() ? side : hidden ? undefined : where.show });
}

/** Which side is seen: "both", "mail" or "slack". A phone begins with the mail, unless it comes to a room. */
export function sideOnView() {
  if (!onPhone()) return where.show ?? "both";
  return where.show ?? (where.at ? "slack" : "mail");
}

export function followAddressBar() {
  const moved = () => {
    where = read();
    changed();
  };
  window.addEventListener("hashchange", moved);
  window.addEventListener("popstate", moved);
}

/** The persona's user id. */
export function viewer() {
  const chosen = calledBy(where.as)?.id;
  return world.personas.includes(chosen) ? chosen : world.personas[0];
}

/** The room on view, or null on the app's Home. Who has chosen none they can see is where something was said last. */
export function roomOnView() {
  const me = viewer();
  if (where.at === "home") return null;
  if (where.at?.startsWith("@")) {
    const other = calledBy(where.at.slice(1))?.id;
    const room = other && directWith(me, other);
    if (room) return room;
  }
  const named = where.at && roomNamed(where.at);
  if (named && !named.is_archived && (!named.is_private || isMember(named, me))) return named;
  const { channels, others } = roomsFor(me);
  const said = (room) => roomMessages(room.id).findLast((message) => !isQuiet(message))?.ts ?? "";
  const [liveliest] = [...channels].sort((a, b) => (said(a) < said(b) ? 1 : said(a) > said(b) ? -1 : 0));
  return liveliest ?? others[0] ?? null;
}

export const atOf = (room) => (room.is_im ? `@${person(companion(room, viewer()))?.name ?? ""}` : room.name);
export const labelOf = (room) => {
  if (room.is_im) return nameOf(companion(room, viewer()));
  return room.is_mpim
    ? (room.members ?? [])
        .filter((id) => id !== viewer())
        .map(nameOf)
        .join(", ")
    : room.name;
};

export function mailbox() {
  return world.mailboxes.find((box) => box.address === where.box) ?? world.mailboxes[0];
}

/** The phone on view. */
export function phoneInHand() {
  return world.phones.get(Number(where.phone)) ?? world.phones.values().next().value;
}

/** The shop's customer on view. */
export function shopperOnView() {
  return world.shoppers.get(where.shopper) ?? world.shoppers.values().next().value;
}

const MARKS = "deskbell.sandbox.read";
let marks = null;

function allMarks() {
  if (!marks) marks = JSON.parse(localStorage.getItem(MARKS) ?? "{}");
  return marks;
}

/** What was last read under a name: a Slack ts for "<user>/<room>", an ISO date for "mail/<conversation>". */
export const readUntil = (name) => allMarks()[name] ?? "";

/** Move a mark forward; never back. */
export function mark(name, until) {
  if (until <= readUntil(name)) return;
  allMarks()[name] = until;
  localStorage.setItem(MARKS, JSON.stringify(marks));
  changed();
}

export function forgetMarks() {
  marks = {};
  localStorage.removeItem(MARKS);
}

/** A remembered choice such as the split's position; `fallback` when there is none. */
export const remembered = (name, fallback) => localStorage.getItem(`deskbell.sandbox.${name}`) ?? fallback;
export const remember = (name, value) => localStorage.setItem(`deskbell.sandbox.${name}`, value);
