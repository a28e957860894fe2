// One message as a row: who, when, what, its reactions, its thread, and what one can do with it.
import { float, growing, h, icon, sign, signOf, toast } from "../dom.js";
import { act } from "../wire.js";
import { changed, nameOf, person, repliesTo, world } from "../world.js";
import { go, viewer } from "../where.js";
import { blocksOf } from "../blocks/blocks.js";
import { mrkdwn, unescape } from "../text/mrkdwn.js";
import { link, plain } from "../text/inline.js";
import { clock, dayAndClock, fullMoment } from "../text/dates.js";
import { picture } from "../text/emoji.js";
import { author, avatar } from "./avatar.js";
import { pickEmoji } from "./emoji-picker.js";
import { dismiss, sentence, trouble, troubleAt } from "./notes.js";
import { surfaceOf } from "./surface.js";

let editing = null;
const QUIET = new Set(["channel_join", "channel_leave", "group_join", "group_leave", "channel_topic", "group_topic", "channel_purpose", "group_purpose", "channel_name",
  "group_name", "channel_archive", "channel_unarchive", "pinned_item", "bot_add"]);

/** Whether a message continues what the same author said just before. */
export function follows(before, message) {
  return Boolean(before && author(before).key === author(message).key && !before.subtype === !message.subtype && !QUIET.has(message.subtype)
    && Number(message.ts) - Number(before.ts) < 300 && !before.ephemeral && !message.ephemeral && !isCard(message) && !isCard(before));
}

// What an app lays out in blocks stands for itself, with its name above it.
const isCard = (message) => Boolean(message.bot_id && message.blocks?.some((block) => block.type !== "rich_text"));

/** A row for keep(). `inThread` is the message's own thread on view. */
export function messageRow(message, room, { tight = false, inThread = false } = {}) {
  const edited = editing?.ts === message.ts && editing.inThread === inThread;
  return {
    key: message.ts,
    sig: sign(signOf(message), viewer(), world.names, tight, edited, troubleAt(message.ts), world.shortcuts.length, replyCount(message, room)),
    make: () => shown(message, () => (QUIET.has(message.subtype) ? quiet(message, room) : row(message, room, { tight, inThread, edited }))),
  };
}

// A message that the page cannot draw says so and leaves the others alone.
function shown(message, make) {
  try {
    return make();
  } catch (error) {
    console.error(`The message ${message.ts} cannot be shown.`, error);
    return h("article", { class: "message", testid: `message-${message.ts}` }, h("div", { class: "gutter" }), h("div", { class: "unknown" }, `This message cannot be shown: ${error.message}`));
  }
}

export function whisperRow(item) {
  const from = item.slackbot ? { avatar: () => h("span", { class: "avatar slackbot", "aria-hidden": "true" }, "/"), name: "Slackbot" } : author({ ...item, user: world.botUser, bot_id: "B" });
  return {
    key: item.id,
    sig: sign(signOf(item), world.names, troubleAt(item.id)),
    make: () => h("article", { class: "message whisper", testid: `ephemeral-${item.id}` },
      h("div", { class: "gutter" }, from.avatar()),
      h("div", { class: "body" },
        h("div", { class: "only" }, icon("eye"), "Only visible to you",
          h("button", { type: "button", class: "quiet", testid: `dismiss-${item.id}`, onclick: () => dismiss(item.id) }, "Dismiss")),
        h("div", { class: "who" }, h("bdi", { class: "name" }, from.name), h("span", { class: "app" }, "APP"), when(item.ts)),
        content(item, { room: item.room, ephemeral_id: item.id }),
        complaint(item.id))),
  };
}

const replyCount = (message, room) => message.reply_count ?? repliesTo(room.id, message.ts).length;

function when(ts) {
  const me = person(viewer());
  return h("time", { title: fullMoment(ts, me), datetime: new Date(Number(ts) * 1000).toISOString() }, clock(ts, me));
}

function quiet(message, room) {
  return h("article", { class: "message system", testid: `message-${message.ts}` },
    h("div", { class: "gutter" }, message.user && avatar(message.user, "small")),
    h("div", { class: "body" }, h("span", { class: "who" }, h("bdi", { class: "name" }, nameOf(message.user)), when(message.ts)),
      h("div", { class: "text muted", dir: "auto" }, message.text ? mrkdwn(message.text) : `${message.subtype} #${room.name}`)));
}

function row(message, room, { tight, inThread, edited }) {
  const from = author(message);
  const gone = message.subtype === "tombstone";
  return h("article", { class: `message${tight ? " tight" : ""}${gone ? " gone" : ""}`, testid: `message-${message.ts}`, "data-user": message.user, "data-ts": message.ts },
    h("div", { class: "gutter" }, gone ? h("span", { class: "avatar gone", "aria-hidden": "true" }, icon("trash")) : tight ? when(message.ts) : from.avatar()),
    h("div", { class: "body" },
      !tight && !gone && h("div", { class: "who" }, h("bdi", { class: "name" }, from.name), from.app && h("span", { class: "app" }, "APP"), when(message.ts)),
      message.subtype === "thread_broadcast" && !inThread && h("div", { class: "muted small" }, "replied to a thread"),
      edited ? editor(message, room) : content(message, { room: room.id, ts: message.ts }),
      reactions(message, room),
      complaint(message.ts),
      !inThread && thread(message, room)),
    !gone && !edited && tools(message, room, inThread));
}

