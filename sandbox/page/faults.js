// The drawer where one makes things go wrong: slow and failing calls, rate limits, lost acknowledgements, refused mail.
import { fill, h, icon, keep, sign, toast } from "./dom.js";
import { forgetDrafts } from "./drafts.js";
import { timeRow } from "./time.js";
import { act } from "./wire.js";
import { world } from "./world.js";
import { forgetMarks } from "./where.js";
import { sentence } from "./slack/notes.js";

const WORDS = {
  slow_ms: ["Every API call is slow", "milliseconds"],
  http_error_rate: ["API calls that fail with 500", "share, 0 to 1"],
  http_errors: ["The next API calls fail with 500", "calls"],
  rate_limit_next: ["The next API calls are refused with 429", "calls"],
  rate_limit_seconds: ["…and say Retry-After", "seconds"],
  drop_acks: ["The app’s next acknowledgements are lost", "acknowledgements"],
  duplicate_events: ["Every event is delivered twice"],
  delay_events_ms: ["Events come late", "milliseconds"],
  reorder_events: ["Events swap places"],
  scatter_events_ms: ["Events come one to three times, in any order, within", "milliseconds"],
  refuse_sockets: ["New connections are refused"],
  refuse_broadcasts: ["Nothing in a thread may be shown in its room as well"],
  mail_lose_replies: ["Mail is taken, but the reply is lost", "mails"],
  telegram_errors: ["The next calls of Telegram fail with 502", "calls"],
  telegram_slow_ms: ["Every call of Telegram is slow", "milliseconds"],
  telegram_limit_next: ["Telegram’s next calls are refused with 429", "calls"],
  telegram_limit_seconds: ["…and say retry_after", "seconds"],
  telegram_lose_answers: ["A message is sent, but the bot does not hear so", "messages"],
  telegram_duplicates: ["Everything on a phone is told twice"],
  telegram_scatter: ["Everything on a phone is told one to three times, in any order"],
  api_error: ["A method answers with an error", "chat.postMessage", "channel_not_found"],
  lose_answers: ["A method works, but its answer is lost", "chat.postMessage", "1"],
  mail_refuse: ["A mailbox refuses mail", "carla@example.com", "550 5.1.1 No such user"],
  mail_tempfail: ["A mailbox says “later” n times", "carla@example.com", "2"],
};

// What a number is while all is well.
const USUAL = { rate_limit_seconds: 1, telegram_limit_seconds: 3 };

/** Whether a fault is switched. */
export const isOn = (name, value) =>
  typeof value === "object" && value ? Object.keys(value).length > 0 : (value || 0) !== (USUAL[name] ?? 0);

/** Build the drawer into `root`; returns {toggle, draw}. */
export function faultsDrawer(root) {
  const rows = h("div", { class: "fault-rows" });
  const toggle = () => {
    root.hidden = !root.hidden;
    if (!root.hidden) {
      draw();
      root.querySelector("button, input")?.focus();
    }
  };
  const panel = h(
    "aside",
    {
      class: "drawer",
      testid: "faults",
      "aria-label": "Faults",
      onkeydown: (event) => {
        if (event.key === "Escape") toggle();
      },
    },
    h(
      "header",
      {},
      h("h2", {}, "Make things go wrong"),
      h(
        "button",
        { type: "button", class: "quiet", testid: "faults-close", "aria-label": "Close", onclick: toggle },
        icon("close"),
      ),
    ),
    h(
      "p",
      { class: "muted" },
      "What real networks, Slack, Telegram and mail servers do on a bad day. It takes effect at once; nothing a customer wrote may be lost.",
    ),
    rows,
    h(
      "footer",
      {},
      h(
        "button",
        {
          type: "button",
          class: "button",
          testid: "fault-disconnect_now",
          onclick: () => patch({ disconnect_now: true }, "The app’s sockets were asked to reconnect."),
        },
        "Cut the connection now",
      ),
      h("button", { type: "button", class: "button", testid: "faults-clear", onclick: clear }, "All well again"),
      h(
        "button",
        { type: "button", class: "button danger", testid: "sandbox-reset", onclick: reset },
        "Reset the sandbox",
      ),
    ),
  );
  fill(root, panel);

  const draw = () => {
    if (root.hidden) return;
    const tiers = {
      key: "tiers",
      sig: String(world.tiers),
      make: () => toggleRow("tiers", Boolean(world.tiers), "Slack’s rate limits apply", (on) => doing("tiers", { on })),
    };
    const known = Object.entries(world.faults).map(([name, value]) => ({
      key: name,
      sig: sign(value),
      make: () => faultRow(name, value),
    }));
    const time = world.time ? [{ key: "time", sig: sign(world.time), make: () => timeRow(doing) }] : [];
    keep(rows, [...time, tiers, ...known]);
  };
  return { toggle, draw };
}

