// What a message says: its blocks or text, its attachments and its files.
import { h, icon } from "../dom.js";
import { person } from "../world.js";
import { viewer } from "../where.js";
import { blocksOf } from "../blocks/blocks.js";
import { mrkdwn, unescape } from "../text/mrkdwn.js";
import { link, plain } from "../text/inline.js";
import { fullMoment } from "../text/dates.js";
import { surfaceOf } from "./surface.js";

/** Whether an app laid it out in blocks: it stands for itself, with its name above it, and is never called edited. */
export const isCard = (message) =>
  Boolean(message.bot_id && message.blocks?.some((block) => block.type !== "rich_text"));

/** The nodes of it; `where` is what a press on it tells the sandbox (see surface.js). */
export function content(message, where) {
  const emote = message.subtype === "me_message" ? " emote" : "";
  const surface = surfaceOf(where, message.blocks ?? []);
  const changedMark =
    message.edited &&
    !isCard(message) &&
    h("span", { class: "edited", title: fullMoment(message.edited.ts, person(viewer())) }, "(edited)");
  return [
    message.blocks?.length
      ? h("div", { class: `blocks${emote}` }, withMark(blocksOf(message.blocks, surface), changedMark))
      : message.text || changedMark
        ? h(
            "div",
            { class: `text${emote}`, dir: "auto" },
            message.mrkdwn === false ? plain(unescape(message.text ?? "")) : mrkdwn(message.text ?? ""),
            " ",
            changedMark,
          )
        : null,
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
  return h(
    "div",
    { class: "secondary", vars: { bar: colour } },
    one.pretext && h("div", { class: "text", dir: "auto" }, mrkdwn(one.pretext)),
    one.author_name && h("div", { class: "subtitle", dir: "auto" }, one.author_name),
    one.title &&
      h("div", { class: "title", dir: "auto" }, one.title_link ? link(one.title_link, one.title) : one.title),
    one.blocks
      ? blocksOf(one.blocks, surface)
      : (one.text || one.fallback) && h("div", { class: "text", dir: "auto" }, mrkdwn(one.text ?? one.fallback)),
    one.fields &&
      h(
        "div",
        { class: "fields" },
        one.fields.map((field) =>
          h("div", { class: "text", dir: "auto" }, h("b", {}, field.title), "\n", mrkdwn(field.value)),
        ),
      ),
    one.footer && h("div", { class: "muted small", dir: "auto" }, one.footer),
  );
}

const SIZES = ["B", "KB", "MB", "GB"];

export function size(bytes) {
  let left = bytes ?? 0,
    unit = 0;
  while (left >= 1000 && unit < 3) {
    left /= 1000;
    unit += 1;
  }
  return `${left < 10 && unit ? left.toFixed(1) : Math.round(left)} ${SIZES[unit]}`;
}

function file(one) {
  const address = `/_sandbox/file/${one.id}`;
  const image = one.mimetype?.startsWith("image/");
  return h(
    "a",
    {
      class: image ? "attached picture" : "attached",
      href: address,
      target: "_blank",
      rel: "noopener noreferrer",
      testid: `file-${one.id}`,
      title: one.name,
    },
    image ? h("img", { src: address, alt: one.title ?? one.name, loading: "lazy" }) : icon("file"),
    h(
      "span",
      { class: "file-words" },
      h("bdi", {}, one.title || one.name || "File"),
      h("small", {}, [one.pretty_type, one.size ? size(one.size) : null].filter(Boolean).join(" · ")),
    ),
  );
}
