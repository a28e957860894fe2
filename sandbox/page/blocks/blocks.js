// Block Kit's layout blocks as DOM: what each block looks like; what can be pressed or filled in is in elements.js.
import { h, icon } from "../dom.js";
import { richText } from "../text/richtext.js";
import { markdown } from "../text/markdown.js";
import { link, plain } from "../text/inline.js";
import { textOf } from "./texts.js";
import { element, picture, settled } from "./elements.js";

/**
 * Nodes for a list of blocks. `surface` says where they stand and what a press does:
 * {user, where, values, blocks, press(block, element, action), errors}.
 */
export const blocksOf = (list, surface) =>
  (list ?? []).map((block) =>
    h(
      "div",
      {
        class: `block ${block.type}`,
        testid: block.block_id ? `block-${block.block_id}` : undefined,
      },
      (KINDS[block.type] ?? unknown)(block, surface),
    ),
  );

const unknown = (block) => h("div", { class: "unknown" }, `This page cannot show a “${block.type}” block.`);

// HTML's "auto" looks into Unicode isolates for the first letter that has a side; Unicode's own rule (UAX 9, P2) does not.
const APART = /[\u2066-\u2068][^\u2069]*\u2069?/g;
const FROM_THE_RIGHT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]/;

function sideOf(text) {
  const own = text.replace(APART, "");
  if (own === text) return "auto";
  return FROM_THE_RIGHT.test(own.match(/\p{L}/u)?.[0]) ? "rtl" : "ltr";
}

function section(block, surface) {
  return [
    h(
      "div",
      { class: "words" },
      block.text && h("div", { class: "text", dir: sideOf(block.text.text) }, textOf(block.text)),
      block.fields &&
        h(
          "div",
          { class: "fields" },
          block.fields.map((field) => h("div", { class: "text", dir: sideOf(field.text) }, textOf(field))),
        ),
    ),
    block.accessory && h("div", { class: "accessory" }, element(block.accessory, block, surface)),
  ];
}

const header = (block) => h("h3", { dir: sideOf(block.text.text) }, textOf(block.text));

function context(block) {
  return block.elements.map((part) =>
    part.type === "image"
      ? picture(part, "context-image")
      : h("span", { class: "text", dir: sideOf(part.text) }, textOf(part)),
  );
}

const actions = (block, surface) => block.elements.map((part) => element(part, block, surface));
const actionsOfCard = (block, surface) =>
  h(
    "div",
    { class: "block actions" },
    block.actions.map((part) => element(part, block, surface)),
  );

function image(block) {
  return h(
    "figure",
    {},
    block.title && h("figcaption", { dir: "auto" }, textOf(block.title)),
    picture(block, "block-image"),
  );
}

function input(block, surface) {
  const wrong = surface.errors?.[block.block_id];
  const alone = !["checkboxes", "radio_buttons"].includes(block.element.type);
  return h(
    alone ? "label" : "fieldset",
    { class: wrong ? "input wrong" : "input" },
    h(
      alone ? "span" : "legend",
      { class: "label", dir: "auto" },
      textOf(block.label),
      block.optional && h("span", { class: "optional" }, " (optional)"),
    ),
    element(block.element, block, surface),
    h(
      "span",
      { class: "error", role: "alert", testid: `error-${block.block_id}`, dir: "auto", hidden: !wrong },
      wrong ? [icon("warn"), wrong] : null,
    ),
    block.hint && h("span", { class: "hint", dir: "auto" }, textOf(block.hint)),
  );
}

function table(block) {
  const [head, ...rows] = block.rows;
  const cell = (tag) => (content, column) => {
    const settings = block.column_settings?.[column] ?? {};
    const side = settings.align ?? (content.type === "raw_number" ? "right" : "left");
    return h(
      tag,
      { class: `${side}${settings.is_wrapped === false ? " nowrap" : ""}`, dir: "auto" },
      content.type === "rich_text" ? richText(content.elements) : (content.text ?? String(content.value ?? "")),
    );
  };
  return h(
    "div",
    { class: "scroll" },
    h(
      "table",
      {},
      h("thead", {}, h("tr", {}, head.map(cell("th")))),
      h(
        "tbody",
        {},
        rows.map((row) => h("tr", {}, row.map(cell("td")))),
      ),
    ),
  );
}

