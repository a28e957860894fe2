// What a person has typed and chosen in a surface (a message, a modal, a Home), in the shape of Slack's state.values.
import { draft, keepDraft } from "../drafts.js";

const FIELD = {
  plain_text_input: ["value", "initial_value"],
  email_text_input: ["value", "initial_value"],
  url_text_input: ["value", "initial_value"],
  number_input: ["value", "initial_value"],
  rich_text_input: ["rich_text_value", "initial_value"],
  datepicker: ["selected_date", "initial_date"],
  timepicker: ["selected_time", "initial_time"],
  datetimepicker: ["selected_date_time", "initial_date_time"],
  static_select: ["selected_option", "initial_option"],
  external_select: ["selected_option", "initial_option"],
  radio_buttons: ["selected_option", "initial_option"],
  users_select: ["selected_user", "initial_user"],
  conversations_select: ["selected_conversation", "initial_conversation"],
  channels_select: ["selected_channel", "initial_channel"],
  multi_static_select: ["selected_options", "initial_options"],
  multi_external_select: ["selected_options", "initial_options"],
  checkboxes: ["selected_options", "initial_options"],
  multi_users_select: ["selected_users", "initial_users"],
  multi_conversations_select: ["selected_conversations", "initial_conversations"],
  multi_channels_select: ["selected_channels", "initial_channels"],
  file_input: ["files", null],
};
const MANY = /^multi_|^checkboxes$|^file_input$/;

/** Under which name this element's value stands in state.values and in actions; undefined for buttons and menus without state. */
export const fieldOf = (element) => FIELD[element.type]?.[0];

const surfaces = new Map();

/**
 * The values of one surface. An element keeps what was put in as long as a redraw has the same block_id and action_id;
 * one that went away and comes back begins with its initial value again.
 */
export function valuesOf(surface) {
  const name = `values ${surface}`;
  if (!surfaces.has(surface)) surfaces.set(surface, new Map(Object.entries(draft(name) ?? {})));
  const kept = surfaces.get(surface);
  return {
    get: (block, element) => kept.get(key(block, element)) ?? initial(element),
    put: (block, element, value) => {
      kept.set(key(block, element), value);
      if (element.type !== "file_input") keepDraft(name, { ...draft(name), [key(block, element)]: value });
    },
    forget: () => keepDraft(name),
    known: (block, element) => kept.has(key(block, element)),
    collect: (blocks) => collect(blocks, kept),
    prune: (blocks) => prune(blocks, kept),
    adopt: (state) => adopt(state, kept),
  };
}

const key = (block, element) => `${block.block_id} ${element.action_id}`;

function initial(element) {
  const [field, from] = FIELD[element.type] ?? [];
  if (!field) return undefined;
  const value = from ? element[from] : undefined;
  return value ?? (MANY.test(element.type) ? [] : null);
}

/** Every element of these blocks that can hold a value, with its block; children of containers too. */
export function* stateful(blocks) {
  for (const block of blocks ?? []) {
    const elements = [block.element, block.accessory, ...(block.elements ?? [])];
    for (const element of elements) if (element && fieldOf(element)) yield [block, element];
    if (block.child_blocks) yield* stateful(block.child_blocks);
  }
}

function collect(blocks, kept) {
  const out = {};
  for (const [block, element] of stateful(blocks)) {
    const value = kept.get(key(block, element)) ?? initial(element);
    out[block.block_id] ??= {};
    out[block.block_id][element.action_id] = { type: element.type, [fieldOf(element)]: value };
  }
  return out;
}

function prune(blocks, kept) {
  const present = new Set([...stateful(blocks)].map(([block, element]) => key(block, element)));
  for (const old of kept.keys()) if (!present.has(old)) kept.delete(old);
}

// What the server remembers of a surface (after a reload); what is being typed here goes first.
function adopt(state, kept) {
  for (const [block, actions] of Object.entries(state?.values ?? {})) {
    for (const [action, held] of Object.entries(actions)) {
      const field = FIELD[held.type]?.[0];
      const name = `${block} ${action}`;
      if (field && held[field] !== undefined && held[field] !== null && !kept.has(name)) kept.set(name, held[field]);
    }
  }
}