function content(message, where) {
  const emote = message.subtype === "me_message" ? " emote" : "";
  const surface = surfaceOf(where, message.blocks ?? []);
  const changedMark = message.edited && !isCard(message) && h("span", { class: "edited", title: fullMoment(message.edited.ts, person(viewer())) }, "(edited)");
  return [
    message.blocks?.length
      ? h("div", { class: `blocks${emote}` }, withMark(blocksOf(message.blocks, surface), changedMark))
      : message.text || changedMark ? h("div", { class: `text${emote}`, dir: "auto" }, message.mrkdwn === false ? plain(unescape(message.text ?? "")) : mrkdwn(message.text ?? ""), " ", changedMark) : null,
    (message.attachments ?? []).map((one) => attachment(one, surface)),
    message.files?.length ? h("div", { class: "attachments" }, message.files.map(file)) : null,
  ];
}

// "(edited)" ends the last line of words where there is one, else it stands below.
function withMark(blocks, changedMark) {
  const words = blocks.at(-1)?.lastElementChild;
  if (!changedMark || !words?.classList.contains("rt")) return [blocks, changedMark];
  words.append(" ", changedMark);
  return blocks;
}

const COLOURS = { good: "#2eb67d", warning: "#ecb22e", danger: "#e01e5a" };

function attachment(one, surface) {
  const named = COLOURS[one.color] ?? (one.color ? `#${one.color.replace(/^#/, "")}` : "var(--line-strong)");
  const colour = /^#[0-9a-f]{3,8}$/i.test(named) || named.startsWith("var") ? named : "var(--line-strong)";
  return h("div", { class: "secondary", vars: { bar: colour } },
    one.pretext && h("div", { class: "text", dir: "auto" }, mrkdwn(one.pretext)),
    one.author_name && h("div", { class: "subtitle", dir: "auto" }, one.author_name),
    one.title && h("div", { class: "title", dir: "auto" }, one.title_link ? link(one.title_link, one.title) : one.title),
    one.blocks ? blocksOf(one.blocks, surface) : (one.text || one.fallback) && h("div", { class: "text", dir: "auto" }, mrkdwn(one.text ?? one.fallback)),
    one.fields && h("div", { class: "fields" }, one.fields.map((field) => h("div", { class: "text", dir: "auto" }, h("b", {}, field.title), "\n", mrkdwn(field.value)))),
    one.footer && h("div", { class: "muted small", dir: "auto" }, one.footer));
}

const SIZES = ["B", "KB", "MB", "GB"];

export function size(bytes) {
  let left = bytes ?? 0, unit = 0;
  while (left >= 1000 && unit < 3) {
    left /= 1000;
    unit += 1;
  }
  return `${left < 10 && unit ? left.toFixed(1) : Math.round(left)} ${SIZES[unit]}`;
}

function file(one) {
  const address = `/_sandbox/file/${one.id}`;
  const image = one.mimetype?.startsWith("image/");
  return h("a", { class: image ? "attached picture" : "attached", href: address, target: "_blank", rel: "noopener noreferrer", testid: `file-${one.id}`, title: one.name },
    image ? h("img", { src: address, alt: one.title ?? one.name, loading: "lazy" }) : icon("file"),
    h("span", { class: "file-words" }, h("bdi", {}, one.title || one.name || "File"), h("small", {}, [one.pretty_type, one.size ? size(one.size) : null].filter(Boolean).join(" · "))));
}

function complaint(surface) {
  const said = troubleAt(surface);
  return said && h("div", { class: "trouble", role: "alert", testid: `trouble-${surface}` }, icon("warn"), h("span", {}, said),
    h("button", { type: "button", class: "quiet", "aria-label": "Dismiss", onclick: () => trouble(surface, null) }, icon("close")));
}

async function doing(action, body) {
  try {
    return await act(action, { user: viewer(), ...body });
  } catch (refusal) {
    if (!refusal.code) throw refusal;
    toast(sentence(refusal.code), "error");
    return null;
  }
}

const reacted = (message, name) => message.reactions?.find((one) => one.name === name)?.users.includes(viewer());
const toggle = (message, room, name) => doing("react", { room: room.id, ts: message.ts, name, add: !reacted(message, name) });

function reactions(message, room) {
  if (!message.reactions?.length) return null;
  const add = h("button", { type: "button", class: "reaction add", "aria-label": "Add a reaction", onclick: () => pickEmoji(add, (name) => toggle(message, room, name)) }, icon("smile"));
  return h("div", { class: "reactions" }, message.reactions.map((one) => h("button", {
    type: "button", class: `reaction${one.users.includes(viewer()) ? " mine" : ""}`, testid: `reaction-${message.ts}-${one.name}`, "aria-pressed": String(one.users.includes(viewer())),
    title: `${one.users.map(nameOf).join(", ")} reacted with :${one.name}:`, onclick: () => toggle(message, room, one.name),
  }, h("span", {}, picture(one.name) ?? `:${one.name}:`), h("span", { class: "count" }, one.count ?? one.users.length))), add);
}

