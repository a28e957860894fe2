// The small pieces that every Slack text is made of: links, mentions, emoji, dates, autolinked words.
import { h, toast } from "../dom.js";
import { nameOf, person, world } from "../world.js";
import { go, phoneInHand, viewer, where } from "../where.js";
import { act } from "../wire.js";
import { sentence } from "../slack/notes.js";
import { nameOf as ownerOf } from "../phone/telegram.js";
import { picture } from "./emoji.js";
import { slackDate } from "./dates.js";

const SAFE = /^(https?|mailto|tel|slack):/i;

/** An anchor where the address is one a person may follow; else only its words. Permalinks of this workspace stay on the page. */
export function link(url, ...words) {
  const shown = words.length ? words : [url];
  if (!SAFE.test(url))
    return h("span", { class: "dead-link", title: "This address is not a link Slack would open" }, shown);
  const room = permalink(url);
  const begin = room ? () => go(room) : opening(url);
  const follow =
    begin &&
    ((event) => {
      event.preventDefault();
      begin();
    });
  return h(
    "a",
    { href: url, target: "_blank", rel: "noopener noreferrer nofollow", onclick: follow || undefined },
    shown,
  );
}

/** …/archives/C012/p1700000000000100?thread_ts=1699999999.000100 -> a place on this page; null for other addresses. */
export function permalink(url) {
  const found = /\/archives\/([A-Z0-9]+)\/p(\d{10,})(\d{6})(?:\?.*thread_ts=([\d.]+))?/.exec(url);
  const room = found && world.rooms.get(found[1]);
  if (!room || room.is_im) return null;
  return { at: room.name, thread: found[4] ?? `${found[2]}.${found[3]}` };
}

/** What a link does that opens the bot's chat (t.me/BOT?start=…): whoever reads it comes by it on their phone here. */
function opening(url) {
  const found = /^https:\/\/t\.me\/(\w+)\?start=([\w-]{1,64})$/.exec(url);
  if (!found || found[1] !== world.bot.username) return null;
  return async () => {
    const reader = world.mailboxes.find((box) => box.address === where.box)?.name;
    const phones = [...world.phones.values()];
    const phone = phones.find((one) => ownerOf(one) === reader) ?? phoneInHand();
    if (!phone) return;
    go({ via: "phone", phone: phone.user.id });
    try {
      await act("phone_start", { phone: phone.user.id, payload: found[2] });
    } catch (refusal) {
      if (!refusal.code) throw refusal;
      toast(sentence(refusal.code), "error", refusal.code);
    }
  };
}

export function mention(id) {
  const me = id === viewer();
  return h(
    "span",
    { class: me ? "mention me" : "mention", title: person(id)?.real_name ?? id },
    "@",
    h("bdi", {}, nameOf(id)),
  );
}

export function roomMention(id, label) {
  const room = world.rooms.get(id);
  const name = room?.name ?? label ?? "private-channel";
  return h(
    "a",
    {
      class: "mention",
      href: `#at=${encodeURIComponent(name)}`,
      onclick: (event) => {
        event.preventDefault();
        if (room) go({ at: room.name, thread: undefined });
      },
    },
    "#",
    name,
  );
}

export const groupMention = (words) => h("span", { class: "mention" }, words);

/** @here, @channel, @everyone: these notify people, so they stand out. */
export const broadcast = (range) => h("span", { class: "mention broadcast" }, `@${range}`);

/** The picture of an emoji; its written name where nobody knows it. */
export function emoji(name, unicode) {
  const shown = unicode ? fromHex(unicode) : picture(name);
  return shown
    ? h("span", { class: "emoji", title: `:${name}:`, role: "img", "aria-label": name }, shown)
    : document.createTextNode(`:${name}:`);
}

const fromHex = (codes) => String.fromCodePoint(...codes.split("-").map((code) => parseInt(code, 16)));

export function date(seconds, format, url, fallback) {
  const moment = Number(seconds);
  const words = Number.isFinite(moment) ? slackDate(moment, format, person(viewer())) : (fallback ?? "");
  const node = h("time", { title: Number.isFinite(moment) ? new Date(moment * 1000).toISOString() : undefined }, words);
  return url ? link(url, node) : node;
}

const EMOJI_WORD = /:([a-z0-9_+'-]+(?:::skin-tone-[2-6])?):/g;
const ADDRESS = /\bhttps?:\/\/[^\s<>|]+[^\s<>|.,;:!?'")\]}*_~]/g;

/** Plain characters with :emoji: turned into pictures where `pictures`, and web addresses into links where `links`. */
export function plain(text, { pictures = true, links = false } = {}) {
  const out = [];
  let from = 0;
  const found = [];
  if (links) for (const hit of text.matchAll(ADDRESS)) found.push([hit.index, hit[0].length, () => link(hit[0])]);
  if (pictures)
    for (const hit of text.matchAll(EMOJI_WORD))
      if (picture(hit[1])) found.push([hit.index, hit[0].length, () => emoji(hit[1])]);
  for (const [index, length, make] of found.sort((a, b) => a[0] - b[0])) {
    if (index < from) continue;
    if (index > from) out.push(text.slice(from, index));
    out.push(make());
    from = index + length;
  }
  if (from < text.length) out.push(text.slice(from));
  return out;
}
