// Slack's mrkdwn as Slack reads it: escapes, quotes, code, emphasis, and everything between < and >.
import { h } from "../dom.js";
import { broadcast, date, emoji, groupMention, link, mention, plain, roomMention } from "./inline.js";
import { picture } from "./emoji.js";

/** Undo the three escapes that Slack's texts carry. */
export const unescape = (text) => text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");

/** Nodes of a mrkdwn text. `verbatim` leaves web addresses alone, as Slack does. */
export function mrkdwn(text, { verbatim = false } = {}) {
  const out = [];
  const parts = text.split(/```([\s\S]+?)```/);
  parts.forEach((part, index) => {
    if (index % 2) out.push(h("pre", { dir: "auto" }, code(part.replace(/^\n|\n$/g, ""))));
    else if (part) out.push(...lines(index ? part.replace(/^\n/, "") : part, { verbatim }));
  });
  return out;
}

// Lines that begin with > (escaped or not: Slack quotes both) are a quotation; >>> quotes all that follows.
function lines(text, options) {
  const out = [];
  let quote = null;
  let begun = false;
  const all = text.split("\n");
  for (let at = 0; at < all.length; at += 1) {
    const rest = /^(?:&gt;|>){3}\s?/.exec(all[at]);
    if (rest) {
      out.push(h("blockquote", { dir: "auto" }, inline(all.slice(at).join("\n").slice(rest[0].length), options)));
      return out;
    }
    const quoted = /^(?:&gt;|>)\s?/.exec(all[at]);
    if (quoted) {
      if (!quote) out.push((quote = h("blockquote", { dir: "auto" })));
      else quote.append("\n");
      quote.append(...inline(all[at].slice(quoted[0].length), options));
      begun = false;
      continue;
    }
    if (begun) out.push("\n");
    out.push(...inline(all[at], options));
    quote = null;
    begun = true;
  }
  return out;
}

const MARKS = { "*": "b", _: "i", "~": "s" };
const EMOJI = /^:([a-z0-9_+'-]+(?:::skin-tone-[2-6])?):/;
const wordy = (letter) => letter !== undefined && /[\p{L}\p{N}]/u.test(letter);

function inline(text, options) {
  const out = [];
  let loose = "";
  const flush = () => {
    if (loose) out.push(...plain(unescape(loose), { pictures: false, links: !options.verbatim }));
    loose = "";
  };
  for (let at = 0; at < text.length;) {
    const piece = tick(text, at) ?? angle(text, at) ?? emphasis(text, at, options) ?? face(text, at);
    if (piece) {
      flush();
      out.push(piece.node);
      at = piece.end;
    } else {
      loose += text[at];
      at += 1;
    }
  }
  flush();
  return out;
}

function tick(text, at) {
  if (text[at] !== "`") return null;
  const end = text.indexOf("`", at + 1);
  if (end <= at + 1 || text.slice(at, end).includes("\n")) return null;
  return { node: h("code", {}, code(text.slice(at + 1, end))), end: end + 1 };
}

// Within code only the <…> of links and mentions still work.
function code(text) {
  return text.split(/(<[^<>\n]+>)/).map((part, index) => (index % 2 ? token(part.slice(1, -1)) : unescape(part)));
}

function angle(text, at) {
  if (text[at] !== "<") return null;
  const end = text.indexOf(">", at + 1);
  if (end < 0 || end === at + 1 || text.slice(at + 1, end).includes("<")) return null;
  return { node: token(text.slice(at + 1, end)), end: end + 1 };
}

function emphasis(text, at, options) {
  const mark = text[at];
  if (!(mark in MARKS) || wordy(text[at - 1]) || !text[at + 1] || /\s/.test(text[at + 1]) || text[at + 1] === mark)
    return null;
  const line = text.indexOf("\n", at);
  const last = line < 0 ? text.length : line;
  for (let end = text.indexOf(mark, at + 2); end > 0 && end < last; end = text.indexOf(mark, end + 1)) {
    if (/\s/.test(text[end - 1]) || wordy(text[end + 1])) continue;
    return { node: h(MARKS[mark], {}, inline(text.slice(at + 1, end), options)), end: end + 1 };
  }
  return null;
}

function face(text, at) {
  const found = text[at] === ":" && EMOJI.exec(text.slice(at, at + 80));
  return found && picture(found[1]) ? { node: emoji(found[1]), end: at + found[0].length } : null;
}

function token(inside) {
  const bar = inside.indexOf("|");
  const target = bar < 0 ? inside : inside.slice(0, bar);
  const label = bar < 0 ? undefined : unescape(inside.slice(bar + 1));
  if (/^@[UWB]/.test(target)) return mention(target.slice(1));
  if (/^#[CG]/.test(target)) return roomMention(target.slice(1), label);
  if (target.startsWith("!")) return special(target.slice(1), label);
  const address = unescape(target);
  if (!/^[a-z][a-z0-9+.-]*:./i.test(address)) return document.createTextNode(`<${unescape(inside)}>`);
  return link(address, ...(label ? plain(label) : [address.replace(/^mailto:|^tel:/, "")]));
}

function special(target, label) {
  const word = target.split("^")[0];
  if (["here", "channel", "everyone"].includes(word)) return broadcast(word);
  if (word === "date") {
    const [, seconds, format = "", url] = target.split("^");
    return date(seconds, format, url, label);
  }
  return groupMention(label ?? `@${target.replace(/^subteam\^/, "")}`);
}
