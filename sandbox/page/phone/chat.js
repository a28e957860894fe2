// A phone with the chat on it: bubbles, buttons below them, and the line in which one writes.
import { fill, growing, h, icon, keep, sign, toast } from "../dom.js";
import { draft, keepDraft } from "../drafts.js";
import { onView } from "../steps.js";
import { act, packed } from "../wire.js";
import { isTyping, world } from "../world.js";
import { mark } from "../where.js";
import { clock, dayKey, dayName } from "../text/dates.js";
import { link, plain } from "../text/inline.js";
import { face } from "../slack/avatar.js";
import { size } from "../slack/contents.js";
import { sentence } from "../slack/notes.js";
import { placesButton } from "./places.js";
import { isOurs, markOf, nameOf, saidAt, stamp, unreadOn } from "./telegram.js";

const NEAR = 60; // pixels from the end that still count as there

/** The phone: {node, draw(phone, place)}. */
export function chatPane() {
  const head = h("header", { class: "chat-head" });
  const bubbles = h("div", { class: "bubbles" });
  const scroll = h("div", { class: "chat-scroll", tabindex: "0", testid: "phone-chat", "aria-label": "Chat" }, bubbles);
  const line = writingLine();
  const node = h("section", { class: "telephone", "aria-label": "Phone" }, head, scroll, line.node);
  let shown = null,
    count = 0,
    headSig = "";
  return {
    node,
    draw(phone, place) {
      const chat = markOf(phone, place);
      const said = saidAt(place);
      const seen = [place.name, place.about, isTyping(place.chat), unreadOn(phone)];
      const sig = sign(chat, phone.blocked, phone.deleted, ...seen);
      if (sig !== headSig) fill(head, headOf(phone, place));
      headSig = sig;
      const atEnd = scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < NEAR;
      keep(bubbles, said.length ? rows(said, line, phone, place) : [empty(phone, place)]);
      line.draw(phone, place);
      const toEnd = () => (scroll.scrollTop = scroll.scrollHeight);
      if (shown !== chat || (count !== said.length && atEnd) || said.at(-1)?.from.id === phone.user.id) {
        toEnd();
        for (const picture of bubbles.querySelectorAll("img")) picture.addEventListener("load", toEnd, { once: true });
      }
      [shown, count] = [chat, said.length];
      const heard = said.findLast(isOurs);
      if (heard && onView(scroll)) mark(chat, stamp(heard));
    },
  };
}

async function doing(action, body) {
  try {
    return await act(action, body);
  } catch (refusal) {
    if (!refusal.code) throw refusal;
    toast(sentence(refusal.code), "error", refusal.code);
    return null;
  }
}

function statusOf(phone, place) {
  if (place.key === "bot" && phone.blocked) return "blocked";
  const theirs = place.owner !== phone.user.id; // the bot types for whose account it is
  return theirs && isTyping(place.chat) ? "is typing…" : place.about;
}

function headOf(phone, place) {
  const { id } = phone.user;
  return [
    place.key === "bot"
      ? h("span", { class: "avatar round bot", "aria-hidden": "true" }, "E")
      : face(place.name, "", true),
    h(
      "span",
      { class: "chat-name" },
      h("b", { dir: "auto" }, place.name),
      h("small", { testid: "phone-status" }, statusOf(phone, place)),
    ),
    h("span", { class: "spring" }),
    place.key === "bot"
      ? h(
          "button",
          {
            type: "button",
            class: "quiet",
            testid: "phone-block",
            "aria-pressed": String(phone.blocked),
            onclick: () => doing("phone_block", { phone: id, blocked: !phone.blocked }),
          },
          icon("lock"),
          phone.blocked ? "Unblock" : "Block",
        )
      : null,
    placesButton(phone),
  ];
}

function hintOf(phone, place) {
  if (place.key === "bot") return ["Write to the desk’s bot as ", h("bdi", {}, phone.user.first_name), " would."];
  if (place.owner) return ["What is written here goes to the desk; it answers in the name of this account’s owner."];
  return [`The bot hears what names it, as “@${world.bot.username} …”, or answers it.`];
}

function empty(phone, place) {
  return {
    key: "none",
    sig: sign(phone.user.id, place.key),
    make: () =>
      h(
        "div",
        { class: "beginning" },
        face(nameOf(phone), "", true),
        h("h3", {}, "Nothing was said yet"),
        h("p", { class: "muted" }, hintOf(phone, place)),
      ),
  };
}

function rows(said, line, phone, place) {
  let day = "";
  return said.flatMap((message, at) => {
    const key = dayKey(message.date);
    const fresh = key !== day;
    day = key;
    const before = fresh ? null : said[at - 1];
    const after = said[at + 1];
    const joined = Boolean(before && before.from.id === message.from.id);
    const ends = !after || after.from.id !== message.from.id;
    const row = {
      key: message.message_id,
      sig: sign(message, joined, ends),
      make: () => bubble(message, { joined, ends, line, phone, place }),
    };
    return fresh
      ? [{ key: `day-${key}`, sig: key, make: () => h("div", { class: "chat-day" }, dayName(message.date)) }, row]
      : [row];
  });
}

