// Block Kit's interactive elements: buttons and menus here, one-of-many pickers in picker.js, typed fields in fields.js.
import { float, h, icon } from "../dom.js";
import { plain } from "../text/inline.js";
import { confirmed } from "./confirm.js";
import { fieldOf } from "./values.js";
import { picker } from "./picker.js";
import { dateField, fileField, numberField, richTextField, textField } from "./fields.js";
import { textOf } from "./texts.js";

/** The node of one element of `block` on `surface` (see blocks.js). */
export function element(part, block, surface) {
  const make = KINDS[part.type];
  return make
    ? make(part, block, surface)
    : h("span", { class: "unknown" }, `This page cannot show a “${part.type}” element.`);
}

const KINDS = {
  image: (part) => picture(part, "accessory-image"),
  button,
  overflow,
  icon_button: iconButton,
  feedback_buttons: feedback,
  workflow_button: button,
  checkboxes: choices,
  radio_buttons: choices,
  plain_text_input: textField,
  email_text_input: textField,
  url_text_input: textField,
  number_input: numberField,
  rich_text_input: richTextField,
  datepicker: dateField,
  timepicker: dateField,
  datetimepicker: dateField,
  file_input: fileField,
};
for (const kind of ["static", "external", "users", "conversations", "channels"])
  KINDS[`${kind}_select`] = KINDS[`multi_${kind}_select`] = picker;

/** How tests find an element: by its action_id, in an input block by block_id and action_id. */
export const testidOf = (part, block) =>
  block.type === "input" ? `input-${block.block_id}-${part.action_id}` : `action-${part.action_id}`;

/** A stateful element took a new value: ask where it has a confirm, keep it, and tell the app where it listens. False when denied. */
export async function choose(part, block, surface, value) {
  if (part.confirm && !(await confirmed(part.confirm))) return false;
  surface.values.put(block, part, value);
  if (block.type !== "input" || block.dispatch_action) surface.press(block, part, { [fieldOf(part)]: value });
  return true;
}

async function press(node, part, block, surface, extra) {
  if (part.confirm && !(await confirmed(part.confirm))) return;
  node.setAttribute("aria-busy", "true");
  await surface.press(block, part, extra);
  node.removeAttribute("aria-busy");
}

function button(part, block, surface) {
  const node = h(
    "button",
    {
      type: "button",
      class: `button ${part.style ?? ""}`,
      testid: testidOf(part, block),
      "data-subject": part.value,
      "aria-label": part.accessibility_label,
      onclick: () => {
        if (part.url && /^https?:/i.test(part.url)) window.open(part.url, "_blank", "noopener,noreferrer");
        press(node, part, block, surface, { value: part.value, text: part.text });
      },
    },
    h("span", { dir: "auto" }, textOf(part.text)),
    part.url && h("span", { class: "out", "aria-hidden": "true" }, "↗"),
  );
  return node;
}

function overflow(part, block, surface) {
  const node = h(
    "button",
    {
      type: "button",
      class: "button square",
      testid: testidOf(part, block),
      "aria-label": "More actions",
      "aria-haspopup": "menu",
      onclick: () => {
        const menu = float(
          node,
          part.options.map((option) =>
            h(
              "button",
              {
                type: "button",
                role: "menuitem",
                class: "menu-item",
                testid: `option-${option.value}`,
                onclick: () => {
                  menu.close();
                  if (option.url && /^https?:/i.test(option.url))
                    window.open(option.url, "_blank", "noopener,noreferrer");
                  press(node, part, block, surface, { selected_option: option });
                },
              },
              h("span", { dir: "auto" }, textOf(option.text)),
              option.description && h("small", { dir: "auto" }, textOf(option.description)),
            ),
          ),
          { testid: "menu", label: "More actions", role: "menu" },
        );
        menu.panel.querySelector("button")?.focus();
      },
    },
    icon("more"),
  );
  return node;
}

function iconButton(part, block, surface) {
  if (part.visible_to_user_ids && !part.visible_to_user_ids.includes(surface.user)) return null;
  const node = h(
    "button",
    {
      type: "button",
      class: "button quiet",
      testid: testidOf(part, block),
      "aria-label": part.accessibility_label ?? part.text.text,
      title: part.text.text,
      onclick: () => press(node, part, block, surface, { value: part.value }),
    },
    icon(part.icon === "trash" ? "trash" : "bolt"),
  );
  return node;
}

