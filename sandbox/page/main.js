// The sandbox's page: customers' mailboxes and phones on one side, Slack on the other, live. This module puts the parts together.
//
// body[data-ready] is there once the first state is drawn. Everything one can use has a data-testid that stays:
//   steps     on a phone: mail-back room-back home-back thread-back
//   page      layout-both layout-mail layout-slack splitter connection (data-connected = sockets, data-live) guide-toggle guide
//             guide-step-<1..5> (data-done) guide-dismiss faults-open toast
//   faults    faults faults-close fault-<name> fault-<map>-key|-value|-add|-remove-<key> fault-disconnect_now fault-tiers
//             faults-clear sandbox-reset
//   mail      mailbox-<address> mailboxes (the list: mailboxes-all mailboxes-search choose-<address>) mailbox-new mailbox-new-name|-address|-save conversations conversation-<id>
//             conversation-subject conversation (the reading pane) mail-<id> mail-fold-<id> mail-text-<id> mail-quoted-<id>
//             mail-refusal-<id> mail-show-html-<id> mail-frame-<id> mail-headers-<id> mail-source-<id> mail-raw-<id>
//             mail-attachment-<id>-<n>
//   phones    via-mail via-phone phone-<number> phone-new phone-new-name|-language|-save phone-chat phone-message-<id>
//             phone-answer-<id> phone-edit-<id> phone-press-<data> phone-text phone-send phone-attach phone-files
//             phone-location phone-start phone-block
//   shop      via-shop shopper-<id> shopper-new shopper-new-name|-save shop-text shop-send shop-refuse shop-said-<n>
//             shop-hooks shop-hook-<webhook-id> (data-signed, data-type) shop-stands
//   writing   mail-compose mail-compose-first mail-sheet mail-from mail-to mail-cc mail-subject mail-body mail-html
//             mail-attach mail-files mail-example example-<n> mail-send mail-discard; in a thread: mail-reply reply-body
//             reply-quote reply-html reply-attach reply-files reply-send reply-discard
//   Slack     persona-<login> room-<name> dm-<login> app app-home app-messages room-title room-topic room-join home
//   messages  messages and thread-messages (the two columns; thread: its pane; a thread's first message stands in both, so look within one)
//             messages-newest messages-earlier message-<ts> (data-user) open-thread-<ts> reply-<ts> (beside open-thread when there are replies) react-<ts>
//             quick-<ts>-<emoji> more-<ts> menu edit-<ts> delete-<ts> copy-<ts> edit-input edit-save edit-cancel
//             reaction-<ts>-<emoji> emoji-picker emoji-search emoji-<name> file-<id> thread-close day-<yyyy-mm-dd>
//             ephemeral-<id> dismiss-<id> trouble-<ts or id> (what went wrong at the last press)
//   writing   composer composer-send|-attach|-files|-emoji|-shortcuts|-suggestions, the same with thread-composer;
//             command-</word> suggest-<login or emoji> shortcut-<callback_id> (global and message shortcuts)
//   blocks    block-<block_id> action-<action_id> (look within the message or modal) input-<block_id>-<action_id>
//             error-<block_id>; options and options-search (the open list of a select) option-<value>; a select's
//             data-value holds what is chosen; confirm confirm-ok confirm-deny
//   modals    modal (data-view, data-callback) modal-title modal-submit modal-close modal-back modal-x modal-error
import { fill, h, icon, sinkLost } from "./dom.js";
import { follow } from "./wire.js";
import { changed, takeChange, takeWhole, watch, world } from "./world.js";
import { followAddressBar, go, goTo, onPhone, remember, remembered, sideOnView } from "./where.js";
import { faultsDrawer, isOn } from "./faults.js";
import { guide } from "./guide.js";
import { newMail } from "./mail/letters.js";
import { mailSide } from "./mail/mailbox.js";
import { newOnPhones } from "./phone/telegram.js";
import { newInShop } from "./shop/said.js";
import { permalink } from "./text/inline.js";
import { reached } from "./slack/notes.js";
import { newInSlack, workspace } from "./slack/workspace.js";

const byId = (id) => document.getElementById(id);

// What the switch in the top bar shows: its shape, its word on a phone, what it is called.
const SIDES = {
  mail: ["left", "Customers", "Only the customers"],
  both: ["both", "Both", "Customers and Slack"],
  slack: ["right", "Slack", "Only Slack"],
};
const NEWS = { mail: () => newMail() || newOnPhones() || newInShop(), both: () => false, slack: newInSlack };