const ALERTS = { default: "info", info: "info", warning: "warn", error: "warn", success: "check" };

const alert = (block) =>
  h(
    "div",
    { class: `alert ${block.level ?? "default"}`, role: "note" },
    icon(ALERTS[block.level ?? "default"] ?? "info"),
    h("div", { class: "text", dir: "auto" }, textOf(block.text)),
  );

function card(block, surface) {
  return h(
    "article",
    { class: "card" },
    block.hero_image && picture(block.hero_image, "hero"),
    h(
      "div",
      { class: "card-words" },
      block.icon && picture(block.icon, "context-image"),
      block.title && h("div", { class: "title", dir: "auto" }, textOf(block.title)),
      block.subtitle && h("div", { class: "subtitle", dir: "auto" }, textOf(block.subtitle)),
      block.body && h("div", { class: "text", dir: "auto" }, textOf(block.body)),
    ),
    block.actions && actionsOfCard(block, surface),
  );
}

const carousel = (block, surface) =>
  h(
    "div",
    { class: "cards", tabindex: "0", role: "group", "aria-label": "Cards" },
    block.elements.map((one) => card({ block_id: block.block_id, ...one }, surface)),
  );

function container(block, surface) {
  const title = [
    block.icon && picture(block.icon, "context-image"),
    h(
      "span",
      { class: "title", dir: "auto" },
      block.rich_text_title ? richText(block.rich_text_title.elements) : block.title && textOf(block.title),
    ),
    block.subtitle && h("span", { class: "subtitle", dir: "auto" }, textOf(block.subtitle)),
  ];
  const kind = `box ${block.width ?? "standard"}${block.has_header_divider ? " ruled" : ""}`;
  if (!block.is_collapsible)
    return h("section", { class: kind }, h("div", { class: "box-head" }, title), blocksOf(block.child_blocks, surface));
  return h(
    "details",
    { class: kind, open: !block.default_collapsed },
    h("summary", { class: "box-head" }, title),
    blocksOf(block.child_blocks, surface),
  );
}

function video(block) {
  return h(
    "figure",
    { class: "film" },
    block.author_name && h("div", { class: "subtitle" }, block.author_name),
    h(
      "figcaption",
      { dir: "auto" },
      block.title_url ? link(block.title_url, ...textOf(block.title)) : textOf(block.title),
    ),
    block.description && h("div", { class: "text", dir: "auto" }, textOf(block.description)),
    h(
      "div",
      { class: "still" },
      picture({ image_url: block.thumbnail_url, alt_text: block.alt_text }, "block-image"),
      h("span", { class: "play" }, icon("play")),
    ),
  );
}

const file = (block) =>
  h("div", { class: "attached" }, icon("file"), h("span", {}, "Remote file ", h("code", {}, block.external_id)));

const STATES = { pending: "○", in_progress: "◐", complete: "●", error: "!" };

function task(block) {
  return h(
    "div",
    { class: `task ${block.status}` },
    h("span", { class: "state", title: block.status }, STATES[block.status] ?? "○"),
    h(
      "div",
      {},
      h("div", { class: "title", dir: "auto" }, plain(block.title)),
      block.details && richText(block.details.elements),
      block.output && richText(block.output.elements),
      (block.sources ?? []).map((source) => h("div", {}, link(source.url, source.text))),
    ),
  );
}

const plan = (block) =>
  h(
    "section",
    { class: "box" },
    h("div", { class: "box-head" }, h("span", { class: "title", dir: "auto" }, plain(block.title))),
    (block.tasks ?? []).map(task),
  );

const KINDS = {
  section,
  header,
  context,
  actions,
  image,
  input,
  table,
  alert,
  card,
  carousel,
  container,
  video,
  file,
  plan,
  divider: () => h("hr"),
  rich_text: (block) => richText(block.elements),
  markdown: (block) => h("div", { class: "markdown" }, markdown(block.text)),
  data_table: (block) => [block.caption && h("div", { class: "caption", dir: "auto" }, block.caption), table(block)],
  context_actions: actions,
  task_card: task,
};

/** Which required inputs of a modal are empty or wrong: {block_id: sentence}. */
export function complaints(blocks, values) {
  const out = {};
  for (const block of blocks) {
    if (block.type !== "input") continue;
    const said = settled(block, values.get(block, block.element));
    if (said) out[block.block_id] = said;
  }
  return out;
}