const THUMBS = { positive_button: "👍", negative_button: "👎" };

function feedback(part, block, surface) {
  return h(
    "span",
    { class: "feedback", testid: testidOf(part, block) },
    Object.entries(THUMBS).map(([side, shown]) => {
      const node = h(
        "button",
        {
          type: "button",
          class: "button quiet",
          "aria-label": part[side].accessibility_label ?? part[side].text.text,
          title: part[side].text.text,
          testid: `option-${part[side].value}`,
          onclick: () => press(node, part, block, surface, { value: part[side].value, text: part[side].text }),
        },
        shown,
      );
      return node;
    }),
  );
}

let groups = 0;

function choices(part, block, surface) {
  const many = part.type === "checkboxes";
  const name = `choice-${(groups += 1)}`;
  const chosen = surface.values.get(block, part);
  const on = (option) => (many ? chosen.some((one) => one.value === option.value) : chosen?.value === option.value);
  const boxes = part.options.map((option) =>
    h("input", {
      type: many ? "checkbox" : "radio",
      name,
      checked: on(option),
      testid: `option-${option.value}`,
      onchange: changed,
    }),
  );
  async function changed() {
    const value = many
      ? part.options.filter((_, at) => boxes[at].checked)
      : (part.options.find((_, at) => boxes[at].checked) ?? null);
    const taken = await choose(part, block, surface, value);
    if (!taken)
      boxes.forEach((box, at) => {
        box.checked = on(part.options[at]);
      });
  }
  return h(
    "div",
    { class: "choices", role: "group", testid: testidOf(part, block) },
    part.options.map((option, at) =>
      h(
        "label",
        { class: "choice" },
        boxes[at],
        h(
          "span",
          { dir: "auto" },
          textOf(option.text),
          option.description && h("small", { dir: "auto" }, textOf(option.description)),
        ),
      ),
    ),
  );
}

// The app's own upload, named by id or by one of its addresses, as the page may fetch it.
function ownFile(file) {
  const id = file?.id ?? /\b(F[A-Z0-9]{6,})\b/.exec(file?.url ?? "")?.[1];
  return id && `/_sandbox/file/${id}`;
}

/** An image; where its address cannot be loaded (this page loads nothing from elsewhere) its description. */
export function picture(part, kind) {
  const source = part.image_url ?? ownFile(part.slack_file) ?? "";
  const instead = () =>
    h(
      "span",
      { class: `no-image ${kind}`, title: source, role: "img", "aria-label": part.alt_text },
      kind === "context-image" ? "▫" : plain(part.alt_text || "Image"),
    );
  const node = h("img", {
    class: kind,
    src: source,
    alt: part.alt_text ?? "",
    loading: "lazy",
    onerror: () => node.replaceWith(instead()),
  });
  return node;
}

const ADDRESS = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;

/** What Slack says under an input before it sends a form: required, too short or long, no number, no address; null when fine. */
export function settled(block, value) {
  const part = block.element;
  const empty = value === null || value === undefined || value === "" || (Array.isArray(value) && !value.length);
  if (empty) return block.optional ? null : "Please complete this required field.";
  const length = typeof value === "string" ? [...value].length : 0;
  switch (part.type) {
    case "plain_text_input":
      if (part.min_length && length < part.min_length) return `Please enter at least ${part.min_length} characters.`;
      return length > (part.max_length ?? 3000) ? `Please enter at most ${part.max_length ?? 3000} characters.` : null;
    case "email_text_input":
      return ADDRESS.test(value) ? null : "Please enter a valid email address.";
    case "url_text_input":
      return URL.canParse(value) ? null : "Please enter a valid URL.";
    case "number_input":
      return wrongNumber(part, value);
    default:
      return null;
  }
}

function wrongNumber(part, value) {
  const number = Number(value);
  if (!Number.isFinite(number)) return "Please enter a number.";
  if (!part.is_decimal_allowed && !Number.isInteger(number)) return "Please enter a whole number.";
  if (part.min_value !== undefined && number < Number(part.min_value))
    return `Please enter a number of at least ${part.min_value}.`;
  if (part.max_value !== undefined && number > Number(part.max_value))
    return `Please enter a number of at most ${part.max_value}.`;
  return null;
}
