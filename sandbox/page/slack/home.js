// The app's own place: its Home tab, drawn from what it published for the viewer, and the way to its messages.
import { fill, h, icon, keep, sign } from "../dom.js";
import { act } from "../wire.js";
import { directWith, nameOf, person, world } from "../world.js";
import { arrows, backButton } from "../steps.js";
import { go, viewer, where } from "../where.js";
import { blocksOf } from "../blocks/blocks.js";
import { valuesOf } from "../blocks/values.js";
import { avatar } from "./avatar.js";
import { sentence, trouble, troubleAt } from "./notes.js";
import { surfaceOf } from "./surface.js";

/** The Home column; draw() brings it up to date and tells the app when somebody came. */
export function homePane() {
  const head = h("header", { class: "room-head" });
  const body = h("div", { class: "home", testid: "home", tabindex: "0" });
  const node = h("section", { class: "room", "aria-label": "App Home", hidden: true }, head, body);
  let visitor = null;

  const draw = () => {
    const here = where.at === "home";
    node.hidden = !here;
    const me = here ? viewer() : null;
    if (me !== visitor) {
      visitor = me;
      if (me) visit(me);
    }
    if (!here) return;
    fill(
      head,
      backButton("Back to the rooms", "home-back", { at: undefined }),
      h("h2", {}, avatar(world.botUser, "tiny"), " ", nameOf(world.botUser)),
      tabs("home"),
    );
    const view = world.homes.get(me);
    const surface = view && surfaceOf({ view_id: view.id }, view.blocks);
    if (view) {
      valuesOf(`${me} ${view.id}`).prune(view.blocks);
      valuesOf(`${me} ${view.id}`).adopt(view.state);
    }
    keep(body, [
      {
        key: "trouble",
        sig: troubleAt(view?.id ?? "home") ?? "",
        make: () => {
          const said = troubleAt(view?.id ?? "home");
          return h("div", { class: "trouble", role: "alert", hidden: !said }, icon("warn"), h("span", {}, said));
        },
      },
      view
        ? {
            key: `view-${me}`,
            sig: sign(view.blocks, world.names),
            make: () => h("div", { class: "blocks" }, blocksOf(view.blocks, surface)),
          }
        : { key: "none", sig: "", make: nothing },
    ]);
  };
  return { node, draw };
}

async function visit(me) {
  trouble("home", null);
  try {
    await act("open_home", { user: me });
  } catch (refusal) {
    if (!refusal.code) throw refusal;
    trouble("home", sentence(refusal.code));
  }
}

function nothing() {
  return h(
    "div",
    { class: "beginning" },
    h("h3", {}, "This is still a work in progress"),
    h(
      "p",
      { class: "muted" },
      "The app has not published a Home for you yet. It hears that you opened this tab and may answer in a moment.",
    ),
  );
}

/** Home | Messages, as an app's place has in Slack. */
export function tabs(current) {
  const tab = (name, label, does) =>
    h(
      "button",
      {
        type: "button",
        role: "tab",
        class: "tab",
        testid: `app-${name}`,
        "aria-selected": String(name === current),
        onclick: does,
      },
      label,
    );
  return h(
    "div",
    { class: "tabs", role: "tablist", "aria-label": "The app’s tabs", onkeydown: arrows },
    tab("home", "Home", () => go({ at: "home", thread: undefined })),
    tab("messages", "Messages", toMessages),
  );
}

/** To the direct messages with the app; made when there are none yet. */
async function toMessages() {
  const me = viewer();
  try {
    if (!directWith(me, world.botUser)) await act("open_dm", { user: me, with: world.botUser });
  } catch (refusal) {
    if (!refusal.code) throw refusal;
    trouble("home", sentence(refusal.code));
    return;
  }
  go({ at: `@${person(world.botUser)?.name}`, thread: undefined });
}
