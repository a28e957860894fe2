// Block Kit's select menus: one or many of a fixed list, of what the app suggests, of people, or of rooms.
import { fill, float, floatsFrom, h, icon, keep, sign } from "../dom.js";
import { isMember, nameOf, world } from "../world.js";
import { labelOf } from "../where.js";
import { avatar } from "../slack/avatar.js";
import { choose, testidOf } from "./elements.js";
import { textOf } from "./texts.js";

const SEARCH_FROM = 6;
const PAUSE = 200;

/** A closed menu that shows what is chosen and opens a searchable list. */
export function picker(part, block, surface) {
  const many = part.type.startsWith("multi_");
  const source = SOURCES[part.type.replace(/^multi_/, "")](part, block, surface);
  const label = h("span", { class: "picked" });
  const node = h(
    "button",
    {
      type: "button",
      class: "field picker",
      testid: testidOf(part, block),
      "aria-haspopup": "listbox",
      "data-focus": part.focus_on_load ? "yes" : undefined,
      onclick: () => (floatsFrom(node) ? undefined : open()),
    },
    label,
    icon("down"),
  );
  const chosen = () => {
    const value = surface.values.get(block, part);
    return many ? value : value === null ? [] : [value];
  };
  const show = () => {
    const held = chosen();
    node.dataset.value = held.map(source.id).join(",");
    if (!held.length)
      fill(
        label,
        h("span", { class: "placeholder" }, textOf(part.placeholder ?? { type: "plain_text", text: "Choose…" })),
      );
    else
      fill(
        label,
        held.map((value) => h("span", { class: many ? "chip" : "one", dir: "auto" }, source.words(value))),
      );
  };
  const take = async (value) => {
    const held = chosen();
    const id = source.id(value);
    const has = held.some((one) => source.id(one) === id);
    if (many && !has && part.max_selected_items && held.length >= part.max_selected_items) return;
    const next = many ? (has ? held.filter((one) => source.id(one) !== id) : [...held, value]) : value;
    await choose(part, block, surface, next);
    surface.typed?.(block);
    show();
  };
  const open = () => list(node, { source, many, chosen, take, label: part.placeholder?.text ?? "Choose" });
  show();
  return node;
}

// The open list: a search box where there is much to search, groups, arrow keys, Enter. A single choice closes it.
function list(anchor, { source, many, chosen, take, label }) {
  const rows = h("div", {
    class: "options",
    role: "listbox",
    "aria-label": label,
    "aria-multiselectable": many ? "true" : undefined,
  });
  const search = h("input", {
    class: "field",
    type: "search",
    placeholder: "Search…",
    "aria-label": "Search",
    testid: "options-search",
    dir: "auto",
  });
  const panel = float(anchor, [source.searchable && search, rows], { testid: "options", label, role: "dialog" });
  let found = [],
    at = -1,
    asked = 0,
    pause;
  const pick = async (value) => {
    if (!many) panel.close();
    await take(value);
    if (many) draw();
  };
  const draw = () => {
    const held = new Set(chosen().map(source.id));
    const flat = found.flatMap((group) => group.values);
    const out = [];
    let index = 0;
    for (const group of found) {
      if (group.label)
        out.push({
          key: `group ${group.label}`,
          sig: "",
          make: () => h("div", { class: "group", dir: "auto" }, group.label),
        });
      for (const value of group.values) out.push(optionRow(value, held.has(source.id(value)), index++));
    }
    if (!flat.length)
      out.push({
        key: "none",
        sig: "",
        make: () =>
          h("div", { class: "none" }, source.least ? `Type at least ${source.least} characters` : "Nothing found"),
      });
    keep(rows, out);
    panel.place();
  };
  const optionRow = (value, on, index) => ({
    key: source.id(value),
    sig: sign(on, index === at),
    make: () =>
      h(
        "button",
        {
          type: "button",
          role: "option",
          class: `menu-item${index === at ? " at" : ""}`,
          "aria-selected": on ? "true" : "false",
          testid: `option-${source.id(value)}`,
          onclick: () => pick(value),
        },
        h("span", { dir: "auto" }, source.words(value), source.note?.(value)),
        on && icon("check"),
      ),
  });
  const load = async () => {
    const turn = (asked += 1);
    const got = await source.load(search.value);
    if (turn !== asked) return;
    found = got;
    at = found.length ? 0 : -1;
    draw();
  };
  panel.panel.addEventListener("keydown", (event) => {
    const flat = found.flatMap((group) => group.values);
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      at = (at + (event.key === "ArrowDown" ? 1 : flat.length - 1)) % Math.max(1, flat.length);
      draw();
      rows.querySelector(".at")?.scrollIntoView({ block: "nearest" });
    } else if (event.key === "Enter" && flat[at] !== undefined) pick(flat[at]);
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  search.addEventListener("input", () => {
    clearTimeout(pause);
    pause = setTimeout(load, source.slow ? PAUSE : 0);
  });
  load();
  if (source.searchable) search.focus();
  else {
    rows.tabIndex = -1;
    rows.focus();
  }
}

const wordsOf = (option) => textOf(option.text);
const noteOf = (option) => option.description && h("small", { dir: "auto" }, textOf(option.description));
const optionSource = (load, more) => ({
  id: (option) => option.value,
  words: wordsOf,
  note: noteOf,
  searchable: true,
  load,
  ...more,
});

const groupsOf = (from) =>
  from?.option_groups
    ? from.option_groups.map((group) => ({ label: group.label.text, values: group.options }))
    : [{ values: from?.options ?? [] }];

const matching = (groups, query, words) =>
  groups
    .map((group) => ({
      ...group,
      values: group.values.filter((value) => words(value).toLowerCase().includes(query.trim().toLowerCase())),
    }))
    .filter((group) => group.values.length);

const SOURCES = {
  static_select(part) {
    const groups = groupsOf(part);
    return optionSource(async (query) => matching(groups, query, (option) => option.text.text), {
      searchable: groups.flatMap((group) => group.values).length >= SEARCH_FROM,
    });
  },
  external_select(part, block, surface) {
    const least = part.min_query_length ?? 3;
    return optionSource(
      async (query) => (query.length < least ? [] : groupsOf(await surface.suggest(block, part, query))),
      { slow: true, least },
    );
  },
  users_select: () => ({
    id: (id) => id,
    searchable: true,
    words: (id) => [avatar(id, "tiny"), nameOf(id)],
    load: async (query) =>
      matching(
        [{ values: [...world.users.values()].filter((user) => !user.deleted && !user.is_bot).map((user) => user.id) }],
        query,
        nameOf,
      ),
  }),
  conversations_select: (part, _, surface) =>
    rooms((room) => admitted(room, part.filter) && (isMember(room, surface.user) || !(room.is_im || room.is_private))),
  channels_select: () => rooms((room) => !room.is_im && !room.is_private),
};

function rooms(fits) {
  const name = (id) => (world.rooms.has(id) ? labelOf(world.rooms.get(id)) : id);
  return {
    id: (id) => id,
    searchable: true,
    words: (id) => [world.rooms.get(id)?.is_im ? "" : "# ", name(id)],
    load: async (query) =>
      matching(
        [
          {
            values: [...world.rooms.values()].filter((room) => !room.is_archived && fits(room)).map((room) => room.id),
          },
        ],
        query,
        name,
      ),
  };
}

function admitted(room, filter) {
  const kind = room.is_im ? "im" : room.is_private ? "private" : "public";
  if (filter?.include && !filter.include.includes(kind)) return false;
  return !(filter?.exclude_bot_users && room.is_im && (room.members ?? []).includes(world.botUser));
}