const openThread = (message) => go({ thread: message.thread_ts ?? message.ts });

function thread(message, room) {
  const count = replyCount(message, room);
  if (!count || message.subtype === "thread_broadcast") return null;
  const replies = repliesTo(room.id, message.ts);
  const heads = [...new Map(replies.map((one) => [author(one).key, one])).values()].slice(0, 4);
  const latest = message.latest_reply ?? replies.at(-1)?.ts;
  return h("button", { type: "button", class: "replies", testid: `open-thread-${message.ts}`, onclick: () => openThread(message) },
    h("span", { class: "heads" }, heads.map((one) => author(one).avatar("tiny"))),
    h("b", {}, count === 1 ? "1 reply" : `${count} replies`),
    latest && h("span", { class: "muted" }, "Last reply ", dayAndClock(latest, person(viewer())).replace(/^(Today|Yesterday)/, (word) => word.toLowerCase())));
}

function tools(message, room, inThread) {
  const summary = !inThread && replyCount(message, room) > 0;
  const react = h("button", { type: "button", title: "Add a reaction", "aria-label": "Add a reaction", testid: `react-${message.ts}`, onclick: () => pickEmoji(react, (name) => toggle(message, room, name)) }, icon("smile"));
  const more = h("button", { type: "button", title: "More actions", "aria-label": "More actions", testid: `more-${message.ts}`, onclick: () => menu(more, message, room, inThread) }, icon("more"));
  return h("div", { class: "tools", role: "toolbar", "aria-label": "Message actions" },
    ["white_check_mark", "eyes"].map((name) => h("button", { type: "button", title: `React with :${name}:`, "aria-label": `React with ${name}`, testid: `quick-${message.ts}-${name}`,
      onclick: () => toggle(message, room, name) }, picture(name))),
    react,
    !inThread && h("button", { type: "button", title: "Reply in thread", "aria-label": "Reply in thread", testid: summary ? `reply-${message.ts}` : `open-thread-${message.ts}`, onclick: () => openThread(message) }, icon("thread")),
    more);
}

function menu(anchor, message, room, inThread) {
  const item = (words, testid, does, kind = "") => h("button", { type: "button", role: "menuitem", class: `menu-item ${kind}`, testid, onclick: () => {
    panel.close();
    does();
  } }, h("span", { dir: "auto" }, words));
  const own = message.user === viewer() && !message.bot_id;
  const shortcuts = world.shortcuts.filter((one) => one.type === "message" || one.type === "message_action");
  const panel = float(anchor, [
    shortcuts.length ? [h("div", { class: "group" }, "Message shortcuts"), shortcuts.map((one) => item([one.name], `shortcut-${one.callback_id}`,
      () => doing("message_shortcut", { room: room.id, ts: message.ts, callback_id: one.callback_id }))), h("hr")] : null,
    item("Copy text", `copy-${message.ts}`, () => navigator.clipboard.writeText(unescape(message.text ?? "")).then(() => toast("Copied"), () => toast("The browser did not let us copy", "error"))),
    own && item("Edit message", `edit-${message.ts}`, () => {
      editing = { ts: message.ts, inThread };
      changed();
    }),
    own && item("Delete message", `delete-${message.ts}`, () => doing("delete", { room: room.id, ts: message.ts }), "danger"),
  ], { testid: "menu", label: "Message actions", role: "menu" });
  panel.panel.querySelector("button")?.focus();
}

function editor(message, room) {
  const stop = () => {
    editing = null;
    changed();
  };
  const save = async () => {
    if (area.value.trim() && await doing("edit", { room: room.id, ts: message.ts, text: area.value })) stop();
  };
  const area = h("textarea", { class: "field", rows: 1, dir: "auto", testid: "edit-input", "aria-label": "Edit message", value: typedAgain(message.text ?? ""), onkeydown: (event) => {
    if (event.key === "Escape") stop();
    else if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      save();
    }
  } });
  growing(area, 240);
  setTimeout(() => area.focus());
  return h("div", { class: "editor" }, area, h("div", { class: "row" },
    h("button", { type: "button", class: "button small", testid: "edit-cancel", onclick: stop }, "Cancel"),
    h("button", { type: "button", class: "button small primary", testid: "edit-save", onclick: save }, "Save")));
}

// Slack's wire text as the person typed it: <@U1> -> @login, <#C1|name> -> #name, <https://…> -> the address.
function typedAgain(text) {
  return unescape(text.replace(/<@([UW]\w+)(?:\|[^>]*)?>/g, (_, id) => `@${person(id)?.name ?? id}`)
    .replace(/<#([CG]\w+)(?:\|([^>]*))?>/g, (_, id, label) => `#${world.rooms.get(id)?.name ?? label ?? id}`)
    .replace(/<((?:https?|mailto|tel):[^|>]+)(?:\|[^>]*)?>/g, "$1"));
}
