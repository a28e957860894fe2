// Block Kit's typed fields: text, address, number, dates and times, files, rich text.
import { growing, h } from "../dom.js";
import { packed } from "../wire.js";
import { person } from "../world.js";
import { fromLocalInput, localInput } from "../text/dates.js";
import { choose, testidOf } from "./elements.js";
import { fieldOf } from "./values.js";

const INPUT = { plain_text_input: "text", email_text_input: "email", url_text_input: "url" };
const PAUSE = 250;

const common = (part, block) => ({
  class: "field",
  testid: testidOf(part, block),
  placeholder: part.placeholder?.text,
  dir: "auto",
  "data-focus": part.focus_on_load ? "yes" : undefined,
});

export function textField(part, block, surface) {
  const value = surface.values.get(block, part) ?? "";
  // type=email and type=url would trim and judge by the browser's rules; Slack's sentence is said on submit.
  const node = part.multiline
    ? h("textarea", { ...common(part, block), value, rows: 4, maxlength: part.max_length })
    : h("input", {
        ...common(part, block),
        value,
        type: "text",
        inputmode: INPUT[part.type],
        maxlength: part.max_length,
      });
  if (part.multiline) growing(node, 320);
  listen(node, part, block, surface, () => node.value || null);
  return node;
}

export function numberField(part, block, surface) {
  const node = h("input", {
    ...common(part, block),
    type: "text",
    inputmode: part.is_decimal_allowed ? "decimal" : "numeric",
    value: surface.values.get(block, part) ?? "",
  });
  listen(node, part, block, surface, () => node.value.trim() || null);
  return node;
}

export function richTextField(part, block, surface) {
  const node = h("textarea", {
    ...common(part, block),
    rows: part.min_lines ?? 4,
    value: flat(surface.values.get(block, part)),
  });
  growing(node, 320);
  listen(node, part, block, surface, () =>
    node.value
      ? { type: "rich_text", elements: [{ type: "rich_text_section", elements: [{ type: "text", text: node.value }] }] }
      : null,
  );
  return node;
}

const flat = (block) =>
  (block?.elements ?? [])
    .map((part) => (part.elements ?? []).map((piece) => piece.text ?? piece.url ?? "").join(""))
    .join("\n");

// Typing is kept at once; the app hears of it on Enter or per character, as dispatch_action_config says, and only where it asked.
function listen(node, part, block, surface, value) {
  const hears = block.dispatch_action || block.type !== "input";
  const triggers = part.dispatch_action_config?.trigger_actions_on ?? ["on_enter_pressed"];
  const tell = () => surface.press(block, part, { [fieldOf(part)]: value() });
  let pause;
  node.addEventListener("input", () => {
    surface.values.put(block, part, value());
    surface.typed?.(block);
    if (!hears || !triggers.includes("on_character_entered")) return;
    clearTimeout(pause);
    pause = setTimeout(tell, PAUSE);
  });
  node.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing || event.shiftKey || event.ctrlKey || event.metaKey) return;
    if (!hears || !triggers.includes("on_enter_pressed") || node.tagName === "TEXTAREA") return;
    event.preventDefault();
    tell();
  });
}

const WORDS = { datepicker: "Date", timepicker: "Time", datetimepicker: "Date and time" };
const DATES = { datepicker: "date", timepicker: "time", datetimepicker: "datetime-local" };

export function dateField(part, block, surface) {
  const whole = part.type === "datetimepicker";
  const reader = person(surface.user);
  const show = (value) => (value === null ? "" : whole ? localInput(value, reader) : value);
  const node = h("input", {
    ...common(part, block),
    type: DATES[part.type],
    value: show(surface.values.get(block, part)),
    "aria-label": block.type === "input" ? undefined : (part.placeholder?.text ?? WORDS[part.type]),
    onchange: async () => {
      const value = whole ? fromLocalInput(node.value, reader) : node.value || null;
      if (!(await choose(part, block, surface, value))) node.value = show(surface.values.get(block, part));
      surface.typed?.(block);
    },
  });
  return node;
}

export function fileField(part, block, surface) {
  const names = h(
    "span",
    { class: "hint" },
    surface.values
      .get(block, part)
      .map((file) => file.name)
      .join(", "),
  );
  return h(
    "span",
    { class: "files" },
    h("input", {
      type: "file",
      class: "field",
      testid: testidOf(part, block),
      multiple: (part.max_files ?? 10) > 1,
      accept: part.filetypes?.map((type) => `.${type}`).join(","),
      onchange: async (event) => {
        const files = await Promise.all([...event.target.files].slice(0, part.max_files ?? 10).map(packed));
        surface.values.put(block, part, files);
        names.textContent = files.map((file) => file.name).join(", ");
      },
    }),
    names,
  );
}