function bubble(message, { joined, ends, line, phone, place }) {
  const mine = message.from.id === phone.user.id;
  const words = wordsOf(message);
  const tools = [
    h(
      "button",
      {
        type: "button",
        class: "quiet",
        title: "Answer this",
        "aria-label": "Answer this",
        testid: `phone-answer-${message.message_id}`,
        onclick: () => line.answer(message),
      },
      icon("reply"),
    ),
    mine && words && !message.sender_business_bot
      ? h(
          "button",
          {
            type: "button",
            class: "quiet",
            title: "Edit",
            "aria-label": "Edit",
            testid: `phone-edit-${message.message_id}`,
            onclick: () => line.edit(message),
          },
          icon("pen"),
        )
      : null,
    place.owner
      ? h(
          "button",
          {
            type: "button",
            class: "quiet",
            title: "Delete for both",
            "aria-label": "Delete for both",
            testid: `phone-delete-${message.message_id}`,
            onclick: () =>
              doing("business_delete", { owner: place.owner, customer: place.chat, messages: [message.message_id] }),
          },
          icon("trash"),
        )
      : null,
  ];
  return h(
    "div",
    { class: `said ${mine ? "mine" : "theirs"}${joined ? " joined" : ""}${ends ? " ends" : ""}` },
    h(
      "div",
      { class: "bubble", testid: `phone-message-${message.message_id}` },
      authorOf(message, { joined, mine, place }),
      message.reply_to_message ? quoteOf(message.reply_to_message, phone) : null,
      media(message),
      words ? h("span", { class: "bubble-text", dir: "auto" }, formatted(words, entitiesOf(message))) : null,
      h("span", { class: "bubble-time" }, message.edit_date ? "edited " : "", clock(message.date)),
    ),
    h("span", { class: "bubble-tools" }, tools),
    keyboard(message, phone, place),
  );
}

// What a link brings along behind /start is told to the bot only: phones show the command.
const wordsOf = (message) => (message.text?.startsWith("/start ") ? "/start" : (message.text ?? message.caption));

const entitiesOf = (message) => message.entities ?? message.caption_entities ?? [];

// In a group each says who they are; in an account its owner sees what the bot wrote in their name.
function authorOf(message, { joined, mine, place }) {
  if (message.sender_business_bot && mine) return h("b", { class: "bubble-author" }, "written by the bot for you");
  if (place.owner || place.key === "bot" || mine || joined) return null;
  return h("b", { class: "bubble-author", dir: "auto" }, message.from.first_name);
}

function quoteOf(message, phone) {
  const mine = message.from.id === phone.user.id;
  return h(
    "span",
    { class: "bubble-quote" },
    h("b", {}, mine ? phone.user.first_name : message.from.first_name),
    h("span", { dir: "auto" }, (wordsOf(message) ?? "a file").slice(0, 120)),
  );
}

const file = (one) => `/_sandbox/phone_file/${one.file_unique_id}`;

function media(message) {
  const picture = message.photo?.at(-1) ?? message.sticker;
  if (picture)
    return h("img", {
      class: message.sticker ? "sticker" : "photo",
      src: file(picture),
      alt: message.caption ?? (message.sticker ? (message.sticker.emoji ?? "sticker") : "photo"),
    });
  const kind = ["document", "video", "voice", "audio", "video_note", "animation"].find((name) => message[name]);
  if (kind) {
    const one = message[kind];
    return h(
      "a",
      { class: "bubble-file", href: file(one), target: "_blank", rel: "noopener" },
      h("span", { class: "file-mark" }, icon(kind === "document" ? "file" : "play")),
      h("span", {}, h("bdi", {}, one.file_name ?? kind.replace("_", " ")), h("small", {}, size(one.file_size))),
    );
  }
  const place = message.location;
  if (place) return h("span", { class: "bubble-text" }, `📍 ${place.latitude}, ${place.longitude}`);
  const known = message.contact;
  if (known) return h("span", { class: "bubble-text" }, `👤 ${known.first_name} ${known.last_name ?? ""}, ${known.phone_number}`);
  return null;
}

const TAGS = { bold: "b", italic: "i", underline: "u", strikethrough: "s", code: "code", pre: "pre", blockquote: "q" };

// Entities count in UTF-16 code units, as JavaScript does. Of those that overlap the first one counts.
function formatted(text, entities) {
  const parts = [];
  let at = 0;
  for (const entity of entities) {
    if (entity.offset < at) continue;
    parts.push(...plain(text.slice(at, entity.offset)));
    const words = text.slice(entity.offset, entity.offset + entity.length);
    if (entity.type === "text_link") parts.push(link(entity.url, words));
    else parts.push(TAGS[entity.type] ? h(TAGS[entity.type], {}, words) : words);
    at = entity.offset + entity.length;
  }
  parts.push(...plain(text.slice(at)));
  return parts;
}