function topBar(root, { toggleGuide, toggleFaults }) {
  const link = h("span", { class: "connection", testid: "connection", role: "status" });
  const layout = Object.entries(SIDES).map(([name, [shape, words]]) =>
    h(
      "button",
      {
        type: "button",
        class: "layout",
        testid: `layout-${name}`,
        onclick: () => go({ show: name === "both" ? undefined : name }, { quiet: true }),
      },
      icon(shape),
      h("span", { class: "side-word" }, words),
      h("span", { class: "dot", hidden: true }),
    ),
  );
  const worried = h("span", { class: "dot", hidden: true });
  fill(
    root,
    h("img", { class: "logo", src: "/static/icon.svg", alt: "" }),
    h("h1", { class: "brand" }, "Deskbell"),
    h("span", { class: "tag" }, "sandbox"),
    link,
    h("span", { class: "spring" }),
    h("span", { class: "segments", role: "group", "aria-label": "Layout" }, layout),
    h(
      "button",
      { type: "button", class: "quiet", testid: "guide-toggle", onclick: toggleGuide },
      icon("help"),
      "Guide",
    ),
    h(
      "button",
      { type: "button", class: "quiet", testid: "faults-open", onclick: toggleFaults },
      icon("tune"),
      "Faults",
      worried,
    ),
  );
  return () => {
    const sockets = world.connected;
    const state = !world.live ? "lost" : sockets ? "up" : "down";
    link.className = `connection ${state}`;
    link.dataset.connected = String(sockets);
    link.dataset.live = String(world.live);
    link.title = state === "down" ? "Start the desk with this sandbox’s settings, or give it a request URL." : "";
    const said = {
      lost: "Sandbox not reachable, trying again…",
      up: `App connected · ${sockets === 1 ? "1 socket" : `${sockets} sockets`}`,
      down: "App not connected",
    }[state];
    if (link.textContent !== said) link.textContent = said; // a status is read out when it is written
    for (const button of layout) drawSwitch(button);
    worried.hidden = !Object.entries(world.faults).some(
      ([name, value]) => !name.endsWith("_limit_seconds") && isOn(name, value),
    );
  };
}

function drawSwitch(button) {
  const name = button.dataset.testid.replace("layout-", "");
  const [, words, label] = SIDES[name];
  const on = sideOnView() === name;
  const news = onPhone() && !on && NEWS[name]();
  const called = onPhone() ? words : label;
  button.setAttribute("aria-pressed", String(on));
  button.setAttribute("aria-label", news ? `${called}, something new` : called);
  button.title = onPhone() ? "" : label;
  button.querySelector(".dot").hidden = !news;
}

function splitter(bar, desk) {
  const set = (percent) => {
    const held = Math.min(70, Math.max(24, percent));
    desk.style.setProperty("--split", `${held}%`);
    bar.setAttribute("aria-valuenow", String(Math.round(held)));
    remember("split", String(held));
  };
  set(Number(remembered("split", "36")));
  bar.addEventListener("pointerdown", (event) => {
    bar.setPointerCapture(event.pointerId);
    const move = (moved) => {
      const box = desk.getBoundingClientRect();
      set(((moved.clientX - box.left) / box.width) * 100);
    };
    bar.addEventListener("pointermove", move);
    bar.addEventListener("pointerup", () => bar.removeEventListener("pointermove", move), { once: true });
  });
  bar.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -2, ArrowRight: 2 }[event.key];
    if (step) set(Number(bar.getAttribute("aria-valuenow")) + step);
  });
}

// The server answers …/archives/… with this page too: a permalink opened from elsewhere leads to its message.
function comeByPermalink() {
  const place = location.pathname.startsWith("/archives/") && permalink(location.href);
  if (!place) return;
  history.replaceState(null, "", `/${location.hash}`);
  goTo("slack", place);
}

function start() {
  const mail = mailSide(byId("mail"));
  const slack = workspace(byId("slack"));
  const hints = guide(byId("guide"), { compose: mail.compose });
  const faults = faultsDrawer(byId("drawer"));
  const bar = topBar(byId("top"), { toggleGuide: hints.toggle, toggleFaults: faults.toggle });
  splitter(byId("splitter"), byId("desk"));
  followAddressBar();
  watch(() => {
    byId("desk").dataset.show = sideOnView();
    bar();
    hints.draw();
    mail.draw();
    slack();
    faults.draw();
    sinkLost();
    document.body.dataset.ready = "yes";
  });
  follow({
    whole: (state) => {
      takeWhole(state);
      comeByPermalink();
    },
    change: takeChange,
    live: (yes) => {
      world.live = yes;
      if (yes) reached();
      changed();
      if (!world.ready) bar();
    },
  });
  bar();
}

start();
