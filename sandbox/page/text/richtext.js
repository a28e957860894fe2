// Slack's rich_text block: sections, lists, quotations and code, with styles, mentions, dates and colours.
import { h } from "../dom.js";
import { world } from "../world.js";
import { broadcast, date, emoji, groupMention, link, mention, roomMention } from "./inline.js";

/** Nodes for the elements of a rich_text block (or of a table's rich_text cell). */
export function richText(elements) {
  const out = [];
  const counts = [];
  for (const element of elements ?? []) {
    if (element.type !== "rich_text_list") counts.length = 0;
    out.push(part(element, counts));
  }
  return out;
}

function part(element, counts) {
  switch (element.type) {
    case "rich_text_section":
      return h("div", { class: "rt", dir: "auto" }, pieces(element.elements));
    case "rich_text_quote":
      return h("blockquote", { class: "rt", dir: "auto" }, pieces(element.elements));
    case "rich_text_preformatted":
      return h("pre", { dir: "auto" }, pieces(element.elements, "code"));
    case "rich_text_list":
      return list(element, counts);
    default:
      return h("div", { class: "unknown" }, `${element.type}`);
  }
}

const BULLETS = ["disc", "circle", "square"];
const NUMBERS = ["decimal", "lower-alpha", "lower-roman"];

// Slack writes nested lists as a row of lists with an indent each; a numbered level goes on counting after a deeper one.
function list(element, counts) {
  const indent = element.indent ?? 0;
  const ordered = element.style === "ordered";
  counts.length = indent + 1;
  const start = (counts[indent] ?? 0) + 1 + (element.offset ?? 0);
  counts[indent] = start - 1 + (ordered ? element.elements.length : 0);
  const kind = `indent${Math.min(indent, 8)} ${(ordered ? NUMBERS : BULLETS)[indent % 3]}${element.border ? " border" : ""}`;
  return h(
    ordered ? "ol" : "ul",
    { class: kind, start: ordered && start > 1 ? start : undefined },
    element.elements.map((item) => h("li", { dir: "auto" }, pieces(item.elements))),
  );
}

const pieces = (elements, inside) =>
  (elements ?? []).map((element) => styled(piece(element), inside ? { ...element.style, code: false } : element.style));

function piece(element) {
  switch (element.type) {
    case "text":
      return document.createTextNode(element.text);
    case "link":
      return link(element.url, element.text || element.url.replace(/^mailto:|^tel:/, ""));
    case "emoji":
      return emoji(element.name, element.unicode);
    case "user":
      return mention(element.user_id);
    case "channel":
      return roomMention(element.channel_id);
    case "usergroup":
      return groupMention(`@${element.usergroup_id}`);
    case "team":
      return groupMention(`@${element.team_id === world.team.id ? world.team.name : element.team_id}`);
    case "broadcast":
      return broadcast(element.range);
    case "color":
      return h("span", { class: "swatch", vars: { swatch: colour(element.value) } }, element.value);
    case "date":
      return date(element.timestamp, element.format, element.url, element.fallback);
    default:
      return document.createTextNode(element.text ?? "");
  }
}

const colour = (value) => (/^#[0-9a-f]{3,8}$/i.test(value) ? value : "transparent");
const TAGS = [
  ["code", "code"],
  ["underline", "u"],
  ["strike", "s"],
  ["italic", "i"],
  ["bold", "b"],
  ["highlight", "mark"],
];

function styled(node, style) {
  let out = node;
  for (const [name, tag] of TAGS) if (style?.[name]) out = h(tag, {}, out);
  return out;
}