const patch = (changes, said) => doing("faults", changes, said);

async function doing(action, changes, said) {
  try {
    await act(action, changes);
    if (said) toast(said);
  } catch (refusal) {
    if (!refusal.code) throw refusal;
    toast(
      refusal.code === "invalid_fault" ? "That value does not fit." : sentence(refusal.code),
      "error",
      refusal.code,
    );
  }
}

const blank = (value) => (typeof value === "boolean" ? false : typeof value === "number" ? 0 : {});

const clear = () =>
  patch(
    Object.fromEntries(
      Object.entries(world.faults).map(([name, value]) => [name, USUAL[name] ?? blank(value)]),
    ),
    "All faults are off.",
  );

async function reset() {
  if (!window.confirm("Forget every message, ticket card and mail of this sandbox?")) return;
  try {
    await act("reset", {});
    forgetMarks();
    forgetDrafts();
    location.reload();
  } catch (refusal) {
    if (!refusal.code) throw refusal;
    toast(sentence(refusal.code), "error", refusal.code);
  }
}

function faultRow(name, value) {
  if (typeof value === "boolean") return toggleRow(name, value, WORDS[name]?.[0] ?? name);
  if (typeof value === "number") return numberRow(name, value);
  return mapRow(name, value ?? {});
}

const toggleRow = (name, on, words, does = (yes) => patch({ [name]: yes })) =>
  h(
    "label",
    { class: `fault${on && name !== "tiers" ? " on" : ""}` },
    h("span", {}, words),
    h("input", {
      type: "checkbox",
      class: "switch",
      role: "switch",
      checked: on,
      testid: `fault-${name}`,
      onchange: (event) => does(event.target.checked),
    }),
  );

function numberRow(name, value) {
  const [words, unit] = WORDS[name] ?? [name, ""];
  return h(
    "label",
    { class: `fault${isOn(name, value) ? " on" : ""}` },
    h("span", {}, words, h("small", { class: "muted" }, ` ${unit ?? ""}`)),
    h("input", {
      class: "field",
      type: "number",
      min: 0,
      step: name.endsWith("rate") ? 0.05 : name.endsWith("_ms") ? 100 : 1,
      value: String(value),
      testid: `fault-${name}`,
      onchange: (event) => patch({ [name]: Number(event.target.value) }),
    }),
  );
}

function mapRow(name, value) {
  const [words, keyHint, valueHint] = WORDS[name] ?? [name, "name", "value"];
  const counts = /tempfail|lose_answers/.test(name);
  const key = h("input", { class: "field", placeholder: keyHint, "aria-label": keyHint, testid: `fault-${name}-key` });
  const said = h("input", {
    class: "field",
    placeholder: valueHint,
    "aria-label": valueHint,
    testid: `fault-${name}-value`,
  });
  const add = () => {
    const chosen = said.value.trim() || valueHint;
    if (key.value.trim()) patch({ [name]: { ...value, [key.value.trim()]: counts ? Number(chosen) : chosen } });
  };
  return h(
    "div",
    { class: `fault map${Object.keys(value).length ? " on" : ""}` },
    h("span", {}, words),
    Object.entries(value).map(([one, held]) =>
      h(
        "div",
        { class: "pair" },
        h("code", {}, one),
        h("span", { class: "muted" }, String(held)),
        h(
          "button",
          {
            type: "button",
            class: "quiet",
            "aria-label": `Remove ${one}`,
            testid: `fault-${name}-remove-${one}`,
            onclick: () => {
              const { [one]: _, ...left } = value;
              patch({ [name]: left });
            },
          },
          icon("close"),
        ),
      ),
    ),
    h(
      "form",
      {
        class: "pair",
        onsubmit: (event) => {
          event.preventDefault();
          add();
        },
      },
      key,
      said,
      h("button", { class: "button small", testid: `fault-${name}-add` }, "Add"),
    ),
  );
}
