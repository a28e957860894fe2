// The little panel to find an emoji in: the usual ones first, all others by their letters.
import { fill, float, h } from "../dom.js";
import { emojiLike, OFTEN, picture } from "../text/emoji.js";

/** Open it beside `anchor`; `chosen(name)` hears which one it was. */
export function pickEmoji(anchor, chosen) {
  const grid = h("div", { class: "emoji-grid" });
  const show = (pairs) =>
    fill(
      grid,
      pairs.map(([name, shown]) =>
        h(
          "button",
          {
            type: "button",
            class: "emoji-choice",
            title: `:${name}:`,
            "aria-label": name,
            testid: `emoji-${name}`,
            onclick: () => {
              panel.close();
              chosen(name);
            },
          },
          shown,
        ),
      ),
      pairs.length ? null : h("div", { class: "none" }, "No emoji of that name"),
    );
  const often = () => show(OFTEN.map((name) => [name, picture(name)]));
  const search = h("input", {
    class: "field",
    type: "search",
    placeholder: "Search emoji",
    "aria-label": "Search emoji",
    testid: "emoji-search",
    oninput: () => (search.value.trim() ? show(emojiLike(search.value)) : often()),
    onkeydown: (event) => {
      if (event.key === "Enter") grid.querySelector("button")?.click();
    },
  });
  often();
  const panel = float(anchor, [search, grid], { testid: "emoji-picker", label: "Emoji" });
  search.focus();
}