function keyboard(message, phone, place) {
  const rows = message.reply_markup?.inline_keyboard;
  if (!rows) return null;
  return h(
    "div",
    { class: "keyboard" },
    rows.map((row) =>
      h(
        "div",
        { class: "keys-row" },
        row.map((one) =>
          h(
            "button",
            {
              type: "button",
              class: "key",
              testid: `phone-press-${one.callback_data}`,
              onclick: () =>
                doing("phone_press", {
                  phone: phone.user.id,
                  message: message.message_id,
                  data: one.callback_data,
                  chat: place.chat,
                }),
            },
            one.text,
          ),
        ),
      ),
    ),
  );
}

// The line in which one writes, answers and edits; files go as soon as they are chosen.
function writingLine() {
  let phone = null,
    place = null,
    about = null;
  const kept = () => markOf(phone, place);
  const group = () => (place.chat === phone.user.id ? undefined : place.chat);
  const text = h("textarea", {
    class: "field",
    rows: 1,
    dir: "auto",
    placeholder: "Message",
    "aria-label": "Message",
    testid: "phone-text",
  });
  const fit = growing(text, 140);
  const context = h("div", { class: "chat-context", hidden: true });
  const chooser = h("input", {
    type: "file",
    multiple: true,
    hidden: true,
    testid: "phone-files",
    onchange: async () => {
      const files = await Promise.all([...chooser.files].map(packed));
      chooser.value = "";
      const said = { caption: text.value, reply_to: answered(), chat: group() };
      if (about?.editing) return (await toBot(files[0])) && clear();
      const sent = await doing("phone_send", { phone: phone.user.id, files, ...said });
      if (sent) clear();
    },
  });
  const answered = () => (about && !about.editing ? about.message.message_id : undefined);
  const clear = () => {
    text.value = "";
    keepDraft(kept());
    leave();
    fit();
  };
  const leave = () => {
    about = null;
    context.hidden = true;
  };
  const send = async (event) => {
    event.preventDefault();
    if (!text.value.trim()) return;
    const done = await (place.owner ? inAccount() : toBot());
    if (done) clear();
    text.focus();
  };
  const toBot = (file) => {
    const body = { phone: phone.user.id, text: text.value, chat: group() };
    return about?.editing
      ? doing("phone_edit", { ...body, message: about.message.message_id, file })
      : doing("phone_write", { ...body, reply_to: answered() });
  };
  const inAccount = () => {
    const body = { customer: place.chat, text: text.value };
    if (about?.editing) return doing("business_edit", { ...body, message: about.message.message_id });
    const byOwner = place.owner === phone.user.id;
    return doing("business_write", { ...body, owner: place.owner, by_owner: byOwner, reply_to: answered() });
  };
  const begin = (message, editing) => {
    about = { message, editing };
    const words = message.text ?? message.caption ?? "a file";
    fill(
      context,
      icon(editing ? "pen" : "reply"),
      h("span", { dir: "auto" }, h("b", {}, editing ? "Edit" : "Answer"), ` ${words.slice(0, 80)}`),
      h("button", { type: "button", class: "quiet", "aria-label": "Cancel", onclick: leave }, icon("close")),
    );
    context.hidden = false;
    if (editing) text.value = words;
    fit();
    text.focus();
  };
  text.addEventListener("input", () => keepDraft(kept(), about?.editing ? "" : text.value));
  text.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) send(event);
    if (event.key === "Escape") leave();
  });
  const start = h(
    "button",
    {
      type: "button",
      class: "button primary start",
      testid: "phone-start",
      onclick: () => doing("phone_start", { phone: phone.user.id }),
    },
    "Start",
  );
  const attach = h(
    "button",
    {
      type: "button",
      class: "quiet",
      title: "Send files",
      "aria-label": "Send files",
      testid: "phone-attach",
      onclick: () => chooser.click(),
    },
    icon("clip"),
  );
  const share = h(
    "button",
    {
      type: "button",
      class: "quiet",
      title: "Send where I am",
      "aria-label": "Send where I am",
      testid: "phone-location",
      onclick: () => doing("phone_share", { phone: phone.user.id, what: "location" }),
    },
    icon("pin"),
  );
  const form = h(
    "form",
    { class: "chat-line", onsubmit: send },
    attach,
    chooser,
    text,
    share,
    h("button", { class: "chat-send", title: "Send", "aria-label": "Send", testid: "phone-send" }, icon("send")),
  );
  return {
    node: h("footer", { class: "chat-foot" }, context, start, form),
    answer: (message) => begin(message, false),
    edit: (message) => begin(message, true),
    draw(next, there) {
      const moved = !phone || markOf(next, there) !== kept();
      [phone, place] = [next, there];
      if (moved) {
        leave();
        text.value = draft(kept()) ?? "";
      }
      start.hidden = place.key !== "bot" || (phone.started && !phone.blocked);
      attach.hidden = Boolean(place.owner);
      share.hidden = place.key !== "bot";
      fit();
    },
  };
}
